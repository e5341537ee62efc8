#include "cameras_clips.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <span>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <vonglau/base/log.hpp>

#include "cameras_motion.hpp"

namespace vl::sim {
namespace {

// Raise it when the drawing or the file changes: old files are then drawn anew.
constexpr int kDrawingVersion = 2;
constexpr std::string_view kMagic = "VLCLIP2\n";
constexpr std::size_t kLargestFile = 512UL * 1024 * 1024;

class Writer {
 public:
  explicit Writer(Bytes& out) : out_(out) {}
  void number(std::uint64_t value) {
    for (int shift = 0; shift < 64; shift += 8)
      out_.push_back(static_cast<std::uint8_t>(value >> shift));
  }
  void bytes(ByteView value) {
    number(value.size());
    out_.insert(out_.end(), value.begin(), value.end());
  }

 private:
  Bytes& out_;
};

class Reader {
 public:
  explicit Reader(ByteView in) : in_(in) {}
  std::uint64_t number() {
    if (in_.size() < 8) return good_ = false, 0;
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 8; ++i) value |= std::uint64_t{in_[i]} << (8 * i);
    in_ = in_.subspan(8);
    return value;
  }
  Bytes bytes() {
    const std::uint64_t n = number();
    if (n > in_.size()) return good_ = false, Bytes{};
    Bytes out(in_.begin(), in_.begin() + static_cast<std::ptrdiff_t>(n));
    in_ = in_.subspan(static_cast<std::size_t>(n));
    return out;
  }
  bool good() const { return good_; }

 private:
  ByteView in_;
  bool good_ = true;
};

void write_stream(Writer& out, const StreamClip& stream) {
  out.number(stream.units.size());
  for (const Unit& unit : stream.units) {
    out.number(unit.key ? 1 : 0);
    out.number(unit.packets.size());
    for (const std::uint32_t packet : unit.packets) out.number(packet);
    out.bytes(unit.wire);
  }
  out.bytes(stream.motion);
}

bool read_stream(Reader& in, StreamClip& stream) {
  if (in.number() != stream.units.size()) return false;
  for (Unit& unit : stream.units) {
    unit.key = in.number() == 1;
    const std::uint64_t packets = in.number();
    if (!in.good() || packets > 10'000) return false;
    unit.packets.clear();
    for (std::uint64_t i = 0; i < packets; ++i)
      unit.packets.push_back(static_cast<std::uint32_t>(in.number()));
    unit.wire = in.bytes();
    const auto beyond = [&](std::uint32_t at) { return at + 16 > unit.wire.size(); };
    if (!in.good() || std::ranges::any_of(unit.packets, beyond)) return false;
  }
  const Bytes motion = in.bytes();
  if (motion.size() != stream.motion.size()) return false;
  stream.motion = motion;
  return in.good();
}

// One stream of a clip as it is being drawn.
class StreamDrawing {
 public:
  static Result<StreamDrawing> open(StreamClip& stream, const std::shared_ptr<const Scene>& scene) {
    StreamDrawing drawing(stream);
    VL_TRY(drawing.encoder_, H264Encoder::open(stream.profile));
    drawing.renderer_ =
        std::make_unique<SceneRenderer>(scene, stream.profile.width, stream.profile.height);
    return drawing;
  }

  double drawn_s() const { return static_cast<double>(drawn_) / stream_->profile.fps; }
  bool done() const { return drawn_ == stream_->units.size(); }

  Result<void> draw_next() {
    renderer_->render(drawn_s(), picture_);
    if (drawn_ % static_cast<std::size_t>(std::max(1, stream_->profile.fps / 3)) == 0) {
      const auto second = static_cast<std::size_t>(drawn_s());
      if (second < changed_.size())
        changed_[second] = std::max(changed_[second], cells_.changed(picture_));
    }
    VL_CHECK(encoder_->encode(picture_, false, coded_));
    if (++drawn_ == stream_->units.size()) {
      judge_motion();
      VL_CHECK(encoder_->finish(coded_));
    }
    publish();
    return {};
  }

 private:
  explicit StreamDrawing(StreamClip& stream)
      : stream_(&stream), changed_(stream.motion.size(), 0) {}

  /// As who sets up a camera before a street sets its detection: told is what is more than usual.
  void judge_motion() {
    const auto [least, most] = std::ranges::minmax(changed_);
    std::ranges::transform(changed_, stream_->motion.begin(), [&](int changed) {
      return static_cast<std::uint8_t>(2 * changed > least + most ? 1 : 0);
    });
  }

  void publish() {
    for (const CodedPicture& picture : coded_)
      if (published_ < stream_->units.size()) stream_->units[published_++] = packetise(picture);
    coded_.clear();
    const auto distance = static_cast<std::size_t>(stream_->profile.key_distance);
    stream_->ready.store(published_ / distance * distance, std::memory_order_release);
  }

  StreamClip* stream_;
  std::unique_ptr<H264Encoder> encoder_;
  std::unique_ptr<SceneRenderer> renderer_;
  Picture picture_;
  MotionCells cells_;
  std::vector<int> changed_;  // cells, of each second the most
  std::vector<CodedPicture> coded_;
  std::size_t drawn_ = 0, published_ = 0;
};

Result<void> prepare(StreamClip& stream, const VideoProfile& profile, float loop_s) {
  stream.profile = profile;
  const auto pictures = static_cast<int>(std::lround(loop_s * static_cast<float>(profile.fps)));
  if (pictures <= 0 || pictures % profile.key_distance != 0)
    return fail(CamerasError::configuration,
                fmt::format("a loop of {} s is no whole number of {} pictures at {}/s", loop_s,
                            profile.key_distance, profile.fps),
                "scenes.loop_s");
  stream.units.resize(static_cast<std::size_t>(pictures));
  stream.motion.resize(static_cast<std::size_t>(std::ceil(loop_s)));
  VL_TRY(stream.parameter_sets, parameter_sets_of(profile));
  return {};
}

}  // namespace

Result<std::unique_ptr<ClipLibrary>> ClipLibrary::open(std::filesystem::path folder,
                                                       const std::vector<SceneSpec>& scenes,
                                                       const VideoProfile& main,
                                                       const VideoProfile& sub) {
  if (scenes.empty()) return fail(CamerasError::configuration, "name at least one scene", "scenes");
  std::error_code ignored;
  std::filesystem::create_directories(folder, ignored);
  std::unique_ptr<ClipLibrary> library(new ClipLibrary());
  library->folder_ = std::move(folder);
  for (const SceneSpec& scene : scenes) {
    auto clip = std::make_unique<Clip>();
    clip->scene = scene;
    VL_CHECK(prepare(clip->main, main, scene.loop_s));
    VL_CHECK(prepare(clip->sub, sub, scene.loop_s));
    library->clips_.push_back(std::move(clip));
  }
  return library;
}

ClipLibrary::~ClipLibrary() = default;

void ClipLibrary::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
}

const Clip& ClipLibrary::playable(std::size_t wanted) const {
  const Clip& clip = *clips_[wanted % clips_.size()];
  return clip.main.whole() && clip.sub.whole() ? clip : *clips_.front();
}

std::size_t ClipLibrary::whole_count() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      clips_, [](const auto& clip) { return clip->main.whole() && clip->sub.whole(); }));
}

void ClipLibrary::work(const std::stop_token& stop) {
  std::vector<Clip*> missing;
  for (const auto& clip : clips_) {
    if (stop.stop_requested()) return;
    if (load(*clip))
      ++loaded_;
    else
      missing.push_back(clip.get());
  }
  for (Clip* clip : missing) {
    const auto drawn = draw(*clip, stop);
    if (stop.stop_requested()) return;
    if (!drawn) {
      clip->failed = true;
      log::error("sim.clip_failed", {{"why", drawn.error().message}});
      continue;
    }
    save(*clip);
  }
}

Result<void> ClipLibrary::draw(Clip& clip, const std::stop_token& stop) const {
  const auto scene = std::make_shared<const Scene>(clip.scene);
  VL_TRY(auto main, StreamDrawing::open(clip.main, scene));
  VL_TRY(auto sub, StreamDrawing::open(clip.sub, scene));
  // Both grow together, the one that is behind first: either can be watched from the start.
  while (!stop.stop_requested() && !(main.done() && sub.done())) {
    const bool main_first = !main.done() && (sub.done() || main.drawn_s() <= sub.drawn_s());
    VL_CHECK(main_first ? main.draw_next() : sub.draw_next());
  }
  return {};
}

std::filesystem::path ClipLibrary::file_of(const Clip& clip) const {
  const std::string key =
      fmt::format("{} {} {} {} {} | {} | {}", kDrawingVersion, name_of(clip.scene.layout),
                  name_of(clip.scene.light), clip.scene.seed, clip.scene.loop_s,
                  encoder_fingerprint(clip.main.profile), encoder_fingerprint(clip.sub.profile));
  return folder_ / ("clip-" + to_hex(sha256(as_bytes(key))).substr(0, 24) + ".vlclip");
}

bool ClipLibrary::load(Clip& clip) const {
  std::ifstream file(file_of(clip), std::ios::binary | std::ios::ate);
  const auto size = static_cast<std::streamoff>(file.tellg());
  if (!file || size < 64 || static_cast<std::size_t>(size) > kLargestFile) return false;
  Bytes all(static_cast<std::size_t>(size));
  file.seekg(0);
  if (!file.read(reinterpret_cast<char*>(all.data()), size)) return false;
  const ByteView body = ByteView(all).first(all.size() - 32);
  const Digest digest = sha256(body);
  if (!std::equal(digest.begin(), digest.end(), all.end() - 32) ||
      as_text(body.first(kMagic.size())) != kMagic)
    return false;
  Reader reader(body.subspan(kMagic.size()));
  if (!read_stream(reader, clip.main) || !read_stream(reader, clip.sub)) return false;
  clip.main.ready.store(clip.main.units.size(), std::memory_order_release);
  clip.sub.ready.store(clip.sub.units.size(), std::memory_order_release);
  return true;
}

void ClipLibrary::save(const Clip& clip) const {
  Bytes all(kMagic.begin(), kMagic.end());
  Writer writer(all);
  write_stream(writer, clip.main);
  write_stream(writer, clip.sub);
  const Digest digest = sha256(all);
  all.insert(all.end(), digest.begin(), digest.end());
  const auto path = file_of(clip);
  auto unfinished = path;
  unfinished += ".tmp";
  std::ofstream file(unfinished, std::ios::binary | std::ios::trunc);
  file.write(reinterpret_cast<const char*>(all.data()), static_cast<std::streamsize>(all.size()));
  file.close();
  std::error_code failed;
  if (file) std::filesystem::rename(unfinished, path, failed);
  if (!file || failed) {  // the clip plays all the same; the next start draws it again
    std::filesystem::remove(unfinished, failed);
    log::warn("sim.clip_not_kept", {{"folder", folder_.string()}});
  }
}

}  // namespace vl::sim
