// Memory for keys and plaintext: wiped when it goes, and for keys that live long, locked so
// that it is never written to swap. Values; any thread may own one.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include <vonglau/base/bytes.hpp>

namespace vl::vault {

/// Must be called before anything else of this room; cheap, any thread, asserts success.
void start_crypto();
void wipe(void* memory, std::size_t size);
void fill_random(std::span<std::uint8_t> out);
/// In a time that tells nothing about where they differ.
bool equal(ByteView a, ByteView b);

/// A 256-bit key on the stack of whoever is using it; wiped when it goes out of scope.
struct Key {
  std::array<std::uint8_t, 32> bytes{};
  Key() = default;
  Key(const Key&) = default;
  Key& operator=(const Key&) = default;
  ~Key() { wipe(bytes.data(), bytes.size()); }
  static Key random();
};

/// Plaintext of any length; moved, never copied by accident, wiped at its end.
class Secret {
 public:
  Secret() = default;
  explicit Secret(Bytes bytes) : bytes_(std::move(bytes)) {}
  explicit Secret(std::string_view text) : bytes_(text.begin(), text.end()) {}
  Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)) { other.bytes_.clear(); }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      clear();
      bytes_ = std::move(other.bytes_);
      other.bytes_.clear();
    }
    return *this;
  }
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { clear(); }

  ByteView bytes() const { return bytes_; }
  std::string_view text() const { return as_text(bytes_); }
  std::size_t size() const { return bytes_.size(); }

 private:
  void clear() {
    wipe(bytes_.data(), bytes_.size());
    bytes_.clear();
  }
  Bytes bytes_;
};

/// A fixed table of keys in pages that are kept out of swap and core dumps where the system
/// allows it (RLIMIT_MEMLOCK), with guard pages around it. Not thread safe.
class LockedKeys {
 public:
  explicit LockedKeys(std::size_t count);
  std::size_t count() const { return count_; }
  bool locked() const { return locked_; }
  Key get(std::size_t slot) const;
  void set(std::size_t slot, const Key& key);
  void clear(std::size_t slot);

 private:
  struct Free {
    void operator()(std::uint8_t* memory) const;
  };
  std::size_t count_;
  std::unique_ptr<std::uint8_t, Free> memory_;
  bool locked_ = false;
};

}  // namespace vl::vault
