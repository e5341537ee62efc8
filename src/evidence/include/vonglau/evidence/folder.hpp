// Files of an export's folder, read without following links out of it: the folder may come from
// anybody. One thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <vonglau/base/bytes.hpp>
#include <vonglau/evidence/error.hpp>

namespace vl::evidence {

/// An open file, read from its beginning on.
class FolderFile {
 public:
  FolderFile(int descriptor, std::uint64_t bytes) : descriptor_(descriptor), bytes_(bytes) {}
  ~FolderFile();
  FolderFile(FolderFile&& other) noexcept;
  FolderFile& operator=(FolderFile&&) = delete;

  std::uint64_t bytes() const { return bytes_; }
  /// Up to `most` bytes from `offset`; fewer at the end.
  Result<Bytes> read(std::uint64_t offset, std::size_t most) const;
  Result<Digest> sha256() const;

 private:
  int descriptor_;
  std::uint64_t bytes_;
};

class Folder {
 public:
  static Result<Folder> open(const std::string& path);
  ~Folder();
  Folder(Folder&& other) noexcept;
  Folder& operator=(Folder&&) = delete;

  /// Nothing when there is no such file. A link, a device or the like is `unreadable`.
  Result<std::optional<FolderFile>> file(const std::string& path) const;
  /// The whole of a file of at most `most_bytes`.
  Result<std::optional<Bytes>> content(const std::string& path, std::size_t most_bytes) const;
  /// All plain files below, as paths with '/', sorted; at most `most`.
  std::vector<std::string> list(std::size_t most) const;

 private:
  Folder(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}
  std::string path_;
  int descriptor_;
};

}  // namespace vl::evidence
