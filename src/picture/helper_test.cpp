// The helper as a real process: answers, crashes, hangs.
#include <csignal>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vonglau/picture/helper.hpp>

namespace vl::picture {
namespace {

/// A process of this very program that does `work` with the pipe.
Helper::Start forked(int (*work)(int)) {
  return [work](int pipe) -> Result<pid_t> {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(work(pipe));
    return child;
  };
}

TEST(PictureHelper, says_of_rubbish_that_it_does_not_decode_and_goes_on) {
  Helper helper(forked(run_helper));
  const Bytes rubbish(5'000, 0x5a);
  for (int i = 0; i < 3; ++i) {
    const auto look = helper.look(media::Codec::h264, rubbish);
    ASSERT_FALSE(look);
    EXPECT_EQ(look.error().code, code_of(PictureError::undecodable)) << look.error().message;
  }
  EXPECT_EQ(helper.lost(), 0U);
}

TEST(PictureHelper, gets_its_pipe_and_nothing_else_that_is_open) {
  int left_open[2];
  ASSERT_EQ(::pipe(left_open), 0);  // not close-on-exec, as the network library's sockets are
  int pipe[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pipe), 0);
  const auto started = start_program("/bin/sh", {"-c", "ls -l /proc/$$/fd >&3; true"})(pipe[1]);
  ASSERT_TRUE(started) << started.error().message;
  ::close(pipe[1]);
  std::string open;
  char piece[256];
  for (ssize_t n = 0; (n = ::read(pipe[0], piece, sizeof piece)) > 0;)
    open.append(piece, static_cast<std::size_t>(n));
  EXPECT_EQ(::waitpid(*started, nullptr, 0), *started);
  char ours[64] = {};
  ASSERT_GT(::readlink(fmt::format("/proc/self/fd/{}", left_open[0]).c_str(), ours, 63), 0);
  EXPECT_NE(open.find("socket:["), std::string::npos) << open;  // its pipe
  EXPECT_EQ(open.find(ours), std::string::npos) << ours << " is open in it:\n" << open;
  ::close(pipe[0]);
  ::close(left_open[0]);
  ::close(left_open[1]);
}

TEST(PictureHelper, that_crashes_is_started_anew) {
  Helper helper(forked([](int pipe) {
    char byte = 0;
    static_cast<void>(::read(pipe, &byte, 1));
    ::raise(SIGKILL);
    return 0;
  }));
  for (int i = 0; i < 3; ++i) {
    const auto look = helper.look(media::Codec::h264, Bytes(100, 1));
    ASSERT_FALSE(look);
    EXPECT_EQ(look.error().code, code_of(PictureError::helper_gone));
  }
  EXPECT_EQ(helper.lost(), 3U);
}

TEST(PictureHelper, that_does_not_answer_is_ended_within_its_time) {
  Helper helper(forked([](int) {
                  ::pause();
                  return 0;
                }),
                200);
  const auto look = helper.look(media::Codec::h265, Bytes(100, 1));
  ASSERT_FALSE(look);
  EXPECT_EQ(look.error().code, code_of(PictureError::helper_gone));
}

TEST(PictureHelper, that_cannot_be_started_is_an_error) {
  Helper helper(start_program("/nonexistent/program", {}));
  EXPECT_FALSE(helper.look(media::Codec::h264, Bytes(10, 1)));
}

}  // namespace
}  // namespace vl::picture
