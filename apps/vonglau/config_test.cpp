#include "config.hpp"

#include <gtest/gtest.h>

namespace vl::app {
namespace {

Result<Config> parse(const std::string& text) {
  return parse_config(text, "/srv/centre");
}
std::string message_of(const std::string& text) {
  const auto config = parse(text);
  return config ? "no error" : config.error().message;
}
const std::string minimal = "[province]\nid = 24\n";

TEST(Configuration, needs_nothing_but_the_province) {
  const auto config = parse(minimal);
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->province_id(), ProvinceId{24});
  EXPECT_EQ(config->core_url(), "https://localhost:8443");
  EXPECT_FALSE(config->demonstration.enabled);
}

TEST(Configuration, relative_paths_count_from_the_files_folder) {
  const auto config = parse(minimal +
                            "[store]\naddress = \"sqlite:data/p.db\"\n"
                            "[folders]\ndata = \"data\"\nanchor = \"/mnt/roots\"\n");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->folders.data, "/srv/centre/data");
  EXPECT_EQ(config->folders.anchor, "/mnt/roots");
  EXPECT_EQ(config->store.address, "sqlite:/srv/centre/data/p.db");
  EXPECT_EQ(config->run_folder(), "/srv/centre/data/run");
}

TEST(Configuration, what_is_written_reads_back_the_same_and_is_commented) {
  Config config;
  config.province = {27, "Quảng \"Ninh\" \\ mới"};
  config.core.names = {"a.example", "10.0.0.1"};
  config.demonstration = {true, 7, 2.5, 3};
  config.limits.retention_days = 11;
  config.log.level = LogLevel::debug;
  const std::string text = text_of(config);
  const auto read = parse(text);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->province.name, config.province.name);
  EXPECT_EQ(read->core.names, config.core.names);
  EXPECT_DOUBLE_EQ(read->demonstration.speed, 2.5);
  EXPECT_EQ(read->limits.retention_days, 11);
  EXPECT_EQ(read->log.level, LogLevel::debug);
  // Written again it is the same text but for the paths, which are absolute now.
  EXPECT_EQ(text_of(*parse_config(text_of(*read), "/elsewhere")), text_of(*read));
}

TEST(Configuration, errors_name_the_line_the_key_and_the_remedy) {
  EXPECT_EQ(message_of(minimal + "\n[core]\nport = 70000\n"),
            "vonglau.toml, line 5: core.port is 70000, but must be between 1 and 65535");
  EXPECT_EQ(message_of(minimal + "[core]\nport = \"x\"\n"),
            "vonglau.toml, line 4: core.port must be a whole number in range");
  EXPECT_EQ(message_of(minimal + "[core]\nprot = 1\n"),
            "vonglau.toml, line 4: core.prot is not a key of this version; remove it or correct "
            "its name");
  EXPECT_EQ(message_of("[store]\naddress = \"x\"\n"),
            "vonglau.toml: province.id is missing; write the province's statistical code, such "
            "as 24");
  EXPECT_EQ(message_of(minimal + "[log]\nlevel = \"loud\"\n"),
            "vonglau.toml, line 4: log.level must be one of debug, info");
}

TEST(Configuration, text_that_is_no_toml_is_refused_with_its_line) {
  const std::string message = message_of(minimal + "[core\nport = 1\n");
  EXPECT_NE(message.find("vonglau.toml, line 3"), std::string::npos) << message;
}

struct Refused {
  std::string text;
  std::string field;
};
class ConfigurationRefuses : public testing::TestWithParam<Refused> {};
TEST_P(ConfigurationRefuses, the_value) {
  const auto config = parse(minimal + GetParam().text);
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().field, GetParam().field) << config.error().message;
}
INSTANTIATE_TEST_SUITE_P(
    Values, ConfigurationRefuses,
    testing::Values(Refused{"[store]\naddress = \"mysql://x\"", "store.address"},
                    Refused{"[store]\naddress = \"sqlite:\"", "store.address"},
                    Refused{"[folders]\nanchor = \"\"", "folders.anchor"},
                    Refused{"[core]\nlisten = \"localhost\"", "core.listen"},
                    Refused{"[core]\npublic_url = \"http://x\"", "core.public_url"},
                    Refused{"[core]\npublic_url = \"https://x/\"", "core.public_url"},
                    Refused{"[core]\nnames = [\"a\", 3]", "core.names[1]"},
                    Refused{"[recorder]\nport = 8443", "recorder.port"},
                    Refused{"[certificates]\nkey = \"k.pem\"", "certificates.certificate"},
                    Refused{"[serve]\nprocesses = []", "serve.processes"},
                    Refused{"[serve]\nprocesses = [\"core\", \"core\"]", "serve.processes"},
                    Refused{"[serve]\nprocesses = [\"vision\"]", "serve.processes"},
                    Refused{"[demonstration]\nspeed = 0.0", "demonstration.speed"},
                    Refused{"[demonstration]\nspeed = nan", "demonstration.speed"},
                    Refused{"[limits]\nretention_days = 0", "limits.retention_days"},
                    Refused{"[core]\nport = 1979-05-27", "core.port"},
                    Refused{"[core]\nport = 1.5", "core.port"},
                    Refused{"[archive]\nendpoint = \"http://s3.example\"\nbucket = \"a-b\"",
                            "archive.endpoint"},
                    Refused{"[archive]\nendpoint = \"https://s3.example\"", "archive.bucket"},
                    Refused{"[archive]\nendpoint = \"https://x\"\nbucket = \"a-b\"\n"
                            "folder_gib = 1",
                            "archive.folder_gib"},
                    Refused{"[archive]\nendpoint = \"https://x\"\nbucket = \"a-b\"\n"
                            "folder = \"footage\"",
                            "archive.folder"},
                    Refused{"[surprise]\n", "surprise"}));

TEST(Configuration, a_missing_file_says_how_to_make_one) {
  const auto config = read_config("/nonexistent/vonglau.toml");
  ASSERT_FALSE(config);
  EXPECT_NE(config.error().message.find("vonglau init"), std::string::npos);
}

}  // namespace
}  // namespace vl::app
