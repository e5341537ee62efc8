#include <atomic>
#include <barrier>
#include <thread>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vault_fixture.hpp"

namespace vl::vault {
namespace {

class KeyStoreTest : public VaultTest {
 protected:
  Key key(SubjectId who) {
    auto got = keys_->key_for(kBacNinh, who);
    EXPECT_TRUE(got) << got.error().message;
    return got.value_or(Key{});
  }
  mode_t mode_of(const std::string& path) {
    struct stat about{};
    EXPECT_EQ(::stat(path.c_str(), &about), 0);
    return about.st_mode & 0777;
  }
};

TEST_P(KeyStoreTest, keeps_one_key_a_subject_across_restarts) {
  const SubjectId one = subject(), two = subject();
  const Key first = key(one);
  EXPECT_EQ(key(one).bytes, first.bytes);
  EXPECT_NE(key(two).bytes, first.bytes);
  EXPECT_NE(keys_->key_for({27}, one)->bytes, first.bytes);
  reopen();
  EXPECT_EQ(key(one).bytes, first.bytes);
  EXPECT_EQ(keys_->existing_key(kBacNinh, one)->bytes, first.bytes);
  EXPECT_EQ(code(keys_->existing_key(kBacNinh, subject())), code_of(VaultError::key_missing));
}

TEST_P(KeyStoreTest, files_are_for_their_owner_only) {
  EXPECT_EQ(mode_of(keys_path()), 0600);
  EXPECT_EQ(mode_of(master_path()), 0600);
  ASSERT_EQ(::chmod(master_path().c_str(), 0640), 0);
  EXPECT_EQ(code(MasterKey::load(master_path())), code_of(VaultError::master_key));
  EXPECT_EQ(code(MasterKey::create(master_path())), code_of(VaultError::storage));
}

TEST_P(KeyStoreTest, keys_lie_wrapped_on_disk) {
  const Key mine = key(subject());
  const Key index = *keys_->index_key(kBacNinh, Kind::phone);
  keys_.reset();
  EXPECT_FALSE(lies_in_files(folder(), as_text(mine.bytes)));
  EXPECT_FALSE(lies_in_files(folder(), as_text(index.bytes)));
}

TEST_P(KeyStoreTest, refuses_another_master_key) {
  key(subject());
  const auto other = KeyStore::open_file(keys_path(), MasterKey::random(), clock_);
  EXPECT_EQ(code(other), code_of(VaultError::master_key));
}

TEST_P(KeyStoreTest, makes_one_key_for_many_callers_at_once) {
  const SubjectId shared = subject();
  std::vector<SubjectId> own;
  for (int i = 0; i < 16; ++i) own.push_back(subject());
  std::barrier start(16);
  std::atomic<int> failures = 0;
  std::vector<Key> shared_keys(16);
  std::vector<std::thread> callers;
  for (std::size_t i = 0; i < 16; ++i)
    callers.emplace_back([&, i] {
      start.arrive_and_wait();
      auto same = keys_->key_for(kBacNinh, shared);
      auto mine = keys_->key_for(kBacNinh, own[i]);
      if (!same || !mine) ++failures;
      if (same) shared_keys[i] = *same;
    });
  for (auto& caller : callers) caller.join();
  ASSERT_EQ(failures, 0);
  for (const Key& each : shared_keys) EXPECT_EQ(each.bytes, shared_keys[0].bytes);
  reopen();
  EXPECT_EQ(key(shared).bytes, shared_keys[0].bytes);
}

TEST_P(KeyStoreTest, works_with_a_cache_smaller_than_its_use) {
  options_.cached_keys = 2;
  reopen();
  std::vector<std::pair<SubjectId, Key>> made;
  for (int i = 0; i < 10; ++i) {
    const SubjectId who = subject();
    made.emplace_back(who, key(who));
  }
  for (const auto& [who, first] : made) EXPECT_EQ(key(who).bytes, first.bytes);
}

TEST_P(KeyStoreTest, never_makes_a_key_for_an_erased_subject_again) {
  const SubjectId who = subject(), unknown = subject();
  key(who);
  ASSERT_TRUE(keys_->erase(kBacNinh, who));
  ASSERT_TRUE(keys_->erase(kBacNinh, who));  // again is well
  ASSERT_TRUE(keys_->erase(kBacNinh, unknown));
  for (int restart = 0; restart < 2; ++restart) {
    EXPECT_EQ(code(keys_->key_for(kBacNinh, who)), code_of(VaultError::erased));
    EXPECT_EQ(code(keys_->existing_key(kBacNinh, who)), code_of(VaultError::erased));
    EXPECT_EQ(code(keys_->key_for(kBacNinh, unknown)), code_of(VaultError::erased));
    reopen();
  }
}

TEST_P(KeyStoreTest, erasing_leaves_no_trace_of_the_wrapped_key_in_the_file_or_its_log) {
  const SubjectId who = subject();
  for (int i = 0; i < 50; ++i) key(subject());
  key(who);
  for (int i = 0; i < 50; ++i) key(subject());
  std::string wrapped;
  {
    auto reader = std::move(*store::sqlite_database({.path = keys_path()})->open_reader());
    ASSERT_TRUE(reader->query("SELECT wrapped FROM keystore_keys WHERE subject_id = $1", {who},
                              [&](const store::Row& row) {
                                wrapped = as_text(row.bytes(0));
                                return false;
                              }));
  }
  ASSERT_EQ(wrapped.size(), 72U);
  ASSERT_TRUE(lies_in_files(folder(), wrapped));
  ASSERT_TRUE(keys_->erase(kBacNinh, who));
  EXPECT_FALSE(lies_in_files(folder(), wrapped));
  EXPECT_EQ(file_bytes(keys_path() + "-wal").size(), 0U);
}

TEST_P(KeyStoreTest, says_so_when_the_log_cannot_be_emptied) {
  const SubjectId who = subject();
  key(who);
  {
    auto other = std::move(*store::sqlite_database({.path = keys_path()})->open_reader());
    ASSERT_TRUE(other->begin_read());
    ASSERT_TRUE(other->query_integer("SELECT count(*) FROM keystore_keys"));
    EXPECT_EQ(code(keys_->erase(kBacNinh, who)), code_of(VaultError::storage));
  }
  EXPECT_TRUE(keys_->erase(kBacNinh, who));
}

TEST_P(KeyStoreTest, says_that_a_damaged_key_is_damaged_and_serves_the_others) {
  const SubjectId bad = subject(), good = subject();
  const Key kept = key(good);
  key(bad);
  {
    auto other = std::move(*store::sqlite_database({.path = keys_path()})->open_session());
    ASSERT_TRUE(other->execute("UPDATE keystore_keys SET wrapped = $1 WHERE subject_id = $2",
                               {Bytes(72, 7), bad}));
  }
  reopen();
  EXPECT_EQ(code(keys_->key_for(kBacNinh, bad)), code_of(VaultError::not_intact));
  EXPECT_EQ(key(good).bytes, kept.bytes);
}

TEST_P(KeyStoreTest, rotates_its_master_key_and_keeps_every_other) {
  const SubjectId who = subject();
  const Key mine = key(who);
  const Key index = *keys_->index_key(kBacNinh, Kind::plate);
  for (int i = 0; i < 30; ++i) key(subject());
  const Sealed sealed = put(who, Kind::text, "như cũ");
  const auto before = std::move(*MasterKey::load(master_path()));
  const auto count = rotate_master_key(*keys_, master_path());
  ASSERT_TRUE(count) << count.error().message;
  EXPECT_EQ(*count, 32);
  EXPECT_EQ(opened(sealed.item), "như cũ");
  reopen();
  EXPECT_EQ(opened(sealed.item), "như cũ");
  EXPECT_EQ(key(who).bytes, mine.bytes);
  EXPECT_EQ(keys_->index_key(kBacNinh, Kind::plate)->bytes, index.bytes);
  EXPECT_EQ(code(KeyStore::open_file(keys_path(), before, clock_)),
            code_of(VaultError::master_key));
}

TEST_P(KeyStoreTest, rotating_leaves_no_key_wrapped_by_the_old_master) {
  key(subject());
  keys_->index_key(kBacNinh, Kind::phone).value();
  std::vector<std::string> before;
  {
    auto reader = std::move(*store::sqlite_database({.path = keys_path()})->open_reader());
    ASSERT_TRUE(
        reader->query("SELECT wrapped FROM keystore_keys UNION ALL "
                      "SELECT wrapped FROM keystore_index_keys",
                      {}, [&](const store::Row& row) {
                        before.emplace_back(as_text(row.bytes(0)));
                        return true;
                      }));
  }
  ASSERT_EQ(before.size(), 2U);
  ASSERT_TRUE(rotate_master_key(*keys_, master_path()));
  for (const std::string& wrapped : before) EXPECT_FALSE(lies_in_files(folder(), wrapped));
}

TEST_P(KeyStoreTest, a_rotation_cut_off_before_its_commit_is_undone) {
  const SubjectId who = subject();
  const Key mine = key(who);
  ASSERT_TRUE(MasterKey::create(master_path() + ".next"));
  reopen();
  EXPECT_EQ(key(who).bytes, mine.bytes);
  EXPECT_NE(::access((master_path() + ".next").c_str(), F_OK), 0);
}

TEST_P(KeyStoreTest, a_rotation_cut_off_after_its_commit_is_finished) {
  const SubjectId who = subject();
  const Key mine = key(who);
  {
    const auto next = MasterKey::create(master_path() + ".next");
    ASSERT_TRUE(keys_->rewrap(*next));
  }
  reopen();
  EXPECT_EQ(key(who).bytes, mine.bytes);
  EXPECT_NE(::access((master_path() + ".next").c_str(), F_OK), 0);
  // The same, and the process goes on and rotates once more.
  {
    const auto next = MasterKey::create(master_path() + ".next");
    ASSERT_TRUE(keys_->rewrap(*next));
  }
  ASSERT_TRUE(rotate_master_key(*keys_, master_path()));
  reopen();
  EXPECT_EQ(key(who).bytes, mine.bytes);
}

INSTANTIATE_TEST_SUITE_P(Engines, KeyStoreTest, ::testing::Values(store::Engine::sqlite),
                         [](const auto& p) { return store::testing::name_of(p.param); });

}  // namespace
}  // namespace vl::vault
