// Takes an RTSP connection's bytes apart: messages and interleaved "$" frames
// (RFC 2326, section 10.12) come in one stream, in pieces of any size.
//
// One parser belongs to one direction of one connection and to one thread at a time. Memory is
// bounded by Limits plus one frame (64 KiB): frames that lie whole in a chunk are shown where
// they are, only what straddles two chunks is copied.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include <vonglau/base/bytes.hpp>
#include <vonglau/rtsp/message.hpp>

namespace vl::rtsp {

/// An interleaved binary frame; RTP on even channels and RTCP on odd ones by custom.
struct Frame {
  std::uint8_t channel = 0;
  ByteView payload;       // valid until the next call of the parser that gave it
  bool in_chunk = false;  // it lies in the chunk that was fed, and is valid as long as that
};

using Item = std::variant<Frame, Request, Response>;

struct Limits {
  std::size_t head_bytes = 16 * 1024;  // start line and headers together
  std::size_t headers = 64;
  std::size_t body_bytes = 64 * 1024;
};

class StreamParser {
 public:
  explicit StreamParser(Limits limits = {}) : limits_(limits) {}

  /// Gives the next bytes of the stream. They must stay where they are until next() has said
  /// that it needs more; only then may feed() be called again.
  void feed(ByteView chunk);

  /// The next item; nothing when more bytes are needed; an error when the stream cannot be
  /// followed any further (every later call repeats it: close the connection).
  Result<std::optional<Item>> next();
  /// The next item if it is a frame and lies whole in the chunk; else ask next(). Nearly all are,
  /// and this costs a fraction.
  std::optional<Frame> next_frame() {
    if (tail_shown_) {
      tail_.clear();
      tail_shown_ = false;
    }
    if (!tail_.empty() || chunk_.size() < 4 || chunk_[0] != '$') return std::nullopt;
    const std::size_t length = std::size_t{chunk_[2]} << 8 | chunk_[3];
    if (chunk_.size() < 4 + length) return std::nullopt;
    const Frame frame{chunk_[1], chunk_.subspan(4, length), true};
    chunk_ = chunk_.subspan(4 + length);
    position_ += 4 + length;
    return frame;
  }

  /// Bytes of the stream taken apart so far; errors name this position.
  std::uint64_t position() const { return position_; }

 private:
  struct Step {
    std::size_t consumed = 0;  // 0: not all there yet
    std::optional<Item> item;
  };
  Result<Step> step(ByteView bytes);
  Result<Step> step_message(ByteView bytes);
  Result<std::optional<Item>> from_tail();
  Result<std::optional<Item>> stop(Error error);

  Limits limits_;
  ByteView chunk_;           // not yet taken apart, the caller's
  Bytes tail_;               // the start of an item whose end has not come yet
  bool tail_shown_ = false;  // the frame shown last lies in tail_
  std::size_t scanned_ = 0;  // bytes of the head searched for its end already
  std::uint64_t position_ = 0;
  std::optional<Error> broken_;
};

/// The four bytes before an interleaved frame's payload.
std::array<std::uint8_t, 4> frame_header(std::uint8_t channel, std::uint16_t payload_bytes);

}  // namespace vl::rtsp
