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

#include "export_gaps.hpp"
#include "export_masks.hpp"
#include "names.hpp"
#include "output.hpp"
#include "viewer.hpp"

namespace vl::evidence {

namespace {

namespace fs = std::filesystem;
using recording::FragmentRef;

recording::StreamKey key_of(const ExportCamera& camera,
                            recording::StreamKind kind = recording::StreamKind::main) {
  return {recording::CameraId{camera.id}, kind};
}

std::string cause_name(recording::GapCause cause) {
  return boost::describe::enum_to_string(cause, "unexplained");
}

constexpr std::int64_t second_us = 1'000'000;

/// One stream of the manifest to be: a camera's own, or behind it what was fetched of it.
struct Wanted {
  std::size_t camera = 0;
  recording::StreamKind kind = recording::StreamKind::main;
  std::vector<FragmentRef> refs;
  std::vector<ExportGap> recorded;  // of fetched ones: the gaps they lie in
  std::vector<ExportGap> damaged;   // what could not be read, or is not what it was
};

/// One making of one folder.
class Making {
 public:
  Making(const ExportOrder& order, const Clock& clock, const ExportOptions& options)
      : order_(order), clock_(clock), options_(options), folder_(options.folder + ".making") {}

  Result<MadeExport> make();

 private:
  Result<void> find_all();
  Result<void> check_room() const;
  Result<void> write_streams();
  Result<void> write_stream(std::size_t number);
  Result<void> write_footage(std::size_t number, ExportStream& out, VideoMaker& videos);
  Result<void> write_videos(ExportStream& out, VideoMaker& maker);
  Result<void> write_masked(std::size_t number, ExportStream& out);
  Result<void> add_gaps(std::size_t number);
  Result<void> write_other(const std::string& name, ByteView bytes);
  Result<void> progress(std::uint64_t bytes);

  const ExportOrder& order_;
  const Clock& clock_;
  const ExportOptions& options_;
  const std::string folder_;
  std::vector<Wanted> wanted_;  // as the manifest's streams
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
  const auto from_us = order_.request.from_us;
  const auto to_us = order_.request.to_us;
  std::size_t fragments = 0;
  for (std::size_t i = 0; i < order_.cameras.size(); ++i) {
    const auto& camera = order_.cameras[i];
    wanted_.push_back({.camera = i, .refs = {}, .recorded = {}, .damaged = {}});
    if (camera.source == nullptr) continue;
    VL_TRY(wanted_.back().refs, camera.source->find(key_of(camera), from_us, to_us));
    Wanted fetched{i, recording::StreamKind::fetched, {}, {}, {}};
    VL_TRY(fetched.refs, camera.source->find(key_of(camera, fetched.kind), from_us, to_us));
    if (fetched.refs.empty()) continue;
    VL_TRY(fetched.recorded, camera.source->recorded_gaps(key_of(camera), from_us, to_us));
    wanted_.push_back(std::move(fetched));
  }
  for (const auto& wanted : wanted_) {
    fragments += wanted.refs.size();
    for (const auto& ref : wanted.refs)
      progress_.all_bytes += (options_.is_part ? 1ULL : 2ULL) * ref.bytes;
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
  auto& wanted = wanted_[number];
  const bool is_fetched = wanted.kind == recording::StreamKind::fetched;
  for (const auto& ref : wanted.refs) {
    auto read = order_.cameras[wanted.camera].source->read(ref.id);
    const auto decoded = read ? recording::decode_fragment(*read) : std::unexpected(read.error());
    if (!decoded) {
      // A damaged fragment is no evidence, and no reason to keep back the others.
      wanted.damaged.push_back(
          {ref.start_us, ref.end_us, cause_name(recording::GapCause::disk_failed)});
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
    if (is_fetched)
      add_fetched(*out.fetched, fragments.back(), header.session * second_us, wanted.recorded);
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
  const auto& masks = order_.cameras[wanted_[number].camera].masks;
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

/// What the store knows to be missing and was not fetched, what is damaged, and what is missing
/// without anybody having said why.
Result<void> Making::add_gaps(std::size_t number) {
  const auto& wanted = wanted_[number];
  auto& streams = made_.manifest.streams;
  auto& out = streams[number];
  const auto& camera = order_.cameras[wanted.camera];
  const auto from_us = order_.request.from_us;
  const auto to_us = order_.request.to_us;
  if (camera.source == nullptr) {
    out.gaps.push_back({from_us, to_us, std::string(gap_not_delivered)});
    return {};
  }
  std::vector<ExportSpan> found;
  if (number + 1 < wanted_.size() && wanted_[number + 1].camera == wanted.camera)
    found = streams[number + 1].spans;
  const auto shown = joined(out.spans, found);
  for (const auto& gap : wanted.damaged) found = joined(found, {{gap.start_us, gap.end_us}});
  VL_TRY(const auto known, camera.source->gaps(key_of(camera), from_us, to_us));
  auto missing = wanted.damaged;
  for (const auto& gap : less(known, found)) {
    const auto start = std::max(gap.start_us, from_us);
    const auto end = std::min(gap.end_us, to_us);
    if (end > start) missing.push_back({start, end, gap.cause});
  }
  out.gaps = all_gaps(std::move(missing), shown, from_us, to_us);
  return {};
}

/// Each camera's own stream, and behind it what was fetched of it.
Result<void> Making::write_streams() {
  auto& streams = made_.manifest.streams;
  for (std::size_t i = 0; i < wanted_.size();) {
    VL_CHECK(write_stream(i));
    auto& wanted = wanted_[i];
    if (wanted.kind == recording::StreamKind::fetched) {
      auto& own = wanted_[i - 1].damaged;
      own.insert(own.end(), wanted.damaged.begin(), wanted.damaged.end());
      if (streams.back().footage.empty()) {  // none of it can be read
        streams.pop_back();
        wanted_.erase(wanted_.begin() + static_cast<std::ptrdiff_t>(i));
        continue;
      }
    }
    ++i;
  }
  for (std::size_t i = 0; i < wanted_.size(); ++i)
    if (wanted_[i].kind == recording::StreamKind::main) VL_CHECK(add_gaps(i));
  return {};
}

Result<void> Making::write_stream(std::size_t number) {
  const auto& wanted = wanted_[number];
  const auto& camera = order_.cameras[wanted.camera];
  made_.manifest.streams.emplace_back();
  auto& out = made_.manifest.streams.back();
  out.camera_id = camera.id;
  out.code = camera.code;
  out.name = camera.name;
  out.stream = recording::name_of(wanted.kind);
  if (!camera.recorder.empty()) out.recorder = camera.recorder;
  if (wanted.kind == recording::StreamKind::fetched) out.fetched.emplace();
  if (!wanted.refs.empty()) {
    VideoMaker videos("video/" + stream_name(number, out));
    VL_CHECK(write_footage(number, out, videos));
    if (!options_.is_part) {
      VL_CHECK(write_videos(out, videos));
      VL_CHECK(write_masked(number, out));
    }
  }
  out.spans = spans_of(out);
  return {};
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
  VL_CHECK(write_streams());
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

}  // namespace

Result<MadeExport> write_export(const ExportOrder& order, const Clock& clock,
                                const ExportOptions& options) {
  if (order.cameras.empty() || order.cameras.size() > most_export_cameras ||
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

}  // namespace vl::evidence
