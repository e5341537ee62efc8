// Decoding in a process of its own, of the lowest priority: a picture that crashes a decoder, or
// makes it run for ever, ends that process and nothing else; the next picture starts a new one.
//
// On the pipe, numbers in the order of this machine:
//   asked:    u32 length of what follows | u8 codec | Annex B bytes    (at most most_asked_bytes)
//   answered: u8 1 | Look   or   u8 0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <sys/types.h>

#include <vonglau/picture/decoder.hpp>

namespace vl::picture {

constexpr std::uint32_t most_asked_bytes = 8 * 1024 * 1024;

/// The helper's side: answers until the pipe closes. Gives the process's exit code. Takes the
/// lowest priority, at most 512 MiB, and may write no file.
int run_helper(int pipe);

/// The asking side. One thread.
class Helper {
 public:
  /// Starts a process whose run_helper() has the pipe's other end, and gives its id.
  using Start = std::function<Result<pid_t>(int pipe)>;
  explicit Helper(Start start, std::int64_t patience_ms = 20'000);
  ~Helper();
  Helper(const Helper&) = delete;
  Helper& operator=(const Helper&) = delete;

  /// Patient: on a busy machine the lowest priority waits for seconds. `helper_gone` when the
  /// process ended or did not answer in time; the next call starts another.
  Result<Look> look(media::Codec codec, ByteView annex_b);
  std::uint64_t lost() const { return lost_; }

 private:
  Result<void> ensure();
  void end();

  const Start start_;
  const std::int64_t patience_ms_;
  int pipe_ = -1;
  pid_t process_ = -1;
  std::uint64_t lost_ = 0;
};

/// Starts this very program with `arguments`; the pipe is its descriptor 3.
Helper::Start start_program(std::string program, std::vector<std::string> arguments);

}  // namespace vl::picture
