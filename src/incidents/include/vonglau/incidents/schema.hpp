// The read tables of reports and incidents, and the projection that fills them.
#pragma once

#include <vonglau/journal/projection.hpp>
#include <vonglau/store/migrations.hpp>

namespace vl::incidents {

store::MigrationSet migrations();

class IncidentTables final : public journal::Projection {
 public:
  std::vector<std::string> tables() const override;
  Result<void> apply(const journal::Event& event, ProvinceId province,
                     store::Session& session) override;
};

}  // namespace vl::incidents
