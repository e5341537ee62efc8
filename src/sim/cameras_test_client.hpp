// A plain RTSP client for tests: blocking socket, one stream, everything it received kept apart
// into answers, RTP packets and sender reports. Test code only.
#pragma once

#include <cerrno>
#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vonglau/rtsp/auth.hpp>
#include <vonglau/rtsp/rtp.hpp>
#include <vonglau/rtsp/sdp.hpp>
#include <vonglau/rtsp/stream_parser.hpp>

namespace vl::sim {

struct SeenPacket {
  std::uint16_t sequence;
  std::uint32_t timestamp;
  bool marker;
  Bytes payload;
};

class TestClient {
 public:
  TestClient(std::uint16_t port, std::string url, std::string user, std::string password)
      : url_(std::move(url)), credentials_{std::move(user), std::move(password)} {
    socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
  }
  ~TestClient() { ::close(socket_); }
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;

  /// Sends with an answer to the last challenge, if any, and waits for the response.
  std::optional<rtsp::Response> ask(const std::string& method, const std::string& uri,
                                    rtsp::Headers headers = {}) {
    rtsp::Request request{method, uri, std::move(headers), {}};
    request.headers.set("CSeq", std::to_string(++cseq_));
    if (authenticator_)
      request.headers.set("Authorization", authenticator_->authorization(method, uri, "0a1b2c3d"));
    if (!session_.empty()) request.headers.set("Session", session_);
    const std::string text = serialise(request);
    if (::send(socket_, text.data(), text.size(), MSG_NOSIGNAL) < 0) return std::nullopt;
    answer_.reset();
    receive_for(5000, [&] { return answer_.has_value(); });
    if (answer_ && answer_->status == 401 && !authenticator_) {
      const auto challenges = rtsp::parse_challenges(answer_->headers.all("WWW-Authenticate"));
      if (!challenges) return answer_;
      authenticator_.emplace(challenges->front(), credentials_);
      return ask(method, uri, request.headers);
    }
    if (answer_)
      if (const auto session = answer_->headers.find("Session"))
        session_ = session->substr(0, session->find(';'));
    return answer_;
  }

  /// Up to and with PLAY; false when anything on the way is refused.
  bool play() {
    const auto described = ask("DESCRIBE", url_);
    if (!described || described->status != 200) return false;
    description = described->body;
    const auto set_up =
        ask("SETUP", url_ + "/trackID=0", {{"Transport", "RTP/AVP/TCP;unicast;interleaved=0-1"}});
    if (!set_up || set_up->status != 200) return false;
    const auto played = ask("PLAY", url_);
    return played && played->status == 200;
  }

  /// Receives until `enough` says so or the time is over; true when it was enough.
  template <class Enough>
  bool receive_for(int timeout_ms, Enough&& enough) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
    while (!enough()) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
          end - std::chrono::steady_clock::now());
      if (left.count() <= 0 || closed || reset) return false;
      pollfd wait{socket_, POLLIN, 0};
      if (::poll(&wait, 1, static_cast<int>(left.count())) <= 0) return false;
      receive_some();
    }
    return true;
  }
  void receive_for(int timeout_ms) {
    receive_for(timeout_ms, [] { return false; });
  }

  bool connected() const { return connected_; }
  const std::string& url() const { return url_; }
  const std::string& session() const { return session_; }

  std::string description;
  std::vector<SeenPacket> packets;
  std::vector<rtsp::SenderReport> reports;
  std::size_t bytes = 0;
  bool closed = false, reset = false, nonsense = false;

 private:
  void receive_some() {
    std::uint8_t buffer[65536];
    const auto n = ::recv(socket_, buffer, sizeof buffer, 0);
    if (n == 0) closed = true;
    if (n < 0) reset = errno == ECONNRESET, closed = true;
    if (n <= 0) return;
    bytes += static_cast<std::size_t>(n);
    if (nonsense) return;
    parser_.feed({buffer, static_cast<std::size_t>(n)});
    while (true) {
      auto item = parser_.next();
      if (!item) nonsense = true;
      if (!item || !*item) return;
      if (const auto* response = std::get_if<rtsp::Response>(&**item)) answer_ = *response;
      if (const auto* frame = std::get_if<rtsp::Frame>(&**item)) take(*frame);
    }
  }

  void take(const rtsp::Frame& frame) {
    if (frame.channel == 1) {
      if (const auto report = rtsp::parse_rtcp(frame.payload))
        reports.insert(reports.end(), report->sender_reports.begin(), report->sender_reports.end());
      return;
    }
    const auto packet = rtsp::parse_rtp(frame.payload);
    if (!packet || frame.channel != 0) {
      nonsense = true;
      return;
    }
    packets.push_back({packet->sequence, packet->timestamp, packet->marker,
                       Bytes(packet->payload.begin(), packet->payload.end())});
  }

  std::string url_;
  rtsp::Credentials credentials_;
  std::optional<rtsp::Authenticator> authenticator_;
  int socket_ = -1;
  bool connected_ = false;
  int cseq_ = 0;
  std::string session_;
  rtsp::StreamParser parser_;
  std::optional<rtsp::Response> answer_;
};

}  // namespace vl::sim
