#include "site.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include <vonglau/vault/master_key.hpp>

namespace vl::app {
namespace {

namespace fs = std::filesystem;

struct Site : testing::Test {
  Site() {
    std::string pattern = testing::TempDir() + "vonglau-site-XXXXXX";
    folder = ::mkdtemp(pattern.data());
  }
  ~Site() override { fs::remove_all(folder); }
  CreatedSite create() {
    auto site = create_site(folder + "/centre", settings, clock);
    EXPECT_TRUE(site) << site.error().message;
    return site ? *site : CreatedSite{};
  }
  static fs::perms mode_of(const std::string& path) { return fs::status(path).permissions(); }

  SystemClock clock;
  std::string folder;
  Config settings;
};

constexpr auto owner_only = fs::perms::owner_read | fs::perms::owner_write;

TEST_F(Site, is_made_with_everything_that_its_settings_name) {
  settings.province = {27, "Thử"};
  const auto site = create();
  EXPECT_EQ(site.config.province.id, 27);
  EXPECT_EQ(read_config(folder + "/centre/vonglau.toml")->province.name, "Thử");
  for (const auto& path : {site.config.folders.data, site.config.folders.anchor,
                           site.config.folders.footage, site.authority_certificate})
    EXPECT_TRUE(fs::exists(path)) << path;
  EXPECT_TRUE(vault::MasterKey::load(site.config.vault_key_file()));
  EXPECT_EQ(from_base64url(site.root_key)->size(), 32U);
  EXPECT_EQ(from_hex(site.exports_key)->size(), 32U);
  EXPECT_EQ(fs::status(site.config.exports_key_file()).permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(Site, keys_are_for_their_owner_only) {
  const auto site = create();
  EXPECT_EQ(mode_of(site.config.folders.keys), fs::perms::owner_all);
  for (const auto& entry : fs::recursive_directory_iterator(site.config.folders.keys)) {
    if (entry.is_regular_file() && entry.path().extension() != ".crt")
      EXPECT_EQ(mode_of(entry.path()), owner_only) << entry.path();
  }
}

TEST_F(Site, a_second_one_in_its_place_is_refused_and_changes_nothing) {
  const auto first = create();
  const auto before = fs::last_write_time(first.config.file);
  settings.province.id = 1;
  const auto second = create_site(folder + "/centre", settings, clock);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, code_of(SiteError::exists));
  EXPECT_EQ(fs::last_write_time(first.config.file), before);
  EXPECT_EQ(read_config(first.config.file)->province.id, 24);
}

TEST_F(Site, wrong_settings_are_refused_before_anything_but_the_folder_is_made) {
  settings.core.port = settings.recorder.port;
  ASSERT_FALSE(create_site(folder + "/centre", settings, clock));
  EXPECT_TRUE(fs::is_empty(folder + "/centre"));
}

TEST_F(Site, an_attempt_that_broke_off_is_finished_with_the_keys_it_had_made) {
  const auto first = create();
  const auto enrolment = *enrolment_key(first.config);
  fs::remove(first.config.file);
  const auto again = create();
  EXPECT_EQ(again.root_key, first.root_key);
  EXPECT_EQ(*enrolment_key(again.config), enrolment);
}

TEST_F(Site, certificates_are_for_every_name_it_is_reached_by) {
  settings.core.names = {"trung-tam.example", "10.1.2.3"};
  settings.core.public_url = "https://centre.example:8443";
  settings.recorder.public_url = "https://[fd00::5]:8444";
  const auto site = create();
  const auto core = *tls_files(site.config, "core", clock);
  const auto facts = *http::read_certificate(core.certificate_file);
  for (const std::string name : {"localhost", "trung-tam.example", "10.1.2.3", "centre.example"})
    EXPECT_NE(std::ranges::find(facts.names, name), facts.names.end()) << name;
  const std::string recorder = tls_files(site.config, "recorder", clock)->certificate_file;
  const auto before = *http::read_certificate(recorder);
  EXPECT_NE(std::ranges::find(before.names, "fd00:0:0:0:0:0:0:5"), before.names.end())
      << testing::PrintToString(before.names);
  ASSERT_TRUE(tls_files(site.config, "recorder", clock));
  EXPECT_EQ(http::read_certificate(recorder)->sha256, before.sha256) << "made anew for nothing";
}

TEST_F(Site, its_own_certificate_goes_before_the_authoritys) {
  Config config = create().config;
  config.certificates = {"/etc/own.crt", "/etc/own.key"};
  EXPECT_EQ(tls_files(config, "core", clock)->certificate_file, "/etc/own.crt");
}

TEST_F(Site, a_damaged_enrolment_key_is_told_and_not_replaced) {
  const Config config = create().config;
  std::ofstream(config.enrolment_key_file()) << "x\n";
  EXPECT_FALSE(enrolment_key(config));
}

TEST_F(Site, a_folder_that_cannot_be_written_is_an_error_that_names_it) {
  std::ofstream(folder + "/file") << "x";
  const auto site = create_site(folder + "/file/centre", settings, clock);
  ASSERT_FALSE(site);
  EXPECT_NE(site.error().message.find(folder + "/file"), std::string::npos);
}

}  // namespace
}  // namespace vl::app
