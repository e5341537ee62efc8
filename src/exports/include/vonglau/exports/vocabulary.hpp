// The words of cases and exports, as they are written in events and in the API.
#pragma once

#include <boost/describe/enum.hpp>

#include <vonglau/base/ids.hpp>
#include <vonglau/cameras/footage.hpp>

namespace vl::exports {

using CaseId = TypedId<struct CaseTag>;
using ExportId = TypedId<struct ExportTag>;
using BookmarkId = TypedId<struct BookmarkTag>;
using PersonId = TypedId<struct PersonTag>;
using cameras::CameraId;

/// What footage is asked for (S41-S43).
enum class CaseKind {
  criminal,
  traffic_accident,
  public_order,
  fire,
  missing_person,
  complaint,
  other
};
BOOST_DESCRIBE_ENUM(CaseKind, criminal, traffic_accident, public_order, fire, missing_person,
                    complaint, other)

enum class Purpose {
  investigation,
  prosecution,
  accident_handling,
  violation_handling,
  complaint_handling,
  internal_review
};
BOOST_DESCRIBE_ENUM(Purpose, investigation, prosecution, accident_handling, violation_handling,
                    complaint_handling, internal_review)

enum class ExportState { requested, approved, made, ready, refused, withdrawn, failed, expired };
BOOST_DESCRIBE_ENUM(ExportState, requested, approved, made, ready, refused, withdrawn, failed,
                    expired)

/// Whether a timestamp authority stamped it: none is configured, it did, it could not.
enum class TimestampOutcome { none, stamped, failed };
BOOST_DESCRIBE_ENUM(TimestampOutcome, none, stamped, failed)

}  // namespace vl::exports
