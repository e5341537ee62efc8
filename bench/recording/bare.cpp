#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vonglau/base/bytes.hpp>
#include <vonglau/recording/content_hash.hpp>
#include <vonglau/recording/disk.hpp>

#include "../figures.hpp"
#include "contenders.hpp"
#include "farm.hpp"

namespace vl::bench {
namespace {

constexpr std::size_t fragment_bytes = 128UL << 10;
constexpr std::size_t group_bytes = 8UL << 20;
constexpr std::size_t socket_bytes = 4UL << 20;

/// One file that grows to a limit and begins anew, written past the system's cache.
class AppendFile {
 public:
  AppendFile(const std::string& path, std::uint64_t most_bytes, bool hashed)
      : most_bytes_(most_bytes / group_bytes * group_bytes), hashed_(hashed), buffer_(group_bytes) {
    file_ = ::open(path.c_str(), O_CREAT | O_WRONLY | O_DIRECT | O_CLOEXEC, 0600);
    if (file_ < 0 || ::posix_fallocate(file_, 0, static_cast<off_t>(most_bytes_)) != 0) {
      std::perror(path.c_str());
      std::exit(1);
    }
  }
  ~AppendFile() { ::close(file_); }

  void add(ByteView bytes) {
    buffer_.add(bytes);
    if (buffer_.size() >= group_bytes) write();
  }
  void sync() {
    write();
    if (::fdatasync(file_) != 0) std::perror("fdatasync");
  }

 private:
  void write() {
    if (buffer_.size() == 0) return;
    if (hashed_) {
      std::vector<ByteView> parts;
      for (auto rest = buffer_.view(); !rest.empty();) {
        parts.push_back(rest.first(std::min(rest.size(), fragment_bytes)));
        rest = rest.subspan(parts.back().size());
      }
      hashes_ = hasher_.roots(parts);
    }
    buffer_.fill_up();
    if (at_ + buffer_.size() > most_bytes_) at_ = 0;
    const auto wrote =
        ::pwrite(file_, buffer_.view().data(), buffer_.size(), static_cast<off_t>(at_));
    if (wrote != static_cast<ssize_t>(buffer_.size())) std::perror("write");
    at_ += buffer_.size();
    buffer_.clear();
  }

  const std::uint64_t most_bytes_;
  const bool hashed_;
  int file_;
  recording::BlockBuffer buffer_;
  recording::ContentHasher hasher_;
  std::vector<Digest> hashes_;
  std::uint64_t at_ = 0;
};

struct Stream {
  int socket = -1;
  Bytes tail;  // a frame whose end has not come
  std::uint64_t pictures = 0;
};

int ask(int socket, const std::string& text, std::string& answer) {
  if (::send(socket, text.data(), text.size(), MSG_NOSIGNAL) < 0) return -1;
  answer.clear();
  std::array<char, 8192> buffer{};
  // The farm answers in one piece, and sends no picture before it has.
  const auto got = ::recv(socket, buffer.data(), buffer.size(), 0);
  if (got > 0) answer.assign(buffer.data(), static_cast<std::size_t>(got));
  return answer.starts_with("RTSP/1.0 200") ? 0 : -1;
}

bool open_stream(Stream& stream, const ReceiverOptions& options, std::size_t number) {
  stream.socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int room = socket_bytes;
  ::setsockopt(stream.socket, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(options.port));
  if (::connect(stream.socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    return false;
  const auto url = farm_url(options.port, number);
  std::string answer;
  if (ask(stream.socket, fmt::format("DESCRIBE {} RTSP/1.0\r\nCSeq: 1\r\n\r\n", url), answer) != 0)
    return false;
  if (ask(stream.socket,
          fmt::format("SETUP {}/track1 RTSP/1.0\r\nCSeq: 2\r\n"
                      "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n",
                      url),
          answer) != 0)
    return false;
  const auto play = fmt::format("PLAY {} RTSP/1.0\r\nCSeq: 3\r\nSession: 1\r\n\r\n", url);
  ::send(stream.socket, play.data(), play.size(), MSG_NOSIGNAL);
  ::fcntl(stream.socket, F_SETFL, O_NONBLOCK);
  return true;
}

/// A payload of RFC 6184 to the file, as it comes: single units and FU-A.
void take_payload(AppendFile& file, Stream& stream, ByteView packet) {
  if (packet.size() < 14) return;
  if ((packet[1] & 0x80) != 0) ++stream.pictures;
  auto payload = packet.subspan(12);
  constexpr std::array<std::uint8_t, 4> length{0, 0, 0, 1};
  if ((payload[0] & 31) != 28) {
    file.add(length);
    file.add(payload);
    return;
  }
  if ((payload[1] & 0x80) != 0) {
    const auto header = static_cast<std::uint8_t>((payload[0] & 0xe0) | (payload[1] & 31));
    file.add(length);
    file.add({&header, 1});
  }
  file.add(payload.subspan(2));
}

void take(AppendFile& file, Stream& stream, ByteView bytes) {
  const auto whole = [](ByteView at) {
    if (at.size() >= 4 && at[0] != '$') {  // the answer to PLAY
      const auto end = as_text(at).find("\r\n\r\n");
      return end == std::string_view::npos ? at.size() + 1 : end + 4;
    }
    return at.size() < 4 ? std::size_t{4}
                         : std::size_t{4} + (std::size_t{at[2]} << 8 | std::size_t{at[3]});
  };
  while (!stream.tail.empty() && !bytes.empty()) {
    const auto had = stream.tail.size();
    const auto more = std::min(bytes.size(), std::max(whole(stream.tail), had + 1) - had);
    stream.tail.insert(stream.tail.end(), bytes.begin(),
                       bytes.begin() + static_cast<std::ptrdiff_t>(more));
    bytes = bytes.subspan(more);
    if (stream.tail.size() < 4 || stream.tail.size() < whole(stream.tail)) continue;
    if (stream.tail[0] == '$' && stream.tail[1] == 0)
      take_payload(file, stream, ByteView(stream.tail).subspan(4));
    stream.tail.clear();
  }
  while (!bytes.empty()) {
    const auto length = whole(bytes);
    if (bytes.size() < 4 || length > bytes.size()) break;
    if (bytes[0] == '$' && bytes[1] == 0) take_payload(file, stream, bytes.subspan(4, length - 4));
    bytes = bytes.subspan(length);
  }
  stream.tail.insert(stream.tail.end(), bytes.begin(), bytes.end());
}

}  // namespace

int receive_bare(const ReceiverOptions& options, BareWork work) {
  block_sigterm();
  raise_file_limit();
  std::unique_ptr<AppendFile> file;
  if (work != BareWork::discard)
    file = std::make_unique<AppendFile>(options.folder + "/bare", options.most_disk_bytes,
                                        work == BareWork::hash_write);
  std::vector<Stream> streams(options.cameras);
  for (std::size_t i = 0; i < streams.size(); ++i)
    if (!open_stream(streams[i], options, i)) {
      fmt::print(stderr, "camera {} does not play\n", i);
      return 1;
    }
  say_ready();
  Bytes buffer(socket_bytes);
  std::size_t broken = 0;
  constexpr std::int64_t parts = 10;  // of the pace: not all sockets at the same moment
  auto next_sync_s = now_s() + 1;
  const auto start_s = now_s();
  for (std::int64_t turn = 0; !sigterm_came(); ++turn) {
    for (auto i = static_cast<std::size_t>(turn % parts); i < streams.size(); i += parts) {
      auto& stream = streams[i];
      if (stream.socket < 0) continue;
      const auto got = ::recv(stream.socket, buffer.data(), buffer.size(), 0);
      if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
        ::close(stream.socket);
        stream.socket = -1;
        ++broken;
      }
      if (got > 0 && file)
        take(*file, stream, ByteView(buffer).first(static_cast<std::size_t>(got)));
    }
    if (file && now_s() >= next_sync_s) {
      file->sync();
      next_sync_s += 1;
    }
    const double rest_s =
        start_s + static_cast<double>((turn + 1) * options.pace_ms) / (parts * 1000.0) - now_s();
    if (rest_s > 0) std::this_thread::sleep_for(std::chrono::duration<double>(rest_s));
  }
  std::uint64_t pictures = 0;
  for (const auto& stream : streams) pictures += stream.pictures;
  fmt::print("broken {} pictures {}\n", broken, pictures);
  return 0;
}

}  // namespace vl::bench
