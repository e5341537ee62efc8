// vonglau.toml: everything a site decides, in one described struct that every subcommand reads
// at its start. After read_config() all paths are absolute (relative ones count from the file's
// folder) and everything has been checked; the struct never changes afterwards.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <vonglau/base/ids.hpp>
#include <vonglau/base/result.hpp>

namespace vl::app {

enum class ConfigError { unreadable, malformed, wrong_value };
constexpr ErrorCode code_of(ConfigError e) {
  switch (e) {
    case ConfigError::unreadable:
      return {Category::not_found, "config.unreadable"};
    case ConfigError::malformed:
      return {Category::invalid, "config.malformed"};
    case ConfigError::wrong_value:
      break;
  }
  return {Category::invalid, "config.wrong_value"};
}

struct ProvinceConfig {
  std::int64_t id = 24;  // statistical code, Decision 19/2025/QD-TTg: 24 is Bac Ninh
  std::string name = "Bắc Ninh";
};

struct StoreConfig {
  std::string address = "sqlite:data/province.db";  // or postgresql://user@host/database
};

struct FolderConfig {
  std::string data = "data";        // run/, attachments, spools: everything without its own folder
  std::string keys = "keys";        // vault, signing and authority keys; mode 0700; own backup
  std::string anchor = "anchor";    // signed roots; another disk or host on a real site
  std::string footage = "footage";  // what the recorder writes: its index and the first disk
  std::vector<std::string> footage_disks;       // further disks, a folder on each
  std::vector<std::string> slow_footage_disks;  // the oldest is moved there
};

struct CoreConfig {
  std::string listen = "127.0.0.1";
  std::int64_t port = 8443;
  std::string public_url;                          // "": https://localhost:PORT
  std::vector<std::string> names = {"localhost"};  // further names and addresses it is reached by
  std::string web = "";  // folder of the built interface; "": beside the program
};

struct RecorderConfig {
  std::string name = "recorder-1";  // of this node, unique in the province
  std::string listen = "127.0.0.1";
  std::int64_t port = 8444;
  std::string public_url;              // "": https://localhost:PORT
  std::string core_url;                // where it registers; "": the core on this machine
  std::int64_t discovery_port = 3702;  // where cameras listen for WS-Discovery
};

struct EvidenceConfig {
  std::string timestamp_url;      // RFC 3161 authority of exports; "": they have no timestamp
  std::string timestamp_ca_file;  // who signs its server's certificate; "": as the system knows
};

/// Where the oldest footage goes: a bucket of a store that speaks S3.
struct ArchiveConfig {
  std::string endpoint;  // "https://s3.example:9000"; "": there is no archive
  std::string bucket;
  std::string prefix;  // of its objects' names; "": the recorder's name
  std::string region = "us-east-1";
  std::string credentials_file;    // the key, 0600; "": AWS_ACCESS_KEY_ID... of the environment
  std::string ca_file;             // who signed the endpoint's certificate; "": as the system knows
  std::string encryption;          // asked of the store: "AES256", "aws:kms" or ""
  bool plain_http = false;         // http:// to other machines
  std::string folder = "archive";  // where footage waits until it is sent
  std::int64_t folder_gib = 16;    // at most
  std::int64_t most_gib = 0;       // in the bucket; 0: as much as comes
};

struct CertificateConfig {
  std::string certificate;  // the site's own, PEM with its chain; "": from the local authority
  std::string key;
};

struct ServeConfig {
  std::vector<std::string> processes = {"core", "recorder"};
};

struct AccessConfig {
  bool second_factor = true;  // administrators must have one; off in the demonstration
};

struct DemonstrationConfig {
  bool enabled = false;
  std::int64_t seed = 1;
  double speed = 1.0;  // of the province's own events; recorded time is always real
  std::int64_t cameras = 24;
  std::int64_t camera_port = 8554;  // theirs on the loopback address; the next one takes faults,
                                    // the one after it is of ONVIF
  double fault_every_s = 600;       // of the cameras, at speed 1; 0: none
};

enum class LogLevel { debug, info };
struct LogConfig {
  LogLevel level = LogLevel::info;
};

struct LimitConfig {
  std::int64_t connections = 4096;
  std::int64_t requests_per_s = 200;  // of one address
  std::int64_t attachment_mib = 32;
  std::int64_t journal_reserve_mib = 1024;  // disk space that recording never touches;
                                            // a quarter of it is held as a file
  std::int64_t footage_gib = 0;             // at most on a disk; 0: all of it but the reserve
  std::int64_t retention_days = 30;         // where a camera does not say its own
};

struct Config {
  ProvinceConfig province;
  StoreConfig store;
  FolderConfig folders;
  CoreConfig core;
  RecorderConfig recorder;
  EvidenceConfig evidence;
  ArchiveConfig archive;
  CertificateConfig certificates;
  ServeConfig serve;
  AccessConfig access;
  DemonstrationConfig demonstration;
  LogConfig log;
  LimitConfig limits;

  std::string file;  // where it was read from, absolute; "" when made in memory

  ProvinceId province_id() const { return {province.id}; }
  std::string core_url() const;             // as browsers reach it
  std::string recorder_url() const;         // as browsers reach it
  std::string recorder_socket_url() const;  // the same for WebSockets
  std::string core_local_url() const;       // as a node on this machine reaches it
  std::string run_folder() const { return folders.data + "/run"; }
  /// Positions, snapshots and other bulk: a file beside SQLite's, the same PostgreSQL database.
  std::string telemetry_address() const;
  /// Held beside an embedded store; "" for PostgreSQL, whose disk is its own.
  std::string reserve_file() const;
  std::string vault_key_file() const { return folders.keys + "/vault.key"; }
  std::string vault_key_store_file() const { return folders.keys + "/vault-keys.db"; }
  std::string recorder_folder() const { return folders.data + "/recorder"; }
  std::string objects_folder() const { return folders.data + "/objects"; }
  std::string signing_key_file() const { return folders.keys + "/roots.key"; }
  std::string exports_key_file() const { return folders.keys + "/exports.key"; }
  std::string exports_folder() const { return recorder_folder() + "/exports"; }
  std::string enrolment_key_file() const { return folders.keys + "/enrolment.key"; }
  std::string authority_folder() const { return folders.keys + "/authority"; }
  std::string certificate_folder() const { return folders.keys + "/certificates"; }
};

/// Names the line, the key and the remedy of what is wrong.
Result<Config> read_config(const std::string& file);
/// The same for text; relative paths count from `folder`.
Result<Config> parse_config(const std::string& text, const std::string& folder,
                            const std::string& shown_name = "vonglau.toml");

/// A vonglau.toml with a comment at every key, which reads back as this.
std::string text_of(const Config& config);

}  // namespace vl::app
