// Read tables: each projection owns some tables and fills them from events alone, in the
// transaction that appends the events. `rebuild` makes the tables again from the events and
// compares, so a projection may use nothing but the event and its own tables: no clock, no
// random ids, no other room's tables. Statements keep to the common subset (store/lint.hpp).
#pragma once

#include <string>
#include <vector>

#include <vonglau/base/result.hpp>
#include <vonglau/journal/event.hpp>
#include <vonglau/store/session.hpp>

namespace vl::journal {

class Projection {
 public:
  virtual ~Projection() = default;
  /// Tables it owns, all keyed by province_id first.
  virtual std::vector<std::string> tables() const = 0;
  /// Called on the writer's thread in order of sequence, upcast to the newest version. Prefer
  /// session.post. An error undoes the whole command.
  virtual Result<void> apply(const Event& event, ProvinceId province, store::Session& session) = 0;
};

}  // namespace vl::journal
