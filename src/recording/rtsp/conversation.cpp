#include "conversation.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <vonglau/rtsp/track_receiver.hpp>
#include <vonglau/rtsp/transport.hpp>

#include "lexical.hpp"

namespace vl::rtsp {
namespace {

constexpr int most_challenges_of_request = 3;
constexpr std::int64_t longest_keep_alive_ms = 30'000;
constexpr std::int64_t shortest_keep_alive_ms = 200;

/// What a camera wrote, as part of a request line: no blanks, and not endless.
std::string request_uri(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, most_url_bytes))
    out += c <= ' ' || c >= 127 ? fmt::format("%{:02X}", static_cast<unsigned char>(c))
                                : std::string(1, c);
  return out;
}

bool lists(std::string_view names, std::string_view wanted) {
  while (!names.empty())
    if (same_word(trim(cut(names, ',')), wanted)) return true;
  return false;
}

std::string answered(int status) {
  // In our words: what a camera writes after the number might repeat what we sent it.
  return fmt::format("answered {} {}", status, reason_of(status));
}

Result<void> can_play(const Media& media) {
  if (starts_with_word(media.protocol, "RTP/SAVP"))
    return fail(RtspError::unsupported,
                "encrypted RTP (" + quoted(media.protocol) + ") is not taken");
  VL_CHECK(TrackReceiver::can_receive(media));
  if (media::is_video(media.codec) != (media.kind == MediaKind::video))
    return fail(RtspError::unsupported, "a codec that does not go with its kind of media");
  return {};
}

}  // namespace

std::string_view name_of(StopCause cause) {
  switch (cause) {
    case StopCause::unreachable:
      return "unreachable";
    case StopCause::authentication_refused:
      return "authentication_refused";
    case StopCause::stalled:
      return "stalled";
    case StopCause::reset:
      return "reset";
    case StopCause::bad_stream:
      return "bad_stream";
  }
  return "unknown";
}

Conversation::Conversation(Peer peer, std::function<std::string()> fresh_cnonce)
    : peer_(std::move(peer)), fresh_cnonce_(std::move(fresh_cnonce)) {
  if (peer_.challenge && peer_.credentials)
    authenticator_.emplace(*peer_.challenge, *peer_.credentials);
}

std::string Conversation::begin() {
  return ask("OPTIONS", peer_.url.request);
}

std::string Conversation::ask(std::string_view method, std::string uri, Headers headers) {
  request_ = Request{std::string(method), std::move(uri), std::move(headers), {}};
  challenges_of_request_ = 0;
  return repeat();
}

std::string Conversation::repeat() {
  Request request{request_.method, request_.uri, {}, {}};
  request.headers.add("CSeq", std::to_string(++cseq_));
  request.headers.add("User-Agent", "VongLau/1");
  if (session_) request.headers.add("Session", session_->id);
  if (authenticator_)
    request.headers.add("Authorization", authenticator_->authorization(request.method, request.uri,
                                                                       fresh_cnonce_()));
  for (const Header& header : request_.headers.list())
    request.headers.add(header.name, header.value);
  awaiting_ = request_.method;
  return serialise(request);
}

Conversation::Next Conversation::refused(StopCause cause, std::string_view what) const {
  Next next;
  next.failure =
      Failure{cause, fmt::format("{}: {} {}", address_of(peer_.url),
                                 request_.method.empty() ? "connection" : request_.method, what)};
  return next;
}

Conversation::Next Conversation::on_response(const Response& response) {
  if (response.status < 200 || awaiting_.empty()) return {};
  // An answer without a number is taken for the awaited one: some cameras leave it out.
  if (const auto cseq = cseq_of(response.headers); cseq && *cseq != cseq_) return {};
  awaiting_.clear();
  if (response.status == 401) {
    auto next = on_challenge(response);
    if (phase_ == Phase::playing) next.failure.reset();  // the stream itself goes on
    return next;
  }
  proven_ = authenticator_.has_value();
  if (phase_ == Phase::playing) return while_playing(response);
  if (response.status == 301 || response.status == 302) return on_redirect(response);
  if (response.status == 403)
    return refused(StopCause::authentication_refused, answered(response.status));
  switch (phase_) {
    case Phase::options:
      // Refused by some cameras before anything else was said: DESCRIBE will tell.
      for (const auto names : response.headers.all("Public"))
        has_get_parameter_ |= response.status == 200 && lists(names, "GET_PARAMETER");
      phase_ = Phase::describe;
      return {ask("DESCRIBE", peer_.url.request, {{"Accept", "application/sdp"}}), {}, {}};
    case Phase::describe:
      return described(response);
    case Phase::set_up:
      return was_set_up(response);
    case Phase::play:
      if (response.status != 200) return refused(StopCause::bad_stream, answered(response.status));
      phase_ = Phase::playing;
      return while_playing(response);
    case Phase::playing:
      break;
  }
  return {};
}

Conversation::Next Conversation::on_challenge(const Response& response) {
  const auto refuse = [&](std::string_view what) {
    return refused(StopCause::authentication_refused, what);
  };
  if (!peer_.credentials) return refuse("answered 401: it wants a user and a password");
  const auto challenges = parse_challenges(response.headers.all("WWW-Authenticate"));
  if (!challenges) return refuse("answered 401: " + challenges.error().message);
  const Challenge& challenge = strongest(*challenges);
  // A nonce grows old: said to be stale, good before, or kept from an earlier connection.
  const bool old = challenge.stale || proven_ || !answered_challenge_;
  if (authenticator_ && !old) return refuse("answered 401 to our user and password");
  if (++challenges_of_request_ > most_challenges_of_request)
    return refuse("answered 401 again and again, each time with another nonce");
  if (challenge.scheme == Scheme::basic && peer_.redirected)
    return refuse("answered 401: a redirected connection does not give a password in the clear");
  authenticator_.emplace(challenge, *peer_.credentials);
  proven_ = false;
  answered_challenge_ = true;
  return {repeat(), {}, {}};
}

std::optional<Challenge> Conversation::challenge_just_answered() const {
  if (awaiting_.empty() || proven_ || !answered_challenge_ || !authenticator_) return std::nullopt;
  return authenticator_->challenge();
}

Conversation::Next Conversation::on_redirect(const Response& response) const {
  auto target = parse_url(trim(response.headers.find("Location").value_or("")));
  if (!target)
    return refused(StopCause::bad_stream, fmt::format("{} elsewhere: {}", answered(response.status),
                                                      target.error().message));
  Next next;
  next.redirect = std::move(*target);
  return next;
}

Conversation::Next Conversation::described(const Response& response) {
  if (response.status != 200) return refused(StopCause::bad_stream, answered(response.status));
  auto description = parse_sdp(response.body);
  if (!description)
    return refused(StopCause::bad_stream,
                   "answered no description: " + description.error().message);
  description_ = std::move(*description);
  base_ = peer_.url.request;
  for (const auto* name : {"Content-Base", "Content-Location"}) {
    const auto value = trim(response.headers.find(name).value_or(""));
    if (!starts_with_word(value, "rtsp://")) continue;
    base_ = request_uri(value);
    break;
  }
  aggregate_ = request_uri(resolve_control(base_, description_.control));
  // As other clients have it: an absolute session control is what tracks are relative to.
  if (starts_with_word(description_.control, "rtsp://")) base_ = aggregate_;
  return choose_tracks();
}

Conversation::Next Conversation::choose_tracks() {
  std::string reasons;
  for (const auto kind : {MediaKind::video, MediaKind::audio}) {
    for (const Media& media : description_.media) {
      if (media.kind != kind) continue;
      if (const auto can = can_play(media); !can) {
        description_.notes.push_back("left out: " + can.error().message);
        reasons += "; " + can.error().message;
        continue;
      }
      PlayedTrack track;
      track.media = media;
      track.number = kind == MediaKind::video ? 0 : 1;
      track.rtp_channel = static_cast<std::uint8_t>(2 * wanted_.size());
      track.rtcp_channel = static_cast<std::uint8_t>(track.rtp_channel + 1);
      wanted_.push_back(std::move(track));
      break;
    }
  }
  description_.media.clear();
  if (wanted_.empty())
    return refused(StopCause::bad_stream, "offers nothing that can be recorded" + reasons);
  std::ranges::reverse(wanted_);  // taken from the end
  phase_ = Phase::set_up;
  return set_up_next();
}

Conversation::Next Conversation::set_up_next() {
  if (wanted_.empty()) {
    phase_ = Phase::play;
    Headers headers;
    if (peer_.replay)
      add_replay_headers(headers);
    else
      headers.add("Range", "npt=0.000-");
    return {ask("PLAY", aggregate_, std::move(headers)), {}, {}};
  }
  const PlayedTrack& track = wanted_.back();
  Transport transport;
  transport.tcp = true;
  transport.interleaved = Pair<std::uint8_t>{track.rtp_channel, track.rtcp_channel};
  Headers headers{{"Transport", to_text(transport)}};
  if (peer_.replay) headers.add("Require", "onvif-replay");
  return {
      ask("SETUP", request_uri(resolve_control(base_, track.media.control)), std::move(headers)),
      {},
      {}};
}

/// As fast as it goes, at once, and the camera must know what is meant.
void Conversation::add_replay_headers(Headers& headers) const {
  headers.add("Require", "onvif-replay");
  headers.add("Range", fmt::format("clock={}-{}", clock_text(peer_.replay->from_us),
                                   peer_.replay->to_us ? clock_text(*peer_.replay->to_us) : ""));
  headers.add("Rate-Control", "no");
  headers.add("Immediate", "yes");
}

Conversation::Next Conversation::was_set_up(const Response& response) {
  PlayedTrack track = std::move(wanted_.back());
  wanted_.pop_back();
  if (response.status != 200) {
    // Sound that cannot be had is no reason to go without the picture.
    if (track.number == 0 || tracks_.empty())
      return refused(StopCause::bad_stream, answered(response.status));
    description_.notes.push_back("sound left out: SETUP " + answered(response.status));
    return set_up_next();
  }
  if (const auto taken = take_session(response); !taken)
    return refused(StopCause::bad_stream, "answered: " + taken.error().message);
  if (const auto taken = take_transport(track, response); !taken)
    return refused(StopCause::bad_stream, "answered: " + taken.error().message);
  description_.media.push_back(track.media);
  tracks_.push_back(std::move(track));
  return set_up_next();
}

Result<void> Conversation::take_transport(PlayedTrack& track, const Response& response) const {
  if (const auto value = response.headers.find("Transport")) {
    VL_TRY(const auto list, parse_transport(*value));
    if (!list.front().tcp)
      return fail(RtspError::unsupported, "Transport: not over this connection", "Transport");
    if (const auto channels = list.front().interleaved) {
      track.rtp_channel = channels->first;
      track.rtcp_channel = channels->second;
    }
  }
  if (track.rtp_channel == track.rtcp_channel)
    return fail(RtspError::malformed, "Transport: one channel for RTP and RTCP", "Transport");
  for (const PlayedTrack& other : tracks_)
    for (const auto channel : {track.rtp_channel, track.rtcp_channel})
      if (channel == other.rtp_channel || channel == other.rtcp_channel)
        return fail(RtspError::malformed, "Transport: two tracks on one channel", "Transport");
  return {};
}

Result<void> Conversation::take_session(const Response& response) {
  const auto value = response.headers.find("Session");
  if (!value) return {};  // a camera that knows one client only
  VL_TRY(session_, parse_session(*value));
  return {};
}

Conversation::Next Conversation::while_playing(const Response& response) {
  if (request_.method == "PLAY") {
    if (response.status != 200) return refused(StopCause::bad_stream, answered(response.status));
    (void)take_session(response);  // what SETUP said still holds
    return {};
  }
  if (response.status == 454) return refused(StopCause::bad_stream, answered(response.status));
  if (response.status >= 400) has_get_parameter_ = false;
  return {};
}

std::string Conversation::keep_alive() {
  return ask(has_get_parameter_ ? "GET_PARAMETER" : "OPTIONS", aggregate_);
}

std::string Conversation::teardown() {
  if (tracks_.empty() && !session_) return {};
  return ask("TEARDOWN", aggregate_);
}

std::int64_t Conversation::keep_alive_interval_ms() const {
  const std::int64_t timeout_ms = (session_ ? session_->timeout_s : 60) * 1000;
  return std::clamp(timeout_ms * 2 / 5, shortest_keep_alive_ms, longest_keep_alive_ms);
}

std::string Conversation::answer(const Request& request) {
  constexpr std::string_view known = "OPTIONS, GET_PARAMETER";
  Response response;
  if (const auto cseq = cseq_of(request.headers))
    response.headers.add("CSeq", std::to_string(*cseq));
  response.headers.add("User-Agent", "VongLau/1");
  // GET_PARAMETER without a body asks whether we are still there (RFC 2326, section 10.8).
  const bool alive = request.method == "GET_PARAMETER" && request.body.empty();
  if (request.method == "OPTIONS")
    response.headers.add("Public", std::string(known));
  else if (!alive)
    response.status = 501;
  return serialise(response);
}

}  // namespace vl::rtsp
