// A store's answers: lists and refusals are read whatever they are.
#include "answers.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto page = vl::s3::read_list(text))
    for (const auto& object : page->objects)
      if (object.key.empty()) __builtin_trap();
  const auto refusal = vl::s3::read_refusal(text);
  if (refusal.code.size() > 64) __builtin_trap();
  static_cast<void>(vl::s3::refused(static_cast<int>(size % 600), text, "b", "reading"));
  return 0;
}
