#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <openssl/rand.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vonglau/base/assert.hpp>
#include <vonglau/rtsp/replay.hpp>
#include <vonglau/rtsp/stream_parser.hpp>

#include "conversation.hpp"

namespace vl::rtsp {
namespace {

constexpr int ask_every_ms = 200;  // whether it goes on
constexpr std::size_t most_at_once = 64 * 1024;
constexpr int most_turns = 2;
constexpr int not_found = 404, range_not_valid = 457, option_not_supported = 551;

std::string fresh_client_nonce() {
  std::array<std::uint8_t, 16> bytes{};
  VL_ASSERT(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1);
  return to_hex(bytes);
}

class Socket {
 public:
  Socket() = default;
  explicit Socket(int fd) : fd_(fd) {}
  ~Socket() {
    if (fd_ >= 0) ::close(fd_);
  }
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  int fd() const { return fd_; }

 private:
  int fd_ = -1;
};

ReplayError error_of(StopCause cause, int status) {
  if (status == not_found || status == range_not_valid) return ReplayError::no_footage;
  if (status == option_not_supported) return ReplayError::not_offered;
  switch (cause) {
    case StopCause::unreachable:
    case StopCause::reset:
      return ReplayError::unreachable;
    case StopCause::authentication_refused:
      return ReplayError::refused;
    case StopCause::stalled:
      return ReplayError::stalled;
    case StopCause::bad_stream:
      break;
  }
  return ReplayError::bad_stream;
}

/// One connection, from the first request to TEARDOWN.
class Replaying final : public SampleSink {
 public:
  Replaying(const ReplayRequest& request, const ReplayLimits& limits, const Clock& clock,
            ReplaySink& sink)
      : request_(request), limits_(limits), clock_(clock), sink_(sink) {}

  Result<ReplayOutcome> run() {
    begun_us_ = clock_.mono().us;
    VL_TRY(auto url, parse_url(request_.source.url));
    auto credentials = request_.source.credentials ? request_.source.credentials : url.credentials;
    const std::string host = url.host;
    std::optional<Challenge> challenge;
    for (int tries = 0; tries <= most_turns; ++tries) {
      VL_CHECK(connect(url));
      Conversation::Peer peer{url, credentials, challenge, url.host != host,
                              ClockRange{request_.from_us, request_.to_us}};
      conversation_.emplace(std::move(peer), fresh_client_nonce);
      parser_ = StreamParser();
      tracks_.clear();
      auto played = converse();
      if (again_) {  // the camera hung up when it asked for a password
        challenge = std::exchange(again_, std::nullopt);
        continue;
      }
      if (!played) return fail(std::move(played).error());
      if (redirect_) {
        url = *std::exchange(redirect_, std::nullopt);
        continue;
      }
      return outcome_;
    }
    return fail(ReplayError::bad_stream, "sent elsewhere again and again");
  }

  void on_sample(media::Sample&& sample) override {
    if (done_) return;
    sample.camera_us = sample.wall_us;
    if (sample.wall_us >= request_.to_us) {
      // The picture of another track may still be behind.
      if (sample.track == 0 || tracks_.size() == 1) finish(true);
      return;
    }
    ++outcome_.samples;
    if (!sink_.on_sample(std::move(sample))) finish(false);
  }
  void on_problem(const Problem& problem) override {
    if (problem.kind == ProblemKind::packets_lost) outcome_.lost_packets += problem.count;
  }

 private:
  struct Track {
    Track(const PlayedTrack& played, SampleSink& sink)
        : rtp_channel(played.rtp_channel),
          rtcp_channel(played.rtcp_channel),
          clock_hz(std::max<std::uint32_t>(played.media.clock_hz, 1)),
          receiver(played.media, played.number, sink, true) {}
    std::uint8_t rtp_channel;
    std::uint8_t rtcp_channel;
    std::uint32_t clock_hz;
    TrackReceiver receiver;
    std::optional<std::int64_t> stamp_us;  // of the last packet that said it
    std::uint32_t stamped_timestamp = 0;
    bool ended = false;
  };

  void finish(bool reached_end) {
    done_ = true;
    outcome_.reached_end = reached_end;
  }
  Error late(std::string_view what) const {
    return Error(code_of(ReplayError::stalled), std::string(what));
  }

  Result<void> connect(const Url& url) {
    const addrinfo wanted{AI_NUMERICSERV, AF_UNSPEC, SOCK_STREAM, 0, 0, nullptr, nullptr, nullptr};
    addrinfo* found = nullptr;
    if (::getaddrinfo(url.host.c_str(), std::to_string(url.port).c_str(), &wanted, &found) != 0)
      return fail(ReplayError::unreachable, address_of(url) + ": the name is not known");
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, ::freeaddrinfo);
    std::string why = "no address";
    for (const auto* at = found; at != nullptr; at = at->ai_next) {
      socket_ = Socket(::socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
      if (socket_.fd() < 0) continue;
      if (::connect(socket_.fd(), at->ai_addr, at->ai_addrlen) != 0 && errno != EINPROGRESS) {
        why = std::strerror(errno);
        continue;
      }
      const auto until_us = clock_.mono().us + limits_.connect_timeout_ms * 1000;
      if (!wait(POLLOUT, until_us)) {
        why = "no answer to the connection";
        continue;
      }
      int failed = 0;
      socklen_t size = sizeof failed;
      ::getsockopt(socket_.fd(), SOL_SOCKET, SO_ERROR, &failed, &size);
      if (failed == 0) return {};
      why = std::strerror(failed);
    }
    return fail(ReplayError::unreachable, fmt::format("{}: {}", address_of(url), why));
  }

  /// False when it is too late, or nobody wants it any more.
  bool wait(short event, std::int64_t until_us) {
    while (sink_.goes_on()) {
      const auto left_ms = (until_us - clock_.mono().us) / 1000;
      if (left_ms <= 0) return false;
      pollfd one{socket_.fd(), event, 0};
      const int ready =
          ::poll(&one, 1, static_cast<int>(std::min<std::int64_t>(left_ms, ask_every_ms)));
      if (ready > 0) return true;
      if (ready < 0 && errno != EINTR) return false;
    }
    stopped_ = true;
    return false;
  }

  Result<void> send(std::string_view text) {
    while (!text.empty()) {
      const auto sent = ::send(socket_.fd(), text.data(), text.size(), MSG_NOSIGNAL);
      if (sent > 0) {
        text.remove_prefix(static_cast<std::size_t>(sent));
        continue;
      }
      if (sent < 0 && errno != EAGAIN && errno != EINTR)
        return fail(ReplayError::unreachable, std::strerror(errno));
      if (!wait(POLLOUT, clock_.mono().us + limits_.answer_timeout_ms * 1000))
        return fail(late("it does not read what it is sent"));
    }
    return {};
  }

  Result<void> converse() {
    heard_us_ = clock_.mono().us;
    VL_CHECK(send(conversation_->begin()));
    keep_alive_due_us_ = 0;
    Bytes buffer(most_at_once);
    while (!done_ && !redirect_) {
      const bool playing = conversation_->phase() == Conversation::Phase::playing;
      const auto now_us = clock_.mono().us;
      if (now_us - begun_us_ > limits_.longest_ms * 1000)
        return fail(late("it took longer than it may"));
      const auto patience_ms = playing ? limits_.idle_timeout_ms : limits_.answer_timeout_ms;
      const auto until_us =
          std::min(heard_us_ + patience_ms * 1000, begun_us_ + limits_.longest_ms * 1000);
      VL_CHECK(pace());
      if (stopped_) break;
      if (playing) VL_CHECK(keep_alive());
      if (!wait(POLLIN, until_us)) {
        if (stopped_) break;
        // A camera need not say that it has no more.
        if (playing && outcome_.samples > 0) break;
        if (playing) return fail(ReplayError::no_footage, "it plays, and nothing comes");
        return fail(late(fmt::format("no answer to {}", conversation_->awaiting())));
      }
      const auto got = ::recv(socket_.fd(), buffer.data(), buffer.size(), 0);
      if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
      if (got <= 0) {
        if (playing && outcome_.samples > 0) break;
        again_ = conversation_->challenge_just_answered();
        return fail(ReplayError::unreachable, "the camera ended the connection");
      }
      heard_us_ = clock_.mono().us;
      outcome_.bytes += static_cast<std::uint64_t>(got);
      if (outcome_.bytes > limits_.most_bytes)
        return fail(ReplayError::bad_stream, "it sends more than a stretch can have");
      VL_CHECK(take(ByteView(buffer).first(static_cast<std::size_t>(got))));
    }
    for (const auto& track : tracks_) track->receiver.finish();
    if (const auto goodbye = conversation_->teardown(); !goodbye.empty() && !redirect_)
      (void)::send(socket_.fd(), goodbye.data(), goodbye.size(), MSG_NOSIGNAL);
    return {};
  }

  /// What waits meanwhile lies in the socket, so that the camera slows down.
  Result<void> pace() {
    if (limits_.bytes_a_second == 0) return {};
    const auto due_us =
        begun_us_ + static_cast<std::int64_t>(outcome_.bytes * 1'000'000 / limits_.bytes_a_second);
    while (clock_.mono().us < due_us && !stopped_) {
      const auto wait_ms =
          std::clamp<std::int64_t>((due_us - clock_.mono().us) / 1000, 1, ask_every_ms);
      ::poll(nullptr, 0, static_cast<int>(wait_ms));
      stopped_ = !sink_.goes_on();
      heard_us_ = clock_.mono().us;
    }
    return {};
  }

  Result<void> keep_alive() {
    const auto now_us = clock_.mono().us;
    const auto every_us = conversation_->keep_alive_interval_ms() * 1000;
    if (keep_alive_due_us_ == 0) keep_alive_due_us_ = now_us + every_us;
    if (now_us < keep_alive_due_us_) return {};
    keep_alive_due_us_ = now_us + every_us;
    return send(conversation_->keep_alive());
  }

  Result<void> take(ByteView bytes) {
    parser_.feed(bytes);
    while (!done_) {
      auto item = parser_.next();
      if (!item) return fail(ReplayError::bad_stream, item.error().message);
      if (!*item) return {};
      if (const auto* frame = std::get_if<Frame>(&**item)) {
        VL_CHECK(take_frame(*frame));
      } else if (const auto* response = std::get_if<Response>(&**item)) {
        VL_CHECK(take_response(*response));
        if (redirect_) return {};
      } else if (const auto* request = std::get_if<Request>(&**item)) {
        VL_CHECK(send(Conversation::answer(*request)));
      }
    }
    return {};
  }

  Result<void> take_response(const Response& response) {
    auto next = conversation_->on_response(response);
    if (next.failure)
      return fail(error_of(next.failure->cause, response.status), next.failure->detail);
    if (next.redirect) {
      redirect_ = std::move(next.redirect);
      return {};
    }
    if (conversation_->phase() == Conversation::Phase::play && tracks_.empty())
      for (const auto& track : conversation_->tracks())
        tracks_.push_back(std::make_unique<Track>(track, *this));
    return next.send.empty() ? Result<void>{} : send(next.send);
  }

  Result<void> take_frame(const Frame& frame) {
    for (const auto& track : tracks_) {
      if (frame.channel == track->rtcp_channel) {
        if (const auto report = parse_rtcp(frame.payload); report && report->bye) end(*track);
        return {};
      }
      if (frame.channel != track->rtp_channel) continue;
      conversation_->rtp_came();
      const auto packet = parse_rtp(frame.payload);
      if (!packet) return {};  // counted by nobody: what follows shows the hole
      const auto stamp = replay_extension(*packet);
      if (stamp) {
        if (const auto us = wall_us_of_ntp(stamp->ntp)) {
          track->stamp_us = us;
          track->stamped_timestamp = packet->timestamp;
        }
      }
      if (!track->stamp_us)
        return fail(ReplayError::not_offered, "its packets do not say when their pictures are of");
      // Packets without it are of the picture before, or of one so much later.
      const std::int64_t later =
          static_cast<std::int32_t>(packet->timestamp - track->stamped_timestamp);
      const auto us = *track->stamp_us + later * 1'000'000 / track->clock_hz;
      track->receiver.on_rtp(frame.payload, {us}, {us});
      if (stamp && stamp->terminal && packet->marker) end(*track);
      return {};
    }
    return {};
  }

  void end(Track& track) {
    track.ended = true;
    for (const auto& one : tracks_)
      if (!one->ended) return;
    for (const auto& one : tracks_) one->receiver.finish();
    if (!done_) finish(true);
  }

  const ReplayRequest& request_;
  const ReplayLimits& limits_;
  const Clock& clock_;
  ReplaySink& sink_;
  Socket socket_;
  StreamParser parser_;
  std::optional<Conversation> conversation_;
  std::vector<std::unique_ptr<Track>> tracks_;
  std::optional<Challenge> again_;
  std::optional<Url> redirect_;
  ReplayOutcome outcome_;
  std::int64_t begun_us_ = 0;
  std::int64_t heard_us_ = 0;
  std::int64_t keep_alive_due_us_ = 0;
  bool done_ = false;
  bool stopped_ = false;
};

}  // namespace

Result<ReplayOutcome> replay(const ReplayRequest& request, const ReplayLimits& limits,
                             const Clock& clock, ReplaySink& sink) {
  if (request.to_us <= request.from_us)
    return fail(ReplayError::bad_stream, "a stretch ends after it begins", "to_us");
  return Replaying(request, limits, clock, sink).run();
}

}  // namespace vl::rtsp
