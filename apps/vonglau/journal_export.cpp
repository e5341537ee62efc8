// An export is a folder that can be checked without this program: every event with the fields
// that its hash covers, the roots as they were written, and a manifest with their digests.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include <vonglau/base/json.hpp>
#include <vonglau/journal/reader.hpp>
#include <vonglau/journal/roots.hpp>

#include "journal_tools.hpp"
#include "progress.hpp"
#include "site_store.hpp"
#include "subcommands.hpp"
#include "version.hpp"

namespace vl::app {
namespace {

namespace fs = std::filesystem;

struct ExportedEvent {
  std::int64_t sequence = 0;
  WallTime at_us;
  std::int64_t mono_us = 0;
  std::string actor_kind;
  Uuid actor_id;
  std::string stream_kind;
  Uuid stream_id;
  std::int64_t stream_version = 0;
  std::string type;
  std::int64_t version = 0;
  std::string body;  // as stored, byte for byte: it is hashed as text
  Digest previous_hash{};
  Digest hash{};
};
BOOST_DESCRIBE_STRUCT(ExportedEvent, (),
                      (sequence, at_us, mono_us, actor_kind, actor_id, stream_kind, stream_id,
                       stream_version, type, version, body, previous_hash, hash))

struct ExportedFile {
  std::string name;
  std::int64_t bytes = 0;
  std::string sha256;  // hex
};
BOOST_DESCRIBE_STRUCT(ExportedFile, (), (name, bytes, sha256))

struct Manifest {
  std::string format = "vonglau-journal-export-1";
  std::string program;
  std::int64_t province = 0;
  WallTime at_us;
  std::int64_t first_sequence = 0;
  std::int64_t last_sequence = 0;
  std::int64_t events = 0;
  std::string canonical_form;
  std::optional<Bytes> public_key;  // Ed25519, of the roots
  std::vector<ExportedFile> files;
};
BOOST_DESCRIBE_STRUCT(Manifest, (),
                      (format, program, province, at_us, first_sequence, last_sequence, events,
                       canonical_form, public_key, files))

constexpr const char* canonical_form =
    "hash = SHA-256 of: \"VLJ1\", u64 province, u64 sequence, i64 at_us, i64 mono_us, u8 actor "
    "kind (system 0, person 1, node 2), 16 bytes actor_id, str stream_kind, 16 bytes stream_id, "
    "u64 stream_version, str type, u32 version, str body, 32 bytes previous_hash; integers "
    "big-endian, str = u32 length and bytes";

// A file that is hashed as it is written.
class HashedFile {
 public:
  explicit HashedFile(const fs::path& path)
      : name_(path.filename()), out_(path, std::ios::binary) {}
  void write(std::string_view text) {
    out_.write(text.data(), static_cast<std::streamsize>(text.size()));
    digest_.add(as_bytes(text));
    bytes_ += static_cast<std::int64_t>(text.size());
  }
  Result<ExportedFile> close() {
    out_.close();
    if (!out_) {
      return fail(store::StoreError::full,
                  fmt::format("cannot write {}: {}", name_, std::strerror(errno)));
    }
    return ExportedFile{name_, bytes_, to_hex(digest_.finish())};
  }

 private:
  std::string name_;
  std::ofstream out_;
  Sha256 digest_;
  std::int64_t bytes_ = 0;
};

ExportedEvent exported(const journal::Event& event) {
  return {event.sequence,  event.wall,
          event.mono.us,   std::string(journal::name_of(event.actor.kind)),
          event.actor.id,  event.stream.kind,
          event.stream.id, event.stream_version,
          event.type,      event.version,
          event.body,      event.previous_hash,
          event.hash};
}

Result<void> export_events(const Config& config, const ExportOptions& options, Manifest& manifest) {
  VL_TRY(const auto database, open_existing_store(config));
  VL_TRY(const auto session, open_checked_reader(*database));
  VL_TRY(const auto head, journal::read_head(*session, config.province_id()));
  Progress progress("exporting", std::min(head.sequence, options.until));
  HashedFile file(fs::path(options.folder) / "events.jsonl");
  journal::EventRange range;
  range.from = options.from;
  range.to = options.until;
  VL_CHECK(journal::read_events(*session, config.province_id(), range, nullptr,
                                [&](journal::Event&& event) {
                                  file.write(json::write(exported(event)) + "\n");
                                  if (manifest.events++ == 0)
                                    manifest.first_sequence = event.sequence;
                                  manifest.last_sequence = event.sequence;
                                  if (event.sequence % 10'000 == 0)
                                    progress.reached(event.sequence);
                                  return true;
                                }));
  VL_TRY(auto written, file.close());
  manifest.files.push_back(std::move(written));
  return {};
}

Result<void> export_roots(const Config& config, const ExportOptions& options, Manifest& manifest) {
  if (fs::exists(config.signing_key_file())) {
    VL_TRY(const auto key, SigningKey::load_or_create(config.signing_key_file()));
    manifest.public_key = key.public_key();
  }
  std::ifstream in(fs::path(config.folders.anchor) / "roots.jsonl", std::ios::binary);
  HashedFile file(fs::path(options.folder) / "roots.jsonl");
  for (std::string line; in && std::getline(in, line);)
    if (!in.eof()) file.write(line + "\n");  // a line without its end is still being written
  VL_TRY(auto written, file.close());
  manifest.files.push_back(std::move(written));
  return {};
}

Result<Manifest> write_export(const Config& config, const ExportOptions& options) {
  std::error_code error;
  if (!fs::create_directories(options.folder, error)) {
    return fail(ConfigError::wrong_value,
                fmt::format("cannot make {}: {}; name a folder that is not there yet",
                            options.folder, error ? error.message() : "it exists"));
  }
  Manifest manifest;
  manifest.program = fmt::format("vonglau {}", version);
  manifest.province = config.province.id;
  manifest.at_us = SystemClock().wall();
  manifest.canonical_form = canonical_form;
  VL_CHECK(export_events(config, options, manifest));
  VL_CHECK(export_roots(config, options, manifest));
  HashedFile file(fs::path(options.folder) / "manifest.json");
  file.write(json::write(manifest) + "\n");
  VL_CHECK(file.close());
  return manifest;
}

}  // namespace

int journal_export(const Config& config, const ExportOptions& options, std::FILE* out) {
  const auto manifest = write_export(config, options);
  if (!manifest) return complain(manifest.error());
  fmt::print(out, "Exported {} events (numbers {} to {}) to {}\n", manifest->events,
             manifest->first_sequence, manifest->last_sequence, options.folder);
  for (const auto& file : manifest->files)
    fmt::print(out, "  {}  {} bytes  SHA-256 {}\n", file.name, file.bytes, file.sha256);
  return exit_ok;
}

}  // namespace vl::app
