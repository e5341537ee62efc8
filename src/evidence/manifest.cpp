#include <algorithm>
#include <set>

#include <fmt/format.h>

#include <vonglau/base/json.hpp>
#include <vonglau/evidence/manifest.hpp>

namespace vl::evidence {

namespace {

std::unexpected<Error> bad(std::string what) {
  return fail(EvidenceError::malformed, "manifest.json: " + std::move(what));
}

bool all_digests(std::initializer_list<const std::string*> texts) {
  return std::ranges::all_of(texts, [](const auto* text) { return digest_of(*text).has_value(); });
}

/// Names that are used once, inside the folder.
class Names {
 public:
  bool take(const std::string& path) {
    return is_export_path(path) && !path.starts_with("manifest.") &&
           !path.starts_with("signature.") && !path.starts_with("timestamp.") &&
           seen_.insert(path).second;
  }

 private:
  std::set<std::string> seen_;
};

Result<void> check_footage(const ExportStream& stream, const FootageFile& file, Names& names,
                           const StoredFragment*& before) {
  if (!names.take(file.path)) return bad(file.path + " is no name, or is used twice");
  if (!all_digests({&file.sha256})) return bad(file.path + ": no hash");
  if (file.fragments.empty()) return bad(file.path + " holds no fragment");
  std::uint64_t bytes = 0;
  for (const auto& fragment : file.fragments) {
    if (!all_digests({&fragment.hash, &fragment.chain}))
      return bad(fmt::format("{}: fragment {} has no hash", file.path, fragment.sequence));
    if (fragment.end_us < fragment.start_us || fragment.sequence == 0 ||
        (before != nullptr && fragment.sequence <= before->sequence))
      return bad(fmt::format("{}: fragment {} is out of order", stream.code, fragment.sequence));
    bytes += fragment.bytes;
    before = &fragment;
  }
  if (bytes != file.bytes) return bad(file.path + ": its fragments do not add up to it");
  return {};
}

/// Every copy is of a video and of fragments that are in this export.
Result<void> check_masked(const ExportStream& stream, Names& names) {
  for (const auto& copy : stream.masked.value_or(std::vector<MaskedCopy>{})) {
    const bool known =
        std::ranges::find(stream.videos, copy.made_of, &VideoFile::path) != stream.videos.end();
    if (!known || !names.take(copy.path) || !all_digests({&copy.sha256}) ||
        copy.first_sequence < stream.chain.first_sequence ||
        copy.last_sequence > stream.chain.last_sequence ||
        copy.last_sequence < copy.first_sequence || copy.regions.empty() ||
        copy.regions.size() > most_mask_regions ||
        !std::ranges::all_of(copy.regions, is_mask_region))
      return bad(stream.code + ": a masked copy out of bounds");
  }
  return {};
}

/// Each fetched fragment is said to come from somewhere, and nothing else is.
Result<void> check_fetched(const ExportStream& stream) {
  const auto& stretches = *stream.fetched;
  auto stretch = stretches.begin();
  const StoredFragment* last = nullptr;
  const auto ends = [&] {
    return last != nullptr && last->sequence == stretch->last_sequence &&
           last->end_us == stretch->end_us;
  };
  for (const auto& file : stream.footage)
    for (const auto& fragment : file.fragments) {
      if (stretch != stretches.end() && last != nullptr &&
          fragment.sequence > stretch->last_sequence) {
        if (!ends()) return bad(stream.code + ": a fetched stretch is not of its fragments");
        ++stretch;
        last = nullptr;
      }
      const bool fits = stretch != stretches.end() && fragment.start_us >= stretch->start_us &&
                        fragment.end_us <= stretch->end_us &&
                        (last != nullptr ? fragment.sequence <= stretch->last_sequence
                                         : fragment.sequence == stretch->first_sequence &&
                                               fragment.start_us == stretch->start_us);
      if (!fits) return bad(stream.code + ": a fetched fragment of which nobody says whence");
      last = &fragment;
    }
  if (stretch == stretches.end() || !ends() || std::next(stretch) != stretches.end())
    return bad(stream.code + ": a fetched stretch is not of its fragments");
  for (const auto& one : stretches)
    if (one.fetched_us <= 0 || one.fetched_us % 1'000'000 != 0 ||
        (one.gap && (one.gap->start_us >= one.end_us || one.gap->end_us <= one.start_us)))
      return bad(stream.code + ": a fetched stretch out of bounds");
  return {};
}

/// What was fetched stands behind the camera's own stream, and only there.
Result<void> check_kind(const ExportStream& stream, const ExportStream* before) {
  if (stream.stream == fetched_stream) {
    if (!stream.fetched || stream.footage.empty() || !stream.gaps.empty() || before == nullptr ||
        before->camera_id != stream.camera_id || before->stream != "main")
      return bad(stream.code + ": a fetched stream without what it is of");
    return check_fetched(stream);
  }
  if ((stream.stream != "main" && stream.stream != "sub") || stream.fetched)
    return bad("a stream of no known kind");
  return {};
}

Result<void> check_stream(const ExportStream& stream, const ExportStream* before_it, Names& names) {
  VL_CHECK(check_kind(stream, before_it));
  if (stream.footage.empty()) {
    if (stream.videos.empty() && stream.spans.empty() && !stream.masked)
      return {};  // nothing was recorded
    return bad(stream.code + ": pictures without footage");
  }
  const StoredFragment* before = nullptr;
  for (const auto& file : stream.footage) VL_CHECK(check_footage(stream, file, names, before));
  const auto& chain = stream.chain;
  if (!all_digests({&chain.previous, &chain.last})) return bad(stream.code + ": no chain hashes");
  if (chain.first_sequence != stream.footage.front().fragments.front().sequence ||
      chain.last_sequence != before->sequence || chain.last != before->chain)
    return bad(stream.code + ": its chain position is not that of its fragments");
  if (stream.spans != spans_of(stream))
    return bad(stream.code + ": its spans are not those of its fragments");
  for (const auto& video : stream.videos)
    if (!names.take(video.path) || !all_digests({&video.sha256}) || video.end_us < video.start_us)
      return bad(stream.code + ": a video out of bounds");
  VL_CHECK(check_masked(stream, names));
  for (const auto& gap : stream.gaps)
    if (gap.end_us < gap.start_us) return bad(stream.code + ": a gap ends before it begins");
  return {};
}

Result<void> check_manifest(const Manifest& manifest) {
  if (manifest.format != export_format)
    return bad("its format is not " + std::string(export_format));
  if (!all_digests({&manifest.centre.key, &manifest.centre.fingerprint, &manifest.journal.hash,
                    &manifest.tree.root}))
    return bad("a hash or key is not 64 hex digits");
  if (to_hex(sha256(*digest_of(manifest.centre.key))) != manifest.centre.fingerprint)
    return bad("the centre's fingerprint is not its key's");
  if (manifest.streams.empty() || manifest.streams.size() > most_export_streams)
    return bad(fmt::format("it has 1 to {} streams", most_export_streams));
  Names names;
  std::uint64_t fragments = 0;
  const ExportStream* before = nullptr;
  for (const auto& stream : manifest.streams) {
    for (const auto& file : stream.footage) fragments += file.fragments.size();
    if (fragments > most_export_fragments)
      return bad(fmt::format("more than {} fragments", most_export_fragments));
    VL_CHECK(check_stream(stream, before, names));
    before = &stream;
  }
  if (fragments != manifest.tree.leaves) return bad("its tree has not a leaf for each fragment");
  for (const auto& file : manifest.files)
    if (!names.take(file.path) || !all_digests({&file.sha256}))
      return bad(file.path + " is no name, or is used twice, or has no hash");
  return {};
}

}  // namespace

std::optional<Digest> digest_of(std::string_view hex) {
  if (hex.size() != 64 || hex.find_first_not_of("0123456789abcdef") != std::string_view::npos)
    return std::nullopt;
  const auto bytes = from_hex(hex);
  if (!bytes) return std::nullopt;
  Digest out{};
  std::copy(bytes->begin(), bytes->end(), out.begin());
  return out;
}

bool is_export_path(std::string_view path) {
  if (path.empty() || path.size() > 200) return false;
  while (true) {
    const auto slash = path.find('/');
    const auto part = path.substr(0, slash);
    if (part.empty() || part.front() == '.') return false;
    const bool plain = std::ranges::all_of(part, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             c == '.' || c == '-' || c == '_';
    });
    if (!plain) return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

bool is_mask_region(const MaskRegion& region) {
  return region.x >= 0 && region.y >= 0 && region.width >= 1 && region.height >= 1 &&
         region.x + std::int64_t{region.width} <= 1000 &&
         region.y + std::int64_t{region.height} <= 1000 && region.from_us >= 0 &&
         region.to_us > region.from_us;
}

std::vector<ExportSpan> spans_of(const ExportStream& stream) {
  std::vector<ExportSpan> all;
  for (const auto& file : stream.footage)
    for (const auto& fragment : file.fragments) all.push_back({fragment.start_us, fragment.end_us});
  if (stream.stream == fetched_stream) std::ranges::sort(all, {}, &ExportSpan::start_us);
  std::vector<ExportSpan> out;
  for (const auto& span : all) {
    // Compared as a sum that cannot overflow: both are times of this century, or refused.
    if (!out.empty() && span.start_us <= out.back().end_us + least_hole_us)
      out.back().end_us = std::max(out.back().end_us, span.end_us);
    else
      out.push_back(span);
  }
  return out;
}

std::string text_of(const Manifest& manifest) {
  return json::write(manifest);
}

Result<Manifest> read_manifest(std::string_view text) {
  if (text.size() > most_manifest_bytes)
    return bad(fmt::format("more than {} bytes", most_manifest_bytes));
  auto manifest = json::read_text<Manifest>(text);
  if (!manifest) return bad(manifest.error().message);
  constexpr std::int64_t most_us = std::int64_t{1} << 60;
  for (const auto& stream : manifest->streams)
    for (const auto& file : stream.footage)
      for (const auto& fragment : file.fragments)
        if (fragment.start_us < 0 || fragment.end_us > most_us) return bad("a time out of bounds");
  VL_CHECK(check_manifest(*manifest));
  if (text_of(*manifest) != text) return bad("it is not written canonically");
  return manifest;
}

}  // namespace vl::evidence
