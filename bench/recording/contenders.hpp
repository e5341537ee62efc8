// Who receives the farm's cameras. Each runs in a process of its own: it says "ready" on its
// standard output when every camera plays, goes on until SIGTERM, and then says in one line of
// words and numbers what it had.
#pragma once

#include <cstdint>
#include <string>

namespace vl::bench {

struct ReceiverOptions {
  std::uint32_t port = 0;  // the farm's
  std::size_t cameras = 100;
  std::string folder;  // for what is written
  std::uint64_t most_disk_bytes = 4ULL << 30;
  std::uint64_t slow_disk_bytes = 0;  // of ours: a second folder taken for a slow disk
  std::int64_t pace_ms = 250;         // of the bare ones: each socket is read so often
};

enum class BareWork {
  discard,     // read and forget
  write,       // take packets apart, pictures one after another into one file
  hash_write,  // and hash them
};
/// As little as can be done: no clock, no order, no index, nothing checked.
int receive_bare(const ReceiverOptions& options, BareWork work);

/// The recorder node's own code, as `vonglau record` runs it.
int receive_ours(const ReceiverOptions& options);
/// The same up to the store, which forgets what it is given.
int receive_ours_without_disk(const ReceiverOptions& options);

void raise_file_limit();
void say_ready();
/// Before threads are made; from then on sigterm_came() tells.
void block_sigterm();
bool sigterm_came();

}  // namespace vl::bench
