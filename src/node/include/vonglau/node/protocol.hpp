// The messages between the core and its nodes (docs/design/nodes.md). Described structs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <boost/json/value.hpp>

#include <vonglau/base/bytes.hpp>
#include <vonglau/base/clock.hpp>
#include <vonglau/base/ids.hpp>

namespace vl::node {

/// Raised when a message changes its meaning; a node of another version is refused.
inline constexpr std::string_view kProtocolVersion = "1";

enum class NodeKind { recorder, vision, switchboard };
BOOST_DESCRIBE_ENUM(NodeKind, recorder, vision, switchboard)

struct Registration {
  NodeKind kind{};
  std::string name;     // unique among the nodes of its kind: "recorder-1"
  std::string version;  // of the protocol
  std::string enrolment_key;
  std::string address;     // where the core reaches it, host:port
  std::string public_url;  // where browsers do, wss://host:port
};
BOOST_DESCRIBE_STRUCT(Registration, (), (kind, name, version, enrolment_key, address, public_url))

struct Registered {
  Uuid node_id;
  std::string token;
  Bytes ticket_key;  // Ed25519 public key of media tickets
  ProvinceId province;
  std::int64_t heartbeat_s = 5;
};
BOOST_DESCRIBE_STRUCT(Registered, (), (node_id, token, ticket_key, province, heartbeat_s))

struct TourStepAssignment {
  std::string preset;
  std::int64_t dwell_s = 10;
};
BOOST_DESCRIBE_STRUCT(TourStepAssignment, (), (preset, dwell_s))
/// A camera that is spoken to by ONVIF.
struct DeviceAssignment {
  std::string address;
  bool ptz = false;
  bool held = false;  // by a person: no tour runs, and it goes home when this ends
  std::vector<TourStepAssignment> tour;  // empty: none runs
};
BOOST_DESCRIBE_STRUCT(DeviceAssignment, (), (address, ptz, held, tour))

struct CameraAssignment {
  Uuid id;
  std::string main_url;
  std::optional<std::string> sub_url;
  std::optional<std::string> login;
  std::optional<std::string> password;
  std::int64_t retention_days = 30;
  std::optional<std::string> replay_url;  // of what the camera stored itself
  std::optional<DeviceAssignment> device;
};
BOOST_DESCRIBE_STRUCT(CameraAssignment, (),
                      (id, main_url, sub_url, login, password, retention_days, replay_url, device))

/// What to do with an export: hold its footage, make a part of it for the recorder that puts them
/// together, make its folder, complete it with the signature. Each includes holding, and complete
/// what make does, so a node that lost its work does it again.
enum class ExportStep { hold, part, make, complete };
BOOST_DESCRIBE_ENUM(ExportStep, hold, part, make, complete)

/// Painted over in a copy of this camera's videos; in thousandths of the picture.
struct ExportMask {
  Uuid camera_id;
  std::int64_t from_us = 0;
  std::int64_t to_us = 0;
  std::int32_t x = 0;
  std::int32_t y = 0;
  std::int32_t width = 0;
  std::int32_t height = 0;
};
BOOST_DESCRIBE_STRUCT(ExportMask, (), (camera_id, from_us, to_us, x, y, width, height))

struct ExportCamera {
  Uuid id;
  std::string code;
  std::string name;
  /// Name of the recorder that has its footage; nothing: an export of one recorder alone.
  std::optional<std::string> recorder;
  bool elsewhere = false;  // than at the node that reads this
};
BOOST_DESCRIBE_STRUCT(ExportCamera, (), (id, code, name, recorder, elsewhere))

/// Cameras whose footage is fetched from another recorder.
struct ExportPart {
  Uuid recorder_id;
  std::string url;     // https://host:port
  std::string ticket;  // of purpose `part`
  Digest manifest_sha256{};
  std::vector<Uuid> cameras;
};
BOOST_DESCRIBE_STRUCT(ExportPart, (), (recorder_id, url, ticket, manifest_sha256, cameras))

/// One that is not in the assignment is over: its folder goes, its footage is let go.
struct ExportAssignment {
  Uuid id;
  ExportStep step{};
  std::vector<ExportCamera> cameras;
  std::int64_t from_us = 0;
  std::int64_t to_us = 0;
  /// make: evidence::ExportOrder's centre, request and journal, as JSON.
  std::optional<boost::json::value> order;
  /// make: of cameras that are elsewhere; one without a part was not delivered.
  std::optional<std::vector<ExportPart>> parts;
  std::optional<std::vector<ExportMask>> masks;  // make: nothing, or some
  std::optional<std::string> signature;          // complete: the text of signature.json
};
BOOST_DESCRIBE_STRUCT(ExportAssignment, (),
                      (id, step, cameras, from_us, to_us, order, parts, masks, signature))

/// All of a node's work; `revision` only grows. The node replaces what it had.
struct Assignment {
  std::int64_t revision = 0;
  std::vector<CameraAssignment> cameras;
  std::optional<std::vector<ExportAssignment>> exports;  // nothing: nothing is said of exports
  /// Addresses of players that are over before their tickets expire.
  std::optional<std::vector<Uuid>> ended_addresses;
};
BOOST_DESCRIBE_STRUCT(Assignment, (), (revision, cameras, exports, ended_addresses))
struct AssignmentMessage {
  Assignment assignment;
};
BOOST_DESCRIBE_STRUCT(AssignmentMessage, (), (assignment))

/// Something to be done at once and answered, over the work channel; lost with it.
struct Task {
  Uuid id;
  std::string kind;  // "discover", "enrol", "ptz"
  boost::json::value body;
};
BOOST_DESCRIBE_STRUCT(Task, (), (id, kind, body))
struct TaskMessage {
  Task task;
};
BOOST_DESCRIBE_STRUCT(TaskMessage, (), (task))
struct TaskDone {
  Uuid id;
  std::string code;  // "": it was done
  std::string message, field;
  boost::json::value body;
};
BOOST_DESCRIBE_STRUCT(TaskDone, (), (id, code, message, field, body))
struct TaskDoneMessage {
  TaskDone done;
};
BOOST_DESCRIBE_STRUCT(TaskDoneMessage, (), (done))

// Bodies of tasks, and what they are answered with.
struct FoundDevice {
  std::string address, name, hardware, location;
};
BOOST_DESCRIBE_STRUCT(FoundDevice, (), (address, name, hardware, location))
struct DiscoverAnswer {
  std::vector<FoundDevice> devices;
};
BOOST_DESCRIBE_STRUCT(DiscoverAnswer, (), (devices))

struct EnrolTask {
  std::string address, login, password;
  std::optional<std::string> new_password;
};
BOOST_DESCRIBE_STRUCT(EnrolTask, (), (address, login, password, new_password))
struct FoundProfile {
  std::string name, encoding;
  std::int64_t width = 0, height = 0, frames_per_s = 0;
};
BOOST_DESCRIBE_STRUCT(FoundProfile, (), (name, encoding, width, height, frames_per_s))
struct FoundPreset {
  std::string token, name;
};
BOOST_DESCRIBE_STRUCT(FoundPreset, (), (token, name))
struct DeviceFacts {
  std::string address;
  std::string manufacturer, model, firmware, serial;
  std::vector<FoundProfile> profiles;
  std::string main_url;
  std::optional<std::string> sub_url, replay_url;
  bool ptz = false;
  std::vector<FoundPreset> presets;
  std::int64_t clock_offset_ms = 0;
  bool clock_set = false;
};
BOOST_DESCRIBE_STRUCT(DeviceFacts, (),
                      (address, manufacturer, model, firmware, serial, profiles, main_url, sub_url,
                       replay_url, ptz, presets, clock_offset_ms, clock_set))
/// Also when it failed: the camera may have the new password nevertheless.
struct EnrolAnswer {
  bool password_replaced = false;
  std::optional<DeviceFacts> facts;  // nothing: it failed
  std::string code, message, field;
};
BOOST_DESCRIBE_STRUCT(EnrolAnswer, (), (password_replaced, facts, code, message, field))

enum class PtzAction { move, go, home, set_home, save_preset, remove_preset };
BOOST_DESCRIBE_ENUM(PtzAction, move, go, home, set_home, save_preset, remove_preset)
struct PtzTask {
  Uuid camera_id;
  PtzAction action{};
  double pan = 0, tilt = 0, zoom = 0;  // move: parts of full speed; nothing but zeros stops
  std::string preset;                  // go, remove_preset: its token; save_preset: its name
};
BOOST_DESCRIBE_STRUCT(PtzTask, (), (camera_id, action, pan, tilt, zoom, preset))
struct PtzAnswer {
  std::string preset;  // save_preset: its token
};
BOOST_DESCRIBE_STRUCT(PtzAnswer, (), (preset))

struct Heartbeat {
  WallTime wall_us;
  std::int64_t spooled = 0;
};
BOOST_DESCRIBE_STRUCT(Heartbeat, (), (wall_us, spooled))
struct HeartbeatMessage {
  Heartbeat heartbeat;
};
BOOST_DESCRIBE_STRUCT(HeartbeatMessage, (), (heartbeat))

struct CoreTime {
  WallTime wall_us;
};
BOOST_DESCRIBE_STRUCT(CoreTime, (), (wall_us))
struct TimeMessage {
  CoreTime time;
};
BOOST_DESCRIBE_STRUCT(TimeMessage, (), (time))

struct BatchItem {
  // "camera.online", "camera.offline", "camera.health", "camera.picture", "camera.clock", "gap",
  // "gap.filled", "storage.pressure", "export.*"
  std::string kind;
  WallTime at_us;
  boost::json::value body;
};
BOOST_DESCRIBE_STRUCT(BatchItem, (), (kind, at_us, body))
struct Batch {
  Uuid batch_id;
  std::vector<BatchItem> items;
};
BOOST_DESCRIBE_STRUCT(Batch, (), (batch_id, items))
struct BatchTaken {
  std::int64_t accepted = 0;
  bool already_known = false;
};
BOOST_DESCRIBE_STRUCT(BatchTaken, (), (accepted, already_known))

// Bodies of batch items.
struct CameraOnlineItem {
  Uuid camera_id;
};
BOOST_DESCRIBE_STRUCT(CameraOnlineItem, (), (camera_id))
struct CameraOfflineItem {
  Uuid camera_id;
  std::string cause;
};
BOOST_DESCRIBE_STRUCT(CameraOfflineItem, (), (camera_id, cause))
/// What a camera's main stream measures. Nothing where it is not known (no sender reports, no
/// two key pictures yet, not streaming).
struct CameraHealth {
  Uuid camera_id;
  bool streams = false;
  std::int64_t bit_rate_kbps = 0;
  std::int64_t frame_rate_mhz = 0;  // pictures in 1,000 s
  std::int64_t lost_ppm = 0;        // packets of a million
  std::optional<std::int64_t> key_interval_ms;
  std::optional<std::int64_t> clock_offset_ms;   // the camera's clock less ours
  std::optional<std::int64_t> stored_behind_ms;  // what is durable ends so long ago
  friend bool operator==(const CameraHealth&, const CameraHealth&) = default;
};
BOOST_DESCRIBE_STRUCT(CameraHealth, (),
                      (camera_id, streams, bit_rate_kbps, frame_rate_mhz, lost_ppm, key_interval_ms,
                       clock_offset_ms, stored_behind_ms))
/// `all`: of every camera, once a minute; otherwise of those that changed.
struct CameraHealthItem {
  bool all = false;
  std::vector<CameraHealth> cameras;  // at most 40
};
BOOST_DESCRIBE_STRUCT(CameraHealthItem, (), (all, cameras))
/// What a camera's picture is by several looks: "good", "black", "frozen", "blurred", "covered",
/// "moved".
struct CameraPictureItem {
  Uuid camera_id;
  std::string state;
};
BOOST_DESCRIBE_STRUCT(CameraPictureItem, (), (camera_id, state))
/// A camera's clock that was found wrong, and set.
struct CameraClockItem {
  Uuid camera_id;
  std::int64_t offset_ms = 0;  // before: the camera's less ours
};
BOOST_DESCRIBE_STRUCT(CameraClockItem, (), (camera_id, offset_ms))
struct GapItem {
  Uuid camera_id;
  std::string stream;  // "main" or "sub"
  WallTime start_us;
  WallTime end_us;
  std::string cause;
};
BOOST_DESCRIBE_STRUCT(GapItem, (), (camera_id, stream, start_us, end_us, cause))
/// Footage of a gap that was fetched from the camera's own storage.
struct GapFilledItem {
  Uuid camera_id;
  std::string stream;
  WallTime start_us;
  WallTime end_us;
  WallTime fetched_us;
};
BOOST_DESCRIBE_STRUCT(GapFilledItem, (), (camera_id, stream, start_us, end_us, fetched_us))
/// Of the tier that lies in an object store; the disk is its folder here.
struct ArchiveState {
  std::int64_t archived_bytes = 0;
  std::int64_t objects = 0;
  std::int64_t staged_bytes = 0;           // here, on their way or being filled
  std::int64_t staging_bytes = 0;          // the most that may wait here
  std::int64_t to_delete = 0;              // objects that are given up and still there
  std::optional<std::int64_t> most_bytes;  // that may lie there
  std::optional<std::int64_t> heard_us;
  std::optional<std::int64_t> failing_since_us;
  std::string problem;  // a code such as "s3.unreachable"; "": it answers
};
BOOST_DESCRIBE_STRUCT(ArchiveState, (),
                      (archived_bytes, objects, staged_bytes, staging_bytes, to_delete, most_bytes,
                       heard_us, failing_since_us, problem))
struct DiskState {
  std::string folder;
  std::string state;  // "fine", "full" (the oldest goes for what comes), "failing"
  bool is_slow = false;
  std::int64_t stored_bytes = 0;
  std::int64_t free_bytes = 0;
  std::int64_t reserve_bytes = 0;
  std::int64_t room_bytes = 0;  // what footage may take, with what it has
  std::optional<std::int64_t> oldest_us;
  std::optional<ArchiveState> archive;
};
BOOST_DESCRIBE_STRUCT(DiskState, (),
                      (folder, state, is_slow, stored_bytes, free_bytes, reserve_bytes, room_bytes,
                       oldest_us, archive))
/// What `vonglau recordings check` found when it last ran on this recorder's footage.
struct StorageCheck {
  std::int64_t at_us = 0;
  bool ok = false;
  bool content = false;  // every byte was read
  std::int64_t fragments = 0;
  std::int64_t problems = 0;
};
BOOST_DESCRIBE_STRUCT(StorageCheck, (), (at_us, ok, content, fragments, problems))
/// A recorder's disks, once a minute. No event.
struct StorageStateItem {
  std::vector<DiskState> disks;  // at most 64
  std::int64_t stored_bytes = 0;
  std::int64_t locked_bytes = 0;
  std::optional<std::int64_t> oldest_us;
  std::int64_t bytes_a_day = 0;     // at the rate of the last hour, or since it started
  std::int64_t retention_days = 0;  // where a camera does not say its own
  std::optional<StorageCheck> check;
};
BOOST_DESCRIBE_STRUCT(StorageStateItem, (),
                      (disks, stored_bytes, locked_bytes, oldest_us, bytes_a_day, retention_days,
                       check))
struct StoragePressureItem {
  std::int64_t free_bytes = 0;
  std::int64_t freed_bytes = 0;  // of the oldest unlocked footage
  bool only_locked_left = false;
};
BOOST_DESCRIBE_STRUCT(StoragePressureItem, (), (free_bytes, freed_bytes, only_locked_left))

struct ExportLockedItem {
  Uuid export_id;
};
BOOST_DESCRIBE_STRUCT(ExportLockedItem, (), (export_id))
struct ExportProgressItem {
  Uuid export_id;
  std::int64_t done_bytes = 0;
  std::int64_t all_bytes = 0;
};
BOOST_DESCRIBE_STRUCT(ExportProgressItem, (), (export_id, done_bytes, all_bytes))
struct ExportMadeItem {
  Uuid export_id;
  Digest manifest_sha256{};
  Digest tree_root{};
  std::int64_t fragments = 0;
  std::int64_t footage_us = 0;
  std::int64_t bytes = 0;
};
BOOST_DESCRIBE_STRUCT(ExportMadeItem, (),
                      (export_id, manifest_sha256, tree_root, fragments, footage_us, bytes))
/// What a part is; its footage is fetched from the node that tells this.
struct ExportPartItem {
  Uuid export_id;
  Digest manifest_sha256{};
  std::int64_t fragments = 0;
  std::int64_t bytes = 0;
};
BOOST_DESCRIBE_STRUCT(ExportPartItem, (), (export_id, manifest_sha256, fragments, bytes))
/// Who puts parts together could not get this recorder's.
struct ExportPartFailedItem {
  Uuid export_id;
  Uuid recorder_id;
  std::string why;  // a code
};
BOOST_DESCRIBE_STRUCT(ExportPartFailedItem, (), (export_id, recorder_id, why))
struct ExportReadyItem {
  Uuid export_id;
  std::int64_t archive_bytes = 0;
  std::string timestamp;  // "none", "stamped", "failed"
};
BOOST_DESCRIBE_STRUCT(ExportReadyItem, (), (export_id, archive_bytes, timestamp))
/// The timestamp that the authority did not give at first.
struct ExportStampedItem {
  Uuid export_id;
  std::int64_t stamped_us = 0;  // as the token says
  std::int64_t archive_bytes = 0;
};
BOOST_DESCRIBE_STRUCT(ExportStampedItem, (), (export_id, stamped_us, archive_bytes))
/// Every byte of it went to this person, in however many pieces.
struct ExportDeliveredItem {
  Uuid export_id;
  Uuid delivery_id;
  Uuid person_id;
};
BOOST_DESCRIBE_STRUCT(ExportDeliveredItem, (), (export_id, delivery_id, person_id))
struct ExportFailedItem {
  Uuid export_id;
  std::string why;  // a code
};
BOOST_DESCRIBE_STRUCT(ExportFailedItem, (), (export_id, why))

}  // namespace vl::node
