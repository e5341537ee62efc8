// Answers to a probe: datagrams from anybody on the network.
#include <vonglau/onvif/discovery.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  auto answers = vl::onvif::read_probe_matches(text);
  if (answers)
    for (auto& answer : *answers)
      static_cast<void>(vl::onvif::reachable_address(answer, "192.0.2.7"));
  return 0;
}
