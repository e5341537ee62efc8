#include <algorithm>

#include <fmt/format.h>

#include <vonglau/evidence/footage_source.hpp>

namespace vl::evidence {

Result<std::unique_ptr<PartFootage>> PartFootage::open(const std::string& folder,
                                                       const Digest& manifest_sha256) {
  VL_TRY(auto opened, Folder::open(folder));
  VL_TRY(const auto text, opened.content("manifest.json", most_manifest_bytes));
  if (!text || sha256(*text) != manifest_sha256)
    return fail(EvidenceError::malformed, "this is not the part that its recorder told of");
  VL_TRY(auto manifest, read_manifest(as_text(*text)));
  std::unique_ptr<PartFootage> out(new PartFootage(std::move(opened), std::move(manifest)));
  VL_CHECK(out->index());
  return out;
}

Result<void> PartFootage::index() {
  for (const auto& stream : manifest_.streams)
    for (const auto& file : stream.footage) {
      VL_TRY(auto opened, folder_.file(file.path));
      if (!opened) return fail(EvidenceError::unreadable, file.path + " is missing in a part");
      VL_TRY(const auto hash, opened->sha256());
      if (opened->bytes() != file.bytes || to_hex(hash) != file.sha256)
        return fail(EvidenceError::malformed, file.path + " of a part is not what it was");
      std::uint64_t offset = 0;
      const auto kind = stream.stream == fetched_stream ? recording::StreamKind::fetched
                        : stream.stream == "sub"        ? recording::StreamKind::sub
                                                        : recording::StreamKind::main;
      for (const auto& fragment : file.fragments) {
        places_[{{recording::CameraId{stream.camera_id}, kind}, fragment.sequence}] = {
            files_.size(), offset, fragment.bytes};
        offset += fragment.bytes;
      }
      files_.push_back(std::move(*opened));
    }
  return {};
}

const ExportStream* PartFootage::stream_of(const recording::StreamKey& stream) const {
  for (const auto& one : manifest_.streams)
    if (one.camera_id == stream.camera.value && one.stream == recording::name_of(stream.kind))
      return &one;
  return nullptr;
}

Result<std::vector<recording::FragmentRef>> PartFootage::find(const recording::StreamKey& stream,
                                                              std::int64_t, std::int64_t) const {
  std::vector<recording::FragmentRef> out;
  const auto* found = stream_of(stream);
  if (found == nullptr && stream.kind == recording::StreamKind::fetched) return out;
  if (found == nullptr) return fail(EvidenceError::malformed, "a part lacks one of its cameras");
  for (const auto& file : found->footage)
    for (const auto& fragment : file.fragments)
      out.push_back(
          {{stream, fragment.sequence}, fragment.start_us, fragment.end_us, fragment.bytes, false});
  return out;
}

Result<Bytes> PartFootage::read(const recording::FragmentId& id) const {
  const auto found = places_.find(id);
  if (found == places_.end())
    return fail(EvidenceError::unreadable,
                fmt::format("fragment {} is not in this part", id.sequence));
  return files_[found->second.file].read(found->second.offset, found->second.bytes);
}

Result<std::vector<ExportGap>> PartFootage::gaps(const recording::StreamKey& stream, std::int64_t,
                                                 std::int64_t) const {
  const auto* found = stream_of(stream);
  return found == nullptr ? std::vector<ExportGap>{} : found->gaps;
}

Result<std::vector<ExportGap>> PartFootage::recorded_gaps(const recording::StreamKey& stream,
                                                          std::int64_t from_us,
                                                          std::int64_t to_us) const {
  VL_TRY(auto out, gaps(stream, from_us, to_us));
  const auto* fetched = stream_of({stream.camera, recording::StreamKind::fetched});
  if (fetched == nullptr) return out;
  // Whole, so before what is left of them.
  std::vector<ExportGap> filled;
  for (const auto& stretch : *fetched->fetched)
    if (stretch.gap && std::ranges::find(filled, *stretch.gap) == filled.end())
      filled.push_back(*stretch.gap);
  out.insert(out.begin(), filled.begin(), filled.end());
  return out;
}

}  // namespace vl::evidence
