#include <cstring>

#include <sodium.h>

#include <vonglau/base/assert.hpp>
#include <vonglau/vault/secret.hpp>

namespace vl::vault {

void start_crypto() {
  VL_ASSERT(sodium_init() >= 0);
}

void wipe(void* memory, std::size_t size) {
  if (size > 0) sodium_memzero(memory, size);
}

void fill_random(std::span<std::uint8_t> out) {
  randombytes_buf(out.data(), out.size());
}

bool equal(ByteView a, ByteView b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

Key Key::random() {
  Key key;
  fill_random(key.bytes);
  return key;
}

void LockedKeys::Free::operator()(std::uint8_t* memory) const {
  sodium_free(memory);
}

LockedKeys::LockedKeys(std::size_t count) : count_(count) {
  start_crypto();
  const std::size_t size = count * sizeof(Key::bytes);
  memory_.reset(static_cast<std::uint8_t*>(sodium_malloc(size)));
  VL_ASSERT(memory_ != nullptr);
  // sodium_malloc locks too but does not say whether it could.
  locked_ = sodium_mlock(memory_.get(), size) == 0;
  std::memset(memory_.get(), 0, size);
}

Key LockedKeys::get(std::size_t slot) const {
  VL_ASSERT(slot < count_);
  Key key;
  std::memcpy(key.bytes.data(), memory_.get() + slot * sizeof(key.bytes), sizeof(key.bytes));
  return key;
}

void LockedKeys::set(std::size_t slot, const Key& key) {
  VL_ASSERT(slot < count_);
  std::memcpy(memory_.get() + slot * sizeof(key.bytes), key.bytes.data(), sizeof(key.bytes));
}

void LockedKeys::clear(std::size_t slot) {
  VL_ASSERT(slot < count_);
  sodium_memzero(memory_.get() + slot * sizeof(Key::bytes), sizeof(Key::bytes));
}

}  // namespace vl::vault
