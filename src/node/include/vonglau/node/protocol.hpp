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

struct CameraAssignment {
  Uuid id;
  std::string main_url;
  std::optional<std::string> sub_url;
  std::optional<std::string> login;
  std::optional<std::string> password;
  std::int64_t retention_days = 30;
};
BOOST_DESCRIBE_STRUCT(CameraAssignment, (),
                      (id, main_url, sub_url, login, password, retention_days))

/// All of a node's work; `revision` only grows. The node replaces what it had.
struct Assignment {
  std::int64_t revision = 0;
  std::vector<CameraAssignment> cameras;
};
BOOST_DESCRIBE_STRUCT(Assignment, (), (revision, cameras))
struct AssignmentMessage {
  Assignment assignment;
};
BOOST_DESCRIBE_STRUCT(AssignmentMessage, (), (assignment))

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
  std::string kind;  // "camera.online", "camera.offline", "gap", "storage.pressure"
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
struct GapItem {
  Uuid camera_id;
  std::string stream;  // "main" or "sub"
  WallTime start_us;
  WallTime end_us;
  std::string cause;
};
BOOST_DESCRIBE_STRUCT(GapItem, (), (camera_id, stream, start_us, end_us, cause))
struct StoragePressureItem {
  std::int64_t free_bytes = 0;
  std::int64_t freed_bytes = 0;  // of the oldest unlocked footage
  bool only_locked_left = false;
};
BOOST_DESCRIBE_STRUCT(StoragePressureItem, (), (free_bytes, freed_bytes, only_locked_left))

}  // namespace vl::node
