#include "figures.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

namespace vl::bench {
namespace {

std::string processor() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  return "processor";
}

double sync_ms(const std::string& folder) {
  const std::string path = folder + "/sync-probe";
  const int file = ::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  if (file < 0) return 0;
  const std::vector<char> page(4096, 'x');
  std::vector<double> times;
  for (int i = 0; i < 50; ++i) {
    const double start = now_s();
    if (::pwrite(file, page.data(), page.size(), i * 4096) < 0 || ::fdatasync(file) != 0) break;
    times.push_back((now_s() - start) * 1000);
  }
  ::close(file);
  ::unlink(path.c_str());
  return times.empty() ? 0 : median(times);
}

/// Fields of /proc/PID/stat after the name, which may hold spaces: index 0 is the state.
std::vector<std::string> stat_of(int pid) {
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  std::string line;
  std::getline(file, line);
  std::vector<std::string> fields;
  const auto end = line.rfind(')');
  if (end == std::string::npos) return fields;
  std::istringstream rest(line.substr(end + 1));
  for (std::string field; rest >> field;) fields.push_back(field);
  return fields;
}

double seconds_in(const std::vector<std::string>& stat, std::size_t from, std::size_t to) {
  double ticks = 0;
  for (std::size_t i = from; i <= to && i < stat.size(); ++i) ticks += std::stod(stat[i]);
  return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

}  // namespace

std::string machine(const std::string& folder) {
  utsname name{};
  ::uname(&name);
  return fmt::format("{} x {}, Linux {}, write and sync of 4 KiB: {:.2f} ms",
                     std::thread::hardware_concurrency(), processor(), name.release,
                     sync_ms(folder));
}

double own_cpu_s() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto s = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return s(usage.ru_utime) + s(usage.ru_stime);
}

int parent_of(int pid) {
  const auto stat = stat_of(pid);
  return stat.size() > 1 ? std::stoi(stat[1]) : 0;
}

double family_cpu_s(int pid) {
  // proc(5): utime, stime, and those of children that were waited for.
  double sum = seconds_in(stat_of(pid), 11, 14);
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const auto stat = stat_of(std::stoi(name));
    if (stat.size() > 1 && stat[1] == std::to_string(pid)) sum += seconds_in(stat, 11, 12);
  }
  return sum;
}

double now_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double median(std::vector<double> values) {
  return percentile(values, 0.5);
}

double percentile(std::vector<double>& values, double share) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  const auto at = static_cast<std::size_t>(share * static_cast<double>(values.size()));
  return values[std::min(at, values.size() - 1)];
}

Arguments::Arguments(int argc, char** argv, std::vector<std::string_view> known) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (!name.starts_with("--") || std::ranges::find(known, name.substr(2)) == known.end()) {
      fmt::print(stderr, "unknown argument {}; known: --{}\n", name, fmt::join(known, " --"));
      std::exit(2);
    }
    const bool has_value = i + 1 < argc && !std::string_view(argv[i + 1]).starts_with("--");
    values_[std::string(name.substr(2))] = has_value ? argv[++i] : "";
  }
}

std::int64_t Arguments::number(const std::string& name, std::int64_t otherwise) const {
  const auto found = values_.find(name);
  return found == values_.end() ? otherwise : std::strtoll(found->second.c_str(), nullptr, 10);
}

std::string Arguments::text(const std::string& name, std::string otherwise) const {
  const auto found = values_.find(name);
  return found == values_.end() ? otherwise : found->second;
}

ScratchFolder::ScratchFolder(const std::string& parent) : path_(parent + "/vonglau-bench-XXXXXX") {
  if (::mkdtemp(path_.data()) == nullptr) {
    std::perror(path_.c_str());
    std::exit(1);
  }
  ::chmod(path_.c_str(), 0755);  // a database server runs as another user
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (widths.size() <= i) widths.push_back(3);
      widths[i] = std::max(widths[i], row[i].size());
    }
  std::string text;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    for (std::size_t i = 0; i < rows[r].size(); ++i)
      text += i == 0 ? fmt::format("| {:<{}} |", rows[r][i], widths[i])
                     : fmt::format(" {:>{}} |", rows[r][i], widths[i]);
    text += '\n';
    if (r > 0) continue;
    for (std::size_t i = 0; i < rows[r].size(); ++i)
      text += (i == 0 ? "|" : "") + std::string(widths[i] + 1, '-') + (i == 0 ? "-|" : ":|");
    text += '\n';
  }
  return text;
}

}  // namespace vl::bench
