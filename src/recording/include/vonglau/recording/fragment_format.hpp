// The bytes of a fragment on disk (docs/design/fragments.md), written and read. Pure; any
// thread; every reader takes any bytes.
#pragma once

#include <array>
#include <cstdint>

#include <vonglau/base/bytes.hpp>
#include <vonglau/recording/error.hpp>
#include <vonglau/recording/fragment.hpp>

namespace vl::recording {

constexpr std::size_t fragment_header_bytes = 176;

/// How a body is hashed. The numbers are stored: never renumber.
enum class BodyHash : std::uint8_t {
  whole = 1,   // SHA-256 of the body
  chunks = 2,  // content_hash.hpp
};

struct FragmentHeader {
  FragmentId id;
  BodyHash body_hash = BodyHash::whole;
  std::uint32_t session = 0;
  bool starts_with_key = false;
  std::int64_t start_us = 0;
  std::int64_t end_us = 0;
  std::uint32_t body_bytes = 0;
  std::uint32_t samples = 0;
  std::uint32_t formats = 0;
  Digest hash{};
  Digest previous_chain{};
  Digest chain{};
};

/// Ready to be written: header, tables, then the samples' bytes in order.
struct EncodedFragment {
  FragmentHeader header;
  std::array<std::uint8_t, fragment_header_bytes> header_bytes{};
  Bytes tables;
  std::size_t bytes() const { return fragment_header_bytes + header.body_bytes; }
};

/// What can be said of a fragment before its place in the chain: the header without sequence,
/// hash and chain, and the tables its body begins with. `invalid` names what is out of bounds.
struct PreparedFragment {
  FragmentHeader header;
  Bytes tables;
};
Result<PreparedFragment> prepare_fragment(const NewFragment& fragment);
/// Writes the header and sets its chain hash. Everything else in it is set.
std::array<std::uint8_t, fragment_header_bytes> seal_header(FragmentHeader& header);

/// Hashes the samples and chains the fragment. `invalid` names what is out of bounds.
Result<EncodedFragment> encode_fragment(const NewFragment& fragment, std::uint64_t sequence,
                                        const Digest& previous_chain);

/// `bytes` may go on after the header. Its own check (the chain hash) is verified.
Result<FragmentHeader> decode_header(ByteView bytes);
/// Whether a body of header.body_bytes has the hash that the header says.
Result<void> check_body(const FragmentHeader& header, ByteView body);
/// Header and body, both checked.
Result<Fragment> decode_fragment(ByteView bytes);

}  // namespace vl::recording
