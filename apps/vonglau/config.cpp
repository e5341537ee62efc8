#include "config.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <toml++/toml.h>

#include <vonglau/base/json.hpp>

namespace vl::app {

BOOST_DESCRIBE_ENUM(LogLevel, debug, info)
BOOST_DESCRIBE_STRUCT(ProvinceConfig, (), (id, name))
BOOST_DESCRIBE_STRUCT(StoreConfig, (), (address))
BOOST_DESCRIBE_STRUCT(FolderConfig, (),
                      (data, keys, anchor, footage, footage_disks, slow_footage_disks))
BOOST_DESCRIBE_STRUCT(CoreConfig, (), (listen, port, public_url, names, web))
BOOST_DESCRIBE_STRUCT(RecorderConfig, (),
                      (name, listen, port, public_url, core_url, discovery_port))
BOOST_DESCRIBE_STRUCT(EvidenceConfig, (), (timestamp_url, timestamp_ca_file))
BOOST_DESCRIBE_STRUCT(ArchiveConfig, (),
                      (endpoint, bucket, prefix, region, credentials_file, ca_file, encryption,
                       plain_http, folder, folder_gib, most_gib))
BOOST_DESCRIBE_STRUCT(CertificateConfig, (), (certificate, key))
BOOST_DESCRIBE_STRUCT(ServeConfig, (), (processes))
BOOST_DESCRIBE_STRUCT(AccessConfig, (), (second_factor))
BOOST_DESCRIBE_STRUCT(DemonstrationConfig, (),
                      (enabled, seed, speed, cameras, camera_port, fault_every_s))
BOOST_DESCRIBE_STRUCT(LogConfig, (), (level))
BOOST_DESCRIBE_STRUCT(LimitConfig, (),
                      (connections, requests_per_s, attachment_mib, journal_reserve_mib,
                       footage_gib, retention_days))
BOOST_DESCRIBE_STRUCT(Config, (),
                      (province, store, folders, core, recorder, evidence, archive, certificates,
                       serve, access, demonstration, log, limits))

namespace {

constexpr std::uintmax_t largest_file_bytes = 256 * 1024;

// ---- From TOML to the described struct ----------------------------------------------------

json::Value value_of(const toml::node& node) {
  if (const auto* table = node.as_table()) {
    boost::json::object object;
    for (const auto& [key, item] : *table) object[std::string(key.str())] = value_of(item);
    return object;
  }
  if (const auto* array = node.as_array()) {
    boost::json::array list;
    for (const auto& item : *array) list.push_back(value_of(item));
    return list;
  }
  if (const auto* text = node.as_string()) return json::Value(boost::json::string(text->get()));
  if (const auto* number = node.as_integer()) return number->get();
  if (const auto* number = node.as_floating_point()) return number->get();
  if (const auto* flag = node.as_boolean()) return flag->get();
  return nullptr;  // dates: no key of ours is one, so the reader will say what it wants
}

// What the file leaves out keeps its default.
void lay_over(json::Value& below, const json::Value& above) {
  const auto* from = above.if_object();
  auto* to = below.if_object();
  if (from == nullptr || to == nullptr) {
    below = above;
    return;
  }
  for (const auto& [key, item] : *from) {
    if (auto* known = to->if_contains(key)) {
      lay_over(*known, item);
    } else {
      (*to)[key] = item;
    }
  }
}

// "core.names[2]" -> the line it stands on, or of the nearest table around it; 0: nowhere.
std::uint32_t line_of(const toml::table& root, const std::string& path) {
  const toml::node* node = &root;
  std::uint32_t line = 0;
  std::istringstream parts(path.substr(0, path.find('[')));
  for (std::string part; node != nullptr && std::getline(parts, part, '.');) {
    const auto* table = node->as_table();
    node = table == nullptr ? nullptr : table->get(part);
    if (node != nullptr) line = node->source().begin.line;
  }
  return line;
}

// ---- Checks --------------------------------------------------------------------------------

struct Complaint {
  std::string key;
  std::string text;
};
using Complaints = std::vector<Complaint>;

void check_range(Complaints& out, std::string key, std::int64_t value, std::int64_t low,
                 std::int64_t high) {
  if (value < low || value > high) {
    out.push_back(
        {std::move(key), fmt::format("is {}, but must be between {} and {}", value, low, high)});
  }
}

void check_listen(Complaints& out, const std::string& key, const std::string& address) {
  in6_addr any{};
  if (::inet_pton(AF_INET, address.c_str(), &any) != 1 &&
      ::inet_pton(AF_INET6, address.c_str(), &any) != 1) {
    out.push_back({key, fmt::format("is \"{}\", but must be an address of this machine such as "
                                    "\"0.0.0.0\" (everywhere) or \"127.0.0.1\" (this machine only)",
                                    address)});
  }
}

void check_url(Complaints& out, const std::string& key, const std::string& url) {
  if (url.empty()) return;
  const bool rooted = url.starts_with("https://") && url.size() > 8 && url.back() != '/' &&
                      url.find_first_of("/?# \t\"'", 8) == std::string::npos;
  if (!rooted) {
    out.push_back({key, fmt::format("is \"{}\", but must look like \"https://centre.example:8443\" "
                                    "without a path",
                                    url)});
  }
}

void check_present(Complaints& out, const std::string& key, const std::string& value,
                   std::string_view remedy) {
  if (value.empty()) out.push_back({key, fmt::format("is empty; {}", remedy)});
}

void check_processes(Complaints& out, const std::vector<std::string>& processes) {
  const std::string key = "serve.processes";
  if (processes.empty()) out.push_back({key, "is empty; name what this machine runs"});
  for (auto at = processes.begin(); at != processes.end(); ++at) {
    if (*at != "core" && *at != "recorder") {
      out.push_back({key, fmt::format("names \"{}\"; there are \"core\" and \"recorder\"", *at)});
    } else if (std::find(processes.begin(), at, *at) != at) {
      out.push_back({key, fmt::format("names \"{}\" twice; once is enough", *at)});
    }
  }
}

void check_archive(Complaints& out, const Config& config) {
  const auto& archive = config.archive;
  if (archive.endpoint.empty()) return;
  const bool is_loopback = archive.endpoint.starts_with("http://127.0.0.1") ||
                           archive.endpoint.starts_with("http://localhost");
  if (!archive.endpoint.starts_with("https://") && !is_loopback &&
      !(archive.plain_http && archive.endpoint.starts_with("http://")))
    out.push_back({"archive.endpoint",
                   fmt::format("is \"{}\", but must begin with \"https://\" (or with \"http://\" "
                               "where archive.plain_http says so)",
                               archive.endpoint)});
  check_present(out, "archive.bucket", archive.bucket, "name the bucket");
  check_present(out, "archive.folder", archive.folder,
                "name a folder where footage waits until it is sent");
  check_range(out, "archive.folder_gib", archive.folder_gib, 4, 1 << 20);
  check_range(out, "archive.most_gib", archive.most_gib, 0, 1 << 24);
  auto footage = config.folders.footage_disks;
  footage.push_back(config.folders.footage);
  std::ranges::copy(config.folders.slow_footage_disks, std::back_inserter(footage));
  if (std::ranges::find(footage, archive.folder) != footage.end())
    out.push_back({"archive.folder", "is a folder for footage already; name one of its own"});
}

Complaints complaints_about(const Config& config) {
  Complaints out;
  check_range(out, "province.id", config.province.id, 1, 99);
  check_present(out, "province.name", config.province.name, "write the province's name");
  const auto& address = config.store.address;
  if (!(address.starts_with("sqlite:") && address.size() > 7) &&
      !address.starts_with("postgresql://")) {
    out.push_back({"store.address",
                   fmt::format("is \"{}\", but must begin with \"sqlite:\" and a file, or with "
                               "\"postgresql://\"",
                               address)});
  }
  check_present(out, "folders.data", config.folders.data, "name a folder");
  check_present(out, "folders.keys", config.folders.keys, "name a folder");
  check_present(out, "folders.anchor", config.folders.anchor,
                "name a folder, best on another disk or host");
  check_present(out, "folders.footage", config.folders.footage, "name a folder");
  for (const auto& folder : config.folders.footage_disks)
    check_present(out, "folders.footage_disks", folder, "name a folder on each further disk");
  for (const auto& folder : config.folders.slow_footage_disks)
    check_present(out, "folders.slow_footage_disks", folder, "name a folder on each slow disk");
  check_listen(out, "core.listen", config.core.listen);
  check_range(out, "core.port", config.core.port, 1, 65535);
  check_url(out, "core.public_url", config.core.public_url);
  check_listen(out, "recorder.listen", config.recorder.listen);
  check_range(out, "recorder.port", config.recorder.port, 1, 65535);
  if (config.recorder.port == config.core.port) {
    out.push_back({"recorder.port", "is the core's too; choose another"});
  }
  check_range(out, "recorder.discovery_port", config.recorder.discovery_port, 1, 65535);
  check_url(out, "recorder.public_url", config.recorder.public_url);
  check_url(out, "recorder.core_url", config.recorder.core_url);
  const auto& stamps = config.evidence.timestamp_url;
  if (!stamps.empty() && !stamps.starts_with("https://") && !stamps.starts_with("http://127.0.0.1"))
    out.push_back({"evidence.timestamp_url",
                   fmt::format("is \"{}\", but must begin with \"https://\"", stamps)});
  check_archive(out, config);
  check_present(out, "recorder.name", config.recorder.name, "give this recorder a name");
  if (config.certificates.certificate.empty() != config.certificates.key.empty()) {
    out.push_back(
        {config.certificates.key.empty() ? "certificates.key" : "certificates.certificate",
         "is empty while the other is not; name both files, or neither to use the "
         "local authority"});
  }
  check_processes(out, config.serve.processes);
  if (!(config.demonstration.speed >= 0.1 && config.demonstration.speed <= 100)) {
    out.push_back({"demonstration.speed", "must be between 0.1 and 100"});
  }
  check_range(out, "demonstration.cameras", config.demonstration.cameras, 0, 200);
  check_range(out, "demonstration.camera_port", config.demonstration.camera_port, 1024, 65533);
  if (!(config.demonstration.fault_every_s >= 0)) {
    out.push_back({"demonstration.fault_every_s", "must be 0 (none) or more"});
  }
  check_range(out, "limits.connections", config.limits.connections, 16, 100'000);
  check_range(out, "limits.requests_per_s", config.limits.requests_per_s, 1, 100'000);
  check_range(out, "limits.attachment_mib", config.limits.attachment_mib, 1, 1024);
  check_range(out, "limits.journal_reserve_mib", config.limits.journal_reserve_mib, 64, 1 << 20);
  check_range(out, "limits.footage_gib", config.limits.footage_gib, 0, 1 << 24);
  check_range(out, "limits.retention_days", config.limits.retention_days, 1, 3650);
  return out;
}

// ---- Paths ---------------------------------------------------------------------------------

void make_absolute(std::string& path, const std::filesystem::path& folder) {
  if (!path.empty()) path = (folder / path).lexically_normal().string();
}

void make_paths_absolute(Config& config, const std::filesystem::path& folder) {
  for (auto* path :
       {&config.folders.data, &config.folders.keys, &config.folders.anchor, &config.folders.footage,
        &config.core.web, &config.certificates.certificate, &config.certificates.key,
        &config.evidence.timestamp_ca_file, &config.archive.folder,
        &config.archive.credentials_file, &config.archive.ca_file}) {
    make_absolute(*path, folder);
  }
  for (auto& path : config.folders.footage_disks) make_absolute(path, folder);
  for (auto& path : config.folders.slow_footage_disks) make_absolute(path, folder);
  if (config.store.address.starts_with("sqlite:")) {
    std::string path = config.store.address.substr(7);
    make_absolute(path, folder);
    config.store.address = "sqlite:" + path;
  }
}

std::unexpected<Error> complain_about(const toml::table& table, const std::string& shown_name,
                                      const std::string& key, const std::string& text) {
  const auto line = line_of(table, key);
  const std::string where = line == 0 ? shown_name : fmt::format("{}, line {}", shown_name, line);
  return fail(ConfigError::wrong_value, fmt::format("{}: {} {}", where, key, text), key);
}

}  // namespace

Result<Config> parse_config(const std::string& text, const std::string& folder,
                            const std::string& shown_name) {
  toml::table table;
  try {
    table = toml::parse(std::string_view(text));
  } catch (const toml::parse_error& error) {
    return fail(ConfigError::malformed,
                fmt::format("{}, line {}: {}; correct the line", shown_name,
                            error.source().begin.line, error.description()));
  }
  if (!table.contains("province") || !table["province"]["id"]) {
    return complain_about(table, shown_name, "province.id",
                          "is missing; write the province's statistical code, such as 24");
  }
  json::Value values = json::value_of(Config{});
  lay_over(values, value_of(table));
  auto config = json::read<Config>(values);
  if (!config) {
    const auto& error = config.error();
    const std::string reason = error.message.starts_with(error.field)
                                   ? error.message.substr(error.field.size())
                                   : error.message;
    const bool unknown = reason.find("is not a field") != std::string::npos;
    return complain_about(table, shown_name, error.field,
                          unknown ? "is not a key of this version; remove it or correct its name"
                                  : reason.substr(reason.find_first_not_of(": ")));
  }
  if (const auto complaints = complaints_about(*config); !complaints.empty()) {
    return complain_about(table, shown_name, complaints.front().key, complaints.front().text);
  }
  make_paths_absolute(*config, std::filesystem::absolute(folder));
  return config;
}

Result<Config> read_config(const std::string& file) {
  const auto path = std::filesystem::absolute(file).lexically_normal();
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) {
    return fail(ConfigError::unreadable,
                fmt::format("cannot read {}: {}; make one with `vonglau init`, or name another "
                            "with --config",
                            path.string(), error.message()));
  }
  if (size > largest_file_bytes) {
    return fail(ConfigError::unreadable,
                fmt::format("{} is larger than 256 KiB: this is no vonglau.toml", path.string()));
  }
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  if (!in) {
    return fail(ConfigError::unreadable,
                fmt::format("cannot read {}: {}", path.string(), std::strerror(errno)));
  }
  VL_TRY(Config config, parse_config(text.str(), path.parent_path(), path.filename()));
  config.file = path.string();
  return config;
}

std::string Config::core_url() const {
  return core.public_url.empty() ? fmt::format("https://localhost:{}", core.port) : core.public_url;
}

std::string Config::telemetry_address() const {
  if (!store.address.starts_with("sqlite:")) return store.address;
  const std::filesystem::path journal(store.address.substr(7));
  return "sqlite:" + (journal.parent_path() / "telemetry.db").string();
}

std::string Config::reserve_file() const {
  if (!store.address.starts_with("sqlite:")) return {};
  const std::filesystem::path journal(store.address.substr(7));
  return (journal.parent_path() / "journal.reserve").string();
}

std::string Config::recorder_url() const {
  return recorder.public_url.empty() ? fmt::format("https://localhost:{}", recorder.port)
                                     : recorder.public_url;
}

std::string Config::recorder_socket_url() const {
  const auto url = recorder_url();
  return url.starts_with("https") ? "wss" + url.substr(5) : url;
}

std::string Config::core_local_url() const {
  return recorder.core_url.empty() ? fmt::format("https://localhost:{}", core.port)
                                   : recorder.core_url;
}

}  // namespace vl::app
