#include <rapidcheck.h>

#include "accounts_fixture.hpp"

namespace vl::access {
namespace {

class PeopleTest : public AccountsTest {
 protected:
  Result<ApprovalId> ask(PersonId author, PersonId who, Roles grant, Roles revoke = {},
                         std::optional<Uuid> key = {}) {
    return accounts_->request_roles(by(author), who, grant.list(), revoke.list(),
                                    "Tăng cường ca đêm", key);
  }
  Roles roles_of(PersonId who) { return accounts_->find(who)->roles; }
  Approval approval(ApprovalId id) { return **find_approval(*session(), kBacNinh, id); }
  std::size_t pending() {
    return list_approvals(*session(), kBacNinh, ApprovalState::pending)->size();
  }
};

TEST_P(PeopleTest, begin_with_those_whom_the_system_creates) {
  EXPECT_EQ(accounts_->nobody_yet(), true);
  const auto first = accounts_->create(journal::Actor::system(), {},
                                       {"quan-tri", "Quản trị", {}, {Role::administrator}, {}});
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(accounts_->nobody_yet(), false);
  EXPECT_EQ(first->one_time_password.size(), 19U);
  const auto account = who(signed_in("quan-tri", first->one_time_password));
  EXPECT_TRUE(account->must_change_password);
  EXPECT_TRUE(account->roles.has(Role::administrator));
}

TEST_P(PeopleTest, are_given_roles_at_their_creation_by_nobody_but_the_system) {
  found();
  EXPECT_EQ(code(accounts_->create(by(administrator_), {},
                                   {"ke-khac", "Kẻ khác", {}, {Role::administrator}, {}})),
            code_of(AccessError::forbidden));
  EXPECT_EQ(
      code(accounts_->create(journal::Actor::system(), {}, {"ke-khac", "Kẻ khác", {}, {}, "ngắn"})),
      code_of(AccessError::weak_password));
  EXPECT_EQ(accounts_->list()->size(), 3U);
}

TEST_P(PeopleTest, are_created_without_roles_and_with_a_login_of_their_own) {
  found();
  const Uuid unit = ids_.next();
  clock_.advance_us(1000);
  const auto created =
      accounts_->create(by(administrator_), {}, {"An.Le", "Lê Văn An", unit, {}, {}});
  ASSERT_TRUE(created);
  EXPECT_EQ(code(create("an.le", "Lê Thị An")), code_of(AccessError::login_taken));
  EXPECT_EQ(code(create("lê an", "Lê An")), code_of(vault::VaultError::malformed));
  EXPECT_EQ(code(create("le-an", "")), code_of(AccessError::bad_name));
  const auto account = accounts_->find(created->id);
  EXPECT_EQ(account->login, "An.Le");
  EXPECT_EQ(account->display_name, "Lê Văn An");
  EXPECT_TRUE(account->roles.empty());
  EXPECT_EQ(account->unit_id, unit);
  const auto all = accounts_->list();
  ASSERT_EQ(all->size(), 4U);
  EXPECT_EQ(all->back().id, created->id);
  EXPECT_EQ(events("person.created").back().actor.id, administrator_.value);
  EXPECT_EQ(code(accounts_->find({ids_.next()})), code_of(AccessError::unknown_person));
}

TEST_P(PeopleTest, are_created_once_and_told_their_password_once) {
  found();
  const Uuid key = ids_.next();
  ASSERT_TRUE(create("moi-vao", "Người Mới", key));
  EXPECT_EQ(code(create("moi-vao", "Người Mới", key)), code_of(AccessError::wrong_state));
  EXPECT_EQ(accounts_->list()->size(), 4U);
}

TEST_P(PeopleTest, get_a_role_when_a_second_person_approves) {
  found();
  const auto asked = ask(administrator_, call_taker_, {Role::dispatcher}, {Role::call_taker});
  ASSERT_TRUE(asked) << asked.error().message;
  EXPECT_EQ(approval(*asked).state, ApprovalState::pending);
  EXPECT_EQ(approval(*asked).author, administrator_);
  EXPECT_EQ(accounts_->reason_of(approval(*asked)), "Tăng cường ca đêm");
  EXPECT_EQ(roles_of(call_taker_), Roles{Role::call_taker});
  EXPECT_EQ(pending(), 1U);
  const auto approved = accounts_->approve(officer_, *asked);
  ASSERT_TRUE(approved) << approved.error().message;
  EXPECT_EQ(approval(*asked).decided_by, officer_);
  EXPECT_EQ(roles_of(call_taker_), Roles{Role::dispatcher});
  EXPECT_EQ(code(accounts_->reject(officer_, *asked, {})), code_of(AccessError::already_decided));
  EXPECT_EQ(pending(), 0U);
}

TEST_P(PeopleTest, cannot_approve_their_own_request) {
  found();
  const auto asked = ask(administrator_, officer_, {Role::auditor});
  EXPECT_EQ(code(accounts_->approve(administrator_, *asked)), code_of(AccessError::same_person));
  EXPECT_EQ(code(accounts_->reject(administrator_, *asked, "thôi")),
            code_of(AccessError::same_person));
  EXPECT_EQ(roles_of(officer_), Roles{Role::duty_officer});
}

TEST_P(PeopleTest, are_refused_by_the_table_even_when_code_forgets_the_rule) {
  found();
  const auto asked = ask(administrator_, officer_, {Role::auditor});
  journal::Command careless;
  careless.actor = journal::Actor::person(administrator_.value);
  careless.name = "test.careless";
  careless.decide = [&](journal::Decision& d) -> Result<std::string> {
    VL_CHECK(
        d.record(journal::draft_of(Person::kStream, officer_.value, RoleChangeApproved{*asked})));
    return std::string();
  };
  EXPECT_EQ(code(journal_->execute(careless)), store::code_of(store::StoreError::conflict));
  EXPECT_EQ(roles_of(officer_), Roles{Role::duty_officer});
  EXPECT_TRUE(events("role.change_approved").empty());
  EXPECT_TRUE(accounts_->approve(officer_, *asked));
}

TEST_P(PeopleTest, keep_their_roles_when_a_request_is_rejected) {
  found();
  const auto asked = ask(administrator_, call_taker_, {Role::administrator});
  ASSERT_TRUE(accounts_->reject(officer_, *asked, "Không đúng người"));
  EXPECT_EQ(approval(*asked).state, ApprovalState::rejected);
  EXPECT_EQ(roles_of(call_taker_), Roles{Role::call_taker});
}

TEST_P(PeopleTest, are_asked_for_changes_that_change_something) {
  found();
  EXPECT_EQ(code(ask(administrator_, call_taker_, {})), code_of(AccessError::wrong_state));
  EXPECT_EQ(code(ask(administrator_, call_taker_, {Role::call_taker})),
            code_of(AccessError::wrong_state));
  EXPECT_EQ(code(ask(administrator_, call_taker_, {}, {Role::auditor})),
            code_of(AccessError::wrong_state));
  EXPECT_EQ(code(ask(administrator_, call_taker_, {Role::auditor}, {Role::auditor})),
            code_of(AccessError::wrong_state));
  EXPECT_EQ(code(ask(administrator_, {ids_.next()}, {Role::auditor})),
            code_of(AccessError::unknown_person));
  EXPECT_EQ(code(accounts_->approve(officer_, {ids_.next()})),
            code_of(AccessError::unknown_approval));
}

TEST_P(PeopleTest, are_asked_once_for_a_retried_request) {
  found();
  const Uuid key = ids_.next();
  const auto first = ask(administrator_, call_taker_, {Role::auditor}, {}, key);
  const auto retried = ask(administrator_, call_taker_, {Role::auditor}, {}, key);
  ASSERT_TRUE(retried);
  EXPECT_EQ(*retried, *first);
  EXPECT_EQ(pending(), 1U);
}

TEST_P(PeopleTest, always_keep_one_administrator) {
  found();
  EXPECT_EQ(code(accounts_->disable(by(officer_), administrator_)),
            code_of(AccessError::last_administrator));
  const auto revoke = ask(administrator_, administrator_, {}, {Role::administrator});
  ASSERT_TRUE(revoke);
  EXPECT_EQ(code(accounts_->approve(officer_, *revoke)), code_of(AccessError::last_administrator));
  const auto second = ask(administrator_, call_taker_, {Role::administrator});
  ASSERT_TRUE(accounts_->approve(officer_, *second));
  ASSERT_TRUE(accounts_->disable(by(call_taker_), administrator_));
  EXPECT_EQ(code(accounts_->disable(by(administrator_), call_taker_)),
            code_of(AccessError::last_administrator));
  ASSERT_TRUE(accounts_->enable(by(call_taker_), administrator_));
  EXPECT_TRUE(accounts_->approve(officer_, *revoke));
}

TEST_P(PeopleTest, are_disabled_and_enabled_once_each) {
  found();
  EXPECT_EQ(code(accounts_->enable(by(administrator_), officer_)),
            code_of(AccessError::wrong_state));
  ASSERT_TRUE(accounts_->disable(by(administrator_), officer_));
  EXPECT_EQ(code(accounts_->disable(by(administrator_), officer_)),
            code_of(AccessError::wrong_state));
  EXPECT_TRUE(accounts_->find(officer_)->disabled);
  EXPECT_EQ(code(accounts_->disable(by(administrator_), {ids_.next()})),
            code_of(AccessError::unknown_person));
}

TEST_P(PeopleTest, get_in_again_with_a_password_that_an_administrator_resets) {
  found();
  const auto begun = accounts_->start_totp(call_taker_, "Vọng Lâu");
  const Bytes seed = *from_base32(begun->secret);
  ASSERT_TRUE(accounts_->confirm_totp(call_taker_, totp_code(seed, totp_step(clock_.wall()))));
  for (int i = 0; i < 6; ++i) sign_in("tong-dai", "sai");
  const auto reset = accounts_->reset_password(by(administrator_), call_taker_);
  ASSERT_TRUE(reset) << reset.error().message;
  EXPECT_EQ(code(sign_in("tong-dai")), code_of(AccessError::wrong_credentials));
  const std::string token = signed_in("tong-dai", *reset);
  EXPECT_TRUE(who(token)->must_change_password);
  EXPECT_FALSE(who(token)->totp_enrolled);
  EXPECT_FALSE(accounts_->find(call_taker_)->totp_enrolled);
  ASSERT_TRUE(accounts_->reset_password(by(administrator_), call_taker_));
  EXPECT_EQ(code(who(token)), code_of(AccessError::not_signed_in));
}

TEST_P(PeopleTest, lose_their_names_when_erased_and_stay_in_history) {
  found();
  ASSERT_TRUE(accounts_->disable(by(administrator_), call_taker_));
  auto erasure = vault_->begin_erasure({call_taker_.value});
  auto writer = session();
  ASSERT_TRUE(writer->begin_write());
  ASSERT_TRUE(erasure.write(*writer));
  ASSERT_TRUE(writer->commit());
  ASSERT_TRUE(erasure.finish(*writer));
  const auto account = accounts_->find(call_taker_);
  ASSERT_TRUE(account) << account.error().message;
  EXPECT_EQ(account->login, "");
  EXPECT_EQ(account->display_name, "");
  EXPECT_EQ(accounts_->list()->size(), 3U);
  EXPECT_TRUE(create("tong-dai", "Người khác"));
}

TEST_P(PeopleTest, tables_are_the_same_when_made_again_from_the_events) {
  found();
  const auto first = ask(administrator_, call_taker_, {Role::dispatcher}, {Role::call_taker});
  ASSERT_TRUE(accounts_->approve(officer_, *first));
  const auto second = ask(officer_, call_taker_, {Role::auditor});
  ASSERT_TRUE(accounts_->reject(administrator_, *second, "không"));
  ask(officer_, administrator_, {Role::auditor});
  ASSERT_TRUE(accounts_->disable(by(administrator_), officer_));
  ASSERT_TRUE(accounts_->enable(by(administrator_), officer_));
  for (int i = 0; i < 5; ++i) sign_in("truc-ban", "sai");
  signed_in("quan-tri");
  ASSERT_TRUE(accounts_->reset_password(by(administrator_), call_taker_));
  store::testing::FreshDatabase scratch(GetParam());
  migrate(scratch.database());
  auto live = std::move(*database().open_session());
  auto rebuilt = std::move(*scratch.database().open_session());
  journal::Projection* projections[] = {&projection_};
  const auto report = journal::rebuild(*live, *rebuilt, kBacNinh, projections, upcasters_);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_TRUE(report->same()) << report->differences.front().table << ": "
                              << report->differences.front().first_difference;
  EXPECT_EQ(report->tables, 3);
  EXPECT_GE(report->events, 12);
}

TEST_P(PeopleTest, uphold_what_has_ended_in_upkeep) {
  found();
  signed_in("tong-dai");
  sign_in("khong-co", "sai");
  clock_.advance_us(25LL * 3600 * 1'000'000);
  ASSERT_TRUE(accounts_->upkeep());
  EXPECT_EQ(session()->query_integer("SELECT count(*) FROM access_sessions"), 0);
  EXPECT_EQ(session()->query_integer("SELECT count(*) FROM access_lockouts"), 0);
}

/// A history of random requests and decisions by random people.
TEST(PersonHistory, never_gives_a_role_that_only_its_author_approved) {
  EXPECT_TRUE(rc::check("random changes", [] {
    ManualClock clock;
    SeededIdSource ids(clock, 3);
    const PersonId people[] = {{ids.next()}, {ids.next()}, {ids.next()}};
    const PersonId subject{ids.next()};
    Person person;
    std::int64_t sequence = 0;
    const auto apply = [&](PersonId by, const auto& event) {
      const auto draft = journal::draft_of(Person::kStream, subject.value, event);
      journal::Event recorded;
      recorded.sequence = ++sequence;
      recorded.actor = journal::Actor::person(by.value);
      recorded.stream = draft.stream;
      recorded.type = draft.type;
      recorded.version = draft.version;
      recorded.body = draft.body;
      person.apply(recorded);
    };
    apply(people[0], PersonCreated{});
    std::map<ApprovalId, PersonId> authors;
    std::vector<ApprovalId> asked;
    const auto steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 1000));
    for (const int step : steps) {
      const PersonId by = people[step % 3];
      const Roles before = person.roles;
      if (asked.empty() || step % 2 == 0) {
        const Role role = static_cast<Role>(step % kRoles);
        const ApprovalId id{ids.next()};
        const auto event =
            decide_request(person, subject, id, before.has(role) ? Roles{} : Roles{role},
                           before.has(role) ? Roles{role} : Roles{}, {});
        RC_ASSERT(event.has_value());
        apply(by, *event);
        authors[id] = by;
        asked.push_back(id);
        RC_ASSERT((person.roles == before));
      } else {
        const ApprovalId id = asked[static_cast<std::size_t>(step) % asked.size()];
        const bool pending = person.changes[id].pending;
        const auto event = decide_approve(person, id, by);
        RC_ASSERT(event.has_value() == (pending && authors[id] != by));
        if (event) apply(by, *event);
        if (!event) RC_ASSERT((person.roles == before));
      }
    }
  }));
}

VL_ON_EACH_ENGINE(PeopleTest);

}  // namespace
}  // namespace vl::access
