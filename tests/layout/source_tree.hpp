// The repository's files as text, for rules about the whole tree. Read once; any thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vl::layout {

struct Include {
  int line = 0;
  std::string path;  // between the brackets or quotes
};

struct SourceFile {
  std::string path;  // from the root, with '/'
  std::string text;

  bool is_header() const { return path.ends_with(".hpp"); }
  bool is_cpp() const { return is_header() || path.ends_with(".cpp"); }
  /// Tests, fuzzers and what only they use.
  bool is_for_tests() const;
  /// A header that other rooms may include.
  bool is_public_header() const;
  int lines() const;
  std::vector<Include> includes() const;
};

class SourceTree {
 public:
  /// Everything kept in the repository: no build outputs, no installed packages, no data.
  explicit SourceTree(const std::filesystem::path& root);
  const std::vector<SourceFile>& files() const { return files_; }
  bool has(const std::string& path) const;
  /// Folders under src/ that are rooms: those with a CMakeLists.txt and an include folder.
  const std::vector<std::string>& room_folders() const { return room_folders_; }

 private:
  std::vector<SourceFile> files_;
  std::vector<std::string> room_folders_;
};

/// The folder above `from` that holds CMakePresets.json.
std::optional<std::filesystem::path> find_root(std::filesystem::path from);

}  // namespace vl::layout
