// A vault with all its parts in a scratch folder, over each engine. For this room's tests.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include <vonglau/store/testing/fresh_database.hpp>
#include <vonglau/vault/schema.hpp>
#include <vonglau/vault/vault.hpp>

namespace vl::vault {

constexpr ProvinceId kBacNinh{24};

template <class T>
ErrorCode code(const Result<T>& result) {
  return result ? ErrorCode{Category::internal, "no error"} : result.error().code;
}

inline std::string file_bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Whether any file below `folder` holds `text` anywhere: pages, free pages, logs.
inline bool lies_in_files(const std::string& folder, std::string_view text) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && file_bytes(entry).find(text) != std::string::npos) return true;
  return false;
}

class VaultTest : public store::testing::EachEngine {
 protected:
  void SetUp() override {
    EachEngine::SetUp();
    if (IsSkipped()) return;
    ASSERT_TRUE(MasterKey::create(master_path()));
    reopen();
    session_ = session();
    const std::vector sets{migrations()};
    ASSERT_TRUE(store::migrate(*session_, sets, clock_));
  }
  void TearDown() override {
    vault_.reset();
    keys_.reset();
    session_.reset();
  }
  /// As after a restart: caches are empty.
  void reopen() {
    vault_.reset();
    keys_.reset();
    auto keys = open_key_store(keys_path(), master_path(), clock_, options_);
    ASSERT_TRUE(keys) << keys.error().message;
    keys_ = std::move(*keys);
    auto objects = Objects::open(folder() + "/objects");
    ASSERT_TRUE(objects) << objects.error().message;
    objects_ = std::move(*objects);
    vault_ = std::make_unique<Vault>(kBacNinh, *keys_, *objects_, clock_, ids_);
  }
  std::string keys_path() const { return folder() + "/keys.db"; }
  std::string master_path() const { return folder() + "/master.key"; }

  SubjectId subject() { return {ids_.next()}; }
  Purpose purpose() { return {ids_.next(), {"report", ids_.next()}, "claimed_report"}; }

  Result<void> in_transaction(const std::function<Result<void>(store::Session&)>& work) {
    VL_CHECK(session_->begin_write());
    if (auto done = work(*session_); !done) {
      session_->rollback();
      return done;
    }
    return session_->commit();
  }
  Sealed put(SubjectId subject, Kind kind, std::string_view text) {
    auto sealed = vault_->seal(subject, kind, text);
    EXPECT_TRUE(sealed) << sealed.error().message;
    const auto written = in_transaction([&](auto& s) { return vault_->write(s, *sealed); });
    EXPECT_TRUE(written) << written.error().message;
    return *sealed;
  }
  Result<void> record(ItemId item, const Purpose& purpose) {
    return in_transaction([&](store::Session& s) -> Result<void> {
      VL_TRY(const auto access, vault_->missing_access(s, item, purpose));
      if (access) VL_CHECK(vault_->write_access(s, *access));
      return {};
    });
  }
  Result<std::string> opened(ItemId item) {
    const Purpose why = purpose();
    VL_CHECK(record(item, why));
    VL_TRY(const Opened open, vault_->open(*session_, item, why));
    return std::string(open.plaintext.text());
  }
  void erase(SubjectId who) {
    auto erasure = vault_->begin_erasure(who);
    ASSERT_TRUE(in_transaction([&](auto& s) { return erasure.write(s); }));
    const auto finished = erasure.finish(*session_);
    ASSERT_TRUE(finished) << finished.error().message;
  }

  ManualClock clock_;
  SeededIdSource ids_{clock_, 20};
  KeyStoreOptions options_;
  std::unique_ptr<KeyStore> keys_;
  std::unique_ptr<Objects> objects_;
  std::unique_ptr<Vault> vault_;
  std::unique_ptr<store::Session> session_;
};

}  // namespace vl::vault
