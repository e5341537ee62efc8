#include "cameras_connection.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

#include <vonglau/rtsp/sdp.hpp>
#include <vonglau/rtsp/transport.hpp>

namespace vl::sim {
namespace {

constexpr std::string_view kMethods =
    "OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER, SET_PARAMETER";
constexpr std::string_view kTrack = "trackID=0";

struct Target {
  std::string_view code;
  std::optional<StreamKind> kind;
  bool replay = false;
};

// "rtsp://host:port/CAM-001/main/trackID=0?x" -> code and stream.
Target target_of(std::string_view uri) {
  const auto scheme = uri.find("://");
  if (scheme == std::string_view::npos) return {};
  const auto slash = uri.find('/', scheme + 3);
  if (slash == std::string_view::npos) return {};
  std::string_view path = uri.substr(slash + 1);
  path = path.substr(0, path.find('?'));
  Target target;
  const auto end = path.find('/');
  target.code = path.substr(0, end);
  if (end == std::string_view::npos) return target;
  const std::string_view rest = path.substr(end + 1);
  const std::string_view stream = rest.substr(0, rest.find('/'));
  if (stream == "main") target.kind = StreamKind::main;
  if (stream == "sub") target.kind = StreamKind::sub;
  if (stream == "replay") target.kind = StreamKind::main, target.replay = true;
  return target;
}

}  // namespace

Connection::Connection(Hub& hub, asio::ip::tcp::socket socket)
    : hub_(hub), socket_(std::move(socket)), heard_us_(hub.clock().mono().us) {
  Chance& chance = hub_.chance();
  challenge_.realm = "VL camera";
  challenge_.nonce = fmt::format("{:016x}{:016x}", chance.bits(), chance.bits());
  challenge_.qop_auth = true;
  session_ = fmt::format("{:016x}", chance.bits());
  source_.ssrc = static_cast<std::uint32_t>(chance.bits());
  source_.next_sequence = static_cast<std::uint16_t>(chance.bits());
  first_timestamp_ = static_cast<std::uint32_t>(chance.bits());
}

void Connection::start() {
  boost::system::error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  read();
}

void Connection::read() {
  socket_.async_read_some(
      asio::buffer(buffer_),
      [self = shared_from_this()](boost::system::error_code failed, std::size_t n) {
        if (!self->open_) return;
        if (failed) return self->close();
        self->take(n);
        if (self->open_ && !self->close_when_sent_) self->read();
      });
}

void Connection::take(std::size_t bytes) {
  heard_us_ = hub_.clock().mono().us;
  parser_.feed(ByteView(buffer_).first(bytes));
  while (open_) {
    auto item = parser_.next();
    if (!item) {
      rtsp::Response refusal;
      refusal.status = 400;
      const std::string text = serialise(refusal);
      close_when_sent_ = true;
      return enqueue(Bytes(text.begin(), text.end()));
    }
    if (!*item) return;
    if (const auto* request = std::get_if<rtsp::Request>(&**item)) answer(*request);
    // Frames are the receiver's reports: hearing them is all they are for.
  }
}

void Connection::answer(const rtsp::Request& request) {
  rtsp::Response response;
  if (const auto cseq = rtsp::cseq_of(request.headers))
    response.headers.add("CSeq", std::to_string(*cseq));
  response.headers.add("Server", "VL camera simulator");
  if (request.method == "OPTIONS") {
    response.headers.add("Public", std::string(kMethods));
    if (camera_ == nullptr) attach(request, response);
    response.status = 200;
  } else if (attach(request, response) && open_ && authorised(request, response)) {
    if (request.method == "DESCRIBE") {
      describe(request, response);
    } else if (request.method == "SETUP") {
      set_up(request, response);
    } else if (request.method == "PLAY") {
      play(request, response);
    } else if (request.method == "TEARDOWN") {
      end_media();
      set_up_ = false;
    } else if (request.method != "GET_PARAMETER" && request.method != "SET_PARAMETER") {
      response.status = 501;
      response.headers.add("Allow", std::string(kMethods));
    }
    if (set_up_ && response.status == 200)
      response.headers.set("Session",
                           fmt::format("{};timeout={}", session_, hub_.config().session_timeout_s));
  }
  if (!open_ || (camera_ != nullptr && camera_->has(FaultKind::stall))) return;
  const std::string text = serialise(response);
  enqueue(Bytes(text.begin(), text.end()));
  if (response.status == 200 && request.method == "PLAY") begin_media();
}

// Ties the connection to the camera of its first request.
bool Connection::attach(const rtsp::Request& request, rtsp::Response& response) {
  const Target target = target_of(request.uri);
  Camera* camera = hub_.find(target.code);
  if (camera_ == nullptr && camera != nullptr) {
    if (camera->refuses()) return cut(), false;
    if (camera->connections.size() >= Hub::kConnectionsPerCamera) {
      response.status = 453;
      return false;
    }
    camera_ = camera;
    camera_->connections.push_back(this);
  }
  if (camera_ == nullptr || camera != camera_ || (!target.kind && request.method == "DESCRIBE")) {
    response.status = 404;
    return false;
  }
  if (target.replay && (!camera_->storage || camera_->has(FaultKind::no_storage))) {
    response.status = 404;
    return false;
  }
  if (target.kind && !set_up_) kind_ = *target.kind, replay_ = target.replay;
  // Who asks for what we do not have must hear so (RFC 2326, section 12.32).
  const auto required = request.headers.find("Require").value_or("");
  const bool wants_replay = required.find("onvif-replay") != std::string_view::npos;
  if (!required.empty() && !(replay_ && wants_replay)) {
    response.status = 551;
    response.headers.add("Unsupported", std::string(required));
    return false;
  }
  if (replay_ && !wants_replay && (request.method == "SETUP" || request.method == "PLAY")) {
    response.status = 400;
    return false;
  }
  return true;
}

bool Connection::authorised(const rtsp::Request& request, rtsp::Response& response) {
  if (camera_->spec.password.empty() && !camera_->has(FaultKind::wrong_password)) return true;
  if (const auto given = request.headers.find("Authorization");
      given && !camera_->has(FaultKind::wrong_password)) {
    const auto verdict =
        rtsp::verify_authorization(*given, challenge_, {camera_->spec.user, camera_->spec.password},
                                   request.method, request.uri);
    if (verdict == rtsp::Verdict::accepted) return true;
    challenge_.stale = verdict == rtsp::Verdict::stale;
  }
  response.status = 401;
  response.headers.add("WWW-Authenticate", rtsp::to_text(challenge_));
  challenge_.stale = false;
  return false;
}

/// A card may hold other pictures than the camera shows now.
const StreamClip& Connection::described_clip() const {
  const auto* stored = replay_ ? camera_->storage->latest() : nullptr;
  return stored != nullptr ? *stored : wanted_clip();
}

void Connection::describe(const rtsp::Request& request, rtsp::Response& response) {
  const LiveStream* live = camera_->live(kind_);
  const VideoProfile& profile = live != nullptr ? live->profile() : described_clip().profile;
  rtsp::Media media;
  media.kind = rtsp::MediaKind::video;
  media.protocol = "RTP/AVP";
  media.payload_type = kPayloadType;
  media.codec = media::Codec::h264;
  media.encoding = "H264";
  media.clock_hz = kRtpHz;
  media.framerate = profile.fps;
  media.control = kTrack;
  media.parameter_sets = live != nullptr ? live->parameter_sets() : described_clip().parameter_sets;
  if (camera_->has(FaultKind::no_parameter_sets)) media.parameter_sets.clear();
  if (camera_->has(FaultKind::absurd_size) && !media.parameter_sets.empty())
    media.parameter_sets.front() = absurd_parameter_set();
  rtsp::SessionDescription description;
  description.name = camera_->spec.code;
  description.control = "*";
  description.media.push_back(std::move(media));
  response.body = rtsp::write_sdp(description);
  if (camera_->has(FaultKind::bad_sdp))
    response.body = "v=0\r\nm=video lots RTP/AVP\r\na=rtpmap:96";
  response.headers.add("Content-Type", "application/sdp");
  std::string base = request.uri;
  if (!base.ends_with('/')) base += '/';
  response.headers.add("Content-Base", base);
}

void Connection::set_up(const rtsp::Request& request, rtsp::Response& response) {
  const auto wanted = rtsp::parse_transport(request.headers.find("Transport").value_or(""));
  const rtsp::Transport* chosen = nullptr;
  if (wanted)
    for (const rtsp::Transport& transport : *wanted)
      if (chosen == nullptr && transport.tcp && !transport.multicast) chosen = &transport;
  if (chosen == nullptr) {
    response.status = 461;  // TCP only, as a site behind firewalls wants it
    return;
  }
  if (playing_) {
    response.status = 455;
    return;
  }
  rtsp::Transport agreed = *chosen;
  if (!agreed.interleaved) agreed.interleaved = rtsp::Pair<std::uint8_t>{0, 1};
  agreed.ssrc = source_.ssrc;
  source_.channel = agreed.interleaved->first;
  rtcp_channel_ = agreed.interleaved->second;
  set_up_ = true;
  response.headers.add("Transport", rtsp::to_text(agreed));
}

void Connection::play(const rtsp::Request& request, rtsp::Response& response) {
  if (!set_up_) {
    response.status = 455;
    return;
  }
  if (replay_) {
    play_stored(request, response);
    return;
  }
  response.headers.add("Range", "npt=0.000-");
  response.headers.add("RTP-Info",
                       fmt::format("url={}/{}/{}/{};seq={};rtptime={}", hub_.base_url(),
                                   camera_->spec.code, kind_ == StreamKind::main ? "main" : "sub",
                                   kTrack, source_.next_sequence, first_timestamp_));
}

void Connection::begin_media() {
  if (playing_) return;
  playing_ = true;
  wait_for_key_ = true;
  media_ticks_ = 0;
  play_mono_us_ = hub_.clock().mono().us;
  play_wall_ = hub_.clock().wall();
  if (replay_) return hub_.wake(shared_from_this(), play_mono_us_);
  if (camera_->wraps_at_us && *camera_->wraps_at_us > play_mono_us_) wrap_at(*camera_->wraps_at_us);
  report_due_us_ = play_mono_us_;
  if (LiveStream* live = camera_->live(kind_)) {
    watching_live_ = true;
    live->watch();
    return;
  }
  clip_ = nullptr;
  hub_.wake(shared_from_this(), play_mono_us_);
}

void Connection::end_media() {
  if (watching_live_) camera_->live(kind_)->unwatch();
  watching_live_ = playing_ = false;
}

void Connection::close() {
  if (!open_) return;
  open_ = false;
  if (playing_) end_media();
  boost::system::error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
  hub_.gone(*this);
}

void Connection::cut() {
  boost::system::error_code ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  if (!open_) return;
  open_ = false;
  if (playing_) end_media();
  socket_.close(ignored);  // without a shutdown, so that what is queued is thrown away
  hub_.gone(*this);
}

void Connection::check_timeout(std::int64_t now_us) {
  const std::int64_t limit_us = hub_.config().session_timeout_s * 1'000'000;
  if (now_us - heard_us_ > limit_us + limit_us / 10) close();
}

bool Connection::room_for(std::size_t bytes) {
  return queued_ + bytes <= kQueueLimit;
}

void Connection::enqueue(Bytes bytes) {
  if (!open_) return;
  if (!room_for(bytes.size())) return close();  // does not read its answers
  queued_ += bytes.size();
  queue_.push_back(std::move(bytes));
  if (!writing_) write();
}

void Connection::write() {
  writing_ = true;
  asio::async_write(socket_, asio::buffer(queue_.front()),
                    [self = shared_from_this()](boost::system::error_code failed, std::size_t) {
                      self->writing_ = false;
                      if (!self->open_) return;
                      if (failed) return self->close();
                      self->queued_ -= self->queue_.front().size();
                      self->queue_.pop_front();
                      if (!self->queue_.empty()) return self->write();
                      if (self->close_when_sent_) self->close();
                    });
}

}  // namespace vl::sim
