#include <thread>

#include "vault_fixture.hpp"

namespace vl::vault {
namespace {

class ErasureTest : public VaultTest {};

TEST_P(ErasureTest, takes_everything_of_the_subject_and_nothing_of_others) {
  const SubjectId leaving = subject(), staying = subject();
  const Sealed name = put(leaving, Kind::name, "Nguyễn Văn Toàn");
  const Sealed number = put(leaving, Kind::phone, "0912345678");
  const Sealed other = put(staying, Kind::phone, "0912345678");
  const Purpose why = purpose();
  ASSERT_TRUE(record(name.item, why));
  ASSERT_TRUE(vault_->open(*session_, name.item, why));
  erase(leaving);
  for (int restart = 0; restart < 2; ++restart) {
    EXPECT_EQ(code(vault_->open(*session_, name.item, why)), code_of(VaultError::erased));
    EXPECT_EQ(code(vault_->missing_access(*session_, number.item, why)),
              code_of(VaultError::erased));
    const auto found = vault_->find(*session_, Kind::phone, "0912345678", why);
    ASSERT_EQ(found->size(), 1U);
    EXPECT_EQ(found->front().item, other.item);
    EXPECT_EQ(opened(other.item), "0912345678");
    EXPECT_EQ(code(vault_->seal(leaving, Kind::text, "mới")), code_of(VaultError::erased));
    reopen();
  }
}

TEST_P(ErasureTest, a_copy_of_the_database_made_before_does_not_bring_it_back) {
  const SubjectId who = subject();
  const Sealed sealed = put(who, Kind::text, "không còn");
  erase(who);
  ASSERT_TRUE(session_->execute(
      "UPDATE vault_items SET nonce = $1, ciphertext = $2, erased_us = NULL WHERE item_id = $3",
      {sealed.nonce, sealed.ciphertext, sealed.item}));
  EXPECT_EQ(code(opened(sealed.item)), code_of(VaultError::erased));
}

TEST_P(ErasureTest, a_copy_of_the_key_store_made_before_is_erased_again_at_start) {
  const SubjectId who = subject();
  put(who, Kind::text, "x");
  ASSERT_EQ(vault_->resume_erasures(*session_), 0);
  keys_.reset();  // the last to close copies the log into the file
  std::filesystem::copy_file(keys_path(), keys_path() + ".copy");
  reopen();
  erase(who);
  keys_.reset();
  std::filesystem::rename(keys_path() + ".copy", keys_path());
  reopen();
  ASSERT_TRUE(keys_->existing_key(kBacNinh, who));
  EXPECT_EQ(vault_->resume_erasures(*session_), 1);
  EXPECT_EQ(code(keys_->existing_key(kBacNinh, who)), code_of(VaultError::erased));
  EXPECT_EQ(vault_->resume_erasures(*session_), 0);
}

TEST_P(ErasureTest, cut_off_after_its_commit_is_finished_at_the_next_start) {
  const SubjectId who = subject();
  const Sealed sealed = put(who, Kind::text, "x");
  {
    const auto erasure = vault_->begin_erasure(who);
    ASSERT_TRUE(in_transaction([&](auto& s) { return erasure.write(s); }));
  }
  reopen();
  EXPECT_TRUE(keys_->existing_key(kBacNinh, who));
  EXPECT_EQ(vault_->resume_erasures(*session_), 1);
  EXPECT_EQ(code(keys_->existing_key(kBacNinh, who)), code_of(VaultError::erased));
  EXPECT_EQ(code(opened(sealed.item)), code_of(VaultError::erased));
}

TEST_P(ErasureTest, undone_with_its_transaction_leaves_everything) {
  const SubjectId who = subject();
  const Sealed sealed = put(who, Kind::text, "còn");
  {
    const auto erasure = vault_->begin_erasure(who);
    ASSERT_TRUE(session_->begin_write());
    ASSERT_TRUE(erasure.write(*session_));
    session_->rollback();
  }
  EXPECT_EQ(opened(sealed.item), "còn");
  EXPECT_TRUE(vault_->seal(who, Kind::text, "mới"));
}

TEST_P(ErasureTest, refuses_what_was_sealed_before_and_is_written_during_or_after) {
  const SubjectId who = subject();
  const auto early = vault_->seal(who, Kind::phone, "0912345678");
  {
    auto erasure = vault_->begin_erasure(who);
    EXPECT_EQ(code(vault_->seal(who, Kind::text, "x")), code_of(VaultError::erased));
    EXPECT_EQ(code(vault_->begin_attachment(who)), code_of(VaultError::erased));
    EXPECT_EQ(code(in_transaction([&](auto& s) { return vault_->write(s, *early); })),
              code_of(VaultError::erased));
    ASSERT_TRUE(in_transaction([&](auto& s) { return erasure.write(s); }));
    ASSERT_TRUE(erasure.finish(*session_));
  }
  EXPECT_EQ(code(in_transaction([&](auto& s) { return vault_->write(s, *early); })),
            code_of(VaultError::erased));
  EXPECT_TRUE(vault_->find(*session_, Kind::phone, "0912345678", purpose())->empty());
}

TEST_P(ErasureTest, leaves_no_plaintext_and_no_key_in_any_file) {
  const SubjectId who = subject();
  const std::string text = "Nguyễn Văn Toàn gọi từ số 0912345678 về vụ cháy";
  put(who, Kind::text, text);
  const Key key = *keys_->existing_key(kBacNinh, who);
  auto attachment = *vault_->begin_attachment(who);
  ASSERT_TRUE(attachment.add(as_bytes(text)));
  const auto finished = attachment.finish();
  ASSERT_TRUE(in_transaction([&](auto& s) { return vault_->write(s, finished->sealed); }));
  erase(who);
  for (const std::string_view part : {"Toàn", "0912345678", "vụ cháy"})
    EXPECT_FALSE(lies_in_files(folder(), part)) << part;
  EXPECT_FALSE(lies_in_files(folder(), as_text(key.bytes)));
  EXPECT_TRUE(objects_->list(-10)->empty());
}

VL_ON_EACH_ENGINE(ErasureTest);

}  // namespace
}  // namespace vl::vault
