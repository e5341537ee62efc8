#include "archive.hpp"

#include <fmt/format.h>

#include <vonglau/s3/s3_store.hpp>

namespace vl::app {

using namespace recording;

namespace {

/// Says the same to everything.
class NoObjects final : public ObjectStore {
 public:
  explicit NoObjects(Error why) : why_(std::move(why)) {}
  Result<void> put(const std::string&, ByteView) override { return std::unexpected(why_); }
  Result<Bytes> get(const std::string&, std::uint64_t, std::size_t) override {
    return std::unexpected(why_);
  }
  Result<Bytes> get_all(const std::string&) override { return std::unexpected(why_); }
  Result<std::uint64_t> size(const std::string&) override { return std::unexpected(why_); }
  Result<void> remove(const std::string&) override { return std::unexpected(why_); }
  Result<ObjectPage> list(const std::string&, const std::string&, std::size_t) override {
    return std::unexpected(why_);
  }
  void cancel() override {}

 private:
  const Error why_;
};

}  // namespace

std::string archive_prefix(const Config& config) {
  auto prefix = config.archive.prefix.empty() ? config.recorder.name : config.archive.prefix;
  if (!prefix.ends_with('/')) prefix += '/';
  return prefix;
}

Result<std::unique_ptr<ObjectStore>> archive_objects(const Config& config, const Clock& clock) {
  const auto& archive = config.archive;
  s3::S3Options options;
  options.endpoint = archive.endpoint;
  options.bucket = archive.bucket;
  options.region = archive.region;
  options.ca_file = archive.ca_file;
  options.encryption = archive.encryption;
  options.plain_http = archive.plain_http;
  VL_TRY(options.credentials, s3::read_credentials(archive.credentials_file));
  return s3::s3_store(std::move(options), clock);
}

FootageDisks footage_disks(const Config& config, const Clock& clock) {
  FootageDisks out;
  out.below = posix_disk();
  if (config.archive.endpoint.empty()) return out;
  auto objects = archive_objects(config, clock);
  out.objects =
      objects ? std::move(*objects) : std::make_unique<NoObjects>(std::move(objects).error());
  ArchiveOptions options;
  options.folder = config.archive.folder;
  options.prefix = archive_prefix(config);
  options.name =
      fmt::format("{}/{}/{}", config.archive.endpoint, config.archive.bucket, options.prefix);
  options.staging_bytes = static_cast<std::uint64_t>(config.archive.folder_gib) << 30;
  options.reserve_bytes = static_cast<std::uint64_t>(config.limits.journal_reserve_mib) << 20;
  out.archive = std::make_unique<ArchiveDisk>(std::move(options), *out.below, *out.objects, clock);
  return out;
}

}  // namespace vl::app
