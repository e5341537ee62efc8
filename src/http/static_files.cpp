#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include <vonglau/http/static_files.hpp>

#include "gzip.hpp"

namespace vl::http {
namespace {
namespace fs = std::filesystem;

constexpr std::array<std::pair<std::string_view, std::string_view>, 24> kTypes{{
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".map", "application/json"},
    {".geojson", "application/geo+json"},
    {".webmanifest", "application/manifest+json"},
    {".txt", "text/plain; charset=utf-8"},
    {".xml", "application/xml"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".webp", "image/webp"},
    {".gif", "image/gif"},
    {".ico", "image/x-icon"},
    {".woff", "font/woff"},
    {".woff2", "font/woff2"},
    {".ttf", "font/ttf"},
    {".otf", "font/otf"},
    {".wasm", "application/wasm"},
    {".mp3", "audio/mpeg"},
    {".mp4", "video/mp4"},
    {".webm", "video/webm"},
}};

/// "main-B3x_9kQz.js": a dash and the 8 characters of a bundler's hash, which a word is not
/// taken for.
bool has_hash(std::string_view name) {
  constexpr std::size_t kHash = 8;
  const std::string_view stem = name.substr(0, name.rfind('.'));
  if (stem.size() <= kHash || stem[stem.size() - kHash - 1] != '-') return false;
  bool mixed = false;
  for (const char c : stem.substr(stem.size() - kHash)) {
    const bool lower = c >= 'a' && c <= 'z';
    const bool other = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!lower && !other && c != '_' && c != '-') return false;
    mixed = mixed || other;
  }
  return mixed;
}

std::unexpected<Error> unreadable(const std::string& path, std::string_view why) {
  return fail(HttpError::file, path + ": " + std::string(why), "web");
}

/// Relative path ("/assets/x.js") and content of every file.
Result<std::map<std::string, std::string>> read_folder(const std::string& folder) {
  std::map<std::string, std::string> out;
  std::size_t bytes = 0;
  std::error_code ec;
  fs::recursive_directory_iterator at(folder, ec);
  for (; !ec && at != fs::recursive_directory_iterator(); at.increment(ec)) {
    const bool hidden = at->path().filename().string().starts_with('.');
    if (at->is_symlink() || !at->is_regular_file() || hidden) {
      if (hidden && at->is_directory()) at.disable_recursion_pending();
      continue;
    }
    std::ifstream in(at->path(), std::ios::binary);
    std::string content(std::istreambuf_iterator<char>(in), {});
    if (!in) return unreadable(at->path(), "cannot be read");
    bytes += content.size();
    if (out.size() >= StaticFiles::kMaxFiles || bytes > StaticFiles::kMaxBytes)
      return unreadable(folder, "holds more than pages should (10,000 files, 256 MiB)");
    out.emplace("/" + fs::relative(at->path(), folder).generic_string(), std::move(content));
  }
  if (ec) return unreadable(folder, ec.message());
  return out;
}

std::string etag_of(std::string_view content) {
  const Digest digest = sha256(as_bytes(content));
  return "W/\"" + to_base64url(ByteView(digest).first(12)) + "\"";
}

bool is_page_path(const Request& request) {
  if (request.segments.empty()) return true;
  return !request.segments.front().empty() && request.segments.front() != "api" &&
         request.segments.back().find('.') == std::string::npos;
}

}  // namespace

std::string_view content_type_of(std::string_view path) {
  for (const auto& [ending, type] : kTypes)
    if (path.ends_with(ending)) return type;
  return "application/octet-stream";
}

Result<StaticFiles> StaticFiles::load(const std::string& folder) {
  VL_TRY(auto contents, read_folder(folder));
  if (!contents.contains("/index.html"))
    return unreadable(folder, "has no index.html: build the interface first");
  StaticFiles out;
  for (auto& [path, content] : contents) {
    if (path.ends_with(".gz") && contents.contains(path.substr(0, path.size() - 3))) continue;
    File file;
    file.content_type = content_type_of(path);
    file.etag = etag_of(content);
    file.immutable = path.starts_with("/assets/") && has_hash(path.substr(path.rfind('/') + 1));
    if (const auto beside = contents.find(path + ".gz"); beside != contents.end()) {
      file.gzipped = SharedBytes(std::move(beside->second));
    } else if (content.size() >= kGzipFromBytes && is_compressible(file.content_type)) {
      constexpr int kSmallest = 9;
      file.gzipped = SharedBytes(gzip(content, kSmallest));
    }
    file.plain = SharedBytes(std::move(content));
    out.files_.emplace(path, std::move(file));
  }
  return out;
}

Response StaticFiles::answer(const File& file, const Request& request) const {
  const bool zipped =
      !file.gzipped.empty() && accepts_token(request.header("Accept-Encoding"), "gzip");
  Response response = Response::bytes(zipped ? file.gzipped : file.plain, file.content_type);
  response.compressible = false;
  response.headers.add("Cache-Control",
                       file.immutable ? "public, max-age=31536000, immutable" : "no-cache");
  response.headers.add("ETag", file.etag);
  if (!file.gzipped.empty()) response.headers.add("Vary", "Accept-Encoding");
  if (zipped) response.headers.add("Content-Encoding", "gzip");
  return response;
}

Response StaticFiles::serve(const Request& request) const {
  if (const auto at = files_.find(request.path); at != files_.end())
    return answer(at->second, request);
  if (is_page_path(request)) return answer(files_.find("/index.html")->second, request);
  return error_response(Error(code_of(HttpError::not_found), "There is nothing at this path."));
}

Handler StaticFiles::handler(std::shared_ptr<const StaticFiles> files) {
  return [files = std::move(files)](const Request& request) { return files->serve(request); };
}

std::vector<std::string> StaticFiles::paths() const {
  std::vector<std::string> out;
  for (const auto& [path, file] : files_) out.push_back(path);
  return out;
}

}  // namespace vl::http
