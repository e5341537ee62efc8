#include <cerrno>
#include <csignal>
#include <vector>

#include <fmt/format.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vonglau/picture/helper.hpp>

extern char** environ;

namespace vl::picture {
namespace {

bool read_all(int pipe, void* into, std::size_t size) {
  auto* at = static_cast<std::uint8_t*>(into);
  while (size > 0) {
    const auto n = ::read(pipe, at, size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    at += n;
    size -= static_cast<std::size_t>(n);
  }
  return true;
}

bool write_all(int pipe, const void* from, std::size_t size) {
  const auto* at = static_cast<const std::uint8_t*>(from);
  while (size > 0) {
    const auto n = ::send(pipe, at, size, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    at += n;
    size -= static_cast<std::size_t>(n);
  }
  return true;
}

/// Memory of sanitized programs is mapped in terabytes: no limit there.
void confine() {
  static_cast<void>(::setpriority(PRIO_PROCESS, 0, 19));
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
#if !defined(__SANITIZE_ADDRESS__) && !__has_feature(address_sanitizer)
  const rlimit memory{512UL << 20, 512UL << 20};
  ::setrlimit(RLIMIT_AS, &memory);
#endif
  const rlimit nothing{0, 0};
  ::setrlimit(RLIMIT_FSIZE, &nothing);
  ::setrlimit(RLIMIT_CORE, &nothing);
}

}  // namespace

int run_helper(int pipe) {
  confine();
  Bytes asked;
  for (;;) {
    std::uint32_t length = 0;
    if (!read_all(pipe, &length, sizeof length)) return 0;
    if (length < 1 || length > most_asked_bytes + 1) return 1;
    asked.resize(length);
    if (!read_all(pipe, asked.data(), length)) return 0;
    const auto codec = static_cast<media::Codec>(asked[0]);
    const auto look = decode_look(codec, ByteView(asked).subspan(1));
    const std::uint8_t good = look ? 1 : 0;
    if (!write_all(pipe, &good, 1) || (look && !write_all(pipe, &*look, sizeof(Look)))) return 0;
  }
}

Helper::Helper(Start start, std::int64_t patience_ms)
    : start_(std::move(start)), patience_ms_(patience_ms) {}

Helper::~Helper() {
  end();
}

void Helper::end() {
  if (pipe_ >= 0) ::close(pipe_);
  pipe_ = -1;
  if (process_ > 0) {
    ::kill(process_, SIGKILL);
    while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  process_ = -1;
}

Result<void> Helper::ensure() {
  if (pipe_ >= 0) return {};
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return fail(PictureError::helper_gone, "no pipe to a helper");
  auto started = start_(ends[1]);
  ::close(ends[1]);
  if (!started) {
    ::close(ends[0]);
    return fail(std::move(started).error());
  }
  pipe_ = ends[0];
  process_ = *started;
  // A helper that does not read must not hold up who asks.
  const timeval patience{patience_ms_ / 1000, (patience_ms_ % 1000) * 1000};
  ::setsockopt(pipe_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  ::setsockopt(pipe_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  return {};
}

Result<Look> Helper::look(media::Codec codec, ByteView annex_b) {
  if (annex_b.size() > most_asked_bytes)
    return fail(PictureError::undecodable, "the picture is larger than is looked at");
  VL_CHECK(ensure());
  const auto length = static_cast<std::uint32_t>(annex_b.size() + 1);
  const auto kind = static_cast<std::uint8_t>(codec);
  std::uint8_t good = 0;
  Look look;
  const bool answered = write_all(pipe_, &length, sizeof length) && write_all(pipe_, &kind, 1) &&
                        write_all(pipe_, annex_b.data(), annex_b.size()) &&
                        read_all(pipe_, &good, 1) &&
                        (good == 0 || read_all(pipe_, &look, sizeof look));
  if (!answered) {
    ++lost_;
    end();
    return fail(PictureError::helper_gone, "the decoder ended, or did not answer in time");
  }
  if (good == 0) return fail(PictureError::undecodable, "it does not decode");
  return look;
}

Helper::Start start_program(std::string program, std::vector<std::string> arguments) {
  return [program = std::move(program),
          arguments = std::move(arguments)](int pipe) -> Result<pid_t> {
    std::vector<char*> words;
    words.push_back(const_cast<char*>(program.c_str()));
    for (const auto& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
    words.push_back(nullptr);
    posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_adddup2(&files, pipe, 3);
    // It decodes what strangers send: of the recorder's sockets and files it gets none.
    ::posix_spawn_file_actions_addclosefrom_np(&files, 4);
    posix_spawnattr_t how;
    ::posix_spawnattr_init(&how);
    sigset_t none;
    ::sigemptyset(&none);
    ::posix_spawnattr_setsigmask(&how, &none);
    ::posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGMASK);
    pid_t process = -1;
    const int failed =
        ::posix_spawn(&process, program.c_str(), &files, &how, words.data(), environ);
    ::posix_spawnattr_destroy(&how);
    ::posix_spawn_file_actions_destroy(&files);
    if (failed != 0)
      return fail(PictureError::helper_gone, fmt::format("cannot start {}: {}", program, failed));
    return process;
  };
}

}  // namespace vl::picture
