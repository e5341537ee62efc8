// The media side of a connection: which picture is due, and how the camera's fault shows in it.
#include <algorithm>
#include <utility>

#include <vonglau/rtsp/rtp.hpp>

#include "cameras_connection.hpp"

namespace vl::sim {
namespace {

constexpr std::int64_t kReportEvery_us = 5'000'000;
constexpr int kSequenceSet = 7, kPictureSet = 8;
constexpr std::size_t kFrameHead = 4, kPacketHead = 16;

}  // namespace

std::uint32_t Connection::timestamp_of(std::int64_t media_ticks) const {
  const auto shift = static_cast<std::int64_t>(camera_->rtp_shift_s * kRtpHz);
  return first_timestamp_ + static_cast<std::uint32_t>(media_ticks + shift);
}

// Main and sub stream of a camera show the same moment of the loop, give or take one key distance.
void Connection::join_clip(std::int64_t now_us) {
  clip_ = &wanted_clip();
  const auto distance = static_cast<std::size_t>(clip_->profile.key_distance);
  const std::size_t ready = clip_->ready.load(std::memory_order_acquire);
  const auto unit =
      static_cast<std::size_t>(hub_.phase_us(*camera_, now_us) * clip_->profile.fps / 1'000'000);
  next_unit_ = ready == 0 ? 0 : unit % ready / distance * distance;
}

void Connection::send_due(std::int64_t now_us) {
  if (!open_ || !playing_ || watching_live_) return;
  if (replay_) return send_stored(now_us);
  if (clip_ == nullptr || clip_ != &wanted_clip()) {
    const bool at_key =
        clip_ == nullptr || next_unit_ % static_cast<std::size_t>(clip_->profile.key_distance) == 0;
    if (at_key) join_clip(now_us);
  }
  const std::size_t ready = clip_->ready.load(std::memory_order_acquire);
  if (ready == 0) {  // the very first pictures are still being drawn
    play_mono_us_ += 50'000;
    play_wall_.us += 50'000;
    return hub_.wake(shared_from_this(), now_us + 50'000);
  }
  if (next_unit_ >= ready) next_unit_ = 0;
  const Unit& unit = clip_->units[next_unit_++];
  const std::uint32_t timestamp = timestamp_of(media_ticks_);
  if (now_us >= report_due_us_ && !camera_->has(FaultKind::stall)) {
    send_report(timestamp, play_wall_.plus_us(us_of(media_ticks_)));
    report_due_us_ = now_us + kReportEvery_us;
  }
  send_unit(unit, timestamp);
  if (!open_) return;
  media_ticks_ += kRtpHz / clip_->profile.fps;
  // A machine that was asleep does not send the hours it missed.
  std::int64_t due_us = play_mono_us_ + us_of(media_ticks_);
  if (const std::int64_t late_us = now_us - due_us; late_us > 2'000'000) {
    media_ticks_ += late_us * 9 / 100;
    due_us = now_us;
  }
  hub_.wake(shared_from_this(), due_us);
}

void Connection::send_live(StreamKind kind, const std::shared_ptr<const LiveUnit>& unit) {
  if (!open_ || !playing_ || kind != kind_ || replay_) return;
  const std::int64_t now_us = hub_.clock().mono().us;
  const std::uint32_t timestamp = timestamp_of((unit->captured.us - play_wall_.us) * 9 / 100);
  if (now_us >= report_due_us_ && !camera_->has(FaultKind::stall)) {
    send_report(timestamp, unit->captured);
    report_due_us_ = now_us + kReportEvery_us;
  }
  send_unit(unit->unit, timestamp);
}

void Connection::send_unit(const Unit& unit, std::uint32_t timestamp) {
  if (camera_->has(FaultKind::stall)) {
    wait_for_key_ = true;
    return;
  }
  if (wait_for_key_ && !unit.key) return;
  if (!room_for(2 * unit.wire.size())) {
    wait_for_key_ = true;
    ++camera_->counters.pictures_dropped;
    return;
  }
  wait_for_key_ = false;
  // Of the last second or two: what is added is the same for each picture, as an encoder that is
  // told a rate spreads it.
  const auto bytes = static_cast<double>(unit.wire.size());
  usual_bytes_ =
      usual_bytes_ == 0 ? bytes / (unit.key ? 8 : 1) : usual_bytes_ + (bytes - usual_bytes_) / 32;
  const bool padded = camera_->has(FaultKind::high_bit_rate);
  const bool spoilt = camera_->has(FaultKind::reorder) || camera_->has(FaultKind::duplicate) ||
                      camera_->has(FaultKind::no_parameter_sets) ||
                      camera_->has(FaultKind::absurd_size);
  const double leave_out = camera_->has(FaultKind::skip) ? camera_->amount_or(0.05) : 0;
  Bytes wire;
  if (spoilt) {
    wire = spoilt_packets(unit, timestamp);
  } else if (leave_out > 0) {
    for (std::size_t i = 0; i < unit.packets.size(); ++i) {
      if (hub_.chance().happens(static_cast<float>(leave_out))) {
        ++source_.next_sequence;
        ++camera_->counters.packets_skipped;
        continue;
      }
      const std::size_t at = wire.size();
      wire.insert(wire.end(), unit.wire.begin() + unit.packets[i],
                  unit.wire.begin() + static_cast<std::ptrdiff_t>(unit.end_of(i)));
      fill_in(wire, at, timestamp, source_);
    }
  } else {
    wire = unit.wire;
    for (const std::uint32_t at : unit.packets) fill_in(wire, at, timestamp, source_);
    if (padded && !unit.packets.empty()) {
      clear_marker(wire, unit.packets.back());
      const double times = std::clamp(camera_->amount_or(6.0), 1.0, 500.0);
      append_filler(wire, static_cast<std::size_t>(usual_bytes_ * (times - 1)), timestamp, source_);
    }
  }
  sent_packets_ += static_cast<std::uint32_t>(unit.packets.size());
  sent_octets_ += static_cast<std::uint32_t>(wire.size() - 16 * unit.packets.size());
  ++camera_->counters.pictures_sent;
  if (wire.empty()) return;
  if (!room_for(wire.size())) {
    wait_for_key_ = true;
    ++camera_->counters.pictures_dropped;
    return;
  }
  enqueue(std::move(wire));
}

Bytes Connection::spoilt_packets(const Unit& unit, std::uint32_t timestamp) {
  std::vector<Bytes> frames;
  for (std::size_t i = 0; i < unit.packets.size(); ++i) {
    Bytes frame(unit.wire.begin() + unit.packets[i],
                unit.wire.begin() + static_cast<std::ptrdiff_t>(unit.end_of(i)));
    const int type = nal_type_of(frame);
    const bool is_set = type == kSequenceSet || type == kPictureSet;
    if (is_set && camera_->has(FaultKind::no_parameter_sets)) continue;
    if (type == kSequenceSet && camera_->has(FaultKind::absurd_size)) {
      const Bytes absurd = absurd_parameter_set();
      frame.resize(kPacketHead);
      frame.insert(frame.end(), absurd.begin(), absurd.end());
      frame[2] = 0;
      frame[3] = static_cast<std::uint8_t>(frame.size() - kFrameHead);
    }
    fill_in(frame, 0, timestamp, source_);
    frames.push_back(std::move(frame));
  }
  const auto share = static_cast<float>(camera_->amount_or(0.2));
  if (camera_->has(FaultKind::reorder))
    for (std::size_t i = 0; i + 1 < frames.size(); ++i)
      if (hub_.chance().happens(share)) std::swap(frames[i], frames[i + 1]), ++i;
  Bytes wire;
  for (const Bytes& frame : frames) {
    const bool twice = camera_->has(FaultKind::duplicate) && hub_.chance().happens(share);
    for (int i = 0; i < (twice ? 2 : 1); ++i) wire.insert(wire.end(), frame.begin(), frame.end());
  }
  return wire;
}

void Connection::wrap_at(std::int64_t mono_us) {
  const auto ticks = (mono_us - play_mono_us_) * 9 / 100;
  const auto shift = static_cast<std::int64_t>(camera_->rtp_shift_s * kRtpHz);
  first_timestamp_ = static_cast<std::uint32_t>(-(ticks + shift));
}

void Connection::send_report(std::uint32_t timestamp, WallTime captured) {
  const auto shift_us = static_cast<std::int64_t>(camera_->clock_shift_s * 1e6);
  Bytes report;
  rtsp::append_sender_report(report, {source_.ssrc, rtsp::ntp_of_wall_us(captured.us + shift_us),
                                      timestamp, sent_packets_, sent_octets_});
  const auto header = rtsp::frame_header(rtcp_channel_, static_cast<std::uint16_t>(report.size()));
  Bytes frame(header.begin(), header.end());
  frame.insert(frame.end(), report.begin(), report.end());
  enqueue(std::move(frame));
}

void Connection::send_garbage(std::size_t bytes) {
  if (!playing_) return;
  Bytes rubbish(std::min<std::size_t>(bytes, 1 << 20));
  for (std::uint8_t& byte : rubbish) byte = static_cast<std::uint8_t>(hub_.chance().bits());
  if (room_for(rubbish.size())) enqueue(std::move(rubbish));
}

}  // namespace vl::sim
