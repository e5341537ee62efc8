#include <rapidcheck.h>

#include "vault_fixture.hpp"

namespace vl::vault {
namespace {

TEST_P(VaultTest, gives_back_what_was_sealed_after_a_restart_too) {
  const Sealed narrative = put(subject(), Kind::text, "Cháy nhà ba tầng, còn người bên trong");
  const Sealed empty = put(subject(), Kind::text, "");
  EXPECT_EQ(opened(narrative.item), "Cháy nhà ba tầng, còn người bên trong");
  reopen();
  EXPECT_EQ(opened(narrative.item), "Cháy nhà ba tầng, còn người bên trong");
  EXPECT_EQ(opened(empty.item), "");
}

TEST_P(VaultTest, keeps_plaintext_out_of_every_file) {
  put(subject(), Kind::name, "Nguyễn Thị Bưởi");
  put(subject(), Kind::phone, "0912345678");
  for (const char* text : {"Nguyễn", "Bưởi", "0912345678", "912345678"})
    EXPECT_FALSE(lies_in_files(folder(), text)) << text;
}

TEST_P(VaultTest, does_not_tell_the_length_of_a_name) {
  EXPECT_EQ(put(subject(), Kind::name, "An").ciphertext.size(),
            put(subject(), Kind::name, "Nguyễn Văn Toàn").ciphertext.size());
}

TEST_P(VaultTest, commits_to_the_text_without_telling_it) {
  const Sealed one = put(subject(), Kind::phone, "0912345678");
  const Sealed two = put(subject(), Kind::phone, "0912345678");
  EXPECT_NE(one.commitment, two.commitment);
  EXPECT_NE(one.commitment, sha256(as_bytes("0912345678")));
  const Purpose why = purpose();
  ASSERT_TRUE(record(one.item, why));
  EXPECT_EQ(vault_->open(*session_, one.item, why)->commitment, one.commitment);
}

TEST_P(VaultTest, shows_nothing_without_a_whole_purpose) {
  const Sealed sealed = put(subject(), Kind::text, "x");
  const Purpose whole = purpose();
  ASSERT_TRUE(record(sealed.item, whole));
  ASSERT_TRUE(vault_->open(*session_, sealed.item, whole));
  Purpose nobody = whole, no_work = whole, no_kind = whole, no_reason = whole, prose = whole;
  nobody.person = {};
  no_work.work.id = {};
  no_kind.work.kind.clear();
  no_reason.reason.clear();
  prose.reason = "asked by 0912345678";
  for (const Purpose& each : {nobody, no_work, no_kind, no_reason, prose}) {
    EXPECT_EQ(code(vault_->open(*session_, sealed.item, each)),
              code_of(VaultError::purpose_missing));
    EXPECT_EQ(code(vault_->find(*session_, Kind::phone, "0912345678", each)),
              code_of(VaultError::purpose_missing));
    EXPECT_EQ(code(vault_->missing_access(*session_, sealed.item, each)),
              code_of(VaultError::purpose_missing));
  }
  EXPECT_EQ(code(vault_->read(*session_, sealed.item, Kind::text)),
            code_of(VaultError::wrong_kind));
  EXPECT_EQ(code(vault_->find(*session_, Kind::phone, "0912345678")),
            code_of(VaultError::purpose_missing));
}

TEST_P(VaultTest, shows_nothing_before_the_access_is_on_record_and_records_it_once) {
  const SubjectId caller = subject();
  const Sealed name = put(caller, Kind::name, "Nguyễn Văn Toàn");
  const Sealed number = put(caller, Kind::phone, "0912345678");
  const Purpose why = purpose();
  EXPECT_EQ(code(vault_->open(*session_, name.item, why)),
            code_of(VaultError::access_not_recorded));
  const auto access = *vault_->missing_access(*session_, name.item, why);
  ASSERT_TRUE(access);
  EXPECT_EQ(access->subject, caller);
  std::vector<bool> first;
  ASSERT_TRUE(in_transaction([&](store::Session& s) -> Result<void> {
    for (int i = 0; i < 3; ++i) {
      VL_TRY(const bool is_first, vault_->write_access(s, *access));
      first.push_back(is_first);
    }
    return {};
  }));
  EXPECT_EQ(first, (std::vector<bool>{true, false, false}));
  EXPECT_TRUE(vault_->open(*session_, name.item, why));
  // The same person, subject and work item: the number needs no second record.
  EXPECT_FALSE(*vault_->missing_access(*session_, number.item, why));
  EXPECT_TRUE(vault_->open(*session_, number.item, why));
  Purpose other_work = why, other_person = why;
  other_work.work.id = ids_.next();
  other_person.person = ids_.next();
  EXPECT_TRUE(*vault_->missing_access(*session_, name.item, other_work));
  EXPECT_EQ(code(vault_->open(*session_, name.item, other_person)),
            code_of(VaultError::access_not_recorded));
}

TEST_P(VaultTest, leaves_nothing_when_the_transaction_is_undone) {
  const auto sealed = vault_->seal(subject(), Kind::text, "x");
  ASSERT_TRUE(session_->begin_write());
  ASSERT_TRUE(vault_->write(*session_, *sealed));
  session_->rollback();
  EXPECT_EQ(code(vault_->open(*session_, sealed->item, purpose())),
            code_of(VaultError::unknown_item));
}

TEST_P(VaultTest, finds_numbers_plates_and_logins_however_they_were_typed) {
  const SubjectId caller = subject();
  const Sealed number = put(caller, Kind::phone, "0912 345 678");
  put(subject(), Kind::phone, "0912 345 679");
  const Sealed plate = put(caller, Kind::plate, "99A-123.45");
  const Sealed login = put(subject(), Kind::login, "Trang.Nguyen");
  const auto numbers = vault_->find(*session_, Kind::phone, "+84 912.345.678", purpose());
  ASSERT_EQ(numbers->size(), 1U);
  EXPECT_EQ(numbers->front().item, number.item);
  EXPECT_EQ(numbers->front().subject, caller);
  EXPECT_EQ(vault_->find(*session_, Kind::plate, "99a 12345", purpose())->front().item, plate.item);
  EXPECT_EQ(vault_->find(*session_, Kind::login, "TRANG.nguyen")->front().item, login.item);
  EXPECT_TRUE(vault_->find(*session_, Kind::plate, "0912345678", purpose())->empty());
  EXPECT_TRUE(vault_->find(*session_, Kind::phone, "no number", purpose())->empty());
  EXPECT_EQ(vault_->read(*session_, login.item, Kind::login)->plaintext.text(), "Trang.Nguyen");
}

TEST_P(VaultTest, gives_the_newest_matches_and_no_more_than_asked_for) {
  std::vector<ItemId> items;
  for (int i = 0; i < 5; ++i) {
    clock_.advance_us(1000);
    items.push_back(put(subject(), Kind::phone, "0912345678").item);
  }
  const auto newest = vault_->find(*session_, Kind::phone, "0912345678", purpose(), 2);
  ASSERT_EQ(newest->size(), 2U);
  EXPECT_EQ(newest->at(0).item, items[4]);
  EXPECT_EQ(newest->at(1).item, items[3]);
}

TEST_P(VaultTest, keeps_provinces_apart) {
  Vault elsewhere({27}, *keys_, *objects_, clock_, ids_);
  const SubjectId caller = subject();
  const Sealed here = put(caller, Kind::phone, "0912345678");
  const auto there = elsewhere.seal(caller, Kind::phone, "0912345678");
  EXPECT_NE(here.token, there->token);
  EXPECT_EQ(code(elsewhere.missing_access(*session_, here.item, purpose())),
            code_of(VaultError::unknown_item));
}

TEST_P(VaultTest, refuses_what_is_too_long_and_logins_that_are_none) {
  EXPECT_EQ(code(vault_->seal(subject(), Kind::text, std::string(64 * 1024 + 1, 'x'))),
            code_of(VaultError::too_large));
  EXPECT_TRUE(vault_->seal(subject(), Kind::text, std::string(64 * 1024, 'x')));
  EXPECT_EQ(code(vault_->seal(subject(), Kind::login, "tên có dấu")),
            code_of(VaultError::malformed));
  EXPECT_FALSE(vault_->seal(subject(), Kind::phone, "không rõ")->token);
}

TEST_P(VaultTest, refuses_an_item_with_any_byte_changed) {
  EXPECT_TRUE(rc::check("one bit of the row", [&] {
    const auto text = *rc::gen::arbitrary<std::string>();
    const Sealed sealed = put(subject(), Kind::text, text);
    RC_ASSERT((opened(sealed.item) == text));
    Bytes nonce = sealed.nonce, ciphertext = sealed.ciphertext;
    Bytes commitment(sealed.commitment.begin(), sealed.commitment.end());
    const auto part = *rc::gen::element(&nonce, &ciphertext, &commitment);
    const auto at = *rc::gen::inRange<std::size_t>(0, part->size());
    (*part)[at] ^= static_cast<std::uint8_t>(1 << *rc::gen::inRange(0, 8));
    RC_ASSERT(session_
                  ->execute("UPDATE vault_items SET nonce = $1, ciphertext = $2, "
                            "commitment = $3 WHERE item_id = $4",
                            {nonce, ciphertext, commitment, sealed.item})
                  .has_value());
    RC_ASSERT((code(opened(sealed.item)) == code_of(VaultError::not_intact)));
  }));
}

TEST_P(VaultTest, refuses_an_item_moved_to_another_subject_item_or_kind) {
  const SubjectId one = subject(), two = subject();
  const Sealed mine = put(one, Kind::name, "Nguyễn Văn Toàn");
  const Sealed theirs = put(two, Kind::name, "Trần Thị Mai");
  const auto set = [&](std::string column, const store::Value& value, ItemId item) {
    ASSERT_TRUE(session_->execute("UPDATE vault_items SET " + column + " = $1 WHERE item_id = $2",
                                  {value, item}));
  };
  set("subject_id", two, mine.item);
  EXPECT_EQ(code(opened(mine.item)), code_of(VaultError::not_intact));
  set("subject_id", one, mine.item);
  EXPECT_EQ(opened(mine.item), "Nguyễn Văn Toàn");
  set("kind", "address", mine.item);
  EXPECT_EQ(code(opened(mine.item)), code_of(VaultError::not_intact));
  set("kind", "no such kind", mine.item);
  EXPECT_EQ(code(opened(mine.item)), code_of(VaultError::not_intact));
  // Another's whole content under this one's id.
  set("kind", "name", mine.item);
  set("subject_id", two, mine.item);
  set("nonce", theirs.nonce, mine.item);
  set("ciphertext", theirs.ciphertext, mine.item);
  set("commitment", theirs.commitment, mine.item);
  EXPECT_EQ(code(opened(mine.item)), code_of(VaultError::not_intact));
}

TEST_P(VaultTest, removes_one_item_and_what_finds_it) {
  const SubjectId caller = subject();
  const Sealed gone = put(caller, Kind::phone, "0912345678");
  const Sealed kept = put(caller, Kind::name, "Nguyễn Văn Toàn");
  ASSERT_TRUE(in_transaction([&](auto& s) { return vault_->remove(s, gone.item); }));
  EXPECT_TRUE(vault_->find(*session_, Kind::phone, "0912345678", purpose())->empty());
  EXPECT_EQ(code(vault_->missing_access(*session_, gone.item, purpose())),
            code_of(VaultError::unknown_item));
  EXPECT_EQ(opened(kept.item), "Nguyễn Văn Toàn");
}

TEST(KindNames, are_read_back) {
  for (int i = 0; i <= static_cast<int>(Kind::secret); ++i) {
    const auto kind = static_cast<Kind>(i);
    EXPECT_EQ(kind_of(name_of(kind)), kind);
  }
  EXPECT_FALSE(kind_of("Text"));
}

VL_ON_EACH_ENGINE(VaultTest);

}  // namespace
}  // namespace vl::vault
