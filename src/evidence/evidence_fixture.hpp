// Exports made up for tests: footage with pictures that MP4 can hold, kept in memory with either
// kind of content hash.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include <vonglau/evidence/export_writer.hpp>
#include <vonglau/recording/content_hash.hpp>
#include <vonglau/recording/fragment_format.hpp>

namespace vl::evidence::testing {

namespace fs = std::filesystem;

constexpr std::int64_t start_us = 1'763'800'000'000'000;
constexpr std::int64_t second_us = 1'000'000;

inline recording::StreamKey camera(int number) {
  Uuid id;
  id.bytes[0] = 7;
  id.bytes[15] = static_cast<std::uint8_t>(number);
  return {recording::CameraId{id}, recording::StreamKind::main};
}

/// 320x240, as x264 tells it.
inline std::shared_ptr<const media::TrackFormat> picture_format() {
  static const auto shared = std::make_shared<const media::TrackFormat>(media::TrackFormat{
      .codec = media::Codec::h264,
      .width = 320,
      .height = 240,
      .parameter_sets = {{0x67, 0x42, 0xc0, 0x0d, 0xda, 0x05, 0x07, 0xe8, 0x40, 0x00, 0x00,
                          0x03, 0x00, 0x40, 0x00, 0x00, 0x0c, 0x83, 0xc5, 0x0a, 0xa8},
                         {0x68, 0xce, 0x0f, 0x2c, 0x80}}});
  return shared;
}

/// Half a second, beginning with a key picture, with sound.
inline recording::NewFragment half_second(const recording::StreamKey& stream, std::int64_t at_us) {
  static const auto sound = std::make_shared<const media::TrackFormat>(
      media::TrackFormat{.codec = media::Codec::aac,
                         .clock_hz = 16'000,
                         .channels = 1,
                         .parameter_sets = {{0x14, 0x08}}});
  recording::NewFragment out;
  out.stream = stream;
  out.session = 1;
  out.start_us = at_us;
  out.end_us = at_us + 500'000;
  for (int i = 0; i < 10; ++i) {
    const bool heard = i % 2 == 1;
    auto sample = std::make_shared<media::Sample>();
    sample->track = heard ? 1 : 0;
    sample->is_key = heard || i == 0;
    sample->wall_us = at_us + i * 50'000;
    sample->pts = (sample->wall_us - start_us) * (heard ? 16 : 90) / 1000;
    sample->format = heard ? sound : picture_format();
    Bytes content(heard ? 60 : 900);
    for (std::size_t k = 0; k < content.size(); ++k)
      content[k] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(at_us) / 50'000 * 31 +
                                             stream.camera.value.bytes[15] * 7U + k);
    sample->bytes = std::move(content);
    out.samples.push_back(std::move(sample));
  }
  return out;
}

/// Footage in memory. Reading only; what writes and keeps is not asked here.
class Shelf final : public recording::FragmentStore {
 public:
  explicit Shelf(recording::BodyHash kind = recording::BodyHash::chunks) : kind_(kind) {}

  void put(const recording::NewFragment& fragment) {
    auto& row = rows_[fragment.stream];
    auto encoded = recording::encode_fragment(fragment, next_[fragment.stream] + 1,
                                              row.empty() ? Digest{} : row.back().header.chain);
    ASSERT_TRUE(encoded) << encoded.error().message;
    ++next_[fragment.stream];
    Bytes body = encoded->tables;
    for (const auto& sample : fragment.samples)
      body.insert(body.end(), sample->bytes.begin(), sample->bytes.end());
    if (kind_ == recording::BodyHash::chunks) {
      encoded->header.body_hash = kind_;
      encoded->header.hash = hasher_.root(body);
      encoded->header_bytes = recording::seal_header(encoded->header);
    }
    Bytes stored(encoded->header_bytes.begin(), encoded->header_bytes.end());
    stored.insert(stored.end(), body.begin(), body.end());
    row.push_back({encoded->header, std::move(stored)});
  }
  /// Of the camera's main stream, fetched in that second.
  void put_fetched(const recording::StreamKey& stream, std::int64_t from_us, int seconds,
                   std::int64_t fetched_us) {
    for (int i = 0; i < seconds * 2; ++i) {
      auto fragment =
          half_second({stream.camera, recording::StreamKind::fetched}, from_us + i * 500'000);
      fragment.session = static_cast<std::uint32_t>(fetched_us / second_us);
      put(fragment);
    }
  }
  void put_seconds(const recording::StreamKey& stream, std::int64_t from_us, int seconds) {
    for (int i = 0; i < seconds * 2; ++i) put(half_second(stream, from_us + i * 500'000));
  }
  void forget(const recording::StreamKey& stream, std::size_t index) {
    rows_[stream].erase(rows_[stream].begin() + static_cast<std::ptrdiff_t>(index));
  }
  Bytes& stored(const recording::StreamKey& stream, std::size_t index) {
    return rows_[stream][index].stored;
  }
  void put_gap(const recording::StreamKey& stream, const recording::Gap& known) {
    gaps_[stream].push_back(known);
  }

  Result<std::vector<recording::FragmentRef>> find(const recording::StreamKey& stream,
                                                   std::int64_t from_us, std::int64_t to_us,
                                                   std::size_t most) const override {
    std::vector<recording::FragmentRef> out;
    for (const auto& row : of(stream))
      if (row.header.start_us < to_us && row.header.end_us > from_us && out.size() < most)
        out.push_back(ref_of(row));
    std::ranges::sort(out, {}, [](const recording::FragmentRef& ref) {
      return std::pair(ref.start_us, ref.id.sequence);
    });
    return out;
  }
  Result<recording::FragmentRef> seek(const recording::StreamKey& stream,
                                      std::int64_t at_us) const override {
    const Row* best = nullptr;
    for (const auto& row : of(stream))
      if (row.header.start_us <= at_us) best = &row;
    if (best == nullptr) return fail(recording::RecordingError::not_found, "nothing before it");
    return ref_of(*best);
  }
  Result<Bytes> read_stored(const recording::FragmentId& id) const override {
    for (const auto& row : of(id.stream))
      if (row.header.id == id) return row.stored;
    return fail(recording::RecordingError::not_found, "no such fragment");
  }
  Result<std::vector<recording::Gap>> gaps(const recording::StreamKey& stream, std::int64_t,
                                           std::int64_t) const override {
    const auto found = gaps_.find(stream);
    return found == gaps_.end() ? std::vector<recording::Gap>{} : found->second;
  }

  Result<recording::FragmentId> append(const recording::NewFragment&) override { return no(); }
  Result<void> gap(const recording::StreamKey&, const recording::Gap&) override { return no(); }
  Result<recording::SyncOutcome> sync() override { return no(); }
  Result<std::uint64_t> reclaim() override { return no(); }
  std::vector<recording::StreamKey> streams() const override { return {}; }
  std::optional<std::int64_t> end_us(const recording::StreamKey& stream) const override {
    if (of(stream).empty()) return {};
    return of(stream).back().header.end_us;
  }
  Result<recording::FragmentRef> next(const recording::FragmentId&) const override { return no(); }
  Result<recording::Fragment> read(const recording::FragmentId&) const override { return no(); }
  Result<std::vector<recording::Span>> spans(const recording::StreamKey&, std::int64_t,
                                             std::int64_t) const override {
    return no();
  }
  Result<std::vector<std::uint32_t>> rates(const recording::StreamKey&, std::int64_t, std::int64_t,
                                           std::size_t) const override {
    return no();
  }
  Result<recording::FootageLock> lock(const recording::StreamKey&, std::int64_t, std::int64_t,
                                      std::string) override {
    return no();
  }
  Result<void> unlock(const recording::LockId&) override { return no(); }
  Result<std::vector<recording::FootageLock>> locks() const override { return no(); }
  Result<void> set_retention(const recording::StreamKey&, const recording::Retention&) override {
    return no();
  }
  Result<void> give_up(const std::vector<recording::FragmentId>&) override { return no(); }
  recording::Usage usage() const override { return {}; }
  Result<recording::CheckReport> check(bool) const override { return no(); }

 private:
  struct Row {
    recording::FragmentHeader header;
    Bytes stored;
  };
  static std::unexpected<Error> no() {
    return fail(recording::RecordingError::invalid, "this shelf is for reading");
  }
  static recording::FragmentRef ref_of(const Row& row) {
    return {row.header.id, row.header.start_us, row.header.end_us,
            static_cast<std::uint32_t>(row.stored.size()), row.header.starts_with_key};
  }
  const std::vector<Row>& of(const recording::StreamKey& stream) const {
    static const std::vector<Row> none;
    const auto found = rows_.find(stream);
    return found == rows_.end() ? none : found->second;
  }
  const recording::BodyHash kind_;
  recording::ContentHasher hasher_;
  std::map<recording::StreamKey, std::vector<Row>> rows_;
  std::map<recording::StreamKey, std::uint64_t> next_;
  std::map<recording::StreamKey, std::vector<recording::Gap>> gaps_;
};

class ScratchFolder {
 public:
  ScratchFolder() {
    std::string pattern = (fs::temp_directory_path() / "vonglau-evidence-XXXXXX").string();
    EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
    path_ = pattern;
  }
  ~ScratchFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline SigningKey centre_key() {
  return SigningKey::from_seed(sha256(as_bytes("a centre")));
}

/// Cameras 1 and 2 from `start_us` on.
inline ExportOrder order(std::int64_t seconds) {
  ExportOrder out;
  out.export_id = camera(99).camera.value;
  out.made_by = "vonglau test";
  const auto key = centre_key().public_key();
  out.centre = {24, "Bắc Ninh", to_hex(key), to_hex(sha256(key))};
  out.request = {"VA-2026/117",
                 "investigation",
                 "va chạm </script><b> ở ngã tư",
                 "Nguyễn Văn A",
                 {start_us + 60 * second_us},
                 "Trần Thị B",
                 {start_us + 90 * second_us},
                 start_us,
                 start_us + seconds * second_us};
  out.journal = {4711, to_hex(sha256(as_bytes("head"))), {start_us + 91 * second_us}};
  out.cameras = {{camera(1).camera.value, "CAM-001", "Ngã tư Suối Hoa"},
                 {camera(2).camera.value, "CAM 2/b", "Cổng chợ"}};
  return out;
}

inline Bytes content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(in), {});
}
inline void write_content(const std::string& path, const Bytes& bytes) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
}

}  // namespace vl::evidence::testing
