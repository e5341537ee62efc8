// What can go wrong with recorded footage.
#pragma once

#include <vonglau/base/result.hpp>

namespace vl::recording {

enum class RecordingError {
  disk_full,    // no room, and nothing unlocked is left to free
  disk_failed,  // the disk refuses to read or write
  not_found,    // no such fragment, stream or lock
  altered,      // what is stored does not agree with its hash
  malformed,    // not a fragment at all
  invalid,      // a request that makes no sense
  in_use,       // another process has this store open
  overloaded,   // the queue to the disk is full
  far,          // it waits for the archive: to be fetched from it, or to be taken by it
};
constexpr ErrorCode code_of(RecordingError e) {
  switch (e) {
    case RecordingError::disk_full:
      return {Category::unavailable, "recording.disk_full"};
    case RecordingError::disk_failed:
      return {Category::unavailable, "recording.disk_failed"};
    case RecordingError::not_found:
      return {Category::not_found, "recording.not_found"};
    case RecordingError::altered:
      return {Category::internal, "recording.altered"};
    case RecordingError::malformed:
      return {Category::internal, "recording.malformed"};
    case RecordingError::in_use:
      return {Category::conflict, "recording.in_use"};
    case RecordingError::overloaded:
      return {Category::limited, "recording.overloaded"};
    case RecordingError::far:
      return {Category::unavailable, "recording.far"};
    case RecordingError::invalid:
      break;
  }
  return {Category::invalid, "recording.invalid"};
}

}  // namespace vl::recording
