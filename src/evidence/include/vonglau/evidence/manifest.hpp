// What an export says of itself: manifest.json (docs/design/export.md). Values; any thread.
//
// The text of a manifest is canonical: members in the order described here, no white space,
// whole numbers, hashes as lower-case hex. read_manifest() refuses every other text, so one
// manifest has one text and one hash.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe/class.hpp>

#include <vonglau/base/bytes.hpp>
#include <vonglau/base/ids.hpp>
#include <vonglau/evidence/error.hpp>

namespace vl::evidence {

inline constexpr std::string_view export_format = "vonglau-export-1";
/// Another one whenever the same footage would give other bytes of a video.
inline constexpr std::string_view video_rules = "mp4-1";
inline constexpr std::size_t most_manifest_bytes = 64 * 1024 * 1024;
inline constexpr std::size_t most_export_fragments = 100'000;  // about 16 hours of one camera
inline constexpr std::size_t most_export_cameras = 64;
inline constexpr std::size_t most_export_streams =
    2 * most_export_cameras;  // with what was fetched

struct StoredFragment {
  std::uint64_t sequence = 0;
  std::int64_t start_us = 0;
  std::int64_t end_us = 0;
  std::uint32_t bytes = 0;  // header and body
  std::string hash;         // of the body, as the header has it
  std::string chain;
  friend bool operator==(const StoredFragment&, const StoredFragment&) = default;
};
BOOST_DESCRIBE_STRUCT(StoredFragment, (), (sequence, start_us, end_us, bytes, hash, chain))

/// Fragments one after another, nothing else.
struct FootageFile {
  std::string path;
  std::uint64_t bytes = 0;
  std::string sha256;
  std::vector<StoredFragment> fragments;
};
BOOST_DESCRIBE_STRUCT(FootageFile, (), (path, bytes, sha256, fragments))

struct VideoFile {
  std::string path;
  std::uint64_t bytes = 0;
  std::string sha256;
  std::int64_t start_us = 0;
  std::int64_t end_us = 0;
  std::string codec;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  friend bool operator==(const VideoFile&, const VideoFile&) = default;
};
BOOST_DESCRIBE_STRUCT(VideoFile, (), (path, bytes, sha256, start_us, end_us, codec, width, height))

/// Painted over from_us to to_us; in thousandths of the picture from its upper left corner.
struct MaskRegion {
  std::int64_t from_us = 0;
  std::int64_t to_us = 0;
  std::int32_t x = 0;
  std::int32_t y = 0;
  std::int32_t width = 0;
  std::int32_t height = 0;
  friend bool operator==(const MaskRegion&, const MaskRegion&) = default;
};
BOOST_DESCRIBE_STRUCT(MaskRegion, (), (from_us, to_us, x, y, width, height))
inline constexpr std::size_t most_mask_regions = 100;
/// Inside the picture, and of some size and time.
bool is_mask_region(const MaskRegion& region);

/// Not evidence: a copy of a video, coded again with regions painted over and without sound.
struct MaskedCopy {
  std::string path;
  std::uint64_t bytes = 0;
  std::string sha256;
  std::string made_of;               // the path of the video
  std::uint64_t first_sequence = 0;  // of the fragments that the video is made of
  std::uint64_t last_sequence = 0;
  std::vector<MaskRegion> regions;
};
BOOST_DESCRIBE_STRUCT(MaskedCopy, (),
                      (path, bytes, sha256, made_of, first_sequence, last_sequence, regions))

struct ExportSpan {
  std::int64_t start_us = 0;
  std::int64_t end_us = 0;
  friend bool operator==(const ExportSpan&, const ExportSpan&) = default;
};
BOOST_DESCRIBE_STRUCT(ExportSpan, (), (start_us, end_us))

/// Cause of a gap that is no gap in the recording: the camera's recorder was away, or could not
/// read it, when the export was made.
inline constexpr std::string_view gap_not_delivered = "not_delivered";

struct ExportGap {
  std::int64_t start_us = 0;
  std::int64_t end_us = 0;
  std::string cause;
  friend bool operator==(const ExportGap&, const ExportGap&) = default;
};
BOOST_DESCRIBE_STRUCT(ExportGap, (), (start_us, end_us, cause))

/// Where fragments of a fetched stream come from: the camera's own storage, asked for it when the
/// gap in the recording had ended.
struct FetchedStretch {
  std::uint64_t first_sequence = 0;
  std::uint64_t last_sequence = 0;
  std::int64_t start_us = 0;
  std::int64_t end_us = 0;
  std::int64_t fetched_us = 0;   // whole seconds: each of its fragments has it under its own hash
  std::optional<ExportGap> gap;  // of the recording, whole, in which it lies
};
BOOST_DESCRIBE_STRUCT(FetchedStretch, (),
                      (first_sequence, last_sequence, start_us, end_us, fetched_us, gap))
inline constexpr std::string_view fetched_stream = "fetched";

/// Where the stream's fragments stand in its chain.
struct ChainPosition {
  std::uint64_t first_sequence = 0;
  std::uint64_t last_sequence = 0;
  std::string previous;  // chain hash of the fragment before the first
  std::string last;      // chain hash of the last fragment
};
BOOST_DESCRIBE_STRUCT(ChainPosition, (), (first_sequence, last_sequence, previous, last))

struct ExportStream {
  Uuid camera_id;
  std::string code;
  std::string name;
  std::string stream;                   // "main", "sub", or "fetched", which follows its main one
  std::optional<std::string> recorder;  // its name, where the export is of several
  std::vector<ExportSpan> spans;
  std::vector<ExportGap> gaps;
  ChainPosition chain;
  std::vector<FootageFile> footage;
  std::vector<VideoFile> videos;
  std::vector<std::string> left_out_of_videos;  // codecs that have no place in MP4
  std::optional<std::vector<MaskedCopy>> masked;
  std::optional<std::vector<FetchedStretch>> fetched;  // of a fetched stream alone
};
BOOST_DESCRIBE_STRUCT(ExportStream, (),
                      (camera_id, code, name, stream, recorder, spans, gaps, chain, footage, videos,
                       left_out_of_videos, masked, fetched))

struct OtherFile {
  std::string path;
  std::uint64_t bytes = 0;
  std::string sha256;
};
BOOST_DESCRIBE_STRUCT(OtherFile, (), (path, bytes, sha256))

/// Who asked for what, why, and who allowed it.
struct ExportRequest {
  std::string case_number;
  std::string purpose;
  std::string reason;
  std::string requested_by;
  WallTime requested_us;
  std::string approved_by;
  WallTime approved_us;
  std::int64_t from_us = 0;
  std::int64_t to_us = 0;
};
BOOST_DESCRIBE_STRUCT(ExportRequest, (),
                      (case_number, purpose, reason, requested_by, requested_us, approved_by,
                       approved_us, from_us, to_us))

struct ExportCentre {
  std::int64_t province_id = 0;
  std::string name;
  std::string key;          // Ed25519, that the export is to be signed with
  std::string fingerprint;  // SHA-256 of the key
};
BOOST_DESCRIBE_STRUCT(ExportCentre, (), (province_id, name, key, fingerprint))

/// The head of the centre's journal when the export was ordered.
struct JournalAnchor {
  std::int64_t sequence = 0;
  std::string hash;
  WallTime at_us;
};
BOOST_DESCRIBE_STRUCT(JournalAnchor, (), (sequence, hash, at_us))

struct ExportTree {
  std::uint64_t leaves = 0;
  std::string root;
};
BOOST_DESCRIBE_STRUCT(ExportTree, (), (leaves, root))

struct Manifest {
  std::string format;
  Uuid export_id;
  std::string made_by;      // product and version
  std::string video_rules;  // by which the videos were made of the footage
  WallTime made_us;
  ExportCentre centre;
  ExportRequest request;
  JournalAnchor journal;
  ExportTree tree;
  std::vector<ExportStream> streams;
  std::vector<OtherFile> files;
};
BOOST_DESCRIBE_STRUCT(Manifest, (),
                      (format, export_id, made_by, video_rules, made_us, centre, request, journal,
                       tree, streams, files))

/// What the centre says of an export to whoever makes it.
struct ExportTerms {
  std::string made_by;
  ExportCentre centre;
  ExportRequest request;
  JournalAnchor journal;
};
BOOST_DESCRIBE_STRUCT(ExportTerms, (), (made_by, centre, request, journal))

std::string text_of(const Manifest& manifest);
Result<Manifest> read_manifest(std::string_view text);

/// A name that stays inside the folder: parts of letters, digits, '.', '-' and '_' between '/'.
bool is_export_path(std::string_view path);

/// Stretches of footage without a hole of more than `least_hole_us`, in order of time. What was
/// fetched is stored in the order in which it came.
constexpr std::int64_t least_hole_us = 500'000;
std::vector<ExportSpan> spans_of(const ExportStream& stream);
/// Lower-case hex of a digest, and back.
std::optional<Digest> digest_of(std::string_view hex);

}  // namespace vl::evidence
