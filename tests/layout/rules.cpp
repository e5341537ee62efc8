#include "layout/rules.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <regex>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace vl::layout {
namespace {

// "src/http/routes/watch.cpp" is of "routes", "apps/..." of "apps"; "" outside both.
std::string room_of(const SourceTree& tree, const std::string& path) {
  if (path.starts_with("apps/")) return "apps";
  std::string longest;
  for (const auto& folder : tree.room_folders())
    if (path.starts_with(folder + "/") && folder.size() > longest.size()) longest = folder;
  return longest.substr(longest.rfind('/') + 1);
}

// "vonglau/store/session.hpp" is of "store"; "" for what is not ours.
std::string room_included(const std::string& include) {
  constexpr std::string_view ours = "vonglau/";
  if (!include.starts_with(ours)) return {};
  return include.substr(ours.size(), include.find('/', ours.size()) - ours.size());
}

std::string at(const SourceFile& file, const Include& include) {
  return fmt::format("{}:{}: includes <{}>", file.path, include.line, include.path);
}

void for_each_include(const SourceTree& tree,
                      const std::function<void(const SourceFile&, const Include&)>& look) {
  for (const auto& file : tree.files()) {
    if (!file.is_cpp()) continue;
    for (const auto& include : file.includes()) look(file, include);
  }
}

}  // namespace

const AllowedEdges& allowed_edges() {
  static const AllowedEdges edges = {
      // What rooms stand on.
      {"base", {}},
      {"store", {"base"}},
      {"journal", {"base", "store"}},
      {"vault", {"base", "store", "journal"}},
      {"node", {"base", "store", "journal"}},
      {"supervise", {"base"}},
      {"media", {"base"}},
      // Decodes; nothing that records stands on what it decodes.
      {"picture", {"base", "media"}},
      // Domains. They meet through events and typed ids; where one stands on another it says so.
      {"access", {"base", "store", "journal", "vault"}},
      {"places", {"base", "store", "journal"}},
      {"cameras", {"base", "store", "journal", "vault", "node"}},
      // Keeping cameras alive stands on their registry and their changes of state.
      {"fleet", {"base", "store", "journal", "cameras"}},
      {"devices", {"base", "store", "journal", "cameras"}},
      {"exports", {"base", "store", "journal", "cameras"}},
      {"walls", {"base", "store", "journal", "cameras"}},
      {"incidents", {"base", "store", "journal", "vault", "places"}},
      {"dispatch", {"base", "store", "journal", "places", "incidents"}},
      {"situation", {"base", "store", "journal", "cameras", "incidents", "dispatch"}},
      // Cameras gives the ids and the causes of gaps (footage.hpp), nothing else.
      {"recording", {"base", "store", "node", "media", "cameras"}},
      // What leaves the centre as evidence, and its check: on the format of fragments alone.
      {"evidence", {"base", "media", "recording"}},
      // Protocols, and the server with its routes.
      {"rtsp", {"base", "media"}},
      {"http", {"base"}},
      {"onvif", {"base", "http", "rtsp"}},
      // Objects elsewhere, for the archive that recording asks for.
      {"s3", {"base", "http", "recording"}},
      {"routes",
       {"base", "store", "journal", "vault", "evidence", "node", "supervise", "access", "places",
        "cameras", "devices", "fleet", "incidents", "dispatch", "situation", "recording", "exports",
        "walls", "http"}},
      // A node's end of the protocol, over our clients.
      {"node_link", {"base", "store", "journal", "node", "http"}},
      // The recorder node: streams, footage and viewers together. Only apps stand on it.
      {"recorder",
       {"base", "cameras", "media", "picture", "recording", "evidence", "rtsp", "onvif", "node",
        "http"}},
      // The simulation drives the product from outside, through its interfaces.
      {"sim", {"base", "places", "media", "rtsp", "onvif", "http"}},
      {"apps", {"base",      "store",     "journal",   "vault",   "evidence", "node",  "supervise",
                "media",     "picture",   "access",    "places",  "cameras",  "fleet", "incidents",
                "dispatch",  "situation", "recording", "rtsp",    "http",     "onvif", "routes",
                "node_link", "recorder",  "exports",   "devices", "walls",    "s3",    "sim"}},
  };
  return edges;
}

std::string text_of(const AllowedEdges& edges) {
  std::string text = "A room may include:\n";
  for (const auto& [room, allowed] : edges)
    text += fmt::format("  {:<10} {}\n", room, fmt::join(allowed, " "));
  return text;
}

Findings forbidden_edges(const SourceTree& tree, const AllowedEdges& edges) {
  Findings findings;
  for_each_include(tree, [&](const SourceFile& file, const Include& include) {
    const std::string from = room_of(tree, file.path);
    const std::string to = room_included(include.path);
    if (from.empty() || to.empty()) return;
    const bool of_tests = include.path.find("/testing/") != std::string::npos;
    if (of_tests && !file.is_for_tests()) {
      findings.push_back(at(file, include) + ": that is for tests only");
    } else if (!edges.contains(from)) {
      findings.push_back(fmt::format("{}: the room {} is not in the table", file.path, from));
    } else if (from != to && !of_tests && !edges.at(from).contains(to)) {
      findings.push_back(fmt::format("{}: {} may not stand on {}", at(file, include), from, to));
    }
  });
  return findings;
}

Findings circles(const AllowedEdges& edges) {
  Findings findings;
  std::set<std::string> done;
  std::set<std::string> open;
  const std::function<void(const std::string&)> visit = [&](const std::string& room) {
    if (done.contains(room)) return;
    if (!open.insert(room).second) {
      findings.push_back("a circle through " + room);
      return;
    }
    if (const auto found = edges.find(room); found != edges.end())
      for (const auto& next : found->second) visit(next);
    open.erase(room);
    done.insert(room);
  };
  for (const auto& [room, ignored] : edges) visit(room);
  return findings;
}

Findings heavy_public_headers(const SourceTree& tree) {
  constexpr std::array never = {"boost/asio", "boost/beast", "sqlite3",    "libpq",
                                "openssl/",   "libav",       "prometheus/"};
  constexpr std::array not_in_domains = {"boost/json", "vonglau/base/json.hpp"};
  const std::set<std::string> domains = {"access",    "places",    "cameras",  "fleet",
                                         "recording", "incidents", "dispatch", "situation",
                                         "exports",   "devices"};
  Findings findings;
  for_each_include(tree, [&](const SourceFile& file, const Include& include) {
    if (!file.is_public_header()) return;
    const auto starts = [&](std::string_view library) { return include.path.starts_with(library); };
    if (std::ranges::any_of(never, starts) ||
        (domains.contains(room_of(tree, file.path)) && std::ranges::any_of(not_in_domains, starts)))
      findings.push_back(at(file, include) + ": a public header must not show it");
  });
  return findings;
}

Findings libraries_out_of_place(const SourceTree& tree) {
  const std::map<std::string, std::set<std::string>> places = {
      {"sqlite3.h", {"store"}},
      {"libpq-fe.h", {"store"}},
      {"sodium.h", {"vault", "access", "node", "apps"}},
      {"boost/beast", {"http"}},
      {"boost/asio", {"http", "rtsp", "recording", "sim", "apps"}},
      {"CLI/", {"apps"}},
      {"toml++/", {"apps"}},
      {"spdlog/", {"base"}},
      {"pugixml", {"onvif", "s3", "sim"}},
      {"prometheus/", {"http", "routes", "recording", "apps"}},
  };
  Findings findings;
  for_each_include(tree, [&](const SourceFile& file, const Include& include) {
    const std::string room = room_of(tree, file.path);
    if (room.empty() || file.is_for_tests()) return;
    for (const auto& [library, rooms] : places)
      if (include.path.starts_with(library) && !rooms.contains(room))
        findings.push_back(
            fmt::format("{}: only {} may", at(file, include), fmt::join(rooms, ", ")));
  });
  return findings;
}

Findings test_peers_in_the_product(const SourceTree& tree) {
  Findings findings;
  for (const auto& file : tree.files()) {
    if (file.path.starts_with("tests/")) continue;
    const bool builds = file.path.ends_with("CMakeLists.txt") || file.path.ends_with(".cmake");
    if (builds && file.text.find("gsoap") != std::string::npos)
      findings.push_back(file.path + ": gSOAP is for tests alone");
  }
  for_each_include(tree, [&](const SourceFile& file, const Include& include) {
    const bool of_gsoap = include.path.find("soapH.h") != std::string::npos ||
                          include.path.find("stdsoap2") != std::string::npos;
    if (of_gsoap && !file.path.starts_with("tests/"))
      findings.push_back(at(file, include) + ": gSOAP is for tests alone");
  });
  return findings;
}

Findings headers_without_pragma_once(const SourceTree& tree) {
  Findings findings;
  for (const auto& file : tree.files())
    if (file.is_header() && file.text.find("#pragma once") == std::string::npos)
      findings.push_back(file.path + ": has no #pragma once");
  return findings;
}

Findings rooms_without_readme(const SourceTree& tree) {
  Findings findings;
  for (const auto& folder : tree.room_folders())
    if (!tree.has(folder + "/README.md")) findings.push_back(folder + ": has no README.md");
  return findings;
}

Findings machine_paths(const SourceTree& tree) {
  // Built from pieces, so that this file does not break its own rule.
  static const std::regex pattern("(^|[\\s\"'`(=:])/(" + std::string("ho") + "me|" + "ro" + "ot|" +
                                  "wo" + "rk|" + "Us" + "ers)/[A-Za-z0-9._-]");
  Findings findings;
  for (const auto& file : tree.files()) {
    int line = 0;
    for (std::size_t at = 0; at < file.text.size();) {
      const std::size_t end = std::min(file.text.find('\n', at), file.text.size());
      const std::string row = file.text.substr(at, std::min<std::size_t>(end - at, 2000));
      at = end + 1;
      ++line;
      if (row.find('/') != std::string::npos && std::regex_search(row, pattern))
        findings.push_back(fmt::format("{}:{}: names a folder of one machine", file.path, line));
    }
  }
  return findings;
}

Findings longer_than(const SourceTree& tree, int lines) {
  Findings findings;
  for (const auto& file : tree.files())
    if (file.is_cpp() && file.lines() > lines)
      findings.push_back(fmt::format("{}: {} lines", file.path, file.lines()));
  return findings;
}

}  // namespace vl::layout
