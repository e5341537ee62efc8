// The read tables of people, their roles and the approvals of role changes. See
// journal/projection.hpp for its thread and rules.
#pragma once

#include <vonglau/journal/projection.hpp>

namespace vl::access {

class PeopleProjection final : public journal::Projection {
 public:
  std::vector<std::string> tables() const override {
    return {"access_people", "access_person_roles", "access_approvals"};
  }
  Result<void> apply(const journal::Event& event, ProvinceId province,
                     store::Session& session) override;
};

}  // namespace vl::access
