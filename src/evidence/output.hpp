// Files of an export as they are written: counted, hashed, durable when closed. Private.
#pragma once

#include <memory>
#include <string>

#include <vonglau/base/bytes.hpp>
#include <vonglau/evidence/error.hpp>

namespace vl::evidence {

class Output {
 public:
  static Result<Output> create(const std::string& path);
  Output(Output&& other) noexcept;
  Output& operator=(Output&&) = delete;
  ~Output();

  Result<void> write(ByteView bytes);
  std::uint64_t bytes() const { return bytes_; }
  /// Syncs and closes; gives the hash in hex.
  Result<std::string> close();

 private:
  Output(std::string path, int descriptor);
  Result<void> flush();

  std::string path_;
  int descriptor_;
  Bytes buffer_;
  std::uint64_t bytes_ = 0;
  std::unique_ptr<Sha256> hash_ = std::make_unique<Sha256>();
};

/// Of what somebody else wrote.
Result<void> sync_file(const std::string& path);
Result<void> sync_folder(const std::string& path);

}  // namespace vl::evidence
