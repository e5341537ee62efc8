#include "layout/source_tree.hpp"

#include <algorithm>
#include <fstream>
#include <set>

namespace vl::layout {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t largest_text_bytes = 2 * 1024 * 1024;

bool is_left_out(const fs::path& path) {
  static const std::set<std::string> names = {"build", "data", "node_modules", ".git", "dist"};
  return names.contains(path.filename().string());
}

std::string text_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

bool SourceFile::is_for_tests() const {
  return path.ends_with("_test.cpp") || path.ends_with("_fuzz.cpp") ||
         path.ends_with("_bench.cpp") || path.find("/testing/") != std::string::npos ||
         path.find("test_support") != std::string::npos || path.ends_with("_fixture.hpp");
}

bool SourceFile::is_public_header() const {
  return is_header() && path.find("/include/vonglau/") != std::string::npos && !is_for_tests();
}

int SourceFile::lines() const {
  return static_cast<int>(std::ranges::count(text, '\n'));
}

std::vector<Include> SourceFile::includes() const {
  std::vector<Include> found;
  int line = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view row = std::string_view(text).substr(at, end - at);
    at = end + 1;
    ++line;
    const std::size_t hash = row.find_first_not_of(" \t");
    if (hash == std::string_view::npos || row[hash] != '#') continue;
    const std::size_t word = row.find("include");
    const std::size_t open = row.find_first_of("<\"", word);
    if (word == std::string_view::npos || open == std::string_view::npos) continue;
    const std::size_t close = row.find_first_of(">\"", open + 1);
    if (close == std::string_view::npos) continue;
    found.push_back({line, std::string(row.substr(open + 1, close - open - 1))});
  }
  return found;
}

SourceTree::SourceTree(const fs::path& root) {
  for (auto at = fs::recursive_directory_iterator(root); at != fs::end(at); ++at) {
    if (is_left_out(at->path())) {
      if (at->is_directory()) at.disable_recursion_pending();
    } else if (at->is_regular_file() && at->file_size() <= largest_text_bytes) {
      std::string text = text_of(at->path());
      if (text.find('\0') != std::string::npos) continue;  // pictures and the like
      files_.push_back({fs::relative(at->path(), root).generic_string(), std::move(text)});
    }
  }
  std::ranges::sort(files_, {}, &SourceFile::path);
  for (const auto& file : files_) {
    if (!file.path.starts_with("src/") || !file.path.ends_with("/CMakeLists.txt")) continue;
    const std::string folder = file.path.substr(0, file.path.rfind('/'));
    if (!folder.ends_with("/testing") && fs::is_directory(root / folder / "include"))
      room_folders_.push_back(folder);
  }
}

bool SourceTree::has(const std::string& path) const {
  return std::ranges::binary_search(files_, path, {}, &SourceFile::path);
}

std::optional<fs::path> find_root(fs::path from) {
  for (; !fs::exists(from / "CMakePresets.json"); from = from.parent_path())
    if (from == from.root_path()) return {};
  return from;
}

}  // namespace vl::layout
