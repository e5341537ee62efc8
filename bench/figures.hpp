// What every benchmark needs: where it ran, what it cost, and how figures are printed.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace vl::bench {

/// "2 x Intel(R) Xeon(R) ..., Linux 6.1.0, sync of 4 KiB on ext4: 1.2 ms" for a folder.
std::string machine(const std::string& folder);

/// CPU seconds of this program so far, all threads.
double own_cpu_s();
/// CPU seconds of a process and its children, living and gone (a PostgreSQL server).
double family_cpu_s(int pid);
int parent_of(int pid);

double now_s();  // monotonic

double median(std::vector<double> values);
/// `share` in 0..1; 0.99 for p99. Sorts.
double percentile(std::vector<double>& values, double share);

/// "--seconds 5 --folder /x": what was given, by name; says what it does not know and exits.
class Arguments {
 public:
  Arguments(int argc, char** argv, std::vector<std::string_view> known);
  std::int64_t number(const std::string& name, std::int64_t otherwise) const;
  std::string text(const std::string& name, std::string otherwise) const;
  bool given(const std::string& name) const { return values_.contains(name); }

 private:
  std::map<std::string, std::string> values_;
};

/// An empty folder below `parent`, gone at the end.
class ScratchFolder {
 public:
  explicit ScratchFolder(const std::string& parent);
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// Columns lined up, the first row as head; Markdown, so that it can be kept in README.md.
std::string table(const std::vector<std::vector<std::string>>& rows);

}  // namespace vl::bench
