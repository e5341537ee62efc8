// A thousand cameras that cost little: one thread, one port, RTSP over TCP interleaved. Every
// camera sends the same pictures with sequence numbers, timestamps and source of its own, each
// at its own phase, in real time: one write a picture (or a slice, if that is longer).
//
// What it sent is counted in memory shared with who started it. A receiver that does not keep up
// finds its pictures waiting; beyond `most_behind_us` they are skipped and counted.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "tape.hpp"

namespace vl::bench {

struct FarmFigures {
  std::atomic<std::uint64_t> bytes{0};  // that the sockets took: RTP with its 4 bytes before it
  std::atomic<std::uint64_t> pictures{0};
  std::atomic<std::uint64_t> skipped{0};
  std::atomic<std::uint64_t> playing{0};
  std::atomic<std::int64_t> latest_us{0};  // most that a picture was late since last set to 0
  std::atomic<std::uint32_t> port{0};
  /// Fragments that our recorder could not store, as it said last.
  std::atomic<std::uint64_t> dropped{0};
};

/// The figures in a file that both processes map.
FarmFigures& map_figures(const std::string& file);

struct FarmOptions {
  std::size_t cameras = 100;
  std::int64_t slice_us = 40'000;
  std::int64_t most_behind_us = 5'000'000;
};

/// Until SIGTERM. Sets `figures.port` when it listens.
int run_farm(const Tape& tape, const FarmOptions& options, FarmFigures& figures);

std::string farm_url(std::uint32_t port, std::size_t camera);

}  // namespace vl::bench
