// The built pages of the operator interface. Read whole into memory when loaded, so that a
// request can name nothing but what was in the folder then: no path leaves it, no link leads out.
// Immutable after load; any thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <vonglau/base/result.hpp>
#include <vonglau/http/errors.hpp>
#include <vonglau/http/message.hpp>

namespace vl::http {

class StaticFiles {
 public:
  static constexpr std::size_t kMaxFiles = 10'000;
  static constexpr std::size_t kMaxBytes = 256 * 1024 * 1024;

  /// Regular files only; links and names that start with a dot are left out. A file "x.gz"
  /// beside "x" is served for it where gzip is accepted; where there is none and x is text, it
  /// is made now. Refuses a folder without index.html.
  static Result<StaticFiles> load(const std::string& folder);

  /// "/" and every path without a dot in its last segment outside /api is index.html (the
  /// interface routes itself). Under /assets/ a name with a hash ("main-B3x_9kQz.js") is kept
  /// for a year; all else is asked for again each time and mostly answered 304.
  Response serve(const Request& request) const;
  /// For Router::set_fallback; keeps the files alive.
  static Handler handler(std::shared_ptr<const StaticFiles> files);

  std::vector<std::string> paths() const;  // "/index.html", ..., sorted

 private:
  struct File {
    std::string content_type;
    std::string etag;
    bool immutable = false;
    SharedBytes plain;
    SharedBytes gzipped;  // empty when there is no use in it
  };
  Response answer(const File& file, const Request& request) const;
  std::map<std::string, File, std::less<>> files_;
};

/// "text/html; charset=utf-8" for ".html" and so on; "application/octet-stream" when unknown.
std::string_view content_type_of(std::string_view path);

}  // namespace vl::http
