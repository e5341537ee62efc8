// What a client says to a camera and makes of its answers, from OPTIONS to PLAY and after
// (RFC 2326; an audio track that cannot be set up is done without). Pure: bytes and time come
// from outside. One request waits for its answer at a time. One thread; owned by an Attempt.
// Private to this room.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <vonglau/rtsp/connections.hpp>
#include <vonglau/rtsp/message.hpp>
#include <vonglau/rtsp/replay.hpp>

#include "url.hpp"

namespace vl::rtsp {

struct Failure {
  StopCause cause{};
  std::string detail;
};

/// A track that was set up.
struct PlayedTrack {
  Media media;
  std::uint8_t number = 0;  // 0 video, 1 audio
  std::uint8_t rtp_channel = 0;
  std::uint8_t rtcp_channel = 1;
};

class Conversation {
 public:
  enum class Phase { options, describe, set_up, play, playing };

  struct Peer {
    Url url;
    std::optional<Credentials> credentials;
    /// From an earlier connection that the camera ended instead of waiting for our answer.
    std::optional<Challenge> challenge;
    /// Another host sent us here: it does not get the password in the clear.
    bool redirected = false;
    /// What the camera stored itself is asked for, of this time.
    std::optional<ClockRange> replay = std::nullopt;
  };
  /// `fresh_cnonce` gives unpredictable text.
  Conversation(Peer peer, std::function<std::string()> fresh_cnonce);

  /// What to do after an answer; all empty: wait.
  struct Next {
    std::string send;
    std::optional<Failure> failure;
    std::optional<Url> redirect;
  };

  /// The first request.
  std::string begin();
  Next on_response(const Response& response);
  /// An answer to what the camera asks of us.
  static std::string answer(const Request& request);
  std::string keep_alive();
  /// Empty when there is no session to end.
  std::string teardown();
  /// RTP came before the answer to PLAY: it is as good as one.
  void rtp_came() { phase_ = Phase::playing; }

  Phase phase() const { return phase_; }
  /// The request whose answer is awaited, "" when none is.
  std::string_view awaiting() const { return awaiting_; }
  /// The challenge that the awaited answer is the first to answer.
  std::optional<Challenge> challenge_just_answered() const;
  /// Less than half of the session's timeout, at most 30 s.
  std::int64_t keep_alive_interval_ms() const;
  /// Only the tracks that are played, video first. Whole once phase() is play.
  const SessionDescription& description() const { return description_; }
  const std::vector<PlayedTrack>& tracks() const { return tracks_; }

 private:
  std::string ask(std::string_view method, std::string uri, Headers headers = {});
  std::string repeat();
  Next refused(StopCause cause, std::string_view what) const;
  Next on_challenge(const Response& response);
  Next on_redirect(const Response& response) const;
  Next described(const Response& response);
  Next set_up_next();
  void add_replay_headers(Headers& headers) const;
  Next was_set_up(const Response& response);
  Result<void> take_transport(PlayedTrack& track, const Response& response) const;
  Result<void> take_session(const Response& response);
  Next while_playing(const Response& response);
  Next choose_tracks();

  Peer peer_;
  std::function<std::string()> fresh_cnonce_;
  Phase phase_ = Phase::options;

  std::uint32_t cseq_ = 0;
  Request request_;  // the last, for asking again
  std::string awaiting_;

  std::optional<Authenticator> authenticator_;
  bool proven_ = false;  // an answer to the present challenge was accepted
  int challenges_of_request_ = 0;
  bool answered_challenge_ = false;  // one of this connection, not the one from before

  std::string base_;
  std::string aggregate_;  // the URI of PLAY, TEARDOWN and keep-alives
  SessionDescription description_;
  std::vector<PlayedTrack> tracks_;  // set up so far, or being set up (the last)
  std::vector<PlayedTrack> wanted_;
  std::optional<SessionHeader> session_;
  bool has_get_parameter_ = false;
};

}  // namespace vl::rtsp
