#include <gtest/gtest.h>

#include <vonglau/access/approvals.hpp>
#include <vonglau/access/schema.hpp>
#include <vonglau/store/testing/fresh_database.hpp>

namespace vl::access {
namespace {

class ApprovalsTest : public store::testing::EachEngine {
 protected:
  void SetUp() override {
    EachEngine::SetUp();
    if (IsSkipped()) return;
    session_ = session();
    ASSERT_TRUE(store::migrate(*session_, std::span(&migrations(), 1), clock_));
  }
  void TearDown() override { session_.reset(); }
  Approval request() {
    Approval approval{
        {ids_.next()}, "role_change", ids_.next(), author_, "{}", clock_.wall(), {}, {}, {}};
    EXPECT_TRUE(write_request(*session_, kProvince, approval));
    return approval;
  }
  Result<void> decide(ApprovalId approval, ApprovalState decision, PersonId by) {
    return write_decision(*session_, kProvince, approval, decision, by, clock_.wall());
  }

  static constexpr ProvinceId kProvince{24};
  ManualClock clock_;
  SeededIdSource ids_{clock_, 9};
  const PersonId author_{ids_.next()}, second_{ids_.next()};
  std::unique_ptr<store::Session> session_;
};

TEST_P(ApprovalsTest, take_effect_when_a_second_person_decides) {
  const Approval asked = request();
  ASSERT_TRUE(decide(asked.id, ApprovalState::approved, second_));
  const auto found = *find_approval(*session_, kProvince, asked.id);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->state, ApprovalState::approved);
  EXPECT_EQ(found->author, author_);
  EXPECT_EQ(found->decided_by, second_);
  EXPECT_EQ(found->decided, clock_.wall());
  EXPECT_EQ(found->subject, asked.subject);
}

TEST_P(ApprovalsTest, are_refused_to_their_author_by_the_database_itself) {
  const Approval asked = request();
  for (const ApprovalState decision : {ApprovalState::approved, ApprovalState::rejected}) {
    const auto own = decide(asked.id, decision, author_);
    ASSERT_FALSE(own);
    EXPECT_EQ(own.error().code, store::code_of(store::StoreError::conflict));
  }
  for (const char* trick :
       {"UPDATE access_approvals SET state = 'approved', decided_by = author_id, decided_us = 1",
        "UPDATE access_approvals SET state = 'approved', decided_us = 1",
        "UPDATE access_approvals SET state = 'done'"}) {
    const auto tried = session_->execute(trick);
    ASSERT_FALSE(tried) << trick;
    EXPECT_EQ(tried.error().code, store::code_of(store::StoreError::conflict)) << trick;
  }
  EXPECT_EQ((*find_approval(*session_, kProvince, asked.id))->state, ApprovalState::pending);
}

TEST_P(ApprovalsTest, are_decided_once) {
  const Approval asked = request();
  ASSERT_TRUE(decide(asked.id, ApprovalState::rejected, second_));
  const auto again = decide(asked.id, ApprovalState::approved, {ids_.next()});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, code_of(AccessError::already_decided));
  EXPECT_EQ(decide({ids_.next()}, ApprovalState::approved, second_).error().code,
            code_of(AccessError::already_decided));
}

TEST_P(ApprovalsTest, are_listed_by_state_newest_first) {
  const Approval first = request();
  clock_.advance_us(1000);
  const Approval second = request();
  ASSERT_TRUE(decide(first.id, ApprovalState::approved, second_));
  const auto all = list_approvals(*session_, kProvince, {});
  ASSERT_EQ(all->size(), 2U);
  EXPECT_EQ(all->front().id, second.id);
  const auto pending = list_approvals(*session_, kProvince, ApprovalState::pending);
  ASSERT_EQ(pending->size(), 1U);
  EXPECT_EQ(pending->front().id, second.id);
  EXPECT_TRUE(list_approvals(*session_, {27}, {})->empty());
}

VL_ON_EACH_ENGINE(ApprovalsTest);

}  // namespace
}  // namespace vl::access
