// Reading and erasing as the journal sees them: with a real journal on each engine.
#include <thread>

#include <vonglau/journal/reader.hpp>
#include <vonglau/journal/schema.hpp>
#include <vonglau/journal/typed_event.hpp>
#include <vonglau/journal/verify.hpp>
#include <vonglau/vault/events.hpp>
#include <vonglau/vault/journalled.hpp>

#include "vault_fixture.hpp"

namespace vl::vault {
namespace {

class JournalledTest : public VaultTest {
 protected:
  void SetUp() override {
    VaultTest::SetUp();
    if (IsSkipped()) return;
    const std::vector sets{journal::migrations()};
    ASSERT_TRUE(store::migrate(*session_, sets, clock_));
    journal::JournalOptions options;
    options.writer.province = kBacNinh;
    auto opened = journal::Journal::open(database(), clock_, options, {}, upcasters_);
    ASSERT_TRUE(opened) << opened.error().message;
    journal_ = std::move(*opened);
    reader_ = std::move(*database().open_reader());
  }
  void TearDown() override {
    reader_.reset();
    journal_.reset();
    VaultTest::TearDown();
  }
  std::vector<journal::Event> events(std::string_view type) {
    std::vector<journal::Event> found;
    EXPECT_TRUE(journal::read_events(*reader_, kBacNinh, {}, nullptr, [&](journal::Event&& e) {
      if (e.type == type) found.push_back(std::move(e));
      return true;
    }));
    return found;
  }
  bool journal_verifies() { return journal::verify(*reader_, kBacNinh, {})->ok(); }

  journal::Upcasters upcasters_;
  std::unique_ptr<journal::Journal> journal_;
  std::unique_ptr<store::Session> reader_;
};

TEST_P(JournalledTest, items_are_there_if_and_only_if_their_event_is) {
  const SubjectId who = subject();
  const auto kept = *vault_->seal(who, Kind::text, "giữ"),
             refused = *vault_->seal(who, Kind::text, "bỏ");
  const auto command = [&](const Sealed& sealed, bool refuse) {
    journal::Command c;
    c.name = "test.write";
    c.decide = [&, refuse](journal::Decision& d) -> Result<std::string> {
      VL_CHECK(d.record({{"note", sealed.item.value}, "note.added", 1, "{}"}));
      d.also_write([&](store::Session& s) { return vault_->write(s, sealed); });
      if (refuse) return fail(VaultError::malformed, "no");
      return std::string();
    };
    return c;
  };
  ASSERT_TRUE(journal_->execute(command(kept, false)));
  ASSERT_FALSE(journal_->execute(command(refused, true)));
  EXPECT_EQ(opened(kept.item), "giữ");
  EXPECT_EQ(code(opened(refused.item)), code_of(VaultError::unknown_item));
  EXPECT_EQ(events("note.added").size(), 1U);
}

TEST_P(JournalledTest, reading_leaves_one_event_for_each_person_subject_and_work_item) {
  const SubjectId caller = subject(), witness = subject();
  const std::vector items{put(caller, Kind::name, "Nguyễn Văn Toàn").item,
                          put(caller, Kind::phone, "0912345678").item,
                          put(witness, Kind::name, "Trần Thị Mai").item};
  const Purpose why = purpose();
  for (int i = 0; i < 3; ++i) {
    const auto all = open_recorded(*journal_, *vault_, *reader_, items, why);
    ASSERT_EQ(all.size(), 3U);
    ASSERT_TRUE(all[0]) << all[0].error().message;
    EXPECT_EQ(all[0]->plaintext.text(), "Nguyễn Văn Toàn");
    EXPECT_EQ(all[1]->plaintext.text(), "0912345678");
    EXPECT_EQ(all[2]->plaintext.text(), "Trần Thị Mai");
  }
  const auto accessed = events("vault.accessed");
  ASSERT_EQ(accessed.size(), 2U);
  EXPECT_EQ(accessed[0].actor.id, why.person);
  EXPECT_EQ(accessed[0].stream, (journal::StreamKey{"vault", caller.value}));
  journal::when<VaultAccessed>(accessed[0], [&](const VaultAccessed& e) {
    EXPECT_EQ(e.subject_id, caller);
    EXPECT_EQ(e.work_kind, "report");
    EXPECT_EQ(e.work_id, why.work.id);
    EXPECT_EQ(e.purpose, "claimed_report");
  });
  Purpose again = why;
  again.work.id = ids_.next();
  open_recorded(*journal_, *vault_, *reader_, items, again);
  EXPECT_EQ(events("vault.accessed").size(), 4U);
}

TEST_P(JournalledTest, many_readers_at_once_leave_one_event) {
  const std::vector items{put(subject(), Kind::name, "Nguyễn Văn Toàn").item};
  const Purpose why = purpose();
  std::vector<std::unique_ptr<store::Session>> readers;
  for (int i = 0; i < 8; ++i) readers.push_back(std::move(*database().open_reader()));
  std::vector<std::thread> threads;
  std::atomic<int> read = 0;
  for (auto& mine : readers)
    threads.emplace_back([&] {
      if (open_recorded(*journal_, *vault_, *mine, items, why)[0]) ++read;
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(read, 8);
  EXPECT_EQ(events("vault.accessed").size(), 1U);
}

TEST_P(JournalledTest, nothing_is_shown_when_the_access_cannot_be_recorded) {
  const std::vector items{put(subject(), Kind::name, "Nguyễn Văn Toàn").item};
  Purpose nobody = purpose();
  nobody.person = {};
  EXPECT_EQ(code(open_recorded(*journal_, *vault_, *reader_, items, nobody)[0]),
            code_of(VaultError::purpose_missing));
  // Another writer has taken over: this journal can record nothing any more.
  journal::JournalOptions options;
  options.writer.province = kBacNinh;
  const auto second = journal::Journal::open(database(), clock_, options, {}, upcasters_);
  ASSERT_TRUE(second);
  const auto shown = open_recorded(*journal_, *vault_, *reader_, items, purpose());
  EXPECT_EQ(code(shown[0]), journal::code_of(journal::JournalError::fenced));
}

TEST_P(JournalledTest, erasing_leaves_a_whole_chain_and_nothing_to_read) {
  const SubjectId leaving = subject(), staying = subject();
  const std::vector items{put(leaving, Kind::name, "Nguyễn Văn Toàn").item,
                          put(staying, Kind::name, "Trần Thị Mai").item};
  const Purpose why = purpose();
  open_recorded(*journal_, *vault_, *reader_, items, why);
  const auto officer = journal::Actor::person(ids_.next());
  const auto receipt = erase_subject(*journal_, *vault_, *session_, officer, leaving);
  ASSERT_TRUE(receipt) << receipt.error().message;
  const auto after = open_recorded(*journal_, *vault_, *reader_, items, purpose());
  EXPECT_EQ(code(after[0]), code_of(VaultError::erased));
  ASSERT_TRUE(after[1]);
  EXPECT_TRUE(journal_verifies());
  ASSERT_EQ(events("vault.erased").size(), 1U);
  EXPECT_EQ(events("vault.erased")[0].actor.id, officer.id);
  EXPECT_FALSE(lies_in_files(folder(), "Toàn"));
  // Again: nothing more to say.
  ASSERT_TRUE(erase_subject(*journal_, *vault_, *session_, officer, leaving));
  EXPECT_EQ(events("vault.erased").size(), 1U);
}

VL_ON_EACH_ENGINE(JournalledTest);

}  // namespace
}  // namespace vl::vault
