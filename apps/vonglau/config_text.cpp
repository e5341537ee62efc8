// The commented vonglau.toml that `vonglau init` writes.
#include <fmt/format.h>

#include <vonglau/base/json.hpp>

#include "config.hpp"

namespace vl::app {
namespace {

// A TOML basic string; JSON's escapes are a subset of TOML's.
std::string quoted(const std::string& text) {
  return json::write(text);
}

std::string quoted(const std::vector<std::string>& list) {
  std::string out = "[";
  for (const auto& item : list) out += (out.size() > 1 ? ", " : "") + quoted(item);
  return out + "]";
}

std::string decimal(double number) {
  std::string text = fmt::format("{}", number);
  return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

std::string place_part(const Config& config) {
  return fmt::format(
      R"(# Vọng Lâu: the settings of this site. Every key is here with its present value; what is
# left out keeps its default. Relative paths count from the folder of this file.
# After a change: restart `vonglau serve`, then look with `vonglau doctor`.

[province]
id = {}    # statistical code of the province; it is part of every record, so never change it
name = {}

[store]
# Where the journal and everything drawn from it is kept.
#   "sqlite:FILE"                        embedded, one machine
#   "postgresql://USER@HOST/DATABASE"    a server; keep its password in ~/.pgpass, not here
address = {}

[folders]
data = {}       # attachments, spools, the supervisor's socket
keys = {}       # every key, mode 0700: back it up apart from the data, and read-protected
anchor = {}     # signed roots of the journal: put this on another disk or host
footage = {}    # what the recorder writes
footage_disks = {}    # further disks for it, a folder on each
slow_footage_disks = {}    # large slow ones: the oldest footage is moved there
)",
      config.province.id, quoted(config.province.name), quoted(config.store.address),
      quoted(config.folders.data), quoted(config.folders.keys), quoted(config.folders.anchor),
      quoted(config.folders.footage), quoted(config.folders.footage_disks),
      quoted(config.folders.slow_footage_disks));
}

std::string network_part(const Config& config) {
  return fmt::format(
      R"(
[core]
listen = {}    # "0.0.0.0": every network; "127.0.0.1": this machine only
port = {}
public_url = {}    # as people reach it; "" is https://localhost:PORT
names = {}    # further names and addresses for the certificate
web = {}    # folder of the built interface; "" finds it beside the program

[recorder]
name = {}    # of this recorder, unique in the province
listen = {}
port = {}
public_url = {}    # as browsers reach it for live pictures; "" is https://localhost:PORT
core_url = {}    # where it registers; "" is the core on this machine
discovery_port = {}    # where cameras listen when they are looked for (WS-Discovery)

[evidence]
timestamp_url = {}    # RFC 3161 authority (https://) asked for each export; "": no timestamp
timestamp_ca_file = {}    # PEM, who signs its server's certificate; "": as the system knows

[archive]
# The oldest footage goes into a bucket of a store that speaks S3, before the disks want its room.
endpoint = {}    # "https://s3.example:9000"; "": no archive
bucket = {}
prefix = {}    # of its objects' names, one a recorder; "" is the recorder's name
region = {}
credentials_file = {}    # mode 0600: access_key_id = ..., secret_access_key = ...; "": environment
ca_file = {}    # PEM, who signed its certificate; "": as the system knows
encryption = {}    # asked of the store: "AES256", "aws:kms"; "": its own choice
plain_http = {}    # allow http:// to other machines
folder = {}    # where footage waits until it is sent
folder_gib = {}    # most that may wait there; then the oldest goes as without an archive
most_gib = {}    # most that may lie in the bucket; 0: as much as comes

[certificates]
# The site's own certificate (PEM with its chain) and key. Both "": one from the local
# authority that `vonglau init` made, to be installed once on every machine that connects.
certificate = {}
key = {}
)",
      quoted(config.core.listen), config.core.port, quoted(config.core.public_url),
      quoted(config.core.names), quoted(config.core.web), quoted(config.recorder.name),
      quoted(config.recorder.listen), config.recorder.port, quoted(config.recorder.public_url),
      quoted(config.recorder.core_url), config.recorder.discovery_port,
      quoted(config.evidence.timestamp_url), quoted(config.evidence.timestamp_ca_file),
      quoted(config.archive.endpoint), quoted(config.archive.bucket), quoted(config.archive.prefix),
      quoted(config.archive.region), quoted(config.archive.credentials_file),
      quoted(config.archive.ca_file), quoted(config.archive.encryption), config.archive.plain_http,
      quoted(config.archive.folder), config.archive.folder_gib, config.archive.most_gib,
      quoted(config.certificates.certificate), quoted(config.certificates.key));
}

std::string working_part(const Config& config) {
  return fmt::format(
      R"(
[serve]
processes = {}    # what `vonglau serve` runs on this machine: "core", "recorder"

[access]
second_factor = {}    # administrators must enrol a second factor before anything else

[demonstration]
enabled = {}    # a made-up province with cameras, reports and units; never on a real site
seed = {}    # the same seed tells the same story
speed = {}    # of its reports and units
cameras = {}
camera_port = {}    # of the simulated cameras; the next takes faults, the one after it is of ONVIF
fault_every_s = {}    # of a camera, at random; 0: none

[log]
level = "{}"    # "info" or "debug"; never holds personal data

[limits]
connections = {}
requests_per_s = {}    # from one address
attachment_mib = {}    # largest attachment
journal_reserve_mib = {}    # disk space that recording never touches; a quarter is held as a file
footage_gib = {}    # most that footage may take; 0: the disk but the reserve
retention_days = {}    # of footage, where a camera does not say its own
)",
      quoted(config.serve.processes), config.access.second_factor, config.demonstration.enabled,
      config.demonstration.seed, decimal(config.demonstration.speed), config.demonstration.cameras,
      config.demonstration.camera_port, decimal(config.demonstration.fault_every_s),
      config.log.level == LogLevel::debug ? "debug" : "info", config.limits.connections,
      config.limits.requests_per_s, config.limits.attachment_mib, config.limits.journal_reserve_mib,
      config.limits.footage_gib, config.limits.retention_days);
}

}  // namespace

std::string text_of(const Config& config) {
  return place_part(config) + network_part(config) + working_part(config);
}

}  // namespace vl::app
