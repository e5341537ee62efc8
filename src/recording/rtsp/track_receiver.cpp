#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <vonglau/rtsp/sequence.hpp>
#include <vonglau/rtsp/track_receiver.hpp>

#include "depacketiser.hpp"
#include "lexical.hpp"

namespace vl::rtsp {

std::string_view name_of(ProblemKind kind) {
  switch (kind) {
    case ProblemKind::packets_lost:
      return "packets_lost";
    case ProblemKind::malformed_packet:
      return "malformed_packet";
    case ProblemKind::missing_parameter_sets:
      return "missing_parameter_sets";
    case ProblemKind::bad_parameter_set:
      return "bad_parameter_set";
    case ProblemKind::sample_too_large:
      return "sample_too_large";
    case ProblemKind::timestamp_jump:
      return "timestamp_jump";
    case ProblemKind::source_restarted:
      return "source_restarted";
    case ProblemKind::split_picture:
      return "split_picture";
  }
  return "unknown";
}

namespace {

/// The first of a kind is told at once, what follows within a second is counted.
class ProblemTeller {
 public:
  explicit ProblemTeller(SampleSink& sink) : sink_(sink) {}

  void add(ProblemKind kind, std::uint64_t count, std::string detail) {
    auto& state = states_[static_cast<std::size_t>(kind)];
    state.waiting += count;
    state.detail = std::move(detail);
    if (!state.told || now_us_ - state.told_us >= interval_us) tell(kind, state);
  }
  /// Time goes on: tells what has waited long enough.
  void at(std::int64_t mono_us) {
    now_us_ = mono_us;
    if (mono_us < next_look_us_) return;
    next_look_us_ = mono_us + interval_us;
    tell_all();
  }
  void tell_all() {
    for (std::size_t i = 0; i < states_.size(); ++i)
      if (states_[i].waiting > 0) tell(static_cast<ProblemKind>(i), states_[i]);
  }

 private:
  static constexpr std::int64_t interval_us = 1'000'000;
  struct State {
    bool told = false;
    std::int64_t told_us = 0;
    std::uint64_t waiting = 0;
    std::string detail;
  };

  void tell(ProblemKind kind, State& state) {
    sink_.on_problem({kind, state.waiting, std::move(state.detail)});
    state = {true, now_us_, 0, {}};
  }

  SampleSink& sink_;
  std::array<State, problem_kinds> states_;
  std::int64_t now_us_ = 0;
  std::int64_t next_look_us_ = 0;
};

}  // namespace

class TrackReceiver::Inside final : public DepacketiserOutput {
 public:
  Inside(const Media& media, std::uint8_t track, SampleSink& sink, bool stamped)
      : media_(media),
        track_(track),
        stamped_(stamped),
        sink_(sink),
        problems_(sink),
        unwrapper_(media.clock_hz),
        wall_(media.clock_hz) {
    if (media.codec == media::Codec::h264)
      depacketiser_ = make_h264_depacketiser(media, *this);
    else if (media.codec == media::Codec::h265)
      depacketiser_ = make_h265_depacketiser(media, *this);
    else
      depacketiser_ = make_audio_depacketiser(media, *this);
  }

  void on_rtp(ByteView bytes, WallTime wall, MonoTime mono, bool lasts) {
    now_wall_us_ = wall.us;
    now_mono_us_ = mono.us;
    problems_.at(mono.us);
    ++counters_.packets;
    counters_.bytes += bytes.size();
    const auto packet = parse_rtp(bytes);
    if (!packet) return malformed(packet.error().message);
    if (packet->payload_type != media_.payload_type)
      return malformed(fmt::format("payload type {}, the SDP said {}", packet->payload_type,
                                   media_.payload_type));
    if (packet->ssrc != ssrc_) {
      if (has_ssrc_) restart("another SSRC");
      has_ssrc_ = true;
      ssrc_ = packet->ssrc;
    }
    switch (window_.push(packet->sequence, bytes)) {
      case ReorderWindow::Verdict::deliver:
        deliver(*packet);
        break;
      case ReorderWindow::Verdict::held:
        ++counters_.reordered;
        break;
      case ReorderWindow::Verdict::duplicate:
        ++counters_.duplicates;
        return;
      case ReorderWindow::Verdict::restarted:
        restart("its sequence numbers jumped");
        window_.push(packet->sequence, bytes);
        deliver(*packet);
        break;
    }
    if (!lasts) depacketiser_->keep();
    deliver_held();
  }
  void keep() { depacketiser_->keep(); }

  void on_rtcp(ByteView bytes, WallTime wall, MonoTime mono) {
    now_wall_us_ = wall.us;
    now_mono_us_ = mono.us;
    problems_.at(mono.us);
    const auto report = parse_rtcp(bytes);
    if (!report) return malformed(report.error().message);
    for (const auto& sender : report->sender_reports) {
      const auto camera_us = wall_us_of_ntp(sender.ntp);
      if (!camera_us || (has_ssrc_ && sender.ssrc != ssrc_)) continue;
      const auto place = unwrapper_.place_of(sender.rtp_timestamp);
      camera_offset_us_ = *camera_us - wall.us;
      if (!place) continue;
      camera_pts_ = *place;
      camera_us_at_pts_ = *camera_us;
    }
  }

  void finish() {
    while (window_.skip() > 0) {  // what is missing now never comes
      lose(1);
      deliver_held();
    }
    depacketiser_->finish();
    problems_.tell_all();
  }

  // DepacketiserOutput
  void sample(const PacketTime& time, bool is_key, media::SampleBytes&& bytes,
              const std::shared_ptr<const media::TrackFormat>& format) override {
    ++counters_.samples;
    counters_.key_samples += is_key ? 1 : 0;
    media::Sample out;
    out.track = track_;
    out.is_key = is_key;
    out.pts = time.pts;
    out.wall_us = stamped_ ? time.wall_us : wall_.wall_us(time.pts, time.wall_us);
    if (camera_us_at_pts_ != 0)
      out.camera_us = camera_us_at_pts_ +
                      static_cast<std::int64_t>(static_cast<__int128>(time.pts - camera_pts_) *
                                                1'000'000 / media_.clock_hz);
    out.bytes = std::move(bytes);
    out.format = format;
    sink_.on_sample(std::move(out));
  }
  void left_out_sample() override { ++counters_.left_out; }
  void problem(ProblemKind kind, std::string detail) override {
    if (kind == ProblemKind::malformed_packet) ++counters_.malformed;
    problems_.add(kind, 1, std::move(detail));
  }

  const TrackCounters& counters() const { return counters_; }
  std::optional<std::int64_t> camera_offset_us() const { return camera_offset_us_; }

 private:
  void malformed(std::string what) { problem(ProblemKind::malformed_packet, std::move(what)); }

  void deliver(const RtpPacket& packet) {
    const auto step = unwrapper_.unwrap(packet.timestamp, now_mono_us_);
    if (step.jumped) {
      problems_.add(ProblemKind::timestamp_jump, 1,
                    "RTP timestamps jumped by more than 10 s against the time they took to come");
      camera_us_at_pts_ = 0;
    }
    depacketiser_->packet(packet, {step.pts, now_wall_us_});
  }

  void deliver_held() {
    if (window_.full()) lose(window_.skip());
    while (const auto held = window_.take()) {
      const auto packet = parse_rtp(*held);  // was parsed before it was held
      if (packet) deliver(*packet);
      depacketiser_->keep();
      if (window_.full()) lose(window_.skip());
    }
  }

  void lose(std::uint32_t count) {
    if (count == 0) return;
    counters_.lost += count;
    problems_.add(ProblemKind::packets_lost, count,
                  fmt::format("packets missing in {}: everything up to the next key picture is "
                              "left out",
                              name_of(media_.codec)));
    depacketiser_->lost();
  }

  void restart(std::string_view why) {
    problems_.add(ProblemKind::source_restarted, 1, std::string(why));
    depacketiser_->lost();
    window_.reset();
    unwrapper_.restart();
    camera_us_at_pts_ = 0;
  }

  Media media_;
  std::uint8_t track_;
  bool stamped_;
  SampleSink& sink_;
  ProblemTeller problems_;
  ReorderWindow window_;
  TimestampUnwrapper unwrapper_;
  WallClockMap wall_;
  std::unique_ptr<Depacketiser> depacketiser_;
  TrackCounters counters_;
  std::int64_t now_wall_us_ = 0;
  std::int64_t now_mono_us_ = 0;
  bool has_ssrc_ = false;
  std::uint32_t ssrc_ = 0;
  std::int64_t camera_pts_ = 0;
  std::int64_t camera_us_at_pts_ = 0;  // 0: no sender report yet
  std::optional<std::int64_t> camera_offset_us_;
};

Result<void> TrackReceiver::can_receive(const Media& media) {
  if (media.codec == media::Codec::other)
    return fail(RtspError::unsupported,
                "no codec we can record: " +
                    quoted(media.encoding.empty() ? "(not said)" : media.encoding));
  std::string_view rest = media.fmtp;
  while (!rest.empty()) {
    auto parameter = trim(cut(rest, ';'));
    const auto name = trim(cut(parameter, '='));
    const bool interleaves =
        same_word(name, "sprop-max-don-diff") || same_word(name, "sprop-interleaving-depth");
    if (interleaves && trim(parameter) != "0")
      return fail(RtspError::unsupported, "interleaved units (" + quoted(name) + ") are not taken");
  }
  if (media.codec == media::Codec::aac && media.parameter_sets.empty())
    return fail(RtspError::unsupported, "AAC without its config in the SDP");
  if (media.codec == media::Codec::aac && media.au_size_bits == 0)
    return fail(RtspError::unsupported, "AAC of constant size is not taken");
  return {};
}

TrackReceiver::TrackReceiver(const Media& media, std::uint8_t track, SampleSink& sink, bool stamped)
    : inside_(std::make_unique<Inside>(media, track, sink, stamped)) {}
TrackReceiver::~TrackReceiver() = default;
void TrackReceiver::on_rtp(ByteView packet, WallTime wall, MonoTime mono, bool lasts) {
  inside_->on_rtp(packet, wall, mono, lasts);
}
void TrackReceiver::keep() {
  inside_->keep();
}
void TrackReceiver::on_rtcp(ByteView packet, WallTime wall, MonoTime mono) {
  inside_->on_rtcp(packet, wall, mono);
}
void TrackReceiver::finish() {
  inside_->finish();
}
const TrackCounters& TrackReceiver::counters() const {
  return inside_->counters();
}
std::optional<std::int64_t> TrackReceiver::camera_clock_offset_us() const {
  return inside_->camera_offset_us();
}

}  // namespace vl::rtsp
