// Reports and incidents with the personal data that this caller may read for them.
#pragma once

#include <vonglau/incidents/queries.hpp>
#include <vonglau/routes/personal.hpp>

#include "body.hpp"

namespace vl::routes {

/// ReportDetail of the API. Whoever claimed the report reads it; so does who works on its
/// incident (`incident_reader`, when not null); others are told how to get it.
Result<boost::json::object> report_detail(Core& core, store::Session& session,
                                          const incidents::ReportRow& row, const Caller& caller,
                                          PersonalReader* incident_reader);

/// The reader of an incident's personal data, if the caller works on it: opened it, triaged,
/// noted or assigned on it; dispatchers of an open incident, and duty officers always.
Result<std::optional<PersonalReader>> incident_reader(Core& core, store::Session& session,
                                                      const incidents::IncidentRow& row,
                                                      const Caller& caller);

/// IncidentDetail of the API.
Result<boost::json::object> incident_detail(Core& core, store::Session& session,
                                            const incidents::IncidentRow& row,
                                            const Caller& caller);

}  // namespace vl::routes
