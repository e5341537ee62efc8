// What can go wrong with an object store that speaks S3. Messages name the remedy.
#pragma once

#include <vonglau/base/result.hpp>

namespace vl::s3 {

enum class S3Error {
  bad_options,   // settings that cannot work
  credentials,   // the file with the key: not there, open to others, not as it should be
  unreachable,   // no connection, or no answer in time
  refused,       // unknown key, wrong secret, or no permission
  no_bucket,     // no such bucket
  wrong_region,  // the bucket is of another region
  clock,         // our clock and theirs differ too much
  busy,          // it asks to come back later, or has trouble of its own
  bad_answer,    // not what was asked for
};
constexpr ErrorCode code_of(S3Error e) {
  switch (e) {
    case S3Error::bad_options:
      return {Category::invalid, "s3.bad_options"};
    case S3Error::credentials:
      return {Category::invalid, "s3.credentials"};
    case S3Error::unreachable:
      return {Category::unavailable, "s3.unreachable"};
    case S3Error::refused:
      return {Category::forbidden, "s3.refused"};
    case S3Error::no_bucket:
      return {Category::unavailable, "s3.no_bucket"};
    case S3Error::wrong_region:
      return {Category::invalid, "s3.wrong_region"};
    case S3Error::clock:
      return {Category::unavailable, "s3.clock"};
    case S3Error::busy:
      return {Category::unavailable, "s3.busy"};
    case S3Error::bad_answer:
      break;
  }
  return {Category::unavailable, "s3.bad_answer"};
}

}  // namespace vl::s3
