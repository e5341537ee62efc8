#include <algorithm>
#include <filesystem>
#include <map>

#include <fmt/format.h>

#include <vonglau/base/assert.hpp>
#include <vonglau/base/json.hpp>
#include <vonglau/evidence/export_writer.hpp>
#include <vonglau/evidence/folder.hpp>
#include <vonglau/evidence/proofs.hpp>
#include <vonglau/evidence/videos.hpp>
#include <vonglau/recording/fragment_format.hpp>

#include "names.hpp"
#include "output.hpp"
#include "viewer.hpp"

namespace vl::evidence {

namespace {

namespace fs = std::filesystem;
using recording::FragmentRef;

recording::StreamKey key_of(const ExportCamera& camera) {
  return {recording::CameraId{camera.id}, recording::StreamKind::main};
}

std::string cause_name(recording::GapCause cause) {
  return boost::describe::enum_to_string(cause, "unexplained");
}

/// A region counts for a second before and after it too: a video's clock and the camera's may
/// differ by as much before a new video begins (videos.cpp), and too much is painted rather than
/// too little.
constexpr std::int64_t mask_margin_us = 1'000'000;

std::vector<MaskRegion> in_time_of(const VideoFile& video, std::vector<MaskRegion> regions) {
  for (auto& region : regions) {
    region.from_us -= video.start_us + mask_margin_us;
    region.to_us -= video.start_us - mask_margin_us;
  }
  return regions;
}

/// What is known of it before it is made; without regions where there is nothing to paint.
MaskedCopy planned_copy(const ExportStream& stream, const VideoFile& video,
                        const std::vector<MaskRegion>& masks) {
  MaskedCopy copy;
  copy.path = "masked/" + video.path.substr(video.path.find('/') + 1);
  copy.made_of = video.path;
  for (const auto& region : masks)
    if (region.to_us + mask_margin_us > video.start_us &&
        region.from_us - mask_margin_us < video.end_us)
      copy.regions.push_back(region);
  for (const auto& file : stream.footage)
    for (const auto& fragment : file.fragments) {
      if (fragment.end_us <= video.start_us || fragment.start_us >= video.end_us) continue;
      if (copy.first_sequence == 0) copy.first_sequence = fragment.sequence;
      copy.last_sequence = fragment.sequence;
    }
  return copy;
}

/// One making of one folder.
class Making {
 public:
  Making(const ExportOrder& order, const Clock& clock, const ExportOptions& options)
      : order_(order), clock_(clock), options_(options), folder_(options.folder + ".making") {}

  Result<MadeExport> make();

 private:
  Result<void> find_all();
  Result<void> check_room() const;
  Result<void> write_stream(std::size_t number);
  Result<void> write_footage(std::size_t number, ExportStream& out, VideoMaker& videos);
  Result<void> write_videos(ExportStream& out, VideoMaker& maker);
  Result<void> write_masked(std::size_t number, ExportStream& out);
  Result<void> add_gaps(ExportStream& out, const ExportCamera& camera) const;
  Result<void> write_other(const std::string& name, ByteView bytes);
  Result<void> progress(std::uint64_t bytes);

  const ExportOrder& order_;
  const Clock& clock_;
  const ExportOptions& options_;
  const std::string folder_;
  std::vector<std::vector<FragmentRef>> refs_;  // of each camera
  std::vector<Digest> leaves_;
  MadeExport made_;
  ExportProgress progress_;
};

Result<void> make_folders(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (!error) fs::permissions(path, fs::perms::owner_all, error);
  if (error)
    return fail(EvidenceError::unreadable,
                fmt::format("cannot make {}: {}", path, error.message()));
  return {};
}

Result<void> Making::progress(std::uint64_t bytes) {
  progress_.done_bytes += bytes;
  if (options_.on_progress && !options_.on_progress(progress_))
    return fail(EvidenceError::stopped, "the export is not wanted any more");
  return {};
}

Result<void> Making::find_all() {
  std::size_t fragments = 0;
  for (const auto& camera : order_.cameras) {
    std::vector<FragmentRef> found;
    if (camera.source != nullptr) {
      VL_TRY(found,
             camera.source->find(key_of(camera), order_.request.from_us, order_.request.to_us));
    }
    fragments += found.size();
    for (const auto& ref : found)
      progress_.all_bytes += (options_.is_part ? 1ULL : 2ULL) * ref.bytes;
    refs_.push_back(std::move(found));
  }
  if (fragments == 0 && !options_.is_part)
    return fail(EvidenceError::nothing, "none of these cameras has footage of that time");
  if (fragments > most_export_fragments)
    return fail(EvidenceError::too_much,
                fmt::format("more than {} fragments: ask for less time or fewer cameras",
                            most_export_fragments));
  return {};
}

Result<void> Making::check_room() const {
  std::error_code error;
  const auto space = fs::space(folder_, error);
  // Footage and its videos are about equally large; the rest is small.
  const auto needed = progress_.all_bytes + progress_.all_bytes / 50 + (16ULL << 20);
  if (!error && space.available < needed + options_.reserve_bytes)
    return fail(EvidenceError::too_much,
                fmt::format("it needs {} MiB, and the disk has {} to spare", needed >> 20,
                            (space.available -
                             std::min<std::uint64_t>(space.available, options_.reserve_bytes)) >>
                                20));
  return {};
}

Result<void> Making::write_footage(std::size_t number, ExportStream& out, VideoMaker& videos) {
  const auto base = stream_name(number, out);
  VL_CHECK(make_folders(folder_ + "/footage/" + base));
  std::optional<Output> file;
  const auto close = [&]() -> Result<void> {
    if (!file) return {};
    out.footage.back().bytes = file->bytes();
    VL_TRY(out.footage.back().sha256, file->close());
    made_.bytes += out.footage.back().bytes;
    file.reset();
    return {};
  };
  for (const auto& ref : refs_[number]) {
    auto read = order_.cameras[number].source->read(ref.id);
    const auto decoded = read ? recording::decode_fragment(*read) : std::unexpected(read.error());
    if (!decoded) {
      // A damaged fragment is no evidence, and no reason to keep back the others.
      out.gaps.push_back({ref.start_us, ref.end_us, cause_name(recording::GapCause::disk_failed)});
      continue;
    }
    const auto& stored = *read;
    const auto& fragment = *decoded;
    VL_TRY(const auto header, recording::decode_header(stored));
    if (file && file->bytes() + stored.size() > options_.file_bytes) VL_CHECK(close());
    if (!file) {
      out.footage.push_back(
          {fmt::format("footage/{}/{:04}.vlf", base, out.footage.size() + 1), 0, "", {}});
      VL_TRY(auto made, Output::create(folder_ + "/" + out.footage.back().path));
      file.emplace(std::move(made));
    }
    VL_CHECK(file->write(stored));
    auto& fragments = out.footage.back().fragments;
    if (out.chain.first_sequence == 0) {
      out.chain.first_sequence = header.id.sequence;
      out.chain.previous = to_hex(header.previous_chain);
    }
    fragments.push_back({header.id.sequence, header.start_us, header.end_us,
                         static_cast<std::uint32_t>(stored.size()), to_hex(header.hash),
                         to_hex(header.chain)});
    out.chain.last_sequence = header.id.sequence;
    out.chain.last = fragments.back().chain;
    leaves_.push_back(leaf_hash(ByteView(stored).first(recording::fragment_header_bytes)));
    if (!options_.is_part) VL_CHECK(videos.add(fragment));
    VL_CHECK(progress(stored.size()));
  }
  VL_CHECK(close());
  return sync_folder(folder_ + "/footage/" + base);
}

Result<void> Making::write_videos(ExportStream& out, VideoMaker& maker) {
  VL_TRY(out.videos, maker.plan());
  out.left_out_of_videos = maker.left_out();
  VL_TRY(const auto folder, Folder::open(folder_));
  std::optional<Output> file;
  std::optional<std::size_t> writing;
  const auto close = [&]() -> Result<void> {
    if (!file) return {};
    VL_TRY(out.videos[*writing].sha256, file->close());
    made_.bytes += out.videos[*writing].bytes;
    file.reset();
    return {};
  };
  const auto sink = [&](std::size_t video, ByteView bytes) -> Result<void> {
    if (writing != video) {
      VL_CHECK(close());
      writing = video;
      VL_TRY(auto made, Output::create(folder_ + "/" + out.videos[video].path));
      file.emplace(std::move(made));
    }
    return file->write(bytes);
  };
  // Read back from the export itself: what is shown is made of what was written.
  for (const auto& footage : out.footage) {
    VL_TRY(const auto source, folder.file(footage.path));
    if (!source) return fail(EvidenceError::unreadable, footage.path + " is gone");
    std::uint64_t at = 0;
    for (const auto& stored : footage.fragments) {
      VL_TRY(const auto bytes, source->read(at, stored.bytes));
      VL_TRY(const auto fragment, recording::decode_fragment(bytes));
      VL_CHECK(maker.write(fragment, sink));
      at += stored.bytes;
      VL_CHECK(progress(stored.bytes));
    }
  }
  return close();
}

Result<void> Making::write_masked(std::size_t number, ExportStream& out) {
  const auto& masks = order_.cameras[number].masks;
  if (masks.empty()) return {};
  VL_CHECK(make_folders(folder_ + "/masked"));
  out.masked.emplace();
  for (const auto& video : out.videos) {
    MaskedCopy copy = planned_copy(out, video, masks);
    if (copy.regions.empty()) continue;
    if (!options_.mask) return fail(EvidenceError::not_masked, "nothing here masks videos");
    const auto path = folder_ + "/" + copy.path;
    const MaskJob job{folder_ + "/" + video.path, path, in_time_of(video, copy.regions)};
    if (auto done = options_.mask(job); !done)
      return fail(EvidenceError::not_masked, done.error().message);
    VL_TRY(const auto folder, Folder::open(folder_));
    VL_TRY(const auto made, folder.file(copy.path));
    if (!made) return fail(EvidenceError::not_masked, "the masked copy is not there");
    copy.bytes = made->bytes();
    VL_TRY(const auto hash, made->sha256());
    copy.sha256 = to_hex(hash);
    made_.bytes += copy.bytes;
    VL_CHECK(sync_file(path));
    out.masked->push_back(std::move(copy));
  }
  VL_CHECK(sync_folder(folder_ + "/masked"));
  return progress(0);
}

/// What the store knows to be missing, and what is missing without anybody having said why.
Result<void> Making::add_gaps(ExportStream& out, const ExportCamera& camera) const {
  const auto from_us = order_.request.from_us;
  const auto to_us = order_.request.to_us;
  if (camera.source == nullptr) {
    out.gaps.push_back({from_us, to_us, std::string(gap_not_delivered)});
    return {};
  }
  VL_TRY(const auto known, camera.source->gaps(key_of(camera), from_us, to_us));
  for (const auto& gap : known) {
    const auto start = std::max(gap.start_us, from_us);
    const auto end = std::min(gap.end_us, to_us);
    if (end > start) out.gaps.push_back({start, end, gap.cause});
  }
  const auto told = [&](std::int64_t start, std::int64_t end) {
    return std::ranges::any_of(out.gaps, [&](const auto& gap) {
      return gap.start_us <= start + least_hole_us && gap.end_us >= end - least_hole_us;
    });
  };
  auto at = from_us;
  std::vector<ExportGap> untold;
  const auto hole = [&](std::int64_t until) {
    if (until - at > least_hole_us && !told(at, until))
      untold.push_back({at, until, cause_name(recording::GapCause::unexplained)});
  };
  for (const auto& span : out.spans) {
    hole(std::min(span.start_us, to_us));
    at = std::max(at, span.end_us);
  }
  hole(to_us);
  out.gaps.insert(out.gaps.end(), untold.begin(), untold.end());
  std::ranges::sort(out.gaps, {}, &ExportGap::start_us);
  return {};
}

Result<void> Making::write_stream(std::size_t number) {
  const auto& camera = order_.cameras[number];
  made_.manifest.streams.emplace_back();
  auto& out = made_.manifest.streams.back();
  out.camera_id = camera.id;
  out.code = camera.code;
  out.name = camera.name;
  out.stream = "main";
  if (!camera.recorder.empty()) out.recorder = camera.recorder;
  if (!refs_[number].empty()) {
    VideoMaker videos("video/" + stream_name(number, out));
    VL_CHECK(write_footage(number, out, videos));
    if (!options_.is_part) {
      VL_CHECK(write_videos(out, videos));
      VL_CHECK(write_masked(number, out));
    }
  }
  out.spans = spans_of(out);
  return add_gaps(out, camera);
}

Result<void> Making::write_other(const std::string& name, ByteView bytes) {
  VL_TRY(auto file, Output::create(folder_ + "/" + name));
  VL_CHECK(file.write(bytes));
  VL_TRY(const auto hash, file.close());
  made_.bytes += bytes.size();
  made_.manifest.files.push_back({name, bytes.size(), hash});
  return {};
}

Result<MadeExport> Making::make() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
  VL_CHECK(find_all());
  VL_CHECK(make_folders(folder_));
  VL_CHECK(check_room());
  VL_CHECK(make_folders(folder_ + "/video"));
  auto& manifest = made_.manifest;
  manifest.format = export_format;
  manifest.export_id = order_.export_id;
  manifest.made_by = order_.made_by;
  manifest.video_rules = video_rules;
  manifest.made_us = clock_.wall();
  manifest.centre = order_.centre;
  manifest.request = order_.request;
  manifest.journal = order_.journal;
  for (std::size_t i = 0; i < order_.cameras.size(); ++i) VL_CHECK(write_stream(i));
  const MerkleTree tree(std::move(leaves_));
  manifest.tree = {tree.size(), to_hex(tree.root())};
  if (!options_.is_part) {
    VL_CHECK(write_other("proofs.bin", proofs_of(tree)));
    VL_CHECK(write_other("index.html", as_bytes(viewer_page(manifest))));
  }
  const auto text = text_of(manifest);
  // What we could not read ourselves must not be handed to anybody.
  VL_CHECK(read_manifest(text));
  VL_TRY(auto file, Output::create(folder_ + "/manifest.json"));
  VL_CHECK(file.write(as_bytes(text)));
  VL_CHECK(file.close());
  made_.manifest_sha256 = sha256(as_bytes(text));
  made_.bytes += text.size();
  VL_CHECK(sync_folder(folder_ + "/video"));
  VL_CHECK(sync_folder(folder_));
  fs::remove_all(options_.folder, ignored);
  std::error_code error;
  fs::rename(folder_, options_.folder, error);
  if (error) return fail(EvidenceError::unreadable, "cannot name the folder: " + error.message());
  VL_CHECK(sync_folder(fs::path(options_.folder).parent_path().string()));
  return std::move(made_);
}

Result<void> write_beside(const std::string& folder, const char* name, ByteView bytes) {
  const auto path = folder + "/" + name;
  VL_TRY(auto file, Output::create(path + ".new"));
  VL_CHECK(file.write(bytes));
  VL_CHECK(file.close());
  std::error_code error;
  fs::rename(path + ".new", path, error);
  if (error) return fail(EvidenceError::unreadable, "cannot name " + path + ": " + error.message());
  return sync_folder(folder);
}

}  // namespace

Result<MadeExport> write_export(const ExportOrder& order, const Clock& clock,
                                const ExportOptions& options) {
  if (order.cameras.empty() || order.cameras.size() > most_export_streams ||
      order.request.to_us <= order.request.from_us || order.request.from_us < 0)
    return fail(EvidenceError::malformed, "an export is of some cameras and of some time");
  Making making(order, clock, options);
  auto made = making.make();
  if (!made) {
    std::error_code ignored;
    fs::remove_all(options.folder + ".making", ignored);
  }
  return made;
}

Result<MadeExport> write_export(ExportOrder order, const recording::FragmentStore& store,
                                const Clock& clock, const ExportOptions& options) {
  const auto source = stored_footage(store);
  for (auto& camera : order.cameras) camera.source = source.get();
  return write_export(order, clock, options);
}

Result<void> write_signature(const std::string& folder, const ExportSignature& signature) {
  return write_beside(folder, "signature.json", as_bytes(text_of(signature)));
}

Result<void> write_timestamp(const std::string& folder, ByteView response) {
  return write_beside(folder, "timestamp.tsr", response);
}

}  // namespace vl::evidence
