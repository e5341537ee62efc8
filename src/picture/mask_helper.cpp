// The two ends of a mask helper's pipe. Numbers in the order of this machine:
//   asked:    u32 length | MaskOrder as JSON
//   answered: u8 1 for every picture, then u8 0 | u8 good | Masked   or   u8 0 | u8 0
#include <cerrno>
#include <csignal>
#include <filesystem>

#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vonglau/base/json.hpp>
#include <vonglau/picture/masking.hpp>

namespace vl::picture {
namespace {

constexpr std::uint32_t most_order_bytes = 256 * 1024;
constexpr int ask_every_ms = 200;

bool read_whole(int pipe, void* into, std::size_t size) {
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

bool write_whole(int pipe, const void* from, std::size_t size) {
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
void confine(std::uint64_t most_file_bytes) {
  static_cast<void>(::setpriority(PRIO_PROCESS, 0, 19));
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
#if !defined(__SANITIZE_ADDRESS__) && !__has_feature(address_sanitizer)
  const rlimit memory{2UL << 30, 2UL << 30};
  ::setrlimit(RLIMIT_AS, &memory);
#endif
  const rlimit file{most_file_bytes, most_file_bytes};
  ::setrlimit(RLIMIT_FSIZE, &file);
  ::signal(SIGXFSZ, SIG_IGN);  // the write fails instead, and that is told
  const rlimit nothing{0, 0};
  ::setrlimit(RLIMIT_CORE, &nothing);
}

/// The process that works, ended with whoever waits for it.
class Child {
 public:
  Child(int pipe, pid_t process) : pipe_(pipe), process_(process) {}
  ~Child() {
    ::close(pipe_);
    ::kill(process_, SIGKILL);
    while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  int pipe() const { return pipe_; }

 private:
  int pipe_;
  pid_t process_;
};

Result<Masked> ask(int pipe, const MaskOrder& order, const std::function<bool()>& goes_on,
                   std::int64_t patience_ms) {
  const auto text = json::write(order);
  const auto length = static_cast<std::uint32_t>(text.size());
  const auto gone = [] {
    return fail(PictureError::helper_gone, "the painter ended, or gave no picture in time");
  };
  if (length > most_order_bytes) return fail(PictureError::not_masked, "more areas than fit");
  if (!write_whole(pipe, &length, sizeof length) || !write_whole(pipe, text.data(), length))
    return gone();
  std::int64_t waited_ms = 0;
  while (waited_ms < patience_ms) {
    if (!goes_on()) return fail(PictureError::not_masked, "it is not wanted any more");
    pollfd look{pipe, POLLIN, 0};
    const int ready = ::poll(&look, 1, ask_every_ms);
    if (ready < 0 && errno != EINTR) return gone();
    if (ready <= 0) {
      waited_ms += ask_every_ms;
      continue;
    }
    waited_ms = 0;
    std::uint8_t goes_on_still = 0;
    std::uint8_t good = 0;
    Masked masked;
    if (!read_whole(pipe, &goes_on_still, 1)) return gone();
    if (goes_on_still == 1) continue;
    if (!read_whole(pipe, &good, 1)) return gone();
    if (good != 1) return fail(PictureError::not_masked, "the video could not be painted over");
    if (!read_whole(pipe, &masked, sizeof masked)) return gone();
    return masked;
  }
  return gone();
}

}  // namespace

int run_mask_helper(int pipe) {
  std::uint32_t length = 0;
  if (!read_whole(pipe, &length, sizeof length) || length > most_order_bytes) return 1;
  std::string text(length, '\0');
  if (!read_whole(pipe, text.data(), length)) return 1;
  const auto order = json::read_text<MaskOrder>(text);
  if (!order) return 1;
  std::error_code error;
  const auto size = std::filesystem::file_size(order->from, error);
  confine(error ? 0 : size * 6 + (16 << 20));
  const std::uint8_t going = 1;
  const auto masked = mask_video(*order, [&] { return write_whole(pipe, &going, 1); });
  const std::uint8_t end[2] = {0, static_cast<std::uint8_t>(masked ? 1 : 0)};
  const bool told = write_whole(pipe, end, sizeof end) &&
                    (!masked || write_whole(pipe, &*masked, sizeof(Masked)));
  return told && masked ? 0 : 1;
}

Result<Masked> mask_apart(const Helper::Start& start, const MaskOrder& order,
                          const std::function<bool()>& goes_on, std::int64_t patience_ms) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return fail(PictureError::helper_gone, "no pipe to a painter");
  auto started = start(ends[1]);
  ::close(ends[1]);
  if (!started) {
    ::close(ends[0]);
    return fail(std::move(started).error());
  }
  const Child child(ends[0], *started);
  auto masked = ask(child.pipe(), order, goes_on, patience_ms);
  if (!masked) {
    std::error_code ignored;
    std::filesystem::remove(order.to, ignored);
  }
  return masked;
}

}  // namespace vl::picture
