// The core's side: which nodes there are, their credentials, and whether they are heard from.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <vonglau/journal/projection.hpp>
#include <vonglau/journal/writer.hpp>
#include <vonglau/node/error.hpp>
#include <vonglau/node/protocol.hpp>
#include <vonglau/store/migrations.hpp>

namespace vl::node {

struct NodeRegistered {
  static constexpr std::string_view kType = "node.registered";
  static constexpr std::uint32_t kVersion = 1;
  NodeKind kind{};
  std::string name;
  std::string version;
  std::string address;
  std::string public_url;
};
BOOST_DESCRIBE_STRUCT(NodeRegistered, (), (kind, name, version, address, public_url))
struct NodeConnected {
  static constexpr std::string_view kType = "node.connected";
  static constexpr std::uint32_t kVersion = 1;
};
BOOST_DESCRIBE_STRUCT(NodeConnected, (), ())
struct NodeAway {
  static constexpr std::string_view kType = "node.away";
  static constexpr std::uint32_t kVersion = 1;
  WallTime last_seen_us;
};
BOOST_DESCRIBE_STRUCT(NodeAway, (), (last_seen_us))
/// A recorder is short of room: the oldest unlocked footage goes, or only locked is left.
struct StoragePressure {
  static constexpr std::string_view kType = "storage.pressure";
  static constexpr std::uint32_t kVersion = 1;
  std::int64_t free_bytes = 0;
  std::int64_t freed_bytes = 0;
  bool only_locked_left = false;
};
BOOST_DESCRIBE_STRUCT(StoragePressure, (), (free_bytes, freed_bytes, only_locked_left))

store::MigrationSet migrations();

class NodeTables final : public journal::Projection {
 public:
  std::vector<std::string> tables() const override { return {"nodes"}; }
  Result<void> apply(const journal::Event& event, ProvinceId province,
                     store::Session& session) override;
};

struct NodeRow {
  Uuid id;
  std::string kind, name, version, address, public_url, state;
  WallTime state_since_us;
};

Result<std::vector<NodeRow>> nodes(store::Session& session, ProvinceId province);
Result<NodeRow> node(store::Session& session, ProvinceId province, Uuid id);

/// A node that registers again under its kind and name keeps its id and gets a new token; the
/// old token ends. `token_hash` is the SHA-256 of the token. The reply is the node's id.
journal::Command register_node(std::optional<Uuid> idempotency_key, Registration registration,
                               Uuid fresh_id, Digest token_hash);
journal::Command note_connected(Uuid node);
journal::Command note_away(Uuid node, WallTime last_seen);
journal::Command note_pressure(Uuid node, StoragePressureItem pressure);

/// The node that holds this token; wrong_token for any other text.
Result<Uuid> node_of_token(store::Session& session, ProvinceId province, std::string_view token);
/// 256 random bits, base64url.
std::string new_token();

/// Refuses wrong versions and addresses that are none.
Result<void> check(const Registration& registration);

}  // namespace vl::node
