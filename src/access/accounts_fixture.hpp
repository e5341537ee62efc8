// Accounts over a real journal, vault and store on each engine. For this room's tests.
#pragma once

#include <gtest/gtest.h>

#include <vonglau/access/accounts.hpp>
#include <vonglau/access/people_projection.hpp>
#include <vonglau/access/person.hpp>
#include <vonglau/access/routes.hpp>
#include <vonglau/access/schema.hpp>
#include <vonglau/access/totp.hpp>
#include <vonglau/journal/reader.hpp>
#include <vonglau/journal/rebuild.hpp>
#include <vonglau/journal/schema.hpp>
#include <vonglau/journal/typed_event.hpp>
#include <vonglau/store/testing/fresh_database.hpp>
#include <vonglau/vault/schema.hpp>

namespace vl::access {

constexpr ProvinceId kBacNinh{24};

template <class T, class E>
ErrorCode code(const std::expected<T, E>& result) {
  if (result) return {Category::internal, "no error"};
  if constexpr (std::is_same_v<E, Error>)
    return result.error().code;
  else
    return result.error().error.code;
}

class AccountsTest : public store::testing::EachEngine {
 protected:
  void SetUp() override {
    EachEngine::SetUp();
    if (IsSkipped()) return;
    migrate(database());
    auto keys = vault::KeyStore::open_file(folder() + "/keys.db", master_, clock_);
    ASSERT_TRUE(keys) << keys.error().message;
    keys_ = std::move(*keys);
    objects_ = std::move(*vault::Objects::open(folder() + "/objects"));
    vault_ = std::make_unique<vault::Vault>(kBacNinh, *keys_, *objects_, clock_, ids_);
    journal::JournalOptions options;
    options.writer.province = kBacNinh;
    auto opened = journal::Journal::open(database(), clock_, options, {&projection_}, upcasters_);
    ASSERT_TRUE(opened) << opened.error().message;
    journal_ = std::move(*opened);
    policy_.passes = 1;  // Argon2id all the same, quick enough for tests
    policy_.memory_bytes = 8192;
    restart();
  }
  void TearDown() override {
    accounts_.reset();
    sessions_.reset();
    lockout_.reset();
    journal_.reset();
    vault_.reset();
    keys_.reset();
  }
  void migrate(store::Database& database) {
    const std::vector sets{journal::migrations(), vault::migrations(), migrations()};
    auto session = std::move(*database.open_session());
    const auto migrated = store::migrate(*session, sets, clock_);
    ASSERT_TRUE(migrated) << migrated.error().message;
  }
  void restart() {
    accounts_.reset();
    sessions_ = std::make_unique<SessionTable>(kBacNinh, clock_);
    ASSERT_TRUE(sessions_->load(*session()));
    lockout_ = std::make_unique<Lockout>(kBacNinh, *keys_->index_key(kBacNinh, vault::Kind::login),
                                         clock_);
    accounts_ =
        std::make_unique<Accounts>(Accounts::Parts{kBacNinh, clock_, ids_, *journal_, database(),
                                                   *vault_, *sessions_, *lockout_, pool_, policy_});
  }
  /// The administrator, the duty officer and a call taker, with passwords of their own.
  void found() {
    administrator_ = founder("quan-tri", "Quản trị", Role::administrator);
    officer_ = founder("truc-ban", "Trực ban trưởng", Role::duty_officer);
    call_taker_ = founder("tong-dai", "Nguyễn Thị Bưởi", Role::call_taker);
  }
  PersonId founder(const char* login, const char* name, Role role) {
    clock_.advance_us(1000);  // ids are in order of time
    const auto made =
        accounts_->create(journal::Actor::system(), {}, {login, name, {}, {role}, kPassword});
    EXPECT_TRUE(made) << made.error().message;
    return made ? made->id : PersonId{};
  }
  static journal::Actor by(PersonId person) { return journal::Actor::person(person.value); }
  Result<CreatedAccount> create(std::string login, std::string name, std::optional<Uuid> key = {}) {
    clock_.advance_us(1000);
    return accounts_->create(by(administrator_), key,
                             {std::move(login), std::move(name), {}, {}, {}});
  }
  std::expected<std::string, SignInRefused> sign_in(std::string login,
                                                    std::string password = kPassword,
                                                    std::optional<std::string> totp = {}) {
    auto fresh =
        accounts_->sign_in({std::move(login), std::move(password), std::move(totp), "203.0.113.5"});
    if (!fresh) return std::unexpected(fresh.error());
    return fresh->token;
  }
  std::string signed_in(std::string login, std::string password = kPassword,
                        std::optional<std::string> totp = {}) {
    auto token = sign_in(std::move(login), std::move(password), std::move(totp));
    EXPECT_TRUE(token) << token.error().error.message;
    return token.value_or("");
  }
  /// The account behind a session.
  Result<AccountRow> who(std::string_view token) {
    VL_TRY(const auto info, sessions_->find(token));
    return accounts_->find(info.person);
  }
  std::vector<journal::Event> events(std::string_view type) {
    std::vector<journal::Event> found;
    auto reader = std::move(*database().open_reader());
    EXPECT_TRUE(journal::read_events(*reader, kBacNinh, {}, nullptr, [&](journal::Event&& e) {
      if (e.type == type) found.push_back(std::move(e));
      return true;
    }));
    return found;
  }

  static constexpr const char* kPassword = "bốn con voi đi chợ";
  ManualClock clock_;
  SeededIdSource ids_{clock_, 31};
  vault::MasterKey master_ = vault::MasterKey::random();
  journal::Upcasters upcasters_;
  PeopleProjection projection_;
  PasswordPolicy policy_;
  CredentialPool pool_{2, 64};
  std::unique_ptr<vault::KeyStore> keys_;
  std::unique_ptr<vault::Objects> objects_;
  std::unique_ptr<vault::Vault> vault_;
  std::unique_ptr<journal::Journal> journal_;
  std::unique_ptr<SessionTable> sessions_;
  std::unique_ptr<Lockout> lockout_;
  std::unique_ptr<Accounts> accounts_;
  PersonId administrator_, officer_, call_taker_;
};

}  // namespace vl::access
