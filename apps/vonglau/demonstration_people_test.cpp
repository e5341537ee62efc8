#include "demonstration_people.hpp"

#include <gtest/gtest.h>

namespace vl::app {
namespace {

TEST(DemonstrationPeople, have_passwords_that_the_centre_accepts) {
  for (const auto& person : demonstration_people()) {
    const auto accepted = access::check_password(person.sign_in.password, person.sign_in.login, {});
    EXPECT_TRUE(accepted) << person.sign_in.login << ": " << accepted.error().message;
  }
}

TEST(DemonstrationPeople, include_two_administrators_and_a_simulator_that_is_not_shown) {
  int administrators = 0;
  for (const auto& person : demonstration_people())
    administrators += static_cast<int>(person.roles == std::vector{access::Role::administrator});
  EXPECT_EQ(administrators, 2);
  EXPECT_FALSE(simulator_person().shown);
}

}  // namespace
}  // namespace vl::app
