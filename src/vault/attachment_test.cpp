#include <rapidcheck.h>
#include <sys/stat.h>

#include "vault_fixture.hpp"

namespace vl::vault {
namespace {

class AttachmentTest : public VaultTest {
 protected:
  static Bytes noise(std::size_t size) {
    Bytes bytes(size);
    std::uint32_t state = 7;
    for (auto& byte : bytes)
      byte = static_cast<std::uint8_t>((state = state * 1664525 + 1013904223) >> 24);
    return bytes;
  }
  Result<Sealed> attach(SubjectId who, ByteView bytes, std::size_t piece = 10'000) {
    VL_TRY(auto writer, vault_->begin_attachment(who));
    for (std::size_t at = 0; at < bytes.size(); at += piece)
      VL_CHECK(writer.add(bytes.subspan(at, std::min(piece, bytes.size() - at))));
    VL_TRY(const auto finished, writer.finish());
    EXPECT_EQ(finished.size_bytes, static_cast<std::int64_t>(bytes.size()));
    VL_CHECK(in_transaction([&](auto& s) { return vault_->write(s, finished.sealed); }));
    return finished.sealed;
  }
  Result<Bytes> read(ItemId item) {
    const Purpose why = purpose();
    VL_CHECK(record(item, why));
    Bytes all;
    VL_TRY(const auto about,
           vault_->read_attachment(*session_, item, why, [&](ByteView piece) -> Result<void> {
             EXPECT_LE(piece.size(), 64U * 1024);
             all.insert(all.end(), piece.begin(), piece.end());
             return {};
           }));
    EXPECT_EQ(about.size_bytes, static_cast<std::int64_t>(all.size()));
    EXPECT_EQ(about.sha256, sha256(all));
    return all;
  }
  std::string object_path() {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder() + "/objects"))
      if (entry.is_regular_file()) return entry.path();
    ADD_FAILURE() << "no object";
    return {};
  }
};

TEST_P(AttachmentTest, comes_back_whole_whatever_its_size_and_pieces) {
  for (const std::size_t size : {0UL, 1UL, 65535UL, 65536UL, 65537UL, 131072UL, 1'000'000UL}) {
    const Bytes bytes = noise(size);
    const auto sealed = attach(subject(), bytes, 4096 + size % 977);
    ASSERT_TRUE(sealed) << sealed.error().message;
    EXPECT_EQ(read(sealed->item), bytes) << size;
  }
}

TEST_P(AttachmentTest, may_have_32_mib_and_no_more) {
  const Bytes piece = noise(1024 * 1024);
  auto writer = *vault_->begin_attachment(subject());
  for (int i = 0; i < 32; ++i) ASSERT_TRUE(writer.add(piece));
  EXPECT_EQ(code(writer.add(Bytes(1))), code_of(VaultError::too_large));
  EXPECT_TRUE(writer.finish());
}

TEST_P(AttachmentTest, is_told_about_and_shown_for_a_purpose_only) {
  const Bytes bytes = noise(5000);
  const auto sealed = attach(subject(), bytes);
  const Purpose why = purpose();
  const auto ignore = [](ByteView) -> Result<void> { return {}; };
  EXPECT_EQ(code(vault_->about_attachment(*session_, sealed->item, why)),
            code_of(VaultError::access_not_recorded));
  EXPECT_EQ(code(vault_->read_attachment(*session_, sealed->item, why, ignore)),
            code_of(VaultError::access_not_recorded));
  ASSERT_TRUE(record(sealed->item, why));
  const auto about = vault_->about_attachment(*session_, sealed->item, why);
  EXPECT_EQ(about->size_bytes, 5000);
  EXPECT_EQ(about->sha256, sha256(bytes));
  EXPECT_EQ(about->commitment, sealed->commitment);
  EXPECT_EQ(code(vault_->open(*session_, sealed->item, why)), code_of(VaultError::wrong_kind));
}

TEST_P(AttachmentTest, stops_when_its_reader_does) {
  const auto sealed = attach(subject(), noise(300'000));
  const Purpose why = purpose();
  ASSERT_TRUE(record(sealed->item, why));
  int pieces = 0;
  const auto stopped =
      vault_->read_attachment(*session_, sealed->item, why, [&](ByteView) -> Result<void> {
        ++pieces;
        return fail(VaultError::storage, "the peer went away");
      });
  EXPECT_EQ(code(stopped), code_of(VaultError::storage));
  EXPECT_EQ(pieces, 1);
}

TEST_P(AttachmentTest, with_any_byte_changed_cut_or_added_is_refused) {
  const auto sealed = attach(subject(), noise(150'000));
  const std::string path = object_path();
  const std::string whole = file_bytes(path);
  const auto put_back = [&](std::string_view bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  };
  EXPECT_TRUE(rc::check("one bit of the file", [&] {
    std::string bad = whole;
    bad[*rc::gen::inRange<std::size_t>(0, bad.size())] ^=
        static_cast<char>(1 << *rc::gen::inRange(0, 8));
    put_back(bad);
    RC_ASSERT((code(read(sealed->item)) == code_of(VaultError::not_intact)));
  }));
  constexpr std::size_t kSealedPiece = 65536 + 17;
  for (const std::size_t size :
       {0UL, 1UL, 16UL, 17UL, kSealedPiece, 2 * kSealedPiece, whole.size() - 1}) {
    put_back(whole.substr(0, size));
    EXPECT_EQ(code(read(sealed->item)), code_of(VaultError::not_intact)) << size;
  }
  put_back(whole + "x");
  EXPECT_EQ(code(read(sealed->item)), code_of(VaultError::not_intact));
  // Two pieces change places.
  put_back(whole.substr(kSealedPiece, kSealedPiece) + whole.substr(0, kSealedPiece) +
           whole.substr(2 * kSealedPiece));
  EXPECT_EQ(code(read(sealed->item)), code_of(VaultError::not_intact));
  put_back(whole);
  EXPECT_TRUE(read(sealed->item));
  std::filesystem::remove(path);
  EXPECT_EQ(code(read(sealed->item)), code_of(VaultError::storage));
}

TEST_P(AttachmentTest, not_finished_leaves_no_file) {
  {
    auto writer = *vault_->begin_attachment(subject());
    ASSERT_TRUE(writer.add(noise(200'000)));
  }
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder() + "/objects"))
    files += entry.is_regular_file() ? 1 : 0;
  EXPECT_EQ(files, 0U);
}

TEST_P(AttachmentTest, that_no_item_refers_to_is_swept_away_after_an_hour) {
  const auto kept = attach(subject(), noise(10));
  auto writer = *vault_->begin_attachment(subject());
  ASSERT_TRUE(writer.add(noise(20)));
  ASSERT_TRUE(writer.finish());  // and the command that would have written it was refused
  ASSERT_EQ(objects_->list(-10)->size(), 2U);
  EXPECT_EQ(vault_->sweep(*session_), 0);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder() + "/objects"))
    if (entry.is_regular_file())
      std::filesystem::last_write_time(
          entry, std::filesystem::file_time_type::clock::now() - std::chrono::hours(2));
  EXPECT_EQ(vault_->sweep(*session_), 1);
  EXPECT_EQ(objects_->list(-10)->size(), 1U);
  EXPECT_EQ(read(kept->item), noise(10));
}

VL_ON_EACH_ENGINE(AttachmentTest);

}  // namespace
}  // namespace vl::vault
