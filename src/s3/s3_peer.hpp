// A store that speaks S3 and that we did not write, for tests: OpenStack Swift
// (tests/interop/s3_peer.py).
#pragma once

#include <filesystem>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "peer_process.hpp"

namespace vl::s3::testing {

class Peer {
 public:
  static constexpr const char* bucket = "footage";

  explicit Peer(const std::string& folder, const std::string& certificate = {},
                const std::string& key = {})
      : secure_(!certificate.empty()), process_(words(folder, certificate, key)) {
    const auto told = process_.line();
    if (told.starts_with("port ")) port = std::atoi(told.c_str() + 5);
  }
  static bool is_installed() {
    std::error_code none;
    return std::filesystem::exists("/usr/lib/python3/dist-packages/swift/proxy/server.py", none);
  }
  std::string endpoint() const {
    return fmt::format("{}://127.0.0.1:{}", secure_ ? "https" : "http", port);
  }
  /// "away", "back" or "hang"; it is so when this returns.
  void be(const std::string& word) {
    process_.tell(word);
    EXPECT_EQ(process_.line(), word);
  }
  int port = 0;

 private:
  static std::vector<std::string> words(const std::string& folder, const std::string& certificate,
                                        const std::string& key) {
    std::vector<std::string> out{"/usr/bin/python3", S3_PEER, folder, bucket};
    if (!certificate.empty()) out.insert(out.end(), {certificate, key});
    return out;
  }
  bool secure_;
  interop::PeerProcess process_;
};

}  // namespace vl::s3::testing
