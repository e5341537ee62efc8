// A caller asks to be forgotten after the incident: what the centre knew of them goes, and the
// history that was signed before stays whole, provable and rebuildable.
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include <vonglau/incidents/commands.hpp>
#include <vonglau/incidents/schema.hpp>
#include <vonglau/journal/journal.hpp>
#include <vonglau/journal/reader.hpp>
#include <vonglau/journal/rebuild.hpp>
#include <vonglau/journal/schema.hpp>
#include <vonglau/journal/verify.hpp>
#include <vonglau/store/testing/fresh_database.hpp>
#include <vonglau/vault/journalled.hpp>
#include <vonglau/vault/schema.hpp>

namespace vl::simulation {
namespace {

using vault::Kind;

constexpr ProvinceId kProvince{24};
constexpr std::string_view kName = "Nguyễn Thị Hoa";
constexpr std::string_view kNarrative = "cháy ở bếp nhà tôi, có hai người trong nhà";

class Erasure : public store::testing::EachEngine {
 protected:
  void SetUp() override {
    EachEngine::SetUp();
    if (IsSkipped()) return;
    migrate(database());
    const auto master = vault::MasterKey::create(folder() + "/master.key");
    ASSERT_TRUE(master);
    keys_ = *vault::KeyStore::open_file(folder() + "/keys.db", *master, clock_);
    objects_ = *vault::Objects::open(folder() + "/objects");
    vault_.emplace(kProvince, *keys_, *objects_, clock_, ids_);
    journal::JournalOptions options;
    options.writer.province = kProvince;
    auto opened = journal::Journal::open(database(), clock_, options, {&tables_}, none_);
    ASSERT_TRUE(opened) << opened.error().message;
    journal_ = std::move(*opened);
    reader_ = std::move(*database().open_reader());
  }
  void TearDown() override {
    journal_.reset();
    reader_.reset();
  }
  void migrate(store::Database& fresh) {
    const store::MigrationSet sets[] = {journal::migrations(), incidents::migrations(),
                                        vault::migrations()};
    ASSERT_TRUE(store::migrate(**fresh.open_session(), sets, clock_));
  }

  struct Call {
    vault::SubjectId caller;
    std::vector<vault::ItemId> items;
  };
  /// A report as the form sends it: what a person said is sealed, the event names it.
  Call report(std::string_view name, std::string_view narrative) {
    Call call{{ids_.next()}, {}};
    const auto of_name = *vault_->seal(call.caller, Kind::name, name);
    const auto of_narrative = *vault_->seal(call.caller, Kind::text, narrative);
    incidents::ReportReceived report;
    report.category = incidents::IncidentCategory::fire;
    report.caller_name = vault::reference_to(of_name);
    report.narrative = vault::reference_to(of_narrative);
    const auto rows = [=, this](store::Session& s) -> Result<void> {
      VL_CHECK(vault_->write(s, of_name));
      return vault_->write(s, of_narrative);
    };
    EXPECT_TRUE(journal_->execute(
        incidents::receive_report({actor_, {}}, {ids_.next()}, std::move(report), rows)));
    call.items = {of_name.item, of_narrative.item};
    return call;
  }
  std::vector<Result<vault::Opened>> open(const Call& call) {
    const vault::Purpose why{actor_.id, {"report", ids_.next()}, "claimed_report"};
    return vault::open_recorded(*journal_, *vault_, *reader_, call.items, why);
  }
  std::vector<std::string> bodies() {
    std::vector<std::string> all;
    EXPECT_TRUE(journal::read_events(*reader_, kProvince, {}, nullptr, [&](journal::Event&& e) {
      all.push_back(e.body);
      return true;
    }));
    return all;
  }
  bool lies_in_files(std::string_view text) const {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder())) {
      if (!entry.is_regular_file()) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(file), {}};
      if (bytes.find(text) != std::string::npos) return true;
    }
    return false;
  }

  ManualClock clock_;
  SeededIdSource ids_{clock_, 21};
  const journal::Actor actor_ = journal::Actor::person(ids_.next());
  incidents::IncidentTables tables_;
  journal::Upcasters none_;
  std::unique_ptr<vault::KeyStore> keys_;
  std::unique_ptr<vault::Objects> objects_;
  std::optional<vault::Vault> vault_;
  std::unique_ptr<journal::Journal> journal_;
  std::unique_ptr<store::Session> reader_;
};

TEST_P(Erasure, of_a_caller_leaves_the_signed_history_whole_and_the_tables_as_they_were) {
  const Call leaving = report(kName, kNarrative);
  const Call staying = report("Trần Văn Nam", "mất xe máy");
  ASSERT_EQ(open(leaving)[0]->plaintext.text(), kName);
  const auto key = SigningKey::from_seed({4});
  auto roots = journal::RootLog::open(folder() + "/anchor", kProvince);
  ASSERT_TRUE(roots->append(journal_->head(), clock_.wall(), key));
  const auto signed_at = journal_->head().sequence;
  const auto before = bodies();

  auto session = this->session();
  const auto erased = vault::erase_subject(*journal_, *vault_, *session, actor_, leaving.caller);
  ASSERT_TRUE(erased) << erased.error().message;
  ASSERT_TRUE(roots->append(journal_->head(), clock_.wall(), key));

  for (const auto& item : open(leaving)) EXPECT_EQ(item.error().code.name, "vault.erased");
  EXPECT_EQ(open(staying)[0]->plaintext.text(), "Trần Văn Nam");
  EXPECT_FALSE(lies_in_files(kName));
  EXPECT_FALSE(lies_in_files(kNarrative));

  const auto report = journal::verify(*reader_, kProvince,
                                      *journal::read_roots(folder() + "/anchor", key.public_key()));
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->ok());
  EXPECT_GT(report->anchored_sequence, signed_at);
  auto after = bodies();
  after.resize(before.size());
  EXPECT_EQ(after, before) << "an event was changed";

  store::testing::FreshDatabase scratch(GetParam());
  migrate(scratch.database());
  journal::Projection* const projections[] = {&tables_};
  const auto rebuilt = journal::rebuild(*session, **scratch.database().open_session(), kProvince,
                                        projections, none_);
  ASSERT_TRUE(rebuilt) << rebuilt.error().message;
  EXPECT_TRUE(rebuilt->same());
}

VL_ON_EACH_ENGINE(Erasure);

}  // namespace
}  // namespace vl::simulation
