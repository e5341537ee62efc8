#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include <fcntl.h>
#include <fmt/core.h>
#include <grp.h>
#include <libpq-fe.h>
#include <poll.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vonglau/base/assert.hpp>
#include <vonglau/store/testing/private_postgres.hpp>

namespace vl::store::testing {
namespace {

namespace fs = std::filesystem;

/// Whose processes the server's are: nobody's but ours unless we are root.
const passwd* server_user() {
  return ::geteuid() == 0 ? ::getpwnam("postgres") : nullptr;
}

pid_t launch(std::vector<std::string> words, const std::string& log) {
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const passwd* user = server_user();
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child != 0) return child;
  // Only calls that are safe after a fork of a program with threads.
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  ::dup2(out, 1);
  ::dup2(out, 2);
  if (user && (::setgroups(0, nullptr) != 0 || ::setgid(user->pw_gid) != 0 ||
               ::setuid(user->pw_uid) != 0)) {
    ::_exit(126);
  }
  ::setpgid(0, 0);  // an interrupt at the keyboard is for the tests
  // After the change of user, which would clear it: the server goes when the tests go.
  ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
  if (::getppid() != parent) ::_exit(126);
  ::execv(argv[0], argv.data());
  ::_exit(127);
}

int wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

std::string tail_of(const std::string& path) {
  std::string text;
  if (std::FILE* file = std::fopen(path.c_str(), "r")) {
    char line[512];
    while (std::fgets(line, sizeof line, file) != nullptr) text += line;
    std::fclose(file);
  }
  return text.size() > 2000 ? text.substr(text.size() - 2000) : text;
}

}  // namespace

std::string PrivatePostgres::programs() {
  std::string newest;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", none)) {
    const std::string bin = entry.path() / "bin";
    if (fs::exists(bin + "/initdb") && fs::exists(bin + "/postgres"))
      newest = std::max(newest, bin);
  }
  return newest;
}

std::optional<std::string> PrivatePostgres::missing() {
  if (programs().empty()) return "PostgreSQL's server is not installed (package postgresql)";
  if (::geteuid() == 0 && server_user() == nullptr) return "there is no user postgres to run as";
  return {};
}

PrivatePostgres& PrivatePostgres::shared() {
  static PrivatePostgres server;
  return server;
}

PrivatePostgres::PrivatePostgres() {
  VL_ASSERT(!missing());
  folder_ = (fs::temp_directory_path() / "vonglau-pg-XXXXXX").string();
  VL_ASSERT(::mkdtemp(folder_.data()) != nullptr);
  if (const passwd* user = server_user()) {
    VL_ASSERT(::chown(folder_.c_str(), user->pw_uid, user->pw_gid) == 0);
  }
  const pid_t made =
      launch({programs() + "/initdb", "-D", folder_ + "/data", "-U", "postgres", "-A", "trust",
              "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"},
             folder_ + "/log");
  if (wait_for(made) != 0) {
    fmt::print(stderr, "initdb failed:\n{}\n", tail_of(folder_ + "/log"));
    VL_ASSERT(!"initdb failed");
  }
  start();
}

PrivatePostgres::~PrivatePostgres() {
  stop();
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

std::string PrivatePostgres::address(const std::string& schema) const {
  return fmt::format("postgresql:///postgres?host={}&user=postgres&schema={}", folder_, schema);
}

void PrivatePostgres::start() {
  VL_ASSERT(server_ < 0);
  server_ =
      launch({programs() + "/postgres", "-D", folder_ + "/data", "-k", folder_, "-h", "", "-c",
              "shared_buffers=32MB", "-c", "max_connections=60", "-c", "logging_collector=off"},
             folder_ + "/log");
  const std::string conninfo = fmt::format("host={} user=postgres dbname=postgres", folder_);
  for (int tries = 0; PQping(conninfo.c_str()) != PQPING_OK; ++tries) {
    int status = 0;
    if (::waitpid(server_, &status, WNOHANG) != 0 || tries > 1500) {
      fmt::print(stderr, "PostgreSQL did not start:\n{}\n", tail_of(folder_ + "/log"));
      VL_ASSERT(!"PostgreSQL did not start");
    }
    ::poll(nullptr, 0, 20);
  }
}

void PrivatePostgres::end(int signal) {
  if (server_ < 0) return;
  ::kill(server_, signal);
  wait_for(server_);
  server_ = -1;
}

void PrivatePostgres::stop() {
  end(SIGINT);
}
void PrivatePostgres::kill() {
  end(SIGQUIT);
}

}  // namespace vl::store::testing
