// The parts of one check, shared by what is checked: signatures (verify.cpp), footage
// (verify_footage.cpp), videos (verify_videos.cpp), and what is between them. Private; one thread.
#pragma once

#include <vonglau/evidence/folder.hpp>
#include <vonglau/evidence/verify.hpp>
#include <vonglau/evidence/videos.hpp>
#include <vonglau/recording/fragment_format.hpp>

namespace vl::evidence {

class Check {
 public:
  Check(Folder folder, const VerifyOptions& options)
      : folder_(std::move(folder)), options_(options) {}

  Result<VerifyReport> run();

 private:
  void found(ExportFinding finding);
  void found_in(const ExportStream& stream, const FootageFile& file, FindingKind kind,
                const StoredFragment& fragment, std::string detail = {});
  Result<void> read_manifest_and_signature();
  Result<void> check_signature(const Bytes& text, const std::string& manifest_sha256);
  Result<void> check_timestamp(const Bytes& signature);
  Result<void> check_stream(std::size_t number);
  Result<bool> check_footage(const ExportStream& stream, const FootageFile& file,
                             VideoMaker& videos);
  /// Its bytes were read; whether they are what the manifest says.
  bool check_fragment(const ExportStream& stream, const FootageFile& file,
                      const StoredFragment& said, ByteView bytes, VideoMaker& videos);
  void check_chain(const ExportStream& stream, const FootageFile& file, const StoredFragment& said,
                   const recording::FragmentHeader& header);
  Result<void> check_videos(std::size_t number, VideoMaker& maker, bool footage_is_whole);
  Result<void> check_masked(const ExportStream& stream);
  Result<void> make_videos_again(const ExportStream& stream, VideoMaker& maker);
  Result<void> check_tree();
  Result<void> check_other_files();
  void check_what_else_is_there();
  /// Whether it is there with its hash; says so if not.
  Result<bool> check_file(const std::string& path, std::uint64_t bytes, const std::string& sha256,
                          const std::string& camera);
  void progress(std::uint64_t bytes);

  const Folder folder_;
  const VerifyOptions& options_;
  VerifyReport report_;
  std::vector<std::optional<Digest>> leaves_;  // nothing where a fragment is not as recorded
  std::optional<recording::FragmentHeader> before_;
  std::uint64_t all_bytes_ = 0;
};

}  // namespace vl::evidence
