// The people of the demonstration province: one for each role, with a password that the sign-in
// screen shows. Made when the demonstration starts; a real site never has them.
#pragma once

#include <vector>

#include <vonglau/access/accounts.hpp>
#include <vonglau/routes/people.hpp>

namespace vl::app {

struct DemonstrationPerson {
  routes::DemonstrationSignIn sign_in;
  std::vector<access::Role> roles;
  bool shown = true;
};
const std::vector<DemonstrationPerson>& demonstration_people();

/// What the simulator signs in with.
const DemonstrationPerson& simulator_person();

/// Those who are not there yet: a start that was cut short is made whole by the next.
Result<void> create_demonstration_people(access::Accounts& accounts);

}  // namespace vl::app
