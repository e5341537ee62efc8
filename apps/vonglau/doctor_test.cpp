#include "doctor.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vonglau/base/json.hpp>
#include <vonglau/journal/journal.hpp>
#include <vonglau/store/migrations.hpp>

#include "composition.hpp"
#include "site.hpp"

namespace vl::app {
namespace {

namespace fs = std::filesystem;

constexpr WallTime now{1'764'000'000'000'000};
constexpr std::int64_t second_us = 1'000'000;
constexpr std::int64_t day_us = 86'400 * second_us;
constexpr std::int64_t gib = 1LL << 30;

TEST(DoctorJudges, a_clock_that_went_back_behind_the_journal_is_the_worst) {
  const ClockFacts facts{true, 1000, now.plus_us(5 * second_us)};
  EXPECT_EQ(judge_clock(facts, now).mark, Mark::fail);
  EXPECT_EQ(judge_clock({true, 1000, now.plus_us(-second_us)}, now).mark, Mark::ok);
}

TEST(DoctorJudges, a_clock_without_a_time_server_or_with_a_large_error_is_a_warning) {
  EXPECT_EQ(judge_clock({false, 0, {}}, now).mark, Mark::warn);
  EXPECT_EQ(judge_clock({true, 3 * second_us, {}}, now).mark, Mark::warn);
  EXPECT_EQ(judge_clock({true, 3000, {}}, now).mark, Mark::ok);
}

TEST(DoctorJudges, a_disk_by_its_reserve_its_speed_and_its_kind) {
  const DiskFacts good{"data", "/d", "", 10 * gib, 1, false, 2000};
  EXPECT_EQ(judge_disk(good, gib).mark, Mark::ok);
  const auto with = [&](auto change) {
    DiskFacts facts = good;
    change(facts);
    return judge_disk(facts, gib).mark;
  };
  EXPECT_EQ(with([](auto& f) { f.free_bytes = gib - 1; }), Mark::fail);
  EXPECT_EQ(with([](auto& f) { f.free_bytes = 2 * gib - 1; }), Mark::warn);
  EXPECT_EQ(with([](auto& f) { f.error = "cannot write there"; }), Mark::fail);
  EXPECT_EQ(with([](auto& f) { f.in_memory = true; }), Mark::warn);
  EXPECT_EQ(with([](auto& f) { f.sync_us = 300'000; }), Mark::warn);
}

TEST(DoctorJudges, roots_on_the_journals_own_disk_are_a_warning) {
  const DiskFacts data{"data", "/d", "", gib, 7, false, 0};
  DiskFacts anchor{"anchor", "/a", "", gib, 7, false, 0};
  EXPECT_EQ(judge_anchor_place(data, anchor).mark, Mark::warn);
  anchor.device = 8;
  EXPECT_EQ(judge_anchor_place(data, anchor).mark, Mark::ok);
}

TEST(DoctorJudges, a_used_port_fails_only_when_it_is_not_our_own) {
  const PortFacts used{"core", "127.0.0.1", 8443, "Address already in use"};
  EXPECT_EQ(judge_port(used, false).mark, Mark::fail);
  EXPECT_EQ(judge_port(used, true).mark, Mark::ok);
  const PortFacts free{"core", "127.0.0.1", 8443, ""};
  EXPECT_EQ(judge_port(free, false).mark, Mark::ok);
  EXPECT_EQ(judge_port(free, true).mark, Mark::warn);
}

TEST(DoctorJudges, a_certificate_by_its_dates_and_its_names) {
  http::CertificateFacts facts;
  facts.names = {"localhost", "fd00:0:0:0:0:0:0:5"};
  facts.not_before = now.plus_us(-day_us);
  facts.not_after = now.plus_us(100 * day_us);
  const auto mark = [&](std::vector<std::string> names = {"localhost"}) {
    return judge_certificate("core", facts, names, true, now).mark;
  };
  EXPECT_EQ(mark(), Mark::ok);
  EXPECT_EQ(mark({"fd00::5"}), Mark::ok);
  EXPECT_EQ(mark({"elsewhere"}), Mark::fail);
  facts.not_after = now.plus_us(29 * day_us);
  EXPECT_EQ(mark(), Mark::warn);
  facts.not_after = now.plus_us(-1);
  EXPECT_EQ(mark(), Mark::fail);
  facts.not_after = now.plus_us(100 * day_us);
  facts.not_before = now.plus_us(1);
  EXPECT_EQ(mark(), Mark::fail);
}

TEST(DoctorJudges, keys_that_others_may_read_name_the_command_that_mends_them) {
  const auto findings = judge_keys("/k", {{"/k", 0700, true, true},
                                          {"/k/roots.key", 0640, true, false},
                                          {"/k/core.crt", 0644, true, false},
                                          {"/k/vault.key", 0600, false, false}});
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[0].mark, Mark::fail);
  EXPECT_EQ(findings[0].remedy, "chmod 600 /k/roots.key");
  EXPECT_EQ(findings[1].mark, Mark::warn);
  EXPECT_EQ(judge_keys("/k", {})[0].mark, Mark::fail);
}

TEST(DoctorJudges, roots_that_are_old_or_know_more_than_the_journal_fail) {
  const auto mark = [](std::int64_t newest, std::int64_t head, std::int64_t age_us, bool runs) {
    return judge_roots({3, now.plus_us(-age_us), newest, head}, runs, now).mark;
  };
  EXPECT_EQ(mark(10, 10, day_us, true), Mark::ok);
  EXPECT_EQ(mark(9, 10, 2 * second_us, true), Mark::ok);
  EXPECT_EQ(mark(9, 10, 11 * second_us, true), Mark::fail);
  EXPECT_EQ(mark(9, 10, day_us, false), Mark::ok);
  EXPECT_EQ(mark(11, 10, second_us, false), Mark::fail);
  EXPECT_EQ(judge_roots({0, {}, 0, 5}, true, now).mark, Mark::warn);
}

TEST(DoctorJudges, a_node_that_speaks_another_version_is_a_warning) {
  EXPECT_EQ(judge_node({"recorder-1", "2"}, "2").mark, Mark::ok);
  EXPECT_EQ(judge_node({"recorder-1", "1"}, "2").mark, Mark::warn);
}

// On a real site in a scratch folder.
struct Doctor : testing::Test {
  Doctor() {
    std::string pattern = testing::TempDir() + "vonglau-doctor-XXXXXX";
    folder = ::mkdtemp(pattern.data());
    Config settings;
    settings.core.port = free_port_from(21000 + ::getpid() % 20000);
    settings.recorder.port = free_port_from(settings.core.port + 1);
    config = create_site(folder + "/centre", settings, clock)->config;
  }
  ~Doctor() override { fs::remove_all(folder); }

  Finding finding(const std::string& check) const {
    for (auto& one : examine(config, clock))
      if (one.check == check) return one;
    ADD_FAILURE() << "no finding about " << check;
    return {};
  }
  void make_store(std::vector<store::MigrationSet> sets) {
    const auto database = *store::open_database(config.store.address);
    ASSERT_TRUE(store::migrate(**database->open_session(), sets, clock));
  }

  SystemClock clock;
  std::string folder;
  Config config;
};

TEST_F(Doctor, finds_a_new_site_without_faults) {
  for (const auto& one : examine(config, clock))
    EXPECT_NE(one.mark, Mark::fail) << one.check << ": " << one.text;
}

TEST_F(Doctor, says_what_each_fault_is_and_how_to_mend_it) {
  for (const auto& one : examine(config, clock)) {
    EXPECT_FALSE(one.text.empty());
    EXPECT_EQ(one.remedy.empty(), one.mark == Mark::ok) << one.check;
  }
}

TEST_F(Doctor, finds_a_port_that_somebody_else_listens_on) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);  // on a port that the system knows is free
  socklen_t length = sizeof address;
  ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), length), 0);
  ASSERT_EQ(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length), 0);
  config.core.port = ntohs(address.sin_port);
  ASSERT_EQ(::listen(fd, 1), 0);
  EXPECT_EQ(finding("port of core").mark, Mark::fail);
  ::close(fd);
  EXPECT_EQ(finding("port of core").mark, Mark::ok);
}

TEST_F(Doctor, finds_a_store_with_the_tables_of_this_version_or_says_that_it_is_another) {
  EXPECT_EQ(finding("store").mark, Mark::warn);  // not there yet
  make_store({all_migrations().front()});
  EXPECT_EQ(finding("store").mark, Mark::fail);
  make_store(all_migrations());
  EXPECT_EQ(finding("store").mark, Mark::ok);
  std::ofstream(config.store.address.substr(7)) << "this is no database, whatever its name says";
  EXPECT_EQ(finding("store").mark, Mark::fail);
}

TEST_F(Doctor, finds_a_database_that_does_not_answer) {
  config.store.address = "postgresql:///nowhere?host=" + folder;
  EXPECT_EQ(finding("store").mark, Mark::fail);
}

TEST_F(Doctor, finds_a_missing_certificate_and_a_readable_key) {
  fs::remove(config.certificate_folder() + "/core.crt");
  EXPECT_EQ(finding("certificate of core").mark, Mark::fail);
  fs::permissions(config.signing_key_file(), fs::perms::group_read, fs::perm_options::add);
  const auto keys = finding("keys");
  EXPECT_EQ(keys.mark, Mark::fail);
  EXPECT_EQ(keys.remedy, "chmod 600 " + config.signing_key_file());
}

TEST_F(Doctor, finds_a_folder_that_is_gone) {
  fs::remove_all(config.folders.footage);
  EXPECT_EQ(finding("disk of footage").mark, Mark::fail);
}

TEST_F(Doctor, finds_an_archive_without_a_key_or_an_answer) {
  config.archive.endpoint = "http://127.0.0.1:1";
  config.archive.bucket = "footage";
  config.archive.folder = config.folders.footage;
  config.archive.credentials_file = config.folders.keys + "/archive.key";
  EXPECT_EQ(finding("archive").mark, Mark::fail);
  EXPECT_NE(finding("archive").text.find("write the archive's key into it"), std::string::npos);
  std::ofstream(config.archive.credentials_file)
      << "access_key_id = a\nsecret_access_key = very-secret\n";
  fs::permissions(config.archive.credentials_file, fs::perms::owner_read);
  const auto away = finding("archive");
  EXPECT_EQ(away.mark, Mark::fail);
  EXPECT_NE(away.text.find("does not answer"), std::string::npos) << away.text;
  EXPECT_EQ(json_of(examine(config, clock)).find("very-secret"), std::string::npos);
}

TEST_F(Doctor, tells_programs_as_json) {
  const auto value = json::parse(json_of(examine(config, clock)));
  ASSERT_TRUE(value);
  EXPECT_TRUE(value->at("findings").as_array().size() > 8);
  EXPECT_TRUE(value->at("findings").at(0).as_object().contains("mark"));
}

}  // namespace
}  // namespace vl::app
