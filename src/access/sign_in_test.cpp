#include <atomic>
#include <thread>

#include "accounts_fixture.hpp"

namespace vl::access {
namespace {

class SignInTest : public AccountsTest {
 protected:
  /// Sets up the second factor and gives its seed.
  Bytes enrol(PersonId person) {
    const auto begun = accounts_->start_totp(person, "Vọng Lâu");
    EXPECT_TRUE(begun) << begun.error().message;
    const Bytes seed = *from_base32(begun->secret);
    const auto confirmed =
        accounts_->confirm_totp(person, totp_code(seed, totp_step(clock_.wall())));
    EXPECT_TRUE(confirmed) << confirmed.error().message;
    return seed;
  }
  std::string code_now(const Bytes& seed) { return totp_code(seed, totp_step(clock_.wall())); }
};

TEST_P(SignInTest, begins_a_session_with_the_persons_roles_and_leaves_an_event) {
  found();
  const std::string token = signed_in("Tong-Dai");
  const auto account = who(token);
  ASSERT_TRUE(account) << account.error().message;
  EXPECT_EQ(account->id, call_taker_);
  EXPECT_EQ(account->roles, Roles{Role::call_taker});
  EXPECT_FALSE(account->must_change_password);
  EXPECT_EQ(account->display_name, "Nguyễn Thị Bưởi");
  const auto signed_in = events("person.signed_in");
  ASSERT_EQ(signed_in.size(), 1U);
  EXPECT_EQ(signed_in[0].actor.id, call_taker_.value);
  EXPECT_EQ(account->last_sign_in_us, clock_.wall().us);
}

TEST_P(SignInTest, survives_a_restart_and_ends_with_signing_out) {
  found();
  const std::string token = signed_in("tong-dai");
  restart();
  ASSERT_TRUE(who(token));
  ASSERT_TRUE(sessions_->end(*session(), token));
  EXPECT_EQ(code(who(token)), code_of(AccessError::not_signed_in));
  restart();
  EXPECT_EQ(code(who(token)), code_of(AccessError::not_signed_in));
}

TEST_P(SignInTest, says_the_same_of_a_wrong_login_a_wrong_password_and_a_disabled_account) {
  found();
  ASSERT_TRUE(accounts_->disable(by(administrator_), officer_));
  const auto nobody = sign_in("khong-co"), wrong = sign_in("tong-dai", "sai mật khẩu rồi"),
             disabled = sign_in("truc-ban"), no_login = sign_in("đăng nhập gì đây");
  ASSERT_EQ(code(nobody), code_of(AccessError::wrong_credentials));
  for (const auto* refused : {&wrong, &disabled, &no_login}) {
    EXPECT_EQ(code(*refused), code(nobody));
    EXPECT_EQ(refused->error().error.message, nobody.error().error.message);
  }
  EXPECT_TRUE(events("person.signed_in").empty());
}

TEST_P(SignInTest, locks_an_account_after_five_failures_says_so_and_lets_in_again) {
  found();
  for (int i = 0; i < 5; ++i)
    ASSERT_EQ(code(sign_in("tong-dai", "sai")), code_of(AccessError::wrong_credentials));
  const auto right_but_late = sign_in("tong-dai");
  EXPECT_EQ(code(right_but_late), code_of(AccessError::locked));
  EXPECT_EQ(right_but_late.error().retry_after_s, 30);
  const auto locked = events("person.locked");
  ASSERT_EQ(locked.size(), 1U);
  EXPECT_EQ(locked[0].stream.id, call_taker_.value);
  EXPECT_EQ(accounts_->find(call_taker_)->locked_until_us, clock_.wall().us + 30'000'000);
  restart();
  EXPECT_EQ(code(sign_in("tong-dai")), code_of(AccessError::locked));
  clock_.advance_us(30'000'000);
  EXPECT_TRUE(sign_in("tong-dai"));
  EXPECT_FALSE(accounts_->find(call_taker_)->locked_until_us);
  EXPECT_TRUE(sign_in("tong-dai"));
}

TEST_P(SignInTest, counts_one_login_in_all_its_spellings_together) {
  found();
  for (const char* spelling : {"tong-dai", "Tong-dai", "TONG-DAI", "tonG-dai", "tong-Dai"})
    ASSERT_EQ(code(sign_in(spelling, "sai")), code_of(AccessError::wrong_credentials));
  EXPECT_EQ(code(sign_in("toNG-dai")), code_of(AccessError::locked));
}

TEST_P(SignInTest, leaves_no_event_for_people_who_do_not_exist) {
  found();
  for (int i = 0; i < 6; ++i) sign_in("khong-co", "sai");
  EXPECT_EQ(code(sign_in("khong-co", "sai")), code_of(AccessError::locked));
  EXPECT_TRUE(events("person.locked").empty());
}

TEST_P(SignInTest, asks_for_the_code_once_a_second_factor_is_set_up) {
  found();
  const Bytes seed = enrol(administrator_);
  EXPECT_EQ(events("person.totp_enrolled").size(), 1U);
  clock_.advance_us(60'000'000);
  EXPECT_EQ(code(sign_in("quan-tri")), code_of(AccessError::totp_required));
  EXPECT_EQ(code(sign_in("quan-tri", "sai mật khẩu rồi", code_now(seed))),
            code_of(AccessError::wrong_credentials));
  EXPECT_EQ(code(sign_in("quan-tri", kPassword, "000000")),
            code_of(AccessError::wrong_credentials));
  const std::string token = signed_in("quan-tri", kPassword, code_now(seed));
  EXPECT_TRUE(who(token)->totp_enrolled);
  EXPECT_TRUE(accounts_->find(administrator_)->totp_enrolled);
}

TEST_P(SignInTest, takes_a_code_once_even_of_two_at_the_same_time) {
  found();
  const Bytes seed = enrol(administrator_);
  // The code that confirmed the set-up is used up, too.
  EXPECT_EQ(code(sign_in("quan-tri", kPassword, code_now(seed))),
            code_of(AccessError::wrong_credentials));
  clock_.advance_us(60'000'000);
  std::atomic<int> let_in = 0;
  std::vector<std::thread> attempts;
  for (int i = 0; i < 4; ++i)
    attempts.emplace_back([&] {
      if (sign_in("quan-tri", kPassword, code_now(seed))) ++let_in;
    });
  for (auto& attempt : attempts) attempt.join();
  EXPECT_EQ(let_in, 1);
}

TEST_P(SignInTest, counts_wrong_codes_as_failures_and_missing_ones_not) {
  found();
  const Bytes seed = enrol(administrator_);
  clock_.advance_us(60'000'000);
  for (int i = 0; i < 10; ++i)
    ASSERT_EQ(code(sign_in("quan-tri")), code_of(AccessError::totp_required));
  for (int i = 0; i < 5; ++i)
    ASSERT_EQ(code(sign_in("quan-tri", kPassword, "000000")),
              code_of(AccessError::wrong_credentials));
  EXPECT_EQ(code(sign_in("quan-tri", kPassword, code_now(seed))), code_of(AccessError::locked));
}

TEST_P(SignInTest, refuses_a_wrong_code_at_set_up_and_a_second_set_up) {
  found();
  EXPECT_EQ(code(accounts_->confirm_totp(officer_, "123456")), code_of(AccessError::wrong_state));
  const auto first = accounts_->start_totp(officer_, "Vọng Lâu");
  const auto second = accounts_->start_totp(officer_, "Vọng Lâu");
  EXPECT_NE(first->secret, second->secret);
  EXPECT_TRUE(second->uri.contains("truc-ban?secret=" + second->secret)) << second->uri;
  EXPECT_EQ(code(accounts_->confirm_totp(officer_, code_now(*from_base32(first->secret)))),
            code_of(AccessError::wrong_code));
  ASSERT_TRUE(accounts_->confirm_totp(officer_, code_now(*from_base32(second->secret))));
  EXPECT_EQ(code(accounts_->start_totp(officer_, "Vọng Lâu")), code_of(AccessError::wrong_state));
}

TEST_P(SignInTest, with_a_one_time_password_opens_only_the_own_account_until_it_is_changed) {
  found();
  const auto created = create("moi-vao", "Người Mới");
  ASSERT_TRUE(created) << created.error().message;
  const std::string one_time = created->one_time_password;
  const std::string token = signed_in("moi-vao", one_time);
  const std::string other = signed_in("moi-vao", one_time);
  const auto account = who(token);
  EXPECT_TRUE(account->must_change_password);
  EXPECT_TRUE(account->roles.empty());
  const Standing standing{account->roles, account->must_change_password, false};
  EXPECT_EQ(code(authorise(*find_route(Method::get, "/directory"), standing)),
            code_of(AccessError::must_change_password));
  EXPECT_EQ(code(accounts_->change_password(account->id, "sai mật khẩu rồi", "con mèo trèo cây cau",
                                            token)),
            code_of(AccessError::wrong_password));
  EXPECT_EQ(code(accounts_->change_password(account->id, one_time, "ngắn", token)),
            code_of(AccessError::weak_password));
  EXPECT_EQ(code(accounts_->change_password(account->id, one_time, one_time, token)),
            code_of(AccessError::weak_password));
  EXPECT_EQ(code(accounts_->change_password(account->id, one_time, "xx-moi-vao-xx", token)),
            code_of(AccessError::weak_password));
  ASSERT_TRUE(accounts_->change_password(account->id, one_time, "con mèo trèo cây cau", token));
  EXPECT_FALSE(who(token)->must_change_password);
  EXPECT_EQ(code(who(other)), code_of(AccessError::not_signed_in));
  EXPECT_EQ(code(sign_in("moi-vao", one_time)), code_of(AccessError::wrong_credentials));
  EXPECT_TRUE(sign_in("moi-vao", "con mèo trèo cây cau"));
}

TEST_P(SignInTest, refuses_a_one_time_password_after_three_days) {
  found();
  const auto created = create("moi-vao", "Người Mới");
  clock_.advance_us(policy_.one_time_valid_us + 1);
  EXPECT_EQ(code(sign_in("moi-vao", created->one_time_password)),
            code_of(AccessError::wrong_credentials));
}

TEST_P(SignInTest, counts_guesses_at_the_current_password) {
  found();
  const std::string token = signed_in("tong-dai");
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(code(accounts_->change_password(call_taker_, "sai", "con mèo trèo cây cau", token)),
              code_of(AccessError::wrong_password));
  EXPECT_EQ(code(accounts_->change_password(call_taker_, kPassword, "con mèo trèo cây cau", token)),
            code_of(AccessError::locked));
  EXPECT_EQ(code(sign_in("tong-dai")), code_of(AccessError::locked));
}

TEST_P(SignInTest, makes_a_hash_stronger_when_the_policy_has_risen) {
  found();
  policy_.passes = 2;
  restart();
  const auto hash = [&] {
    std::string text;
    EXPECT_TRUE(
        session()->query("SELECT password_hash FROM access_credentials WHERE person_id = $1",
                         {call_taker_}, [&](const store::Row& row) {
                           text = row.text(0);
                           return false;
                         }));
    return text;
  };
  ASSERT_TRUE(hash().contains(",t=1,"));
  ASSERT_TRUE(sign_in("tong-dai"));
  EXPECT_TRUE(hash().contains(",t=2,"));
  EXPECT_TRUE(sign_in("tong-dai"));
}

TEST_P(SignInTest, ends_when_the_account_is_disabled_and_works_again_when_enabled) {
  found();
  const std::string token = signed_in("tong-dai");
  ASSERT_TRUE(accounts_->disable(by(administrator_), call_taker_));
  EXPECT_EQ(code(who(token)), code_of(AccessError::not_signed_in));
  EXPECT_EQ(code(sign_in("tong-dai")), code_of(AccessError::wrong_credentials));
  ASSERT_TRUE(accounts_->enable(by(administrator_), call_taker_));
  EXPECT_TRUE(sign_in("tong-dai"));
  EXPECT_EQ(code(who(token)), code_of(AccessError::not_signed_in));
}

TEST_P(SignInTest, begins_no_session_while_the_journal_cannot_record_it) {
  found();
  journal::JournalOptions options;
  options.writer.province = kBacNinh;
  PeopleProjection projection;
  const auto second =
      journal::Journal::open(database(), clock_, options, {&projection}, upcasters_);
  ASSERT_TRUE(second);
  for (int i = 0; i < 8; ++i)  // and is no failure of the person's
    EXPECT_EQ(code(sign_in("tong-dai")), journal::code_of(journal::JournalError::fenced));
  EXPECT_EQ(sessions_->size(), 0U);
}

TEST_P(SignInTest, keeps_names_logins_passwords_and_seeds_out_of_events_and_tables) {
  found();
  const Bytes seed = enrol(administrator_);
  signed_in("tong-dai");
  std::string everything;
  auto reader = std::move(*database().open_reader());
  ASSERT_TRUE(journal::read_events(*reader, kBacNinh, {}, nullptr, [&](journal::Event&& e) {
    everything += e.body;
    return true;
  }));
  for (const char* table : {"access_people", "access_credentials", "access_sessions",
                            "access_approvals", "access_lockouts", "vault_items"})
    ASSERT_TRUE(
        reader->query("SELECT * FROM " + std::string(table), {}, [&](const store::Row& row) {
          for (int i = 0; i < row.columns(); ++i) {
            const auto value = row.value(i);
            if (const auto* text = std::get_if<std::string>(&value.variant())) everything += *text;
            if (const auto* bytes = std::get_if<Bytes>(&value.variant()))
              everything += as_text(*bytes);
          }
          return true;
        }));
  for (const std::string& secret :
       {std::string("tong-dai"), std::string("Bưởi"), std::string(kPassword), to_base32(seed),
        std::string(as_text(seed))})
    EXPECT_EQ(everything.find(secret), std::string::npos) << secret;
  EXPECT_GT(everything.size(), 1000U);
}

VL_ON_EACH_ENGINE(SignInTest);

}  // namespace
}  // namespace vl::access
