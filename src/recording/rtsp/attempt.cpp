#include "attempt.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>
#include <openssl/rand.h>

#include <vonglau/base/assert.hpp>
#include <vonglau/rtsp/rtp.hpp>

namespace vl::rtsp {
namespace {

using boost::system::error_code;

constexpr std::size_t most_addresses = 8;
constexpr std::size_t most_waiting_bytes = 64 * 1024;
constexpr std::int64_t second_us = 1'000'000;
constexpr std::int64_t report_interval_us = 5 * second_us;
/// RTP comes, but no sample can be made of it: so many times stall_ms, as smart cameras leave
/// 20 s and more between key pictures.
constexpr std::int64_t stalls_without_sample = 6;
/// A camera may say so much that nobody asked for: messages in a window.
constexpr int most_talk = 200;
/// Waiting in a socket: a quarter of a second of a camera at 16 Mb/s.
constexpr int gather_bytes = 512 * 1024;
constexpr std::int64_t talk_window_us = 10 * second_us;

std::string fresh_cnonce() {
  std::array<std::uint8_t, 16> bytes{};
  VL_ASSERT(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1);
  return to_hex(bytes);
}

bool only_for_now(const error_code& failed) {
  return failed == asio::error::would_block || failed == asio::error::try_again ||
         failed == asio::error::interrupted;
}

}  // namespace

struct Attempt::Track {
  Track(const PlayedTrack& played, SampleSink& sink)
      : rtp_channel(played.rtp_channel),
        rtcp_channel(played.rtcp_channel),
        number(played.number),
        receiver(played.media, played.number, sink) {}
  std::uint8_t rtp_channel;
  std::uint8_t rtcp_channel;
  std::uint8_t number;
  TrackReceiver receiver;
};

Attempt::Attempt(Shared& shared, Conversation::Peer peer, AttemptOwner& owner, SampleSink& sink)
    : shared_(shared),
      owner_(&owner),
      sink_(sink),
      url_(peer.url),
      has_earlier_challenge_(peer.challenge.has_value()),
      conversation_(std::move(peer), fresh_cnonce),
      resolver_(shared.io),
      socket_(shared.io),
      own_ssrc_(static_cast<std::uint32_t>(shared.chance())) {}

Attempt::~Attempt() = default;

// Finding and reaching the camera.

void Attempt::start() {
  is_starting_ = true;
  ++shared_.starting;
  deadline_us_ = shared_.clock.mono().us + shared_.options.connect_timeout_ms * 1000;
  error_code failed;
  const auto address = asio::ip::make_address(url_.host, failed);
  if (failed) return resolve();
  endpoints_ = {tcp::endpoint(address, url_.port)};
  connect_next();
  // What fails at once is told by the next tick, so that nothing is told while starting.
}

void Attempt::resolve() {
  resolver_.async_resolve(
      url_.host, std::to_string(url_.port),
      [self = shared_from_this()](const error_code& failed, tcp::resolver::results_type found) {
        if (self->stage_ != Stage::resolving || self->ending_) return;
        if (failed) {
          self->fail_with(StopCause::unreachable, "the name is not known: " + failed.message());
        } else {
          for (const auto& entry : found)
            if (self->endpoints_.size() < most_addresses)
              self->endpoints_.push_back(entry.endpoint());
          std::ranges::reverse(self->endpoints_);
          self->connect_next();
        }
        self->settle();
      });
}

void Attempt::connect_next() {
  stage_ = Stage::connecting;
  const auto tried = ++connecting_;
  error_code failed;
  socket_.close(failed);
  if (endpoints_.empty()) {
    const auto why = connect_error_.empty() ? "the name has no address" : connect_error_;
    return fail_with(connect_cause_, why);
  }
  const std::int64_t now_us = shared_.clock.mono().us;
  try_deadline_us_ =
      now_us + (deadline_us_ - now_us) / static_cast<std::int64_t>(endpoints_.size());
  const tcp::endpoint endpoint = endpoints_.back();
  endpoints_.pop_back();
  socket_.open(endpoint.protocol(), failed);
  if (!failed) socket_.non_blocking(true, failed);
  if (failed) return fail_with(StopCause::unreachable, "no socket: " + failed.message());
  socket_.async_connect(endpoint, [self = shared_from_this(), tried](const error_code& why) {
    if (self->connecting_ != tried || self->stage_ != Stage::connecting || self->ending_) return;
    if (!why) {
      self->on_connected();
    } else {
      self->connect_error_ = "not connected: " + why.message();
      // Taken, and cut before we knew of it.
      self->connect_cause_ =
          why == asio::error::connection_reset ? StopCause::reset : StopCause::unreachable;
      self->connect_next();
    }
    self->settle();
  });
}

void Attempt::on_connected() {
  stage_ = Stage::talking;
  error_code ignored;
  socket_.set_option(tcp::no_delay(true), ignored);
  socket_.set_option(asio::socket_base::keep_alive(true), ignored);
  talk_window_us_ = asked_us_ = shared_.clock.mono().us;
  send(conversation_.begin());
  wait_readable();
}

// Reading.

void Attempt::wait_readable() {
  waits_readable_ = true;
  socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this()](const error_code& failed) {
    self->waits_readable_ = false;
    if (self->stage_ == Stage::gone || failed == asio::error::operation_aborted) return;
    self->on_readable();
    self->settle();
  });
}

void Attempt::on_readable() {
  if (read()) wait_readable();
}

/// False: there is nothing more to read, ever.
bool Attempt::read() {
  error_code failed;
  const std::size_t read = socket_.read_some(asio::buffer(shared_.received), failed);
  if (failed && !only_for_now(failed)) {
    on_hung_up(failed);
    return false;
  }
  if (stage_ == Stage::talking && read > 0) {
    read_wall_ = shared_.clock.wall();
    read_mono_ = shared_.clock.mono();
    take(ByteView(shared_.received).first(read));
  }
  return !ending_ || stage_ == Stage::leaving;
}

void Attempt::gather() {
  if (!gathers_ || ending_ || stage_ != Stage::talking) return;
  // The wait for more goes on: it ends when the camera hangs up, or sends very much.
  static_cast<void>(read());
  settle();
}

void Attempt::set_haste(bool in_haste) {
  if (stage_ != Stage::talking || !playing_ || gathers_ == !in_haste) return;
  gathers_ = !in_haste;
  // Without it the system would wake us for every packet all the same. Where it has no such
  // option, it does.
  error_code ignored;
  socket_.set_option(asio::socket_base::receive_low_watermark(gathers_ ? gather_bytes : 1),
                     ignored);
}

void Attempt::on_hung_up(const error_code& why) {
  if (stage_ == Stage::leaving) return drop();
  hung_up_ = true;
  if (ending_) return;
  if (auto challenge = conversation_.challenge_just_answered();
      challenge && !has_earlier_challenge_ && !playing_) {
    ending_.emplace().again = std::move(challenge);
    return;
  }
  std::string what = why == asio::error::eof ? "the camera ended the connection"
                                             : "the connection broke: " + why.message();
  if (!playing_ && !conversation_.awaiting().empty())
    what += fmt::format(" instead of answering {}", conversation_.awaiting());
  fail_with(StopCause::reset, what);
}

void Attempt::take(ByteView chunk) {
  parser_.feed(chunk);
  take_items();
  // The chunk's place is the next connection's.
  for (const auto& track : tracks_) track->receiver.keep();
}

void Attempt::take_items() {
  while (!ending_) {
    if (const auto frame = parser_.next_frame()) {
      take_frame(*frame);
      continue;
    }
    auto item = parser_.next();
    if (!item) return fail_with(StopCause::bad_stream, item.error().message);
    if (!*item) return;
    if (const auto* frame = std::get_if<Frame>(&**item)) {
      take_frame(*frame);
      continue;
    }
    if (!may_talk(read_mono_.us)) return;
    if (const auto* response = std::get_if<Response>(&**item)) take_response(*response);
    if (const auto* request = std::get_if<Request>(&**item)) send(Conversation::answer(*request));
  }
}

bool Attempt::may_talk(std::int64_t now_us) {
  if (now_us - talk_window_us_ > talk_window_us) {
    talk_window_us_ = now_us;
    talk_in_window_ = 0;
  }
  if (++talk_in_window_ <= most_talk) return true;
  fail_with(StopCause::bad_stream, "sends messages without end");
  return false;
}

void Attempt::take_response(const Response& response) {
  auto next = conversation_.on_response(response);
  if (next.failure) {
    ending_.emplace().failure = std::move(next.failure);
    return;
  }
  if (next.redirect) {
    ending_.emplace().redirect = std::move(next.redirect);
    return;
  }
  // Before PLAY is sent, as packets may come before its answer.
  if (conversation_.phase() == Conversation::Phase::play && tracks_.empty()) make_receivers();
  if (conversation_.phase() == Conversation::Phase::playing && !playing_) begin_playing();
  if (next.send.empty()) return;
  asked_us_ = shared_.clock.mono().us;
  send(next.send);
}

void Attempt::make_receivers() {
  for (const PlayedTrack& track : conversation_.tracks())
    tracks_.push_back(std::make_unique<Track>(track, sink_));
}

void Attempt::end_starting() {
  if (std::exchange(is_starting_, false)) --shared_.starting;
}

void Attempt::begin_playing() {
  playing_ = true;
  end_starting();
  const std::int64_t now_us = shared_.clock.mono().us;
  heard_us_ = sample_us_ = report_due_us_ = now_us;
  keep_alive_due_us_ = now_us + conversation_.keep_alive_interval_ms() * 1000;
  if (owner_ != nullptr) owner_->on_playing(conversation_.description());
}

void Attempt::take_frame(const Frame& frame) {
  for (const auto& track : tracks_) {
    const bool is_rtp = frame.channel == track->rtp_channel;
    if (!is_rtp && frame.channel != track->rtcp_channel) continue;
    if (is_rtp && !playing_) {
      conversation_.rtp_came();
      begin_playing();
    }
    if (!playing_) return;
    const bool counts = track == tracks_.front();  // the video, if there is any
    if (is_rtp) {
      track->receiver.on_rtp(frame.payload, read_wall_, read_mono_, frame.in_chunk);
      if (!counts) return;
      heard_us_ = read_mono_.us;
      bye_us_.reset();
    } else {
      track->receiver.on_rtcp(frame.payload, read_wall_, read_mono_);
      if (const auto report = parse_rtcp(frame.payload); report && report->bye && counts)
        bye_us_ = read_mono_.us;
    }
    return;
  }
}

// Writing.

void Attempt::send(std::string_view text) {
  if (stage_ != Stage::talking) return;
  if (waiting_.size() + text.size() > most_waiting_bytes)
    return fail_with(StopCause::stalled, "does not read what it is sent");
  waiting_ += text;
  flush();
}

void Attempt::flush() {
  if (waits_writable_ || waiting_.empty()) return;
  error_code failed;
  const std::size_t written = socket_.write_some(asio::buffer(waiting_), failed);
  // A broken connection is told by reading: what the camera said last may still lie there.
  if (failed && !only_for_now(failed)) return waiting_.clear();
  waiting_.erase(0, written);
  if (waiting_.empty()) return;
  waits_writable_ = true;
  socket_.async_wait(tcp::socket::wait_write, [self = shared_from_this()](const error_code& why) {
    self->waits_writable_ = false;
    if (self->stage_ == Stage::gone || why == asio::error::operation_aborted) return;
    self->flush();
    if (self->stage_ == Stage::leaving && self->waiting_.empty()) {
      error_code ignored;
      self->socket_.shutdown(tcp::socket::shutdown_send, ignored);
    }
  });
}

void Attempt::send_reports() {
  Bytes out;
  for (const auto& track : tracks_) {
    Bytes report;
    append_receiver_report(report, own_ssrc_ + track->number);
    const auto head = frame_header(track->rtcp_channel, static_cast<std::uint16_t>(report.size()));
    out.insert(out.end(), head.begin(), head.end());
    out.insert(out.end(), report.begin(), report.end());
  }
  send(as_text(out));
}

// Time.

void Attempt::tick(std::int64_t now_us) {
  const auto self = shared_from_this();
  if (ending_ && stage_ != Stage::leaving) return settle();
  switch (stage_) {
    case Stage::resolving:
      if (now_us < deadline_us_) break;
      resolver_.cancel();
      fail_with(StopCause::unreachable, "the name was not found in time");
      break;
    case Stage::connecting:
      if (now_us < try_deadline_us_) break;
      connect_error_ = "no answer to the connection";
      connect_cause_ = StopCause::unreachable;
      connect_next();
      break;
    case Stage::talking:
      playing_ ? watch_play(now_us) : watch_talk(now_us);
      break;
    case Stage::leaving:
      if (now_us >= deadline_us_) drop();
      break;
    case Stage::gone:
      break;
  }
  settle();
}

void Attempt::watch_talk(std::int64_t now_us) {
  if (now_us - asked_us_ > shared_.options.answer_timeout_ms * 1000)
    fail_with(StopCause::stalled, fmt::format("no answer to {}", conversation_.awaiting()));
}

void Attempt::watch_play(std::int64_t now_us) {
  const std::int64_t stall_us = shared_.options.stall_ms * 1000;
  if (now_us - heard_us_ > stall_us)
    return fail_with(StopCause::stalled,
                     fmt::format("no RTP for {} ms", (now_us - heard_us_) / 1000));
  if (bye_us_ && now_us - *bye_us_ > second_us)
    return fail_with(StopCause::reset, "the camera ended the stream (RTCP BYE)");
  if (const auto samples = tracks_.front()->receiver.counters().samples; samples != samples_) {
    samples_ = samples;
    sample_us_ = now_us;
  } else if (now_us - sample_us_ > stalls_without_sample * stall_us) {
    return fail_with(StopCause::bad_stream, fmt::format("RTP comes, but nothing whole for {} ms",
                                                        (now_us - sample_us_) / 1000));
  }
  if (!waiting_.empty()) return;  // it does not read: more would not help
  if (now_us >= report_due_us_) {
    report_due_us_ = now_us + report_interval_us;
    send_reports();
  }
  if (now_us >= keep_alive_due_us_) {
    keep_alive_due_us_ = now_us + conversation_.keep_alive_interval_ms() * 1000;
    send(conversation_.keep_alive());
  }
}

void Attempt::postpone(std::int64_t by_us) {
  for (auto* time : {&deadline_us_, &try_deadline_us_, &asked_us_, &heard_us_, &sample_us_})
    *time += by_us;
  if (bye_us_) *bye_us_ += by_us;
}

// Ending.

void Attempt::fail_with(StopCause cause, std::string_view what) {
  if (ending_) return;
  ending_.emplace().failure = Failure{cause, fmt::format("{}: {}", address_of(url_), what)};
}

void Attempt::settle() {
  if (!ending_ || owner_ == nullptr) return;
  const auto self = shared_from_this();
  auto* owner = owner_;
  leave();
  owner->on_ended(*ending_);
}

void Attempt::leave() {
  if (owner_ == nullptr) return;
  owner_ = nullptr;
  end_starting();
  for (const auto& track : tracks_) track->receiver.finish();
  const auto goodbye = stage_ == Stage::talking ? conversation_.teardown() : std::string();
  if (goodbye.empty() || hung_up_ || !socket_.is_open()) return drop();
  waiting_ += goodbye;
  stage_ = Stage::leaving;
  deadline_us_ = shared_.clock.mono().us + second_us;
  flush();
  error_code ignored;
  if (waiting_.empty()) socket_.shutdown(tcp::socket::shutdown_send, ignored);
  if (!waits_readable_) wait_readable();
  shared_.leaving.push_back(shared_from_this());
}

void Attempt::drop() {
  stage_ = Stage::gone;
  ++connecting_;
  resolver_.cancel();
  error_code ignored;
  socket_.close(ignored);
}

const TrackCounters* Attempt::video_counters() const {
  for (const auto& track : tracks_)
    if (track->number == 0) return &track->receiver.counters();
  return nullptr;
}

std::optional<std::int64_t> Attempt::camera_clock_offset_us() const {
  if (tracks_.empty()) return std::nullopt;
  return tracks_.front()->receiver.camera_clock_offset_us();
}

}  // namespace vl::rtsp
