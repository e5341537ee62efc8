#include "farm.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <map>
#include <memory>
#include <queue>
#include <random>

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vonglau/base/clock.hpp>
#include <vonglau/rtsp/rtp.hpp>
#include <vonglau/rtsp/stream_parser.hpp>

namespace vl::bench {
namespace {

constexpr std::int64_t picture_us = 1'000'000 / Tape::fps;
constexpr std::int64_t picture_ticks = sim::kRtpHz / Tape::fps;
constexpr std::int64_t report_us = 5'000'000;

volatile std::sig_atomic_t ending = 0;

/// One connection, which is one camera from PLAY on.
struct Peer {
  int socket = -1;
  rtsp::StreamParser parser;
  std::size_t camera = 0;
  bool playing = false;
  bool gone = false;
  bool waits = false;  // for room in the socket
  std::uint8_t rtcp_channel = 1;
  sim::RtpSource source;
  std::uint32_t first_timestamp = 0;
  std::int64_t next = 0;  // picture, counted from the farm's start
  std::int64_t offset_us = 0;
  std::int64_t report_due_us = 0;
  std::uint32_t packets = 0, octets = 0;
  Bytes unsent;
};

class Farm {
 public:
  Farm(const Tape& tape, const FarmOptions& options, FarmFigures& figures)
      : tape_(tape), options_(options), figures_(figures), start_us_(clock_.mono().us) {}

  int run() {
    if (!listen()) return 1;
    while (ending == 0) turn();
    return 0;
  }

 private:
  struct Due {
    std::int64_t at_us;
    Peer* peer;
    bool operator>(const Due& other) const { return at_us > other.at_us; }
  };

  bool listen() {
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, generic, size) != 0 || ::listen(listener_, 4096) != 0 ||
        ::getsockname(listener_, generic, &size) != 0) {
      std::perror("farm");
      return false;
    }
    watch(listener_, nullptr, EPOLL_CTL_ADD, EPOLLIN);
    figures_.port = ntohs(address.sin_port);
    return true;
  }

  void watch(int socket, Peer* peer, int what, std::uint32_t events) const {
    epoll_event event{};
    event.events = events;
    event.data.ptr = peer;
    ::epoll_ctl(epoll_, what, socket, &event);
  }

  void turn() {
    auto now_us = clock_.mono().us;
    while (!due_.empty() && due_.top().at_us <= now_us) {
      auto* peer = due_.top().peer;
      due_.pop();
      if (peer->gone)
        peer->playing = false;  // it lay in the queue until now
      else
        send_due(*peer, now_us);
      now_us = clock_.mono().us;
    }
    std::erase_if(peers_, [](const auto& one) { return one->gone && !one->playing; });
    const auto wait_us = due_.empty() ? 100'000 : due_.top().at_us - now_us;
    std::array<epoll_event, 256> events{};
    const int wait_ms = static_cast<int>(std::clamp<std::int64_t>((wait_us + 999) / 1000, 0, 100));
    const int found = ::epoll_wait(epoll_, events.data(), events.size(), wait_ms);
    for (int i = 0; i < found; ++i) {
      const auto& event = events[static_cast<std::size_t>(i)];
      if (event.data.ptr == nullptr) {
        accept();
        continue;
      }
      auto& peer = *static_cast<Peer*>(event.data.ptr);
      if ((event.events & EPOLLOUT) != 0 && !peer.gone) flush(peer);
      if ((event.events & ~EPOLLOUT) != 0 && !peer.gone) read(peer);
    }
  }

  void accept() {
    for (;;) {
      const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (socket < 0) return;
      const int yes = 1;
      ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
      auto& peer = *peers_.emplace_back(std::make_unique<Peer>());
      peer.socket = socket;
      watch(socket, &peer, EPOLL_CTL_ADD, EPOLLIN);
    }
  }

  void hang_up(Peer& peer) {
    ::close(peer.socket);
    peer.gone = true;
    peer.unsent = Bytes();
    if (peer.playing) --figures_.playing;
  }

  void read(Peer& peer) {
    const auto got = ::recv(peer.socket, received_.data(), received_.size(), 0);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) return hang_up(peer);
    if (got < 0) return;
    peer.parser.feed(ByteView(received_).first(static_cast<std::size_t>(got)));
    for (;;) {
      auto item = peer.parser.next();
      if (!item) return hang_up(peer);
      if (!*item) return;
      if (const auto* request = std::get_if<rtsp::Request>(&**item)) answer(peer, *request);
      if (peer.gone) return;
    }
  }

  void answer(Peer& peer, const rtsp::Request& request) {
    rtsp::Response response;
    response.headers.add("CSeq", std::string(request.headers.find("CSeq").value_or("0")));
    if (request.method == "OPTIONS") {
      response.headers.add("Public", "OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER");
    } else if (request.method == "DESCRIBE") {
      response.headers.add("Content-Type", "application/sdp");
      response.body = tape_.sdp();
      const auto slash = request.uri.rfind('/');
      peer.camera = static_cast<std::size_t>(std::atoi(request.uri.c_str() + slash + 1));
    } else if (request.method == "SETUP") {
      response.headers.add("Session", "1;timeout=60");
      response.headers.add("Transport", "RTP/AVP/TCP;unicast;interleaved=0-1");
    } else {
      response.headers.add("Session", "1");
    }
    const auto text = rtsp::serialise(response);
    send(peer, as_bytes(text));
    if (request.method == "PLAY" && !peer.playing && !peer.gone) play(peer);
    if (request.method == "TEARDOWN" && !peer.gone) hang_up(peer);
  }

  /// A camera's pictures fall where they always fall, whenever somebody begins to take them: its
  /// first is the next key picture.
  void play(Peer& peer) {
    const auto now_us = clock_.mono().us - start_us_;
    constexpr auto group_us = Tape::key_distance * picture_us;
    const auto cameras = static_cast<std::int64_t>(std::max<std::size_t>(options_.cameras, 1));
    // Neighbours far apart, all moments taken alike.
    peer.offset_us = static_cast<std::int64_t>(peer.camera) * 7919 % cameras * group_us / cameras;
    const auto group = (now_us - peer.offset_us + group_us) / group_us;
    peer.next = group * Tape::key_distance;
    peer.first_timestamp = static_cast<std::uint32_t>(chance_());
    peer.source = {0, static_cast<std::uint16_t>(chance_()),
                   static_cast<std::uint32_t>(0x1000 + peer.camera)};
    peer.playing = true;
    ++figures_.playing;
    due_.push({due_us(peer), &peer});
  }

  std::int64_t due_us(const Peer& peer) const {
    return start_us_ + peer.next * picture_us + peer.offset_us;
  }

  void send_due(Peer& peer, std::int64_t now_us) {
    if (!peer.unsent.empty()) {  // the receiver is slow: flush() goes on
      due_.push({now_us + options_.slice_us, &peer});
      return;
    }
    auto late_us = now_us - due_us(peer);
    if (late_us > figures_.latest_us) figures_.latest_us = late_us;
    for (; late_us > options_.most_behind_us; late_us = now_us - due_us(peer)) {
      ++peer.next;
      ++figures_.skipped;
    }
    wire_.clear();
    std::uint64_t pictures = 0;
    for (; due_us(peer) <= now_us; ++peer.next, ++pictures) add_picture(peer, now_us);
    figures_.pictures += pictures;
    due_.push({std::max(due_us(peer), now_us + options_.slice_us - picture_us), &peer});
    send(peer, wire_);
  }

  void add_picture(Peer& peer, std::int64_t now_us) {
    const auto count = static_cast<std::int64_t>(tape_.units.size());
    const auto& unit = tape_.units[static_cast<std::size_t>(peer.next % count)];
    const auto timestamp =
        peer.first_timestamp + static_cast<std::uint32_t>(peer.next * picture_ticks);
    if (now_us >= peer.report_due_us) add_report(peer, timestamp, now_us);
    const auto from = wire_.size();
    wire_.insert(wire_.end(), unit.wire.begin(), unit.wire.end());
    for (const auto at : unit.packets) sim::fill_in(wire_, from + at, timestamp, peer.source);
    peer.packets += static_cast<std::uint32_t>(unit.packets.size());
    peer.octets += static_cast<std::uint32_t>(unit.wire.size() - 16 * unit.packets.size());
  }

  void add_report(Peer& peer, std::uint32_t timestamp, std::int64_t now_us) {
    peer.report_due_us = now_us + report_us;
    Bytes report;
    rtsp::append_sender_report(report, {peer.source.ssrc, rtsp::ntp_of_wall_us(clock_.wall().us),
                                        timestamp, peer.packets, peer.octets});
    const auto head =
        rtsp::frame_header(peer.rtcp_channel, static_cast<std::uint16_t>(report.size()));
    wire_.insert(wire_.end(), head.begin(), head.end());
    wire_.insert(wire_.end(), report.begin(), report.end());
  }

  void send(Peer& peer, ByteView bytes) {
    std::size_t sent = 0;
    if (peer.unsent.empty()) {
      const auto took = ::send(peer.socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (took < 0 && errno != EAGAIN && errno != EINTR) return hang_up(peer);
      sent = static_cast<std::size_t>(std::max<ssize_t>(took, 0));
      figures_.bytes += sent;
    }
    if (sent == bytes.size()) return;
    peer.unsent.insert(peer.unsent.end(), bytes.begin() + static_cast<std::ptrdiff_t>(sent),
                       bytes.end());
    if (!peer.waits) watch(peer.socket, &peer, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
    peer.waits = true;
  }

  void flush(Peer& peer) {
    const auto took = ::send(peer.socket, peer.unsent.data(), peer.unsent.size(), MSG_NOSIGNAL);
    if (took < 0 && errno != EAGAIN && errno != EINTR) return hang_up(peer);
    if (took <= 0) return;
    figures_.bytes += static_cast<std::uint64_t>(took);
    peer.unsent.erase(peer.unsent.begin(), peer.unsent.begin() + took);
    if (!peer.unsent.empty()) return;
    watch(peer.socket, &peer, EPOLL_CTL_MOD, EPOLLIN);
    peer.waits = false;
  }

  const Tape& tape_;
  const FarmOptions options_;
  FarmFigures& figures_;
  const SystemClock clock_;
  const std::int64_t start_us_;
  int epoll_ = -1;
  int listener_ = -1;
  std::mt19937 chance_{1};
  std::vector<std::unique_ptr<Peer>> peers_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  Bytes received_ = Bytes(64 * 1024);
  Bytes wire_;
};

}  // namespace

FarmFigures& map_figures(const std::string& file) {
  const int fd = ::open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  void* at = MAP_FAILED;
  if (fd >= 0 && ::ftruncate(fd, sizeof(FarmFigures)) == 0)
    at = ::mmap(nullptr, sizeof(FarmFigures), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (at == MAP_FAILED) {
    std::perror(file.c_str());
    std::exit(1);
  }
  ::close(fd);
  return *static_cast<FarmFigures*>(at);  // zeros are its beginning
}

int run_farm(const Tape& tape, const FarmOptions& options, FarmFigures& figures) {
  std::signal(SIGTERM, [](int) { ending = 1; });
  return Farm(tape, options, figures).run();
}

std::string farm_url(std::uint32_t port, std::size_t camera) {
  return fmt::format("rtsp://127.0.0.1:{}/camera/{}", port, camera);
}

}  // namespace vl::bench
