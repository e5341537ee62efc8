// `vonglau journal` on a real site's folder with a real journal in it.
#include "journal_tools.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include <vonglau/base/json.hpp>
#include <vonglau/incidents/commands.hpp>
#include <vonglau/journal/journal.hpp>
#include <vonglau/journal/roots.hpp>

#include "composition.hpp"
#include "subcommands.hpp"

namespace vl::app {
namespace {

namespace fs = std::filesystem;

struct JournalTools : testing::Test {
  JournalTools() {
    std::string pattern = testing::TempDir() + "vonglau-journal-XXXXXX";
    folder = ::mkdtemp(pattern.data());
    config = *parse_config(text_of(Config{}), folder);
    for (const auto& needed : {config.folders.data, config.folders.keys, config.folders.anchor})
      fs::create_directories(needed);
    record_history();
  }
  ~JournalTools() override { fs::remove_all(folder); }

  void record_history() {
    const auto database = *store::open_database(config.store.address);
    const auto sets = all_migrations();
    ASSERT_TRUE(store::migrate(**database->open_session(), sets, clock));
    const auto projections = all_projections();
    const auto upcasters = all_upcasters();
    journal::JournalOptions options;
    options.writer.province = config.province_id();
    const auto journal =
        *journal::Journal::open(*database, clock, options, pointers_to(projections), upcasters);
    const auto key = *SigningKey::load_or_create(config.signing_key_file());
    public_key = to_base64url(key.public_key());
    auto roots = *journal::RootLog::open(config.folders.anchor, config.province_id());
    for (int i = 1; i <= 5; ++i) {
      const incidents::ReportId report{ids.next()};
      ASSERT_TRUE(journal->execute(incidents::receive_report(
          {journal::Actor::person(person), std::nullopt}, report, {}, {})));
      ASSERT_TRUE(journal->execute(
          incidents::claim_report({journal::Actor::person(person), std::nullopt}, report)));
      if (i == 3) ASSERT_TRUE(roots.append(journal->head(), clock.wall(), key));
    }
    events = journal->head().sequence;
  }

  // With a hand on the database that is not the program's.
  void tamper(const std::string& sql) {
    const auto session = *(*store::open_database(config.store.address))->open_session();
    ASSERT_TRUE(session->begin_write());
    ASSERT_TRUE(session->execute(sql));
    ASSERT_TRUE(session->commit());
  }

  struct Told {
    int code = 0;
    std::string text;
    json::Value json() const { return *vl::json::parse(text); }
  };
  template <class Options>
  Told tell(int (*work)(const Config&, const Options&, std::FILE*), const Options& options) {
    std::FILE* out = std::tmpfile();
    Told told;
    told.code = work(config, options, out);
    std::rewind(out);
    char buffer[4096];
    while (const auto count = std::fread(buffer, 1, sizeof buffer, out))
      told.text.append(buffer, count);
    std::fclose(out);
    return told;
  }
  Told verify(std::string key = {}) {
    return tell(journal_verify, VerifyOptions{true, std::move(key)});
  }
  std::string first_problem(const Told& told) {
    const auto value = told.json();
    const auto& problems = value.at("problems").as_array();
    return problems.empty() ? "none" : std::string(problems[0].at("what").as_string());
  }

  SystemClock clock;
  SystemIdSource ids{clock};
  Uuid person = ids.next();
  std::string folder;
  Config config;
  std::string public_key;
  std::int64_t events = 0;
};

TEST_F(JournalTools, an_untouched_journal_verifies_and_says_how_far_it_is_anchored) {
  const auto told = verify();
  EXPECT_EQ(told.code, exit_ok);
  EXPECT_EQ(told.json().at("events").as_int64(), events);
  EXPECT_EQ(told.json().at("anchored_sequence").as_int64(), 6);
  const auto text = tell(journal_verify, VerifyOptions{}).text;
  EXPECT_NE(text.find("anchored  to number 6, since 2"), std::string::npos) << text;
}

TEST_F(JournalTools, an_edited_event_is_found) {
  tamper("UPDATE journal_events SET type = 'report.released' WHERE sequence = 4");
  const auto told = verify();
  EXPECT_EQ(told.code, exit_problems);
  EXPECT_EQ(first_problem(told), "edited");
}

TEST_F(JournalTools, a_deleted_event_is_found) {
  tamper("DELETE FROM journal_events WHERE sequence = 4");
  EXPECT_EQ(first_problem(verify()), "missing");
}

TEST_F(JournalTools, a_journal_cut_off_before_its_last_root_is_found) {
  tamper("DELETE FROM journal_events WHERE sequence >= 5");
  EXPECT_EQ(first_problem(verify()), "truncated");
}

TEST_F(JournalTools, roots_are_checked_with_the_auditors_own_key) {
  EXPECT_EQ(verify(public_key).code, exit_ok);
  const auto other = SigningKey::from_seed(sha256(as_bytes("another")));
  EXPECT_EQ(verify(to_base64url(other.public_key())).code, exit_problems);
  EXPECT_EQ(verify("no key").code, exit_failed);
  // Without the private key on this machine, too.
  fs::remove(config.signing_key_file());
  EXPECT_EQ(verify(public_key).code, exit_ok);
  EXPECT_EQ(verify().code, exit_failed);
  EXPECT_FALSE(fs::exists(config.signing_key_file())) << "verifying must not make a key";
}

TEST_F(JournalTools, rebuilding_finds_a_wrong_row_and_puts_it_right) {
  EXPECT_EQ(tell(journal_rebuild, RebuildOptions{true}).code, exit_ok);
  tamper("UPDATE reports SET state = 'closed' WHERE version = 2");
  const auto wrong = tell(journal_rebuild, RebuildOptions{true});
  EXPECT_EQ(wrong.code, exit_problems);
  EXPECT_EQ(wrong.json().at("differences").at(0).at("table").as_string(), "reports");
  EXPECT_EQ(wrong.json().at("differences").at(0).at("live_rows").as_int64(), 5);
  EXPECT_TRUE(tell(journal_rebuild, RebuildOptions{true, true}).json().at("replaced").as_bool());
  EXPECT_EQ(tell(journal_rebuild, RebuildOptions{true}).code, exit_ok);
  EXPECT_TRUE(fs::is_empty(config.run_folder())) << "a scratch database was left behind";
}

TEST_F(JournalTools, an_export_can_be_checked_by_its_own_hashes) {
  const std::string target = folder + "/export";
  ASSERT_EQ(tell(journal_export, ExportOptions{target}).code, exit_ok);
  const auto read = [&](const std::string& name) {
    std::ifstream in(target + "/" + name);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  const auto manifest = *json::parse(read("manifest.json"));
  EXPECT_EQ(manifest.at("events").as_int64(), events);
  EXPECT_EQ(manifest.at("public_key").as_string(), public_key);
  for (const auto& file : manifest.at("files").as_array()) {
    const auto content = read(std::string(file.at("name").as_string()));
    EXPECT_EQ(to_hex(sha256(as_bytes(content))), file.at("sha256").as_string());
  }
  std::istringstream lines(read("events.jsonl"));
  std::int64_t sequence = 0;
  std::string previous = to_base64url(Digest{});
  for (std::string line; std::getline(lines, line); ++sequence) {
    const auto event = *json::parse(line);
    EXPECT_EQ(event.at("sequence").as_int64(), sequence + 1);
    EXPECT_EQ(event.at("previous_hash").as_string(), previous);
    previous = std::string(event.at("hash").as_string());
    journal::Event copy;
    copy.sequence = event.at("sequence").as_int64();
    copy.wall = {event.at("at_us").as_int64()};
    copy.mono = {event.at("mono_us").as_int64()};
    copy.actor =
        journal::Actor::person(*Uuid::parse(std::string(event.at("actor_id").as_string())));
    copy.stream = {std::string(event.at("stream_kind").as_string()),
                   *Uuid::parse(std::string(event.at("stream_id").as_string()))};
    copy.stream_version = event.at("stream_version").as_int64();
    copy.type = std::string(event.at("type").as_string());
    copy.version = static_cast<std::uint32_t>(event.at("version").as_int64());
    copy.body = std::string(event.at("body").as_string());
    const auto before = from_base64url(event.at("previous_hash").as_string());
    std::copy(before->begin(), before->end(), copy.previous_hash.begin());
    EXPECT_EQ(to_base64url(journal::hash_of(config.province_id(), copy)), previous);
  }
  EXPECT_EQ(sequence, events);
}

TEST_F(JournalTools, an_export_never_writes_into_a_folder_that_is_there) {
  fs::create_directory(folder + "/taken");
  EXPECT_EQ(tell(journal_export, ExportOptions{folder + "/taken"}).code, exit_failed);
  EXPECT_TRUE(fs::is_empty(folder + "/taken"));
}

TEST_F(JournalTools, a_database_that_is_not_there_is_not_made) {
  config.store.address = "sqlite:" + folder + "/none.db";
  EXPECT_EQ(verify().code, exit_failed);
  EXPECT_FALSE(fs::exists(folder + "/none.db"));
}

}  // namespace
}  // namespace vl::app
