// The journal's errors.
#pragma once

#include <vonglau/base/result.hpp>

namespace vl::journal {

enum class JournalError {
  version_conflict,  // the stream has moved on since the caller read it
  queue_full,        // too many commands wait; nothing was done, try again
  fenced,            // another writer has taken over; this one must stop
  stopped,           // the journal is closing
  key_reused,        // the idempotency key belongs to another command
  broken_chain,      // the store's history does not verify
};
constexpr ErrorCode code_of(JournalError e) {
  switch (e) {
    case JournalError::version_conflict:
      return {Category::conflict, "journal.version_conflict"};
    case JournalError::queue_full:
      return {Category::limited, "journal.queue_full"};
    case JournalError::fenced:
      return {Category::unavailable, "journal.fenced"};
    case JournalError::stopped:
      return {Category::unavailable, "journal.stopped"};
    case JournalError::key_reused:
      return {Category::conflict, "journal.key_reused"};
    case JournalError::broken_chain:
      break;
  }
  return {Category::internal, "journal.broken_chain"};
}

}  // namespace vl::journal
