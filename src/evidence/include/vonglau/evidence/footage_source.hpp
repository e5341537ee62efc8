// Where the footage of an export is read from: a recorder's own store, or a part that another
// recorder made (a folder of the same form, docs/design/export.md). One thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <vonglau/evidence/folder.hpp>
#include <vonglau/evidence/manifest.hpp>
#include <vonglau/recording/fragment.hpp>

namespace vl::recording {
class FragmentStore;
}

namespace vl::evidence {

class FootageSource {
 public:
  virtual ~FootageSource() = default;
  /// Fragments of [from_us, to_us), and before it from a key picture on; in order of sequence.
  /// Nothing of a fetched stream where nothing was fetched.
  virtual Result<std::vector<recording::FragmentRef>> find(const recording::StreamKey& stream,
                                                           std::int64_t from_us,
                                                           std::int64_t to_us) const = 0;
  /// As stored.
  virtual Result<Bytes> read(const recording::FragmentId& id) const = 0;
  virtual Result<std::vector<ExportGap>> gaps(const recording::StreamKey& stream,
                                              std::int64_t from_us, std::int64_t to_us) const = 0;
  /// Gaps as they were before anything was fetched into them.
  virtual Result<std::vector<ExportGap>> recorded_gaps(const recording::StreamKey& stream,
                                                       std::int64_t from_us,
                                                       std::int64_t to_us) const = 0;
};

/// The store outlives it.
std::unique_ptr<FootageSource> stored_footage(const recording::FragmentStore& store);

/// A part, found to be the one whose manifest has this hash, with every file that it names.
class PartFootage final : public FootageSource {
 public:
  static Result<std::unique_ptr<PartFootage>> open(const std::string& folder,
                                                   const Digest& manifest_sha256);
  Result<std::vector<recording::FragmentRef>> find(const recording::StreamKey& stream,
                                                   std::int64_t from_us,
                                                   std::int64_t to_us) const override;
  Result<Bytes> read(const recording::FragmentId& id) const override;
  Result<std::vector<ExportGap>> gaps(const recording::StreamKey& stream, std::int64_t from_us,
                                      std::int64_t to_us) const override;
  Result<std::vector<ExportGap>> recorded_gaps(const recording::StreamKey& stream,
                                               std::int64_t from_us,
                                               std::int64_t to_us) const override;
  const Manifest& manifest() const { return manifest_; }

 private:
  struct Place {
    std::size_t file;
    std::uint64_t offset;
    std::uint32_t bytes;
  };
  PartFootage(Folder folder, Manifest manifest)
      : folder_(std::move(folder)), manifest_(std::move(manifest)) {}
  const ExportStream* stream_of(const recording::StreamKey& stream) const;
  Result<void> index();

  Folder folder_;
  Manifest manifest_;
  std::vector<FolderFile> files_;
  std::map<recording::FragmentId, Place> places_;
};

}  // namespace vl::evidence
