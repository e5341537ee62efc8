#include <algorithm>
#include <cstring>
#include <map>

#include <fmt/format.h>

#include <vonglau/base/assert.hpp>
#include <vonglau/recording/content_hash.hpp>
#include <vonglau/recording/fragment_format.hpp>

#include "stored_numbers.hpp"

namespace vl::recording {

namespace {

constexpr std::array<std::uint8_t, 4> magic{'V', 'L', 'F', 'R'};
constexpr std::uint16_t version = 1;
constexpr std::uint8_t flag_starts_with_key = 1;
constexpr std::size_t chained_bytes = 144;  // what the chain hash covers
constexpr std::size_t sample_row_bytes = 32;
constexpr std::size_t format_row_bytes = 20;
constexpr std::size_t most_sets = 64;

template <class Number>
void append(Bytes& out, Number value) {
  out.resize(out.size() + sizeof value);
  put(out.data() + out.size() - sizeof value, value);
}

void append_format(Bytes& out, const media::TrackFormat& format) {
  append(out, static_cast<std::uint8_t>(format.codec));
  append(out, std::uint8_t{0});
  append(out, static_cast<std::uint16_t>(format.parameter_sets.size()));
  append(out, format.clock_hz);
  append(out, format.width);
  append(out, format.height);
  append(out, format.channels);
  for (const auto& set : format.parameter_sets) {
    append(out, static_cast<std::uint32_t>(set.size()));
    out.insert(out.end(), set.begin(), set.end());
  }
}

Result<void> check_new(const NewFragment& fragment) {
  const auto bad = [](std::string what) { return fail(RecordingError::invalid, std::move(what)); };
  if (fragment.samples.empty() || fragment.samples.size() > most_fragment_samples)
    return bad(fmt::format("a fragment has 1 to {} samples, not {}", most_fragment_samples,
                           fragment.samples.size()));
  if (fragment.end_us < fragment.start_us) return bad("a fragment ends before it begins");
  std::size_t bytes = 0;
  for (const auto& sample : fragment.samples) {
    if (!sample || !sample->format || sample->bytes.empty())
      return bad("a sample without content or format");
    if (sample->format->parameter_sets.size() > most_sets)
      return bad("a format with too many parameter sets");
    bytes += sample->bytes.size();
  }
  if (bytes > most_fragment_bytes)
    return bad(fmt::format("a fragment of {} bytes, the limit is {}", bytes, most_fragment_bytes));
  return {};
}

/// The formats used, then a row for each sample.
Result<Bytes> tables_of(const NewFragment& fragment, std::uint32_t& formats) {
  Bytes out;
  std::map<const media::TrackFormat*, std::uint8_t> places;
  for (const auto& sample : fragment.samples) {
    if (places.contains(sample->format.get())) continue;
    if (places.size() == most_fragment_formats)
      return fail(RecordingError::invalid,
                  fmt::format("more than {} formats in a fragment", most_fragment_formats));
    const auto place = static_cast<std::uint8_t>(places.size());
    places.emplace(sample->format.get(), place);
    append_format(out, *sample->format);
  }
  formats = static_cast<std::uint32_t>(places.size());
  for (const auto& sample : fragment.samples) {
    append(out, static_cast<std::uint32_t>(sample->bytes.size()));
    append(out, sample->track);
    append(out, static_cast<std::uint8_t>(sample->is_key ? 1 : 0));
    append(out, places.at(sample->format.get()));
    append(out, std::uint8_t{0});
    append(out, sample->pts);
    append(out, sample->wall_us);
    append(out, sample->camera_us);
  }
  return out;
}

std::unexpected<Error> malformed(std::string what) {
  return fail(RecordingError::malformed, "fragment: " + std::move(what));
}

/// Reads on through a body; everything is checked against what is left.
class BodyReader {
 public:
  explicit BodyReader(ByteView body) : rest_(body) {}
  bool has(std::size_t bytes) const { return bytes <= rest_.size(); }
  ByteView take(std::size_t bytes) {
    VL_ASSERT(has(bytes));
    const auto out = rest_.first(bytes);
    rest_ = rest_.subspan(bytes);
    return out;
  }
  std::size_t left() const { return rest_.size(); }

 private:
  ByteView rest_;
};

Result<std::shared_ptr<const media::TrackFormat>> read_format(BodyReader& in) {
  if (!in.has(format_row_bytes)) return malformed("its formats are cut off");
  const auto row = in.take(format_row_bytes);
  auto out = std::make_shared<media::TrackFormat>();
  if (row[0] > static_cast<std::uint8_t>(media::Codec::pcma))
    return malformed(fmt::format("unknown codec {}", row[0]));
  out->codec = static_cast<media::Codec>(row[0]);
  const auto sets = get<std::uint16_t>(row.data() + 2);
  out->clock_hz = get<std::uint32_t>(row.data() + 4);
  out->width = get<std::uint32_t>(row.data() + 8);
  out->height = get<std::uint32_t>(row.data() + 12);
  out->channels = get<std::uint32_t>(row.data() + 16);
  if (sets > most_sets || out->clock_hz == 0) return malformed("a format out of bounds");
  for (std::size_t i = 0; i < sets; ++i) {
    if (!in.has(4)) return malformed("its parameter sets are cut off");
    const auto length = get<std::uint32_t>(in.take(4).data());
    if (!in.has(length)) return malformed("its parameter sets are cut off");
    const auto set = in.take(length);
    out->parameter_sets.emplace_back(set.begin(), set.end());
  }
  return out;
}

}  // namespace

std::string_view name_of(StreamKind kind) {
  switch (kind) {
    case StreamKind::main:
      return "main";
    case StreamKind::sub:
      return "sub";
    case StreamKind::fetched:
      return "fetched";
  }
  return "";
}

Result<PreparedFragment> prepare_fragment(const NewFragment& fragment) {
  VL_CHECK(check_new(fragment));
  PreparedFragment out;
  auto& header = out.header;
  VL_TRY(out.tables, tables_of(fragment, header.formats));
  header.id.stream = fragment.stream;
  header.session = fragment.session;
  header.starts_with_key = fragment.samples.front()->is_key;
  header.start_us = fragment.start_us;
  header.end_us = fragment.end_us;
  header.samples = static_cast<std::uint32_t>(fragment.samples.size());
  std::size_t body = out.tables.size();
  for (const auto& sample : fragment.samples) body += sample->bytes.size();
  header.body_bytes = static_cast<std::uint32_t>(body);
  return out;
}

std::array<std::uint8_t, fragment_header_bytes> seal_header(FragmentHeader& header) {
  std::array<std::uint8_t, fragment_header_bytes> out{};
  auto* h = out.data();
  std::memcpy(h, magic.data(), magic.size());
  put(h + 4, version);
  put(h + 6, static_cast<std::uint16_t>(fragment_header_bytes));
  std::memcpy(h + 8, header.id.stream.camera.value.bytes.data(), 16);
  h[24] = static_cast<std::uint8_t>(header.id.stream.kind);
  h[25] = header.starts_with_key ? flag_starts_with_key : 0;
  h[26] = static_cast<std::uint8_t>(header.body_hash);
  put(h + 28, header.session);
  put(h + 32, header.id.sequence);
  put(h + 40, header.start_us);
  put(h + 48, header.end_us);
  put(h + 56, header.body_bytes);
  put(h + 60, header.samples);
  put(h + 64, header.formats);
  std::memcpy(h + 80, header.hash.data(), 32);
  std::memcpy(h + 112, header.previous_chain.data(), 32);
  header.chain = sha256(ByteView(h, chained_bytes));
  std::memcpy(h + chained_bytes, header.chain.data(), 32);
  return out;
}

Result<EncodedFragment> encode_fragment(const NewFragment& fragment, std::uint64_t sequence,
                                        const Digest& previous_chain) {
  VL_TRY(auto prepared, prepare_fragment(fragment));
  EncodedFragment out{.header = prepared.header, .tables = std::move(prepared.tables)};
  Sha256 hash;
  hash.add(out.tables);
  for (const auto& sample : fragment.samples) hash.add(sample->bytes);
  out.header.hash = hash.finish();
  out.header.id.sequence = sequence;
  out.header.previous_chain = previous_chain;
  out.header_bytes = seal_header(out.header);
  return out;
}

Result<FragmentHeader> decode_header(ByteView bytes) {
  if (bytes.size() < fragment_header_bytes) return malformed("its header is cut off");
  const auto* h = bytes.data();
  if (!std::equal(magic.begin(), magic.end(), h)) return malformed("it does not begin with VLFR");
  if (get<std::uint16_t>(h + 4) != version || get<std::uint16_t>(h + 6) != fragment_header_bytes ||
      (h[26] != static_cast<std::uint8_t>(BodyHash::whole) &&
       h[26] != static_cast<std::uint8_t>(BodyHash::chunks)))
    return malformed(fmt::format("written by another version ({})", get<std::uint16_t>(h + 4)));
  FragmentHeader out;
  out.chain = sha256(bytes.first(chained_bytes));
  if (!std::equal(out.chain.begin(), out.chain.end(), h + chained_bytes))
    return fail(RecordingError::altered, "fragment: its header does not agree with its hash");
  std::memcpy(out.id.stream.camera.value.bytes.data(), h + 8, 16);
  if (h[24] > static_cast<std::uint8_t>(StreamKind::fetched))
    return malformed(fmt::format("unknown stream {}", h[24]));
  out.id.stream.kind = static_cast<StreamKind>(h[24]);
  out.body_hash = static_cast<BodyHash>(h[26]);
  out.starts_with_key = (h[25] & flag_starts_with_key) != 0;
  out.session = get<std::uint32_t>(h + 28);
  out.id.sequence = get<std::uint64_t>(h + 32);
  out.start_us = get<std::int64_t>(h + 40);
  out.end_us = get<std::int64_t>(h + 48);
  out.body_bytes = get<std::uint32_t>(h + 56);
  out.samples = get<std::uint32_t>(h + 60);
  out.formats = get<std::uint32_t>(h + 64);
  std::memcpy(out.hash.data(), h + 80, 32);
  std::memcpy(out.previous_chain.data(), h + 112, 32);
  const auto most_body = most_fragment_bytes + 1024 * 1024;
  if (out.samples == 0 || out.samples > most_fragment_samples || out.formats == 0 ||
      out.formats > most_fragment_formats || out.body_bytes > most_body ||
      out.end_us < out.start_us || out.id.sequence == 0)
    return malformed("its header is out of bounds");
  return out;
}

Result<void> check_body(const FragmentHeader& header, ByteView body) {
  if (body.size() != header.body_bytes) return malformed("its body is cut off");
  thread_local ContentHasher hasher;
  const auto hash = header.body_hash == BodyHash::whole ? sha256(body) : hasher.root(body);
  if (hash != header.hash)
    return fail(RecordingError::altered, "fragment: its samples do not agree with their hash");
  return {};
}

Result<Fragment> decode_fragment(ByteView bytes) {
  VL_TRY(const auto header, decode_header(bytes));
  if (bytes.size() - fragment_header_bytes < header.body_bytes)
    return malformed("its body is cut off");
  const auto body = bytes.subspan(fragment_header_bytes, header.body_bytes);
  VL_CHECK(check_body(header, body));
  BodyReader in(body);
  std::vector<std::shared_ptr<const media::TrackFormat>> formats;
  for (std::uint32_t i = 0; i < header.formats; ++i) {
    VL_TRY(auto format, read_format(in));
    formats.push_back(std::move(format));
  }
  if (!in.has(header.samples * sample_row_bytes)) return malformed("its sample table is cut off");
  const auto rows = in.take(header.samples * sample_row_bytes);
  Fragment out{header.id,
               header.session,
               header.start_us,
               header.end_us,
               header.starts_with_key,
               header.hash,
               header.previous_chain,
               header.chain,
               {}};
  out.samples.reserve(header.samples);
  const auto all = in.take(in.left());
  const auto kept = std::make_shared<const Bytes>(all.begin(), all.end());
  auto rest = ByteView(*kept);
  for (std::uint32_t i = 0; i < header.samples; ++i) {
    const auto* row = rows.data() + i * sample_row_bytes;
    const auto length = get<std::uint32_t>(row);
    if (length > rest.size() || row[6] >= formats.size())
      return malformed("a sample out of bounds");
    media::Sample sample;
    sample.track = row[4];
    sample.is_key = (row[5] & 1) != 0;
    sample.pts = get<std::int64_t>(row + 8);
    sample.wall_us = get<std::int64_t>(row + 16);
    sample.camera_us = get<std::int64_t>(row + 24);
    sample.bytes = {rest.first(length), kept};
    rest = rest.subspan(length);
    sample.format = formats[row[6]];
    out.samples.push_back(std::move(sample));
  }
  if (!rest.empty()) return malformed("its body is longer than its samples");
  return out;
}

}  // namespace vl::recording
