#include "victim.hpp"

#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vonglau/base/assert.hpp>

#include "tally_province.hpp"

namespace vl::simulation {
namespace {

constexpr const char* kRole = "--role=send-commands";
constexpr int kPipe = 3;

static_assert(std::is_trivially_copyable_v<Message> &&
              sizeof(Message) <= 512 /* _POSIX_PIPE_BUF */);

void tell(const Message& message) {
  // Whole or not at all (write(2), pipe(7)); when the parent is gone there is nothing to tell.
  if (::write(kPipe, &message, sizeof message) != sizeof message) ::_exit(3);
}

void send_commands(journal::Journal& journal, IdSource& ids, std::span<const Uuid> tallies,
                   std::uint64_t seed) {
  Random random(seed);
  for (;;) {
    Message message{.kind = Message::Kind::asked,
                    .key = ids.next(),
                    .tally = tallies[random.below(tallies.size())],
                    .amount = 1 + static_cast<std::int64_t>(random.below(5))};
    tell(message);
    const auto answer =
        journal.execute(journal::testing::add(message.tally, message.amount, message.key));
    if (!answer) {
      const bool fenced = answer.error().code.name == "journal.fenced";
      if (!fenced) fmt::print(stderr, "victim: {}\n", answer.error().message);
      message.kind = fenced ? Message::Kind::fenced : Message::Kind::failed;
      tell(message);
      return;
    }
    message.kind = Message::Kind::acknowledged;
    message.sequence = answer->sequence;
    message.total = std::stoll(answer->reply);
    tell(message);
  }
}

int send_commands_until_the_end(const std::string& address, std::uint64_t seed) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that was cut off leaves nobody behind
  const SystemClock clock;
  SystemIdSource ids(clock);
  TallyProvince province(clock);
  auto database = store::open_database(address);
  if (!database) return 4;
  auto journal = province.open_journal(**database);
  if (!journal) {
    fmt::print(stderr, "victim: {}\n", journal.error().message);
    return kCouldNotOpen;
  }
  tell({.kind = Message::Kind::ready});
  std::vector<Uuid> tallies;
  for (int i = 0; i < 8; ++i) tallies.push_back(ids.next());
  std::vector<std::thread> callers;
  for (int i = 0; i < Victim::threads; ++i)
    callers.emplace_back([&, i] {
      send_commands(**journal, ids, tallies,
                    seed * Victim::threads + static_cast<std::uint64_t>(i));
    });
  for (auto& caller : callers) caller.join();
  return 0;
}

}  // namespace

std::optional<int> run_role(int argc, char** argv) {
  if (argc != 4 || std::strcmp(argv[1], kRole) != 0) return {};
  return send_commands_until_the_end(argv[2], std::strtoull(argv[3], nullptr, 10));
}

Victim::Victim(const std::string& address, std::uint64_t seed) {
  std::array<int, 2> ends{};
  VL_ASSERT(::pipe2(ends.data(), O_CLOEXEC) == 0);
  std::string role = kRole;
  std::string where = address;
  std::string number = std::to_string(seed);
  std::string self = "/proc/self/exe";
  char* argv[] = {self.data(), role.data(), where.data(), number.data(), nullptr};
  // dup2 in the child clears the close-on-exec flag of the copy.
  const int end = ::fcntl(ends[1], F_DUPFD_CLOEXEC, 10);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, end, kPipe);
  VL_ASSERT(::posix_spawn(&child_, self.c_str(), &actions, nullptr, argv, environ) == 0);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(end);
  ::close(ends[1]);
  pipe_ = ends[0];
}

Victim::~Victim() {
  if (child_ > 0) {
    kill();
    wait();
  }
  ::close(pipe_);
}

std::optional<Message> Victim::next(int patience_ms) {
  pollfd poll{pipe_, POLLIN, 0};
  if (at_end_ || ::poll(&poll, 1, patience_ms) <= 0) return {};
  Message message;
  // Messages are written whole and the pipe's buffer is a multiple of nothing in particular: a
  // read may be short only at the end.
  auto* into = reinterpret_cast<char*>(&message);
  std::size_t got = 0;
  while (got < sizeof message) {
    const auto n = ::read(pipe_, into + got, sizeof message - got);
    if (n <= 0) {
      at_end_ = true;
      return {};
    }
    got += static_cast<std::size_t>(n);
  }
  return message;
}

void Victim::kill() {
  ::kill(child_, SIGKILL);
}

int Victim::wait() {
  int status = 0;
  while (::waitpid(child_, &status, 0) < 0 && errno == EINTR) {
  }
  child_ = -1;
  return status;
}

}  // namespace vl::simulation
