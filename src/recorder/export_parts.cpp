#include "export_parts.hpp"

#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include <vonglau/evidence/export_writer.hpp>
#include <vonglau/http/client.hpp>

namespace vl::recorder {

namespace {

namespace fs = std::filesystem;
using evidence::EvidenceError;
constexpr std::uint64_t piece_bytes = 8 << 20;

class Fetching {
 public:
  Fetching(const node::ExportPart& part, const std::string& ca_file, const std::string& folder,
           const std::function<bool()>& goes_on)
      : part_(part), folder_(folder), goes_on_(goes_on), client_(options(part, ca_file)) {}

  /// Goes on after what is there already.
  Result<void> file(const std::string& path, std::uint64_t bytes) {
    const auto to = folder_ + "/" + path;
    std::error_code error;
    fs::create_directories(fs::path(to).parent_path(), error);
    auto have = fs::file_size(to, error);
    if (error) have = 0;
    if (have > bytes) fs::remove(to, error), have = 0;
    std::ofstream out(to, std::ios::binary | std::ios::app);
    while (have < bytes) {
      if (!goes_on_()) return fail(EvidenceError::stopped, "it is not wanted any more");
      const auto end = std::min(bytes, have + piece_bytes);
      VL_TRY(const auto text, piece(path, have, end));
      out << text;
      out.flush();
      if (!out) return fail(EvidenceError::unreadable, "cannot write " + to);
      have = end;
    }
    return {};
  }
  /// Of unknown length, and all of it at once.
  Result<std::string> small(const std::string& path) {
    VL_TRY(const auto response, client_.get(target(path)));
    if (response.status != 200)
      return fail(EvidenceError::unreadable,
                  fmt::format("{}: the other recorder answers {}", path, response.status));
    return std::string(response.body_text());
  }

 private:
  static http::ClientOptions options(const node::ExportPart& part, const std::string& ca_file) {
    http::ClientOptions out;
    out.base_url = part.url;
    out.trust.ca_file = ca_file;
    return out;
  }
  std::string target(const std::string& path) const {
    return "/media/export-part?ticket=" + http::percent_encode(part_.ticket) +
           "&path=" + http::percent_encode(path);
  }
  Result<std::string> piece(const std::string& path, std::uint64_t first, std::uint64_t end) {
    http::Fields headers;
    headers.set("Range", fmt::format("bytes={}-{}", first, end - 1));
    VL_TRY(const auto response, client_.get(target(path), std::move(headers)));
    const auto text = response.body_text();
    if (response.status != 206 || text.size() != end - first)
      return fail(EvidenceError::unreadable,
                  fmt::format("{}: the other recorder answers {}", path, response.status));
    return std::string(text);
  }

  const node::ExportPart& part_;
  const std::string& folder_;
  const std::function<bool()>& goes_on_;
  http::HttpsClient client_;
};

}  // namespace

Result<std::unique_ptr<evidence::PartFootage>> fetch_part(const node::ExportPart& part,
                                                          const std::string& ca_file,
                                                          const std::string& folder,
                                                          const std::function<bool()>& goes_on) {
  std::error_code error;
  fs::create_directories(folder, error);
  Fetching fetching(part, ca_file, folder, goes_on);
  VL_TRY(const auto text, fetching.small("manifest.json"));
  if (sha256(as_bytes(text)) != part.manifest_sha256)
    return fail(EvidenceError::malformed, "this is not the part that its recorder told of");
  VL_TRY(const auto manifest, evidence::read_manifest(text));
  for (const auto& stream : manifest.streams)
    for (const auto& file : stream.footage) VL_CHECK(fetching.file(file.path, file.bytes));
  std::ofstream(folder + "/manifest.json", std::ios::binary | std::ios::trunc) << text;
  auto opened = evidence::PartFootage::open(folder, part.manifest_sha256);
  // What is not what it should be is fetched anew the next time.
  if (!opened) fs::remove_all(folder, error);
  return opened;
}

}  // namespace vl::recorder
