#include <atomic>
#include <future>
#include <set>

#include <gtest/gtest.h>

#include <vonglau/access/credential_pool.hpp>
#include <vonglau/access/password.hpp>

namespace vl::access {
namespace {

/// Strong enough to be Argon2id, weak enough for tests.
constexpr PasswordPolicy kQuick{.passes = 1, .memory_bytes = 64 * 1024};

TEST(Passwords, that_are_long_and_their_owners_own_are_taken) {
  for (const char* good : {"vong-lau-thu", "bốn con voi đi chợ", "correct horse battery",
                           "Xe đạp xanh 1987", "k7mw-9xqa-3hdt-pe5z"})
    EXPECT_TRUE(check_password(good, "trang.nguyen", {})) << good;
}

TEST(Passwords, that_are_short_common_runs_or_built_on_the_login_are_refused) {
  for (const char* bad :
       {"", "short", "mười một k", "aaaaaaaaaaaaaa", "abababababab", "abcdefghijklm",
        "987654321098", "123456789012", "Password2026!!", "MatKhau123456", "matkhau.matkhau",
        "qwertyuiop12", "VietNam1975!!!!", "xx-Trang.Nguyen-9"}) {
    const auto refused = check_password(bad, "trang.nguyen", {});
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().code, code_of(AccessError::weak_password)) << bad;
  }
  EXPECT_FALSE(check_password(std::string(257, 'x'), "a", {}));
  EXPECT_FALSE(check_password(std::string("bốn con\0voi đi chợ", 22), "a", {}));
}

TEST(Passwords, are_counted_in_characters_not_bytes) {
  EXPECT_FALSE(check_password("ộ ễ ậ ữ ợ ể", "x", {}));  // 11 characters, 29 bytes
}

TEST(PasswordHashes, verify_their_own_password_only) {
  const auto hash = hash_password("bốn con voi đi chợ", kQuick);
  ASSERT_TRUE(hash);
  EXPECT_TRUE(hash->starts_with("$argon2id$v=19$m=64,t=1,p=1$")) << *hash;
  EXPECT_TRUE(verify_password(*hash, "bốn con voi đi chợ"));
  EXPECT_FALSE(verify_password(*hash, "bốn con voi đi cho"));
  EXPECT_FALSE(verify_password(*hash, ""));
  EXPECT_NE(*hash, *hash_password("bốn con voi đi chợ", kQuick));
  for (const char* no_hash : {"", "x", "$argon2id$v=19$m=64,t=1,p=1$", "$2b$12$abcdef"})
    EXPECT_FALSE(verify_password(no_hash, "bốn con voi đi chợ"));
  EXPECT_FALSE(verify_password(std::string(5000, '$'), "x"));
}

TEST(PasswordHashes, are_outdated_when_the_policy_has_risen_and_only_then) {
  const std::string hash = *hash_password("bốn con voi đi chợ", kQuick);
  PasswordPolicy policy = kQuick;
  EXPECT_FALSE(is_outdated(hash, policy));
  policy.passes = 2;
  EXPECT_TRUE(is_outdated(hash, policy));
  policy = kQuick;
  policy.memory_bytes *= 2;
  EXPECT_TRUE(is_outdated(hash, policy));
  policy.memory_bytes = 8192;
  EXPECT_FALSE(is_outdated(hash, policy));
  EXPECT_TRUE(is_outdated("$2b$12$abcdef", kQuick));
}

TEST(PasswordHashes, by_default_cost_what_rfc_9106_recommends_for_little_memory) {
  EXPECT_TRUE(hash_password("x", {})->starts_with("$argon2id$v=19$m=65536,t=3,p=1$"));
}

TEST(OneTimePasswords, are_readable_random_and_good_passwords) {
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    const auto password = one_time_password();
    EXPECT_EQ(password.size(), 19U);
    EXPECT_EQ(password.text().find_first_of("il1o0"), std::string_view::npos);
    EXPECT_TRUE(check_password(password.text(), "admin", {})) << password.text();
    EXPECT_TRUE(seen.emplace(password.text()).second);
  }
}

TEST(CredentialPool, does_the_work_and_refuses_what_its_queue_cannot_hold) {
  std::promise<void> hold;
  auto held = hold.get_future().share();
  std::atomic<int> done = 0;
  std::promise<void> began;
  CredentialPool pool(1, 2);
  ASSERT_TRUE(pool.submit([&, held] {
    began.set_value();
    held.wait();
    ++done;
  }));
  began.get_future().wait();
  std::promise<void> last;
  EXPECT_TRUE(pool.submit([&] { ++done; }));
  EXPECT_TRUE(pool.submit([&] {
    ++done;
    last.set_value();
  }));
  EXPECT_EQ(pool.waiting(), 2U);
  const auto refused = pool.submit([&] { ++done; });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, code_of(AccessError::busy));
  hold.set_value();
  last.get_future().wait();
  EXPECT_EQ(done, 3);
}

TEST(CredentialPool, tells_who_still_waits_when_it_closes) {
  std::promise<void> began, hold;
  auto held = hold.get_future().share();
  auto pool = std::make_unique<CredentialPool>(1, 4);
  ASSERT_TRUE(pool->submit([&, held] {
    began.set_value();
    held.wait();
  }));
  began.get_future().wait();
  auto waiting = std::async(std::launch::async, [&] { return pool->run([] { return 7; }); });
  while (pool->waiting() == 0) std::this_thread::yield();
  std::thread closing([&] { pool.reset(); });
  const auto answer = waiting.get();
  hold.set_value();
  closing.join();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, code_of(AccessError::busy));
}

TEST(CredentialPool, gives_what_the_work_gives) {
  CredentialPool pool;
  EXPECT_EQ(pool.run([] { return 7; }), 7);
  EXPECT_EQ(pool.run([] { return Result<int>(8); }), 8);
  const auto failed = pool.run([]() -> Result<int> { return fail(AccessError::busy, "x"); });
  EXPECT_FALSE(failed);
}

}  // namespace
}  // namespace vl::access
