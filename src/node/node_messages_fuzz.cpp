// Any text as what nodes, their core and who holds a ticket send: assignments, heartbeats, batches
// and media tickets.
#include <cstddef>
#include <cstdint>

#include <vonglau/base/assert.hpp>
#include <vonglau/base/json.hpp>
#include <vonglau/node/protocol.hpp>
#include <vonglau/node/ticket.hpp>

namespace {
template <class Message>
void try_as(std::string_view text) {
  const auto message = vl::json::read_text<Message>(text, vl::json::Unknown::ignore);
  if (!message) return;
  const auto written = vl::json::write(*message);
  const auto again = vl::json::read_text<Message>(written);
  VL_ASSERT(again && vl::json::write(*again) == written);
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = vl::as_text(vl::ByteView(data, size));
  try_as<vl::node::Registration>(text);
  try_as<vl::node::AssignmentMessage>(text);
  try_as<vl::node::HeartbeatMessage>(text);
  try_as<vl::node::Batch>(text);
  static const vl::Bytes key(32, 7);
  VL_ASSERT(!vl::node::check_ticket(text, key, {0}));
  return 0;
}
