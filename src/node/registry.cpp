#include <algorithm>

#include <sys/random.h>

#include <vonglau/journal/typed_event.hpp>
#include <vonglau/node/registry.hpp>

namespace vl::node {

using journal::Command;
using journal::Decision;
using journal::draft_of;

namespace {

#define VL_NODE_COLUMNS "node_id, kind, name, version, address, public_url, state, state_since_us"

NodeRow node_of(const store::Row& row) {
  return {row.uuid(0),
          std::string(row.text(1)),
          std::string(row.text(2)),
          std::string(row.text(3)),
          std::string(row.text(4)),
          std::string(row.text(5)),
          std::string(row.text(6)),
          {row.integer(7)}};
}

/// Events that a node's own state does not decide about: recorded as they come.
template <class E>
Command note(Uuid node, std::string name, E event) {
  return {journal::Actor::node(node), std::move(name), std::nullopt,
          [node, event](Decision& d) -> Result<std::string> {
            VL_CHECK(d.record(draft_of("node", node, event)));
            return "";
          }};
}

}  // namespace

store::MigrationSet migrations() {
  return {"node",
          {{1, "nodes", R"(
CREATE TABLE nodes (
  province_id {integer} NOT NULL,
  node_id {bytes} NOT NULL,
  kind {text} NOT NULL,
  name {text} NOT NULL,
  version {text} NOT NULL,
  address {text} NOT NULL,
  public_url {text} NOT NULL,
  state {text} NOT NULL,
  state_since_us {integer} NOT NULL,
  PRIMARY KEY (province_id, node_id)
){strict};
CREATE UNIQUE INDEX nodes_by_name ON nodes (province_id, kind, name);

CREATE TABLE node_credentials (
  province_id {integer} NOT NULL,
  node_id {bytes} NOT NULL,
  token_hash {bytes} NOT NULL,
  PRIMARY KEY (province_id, node_id)
){strict};
CREATE UNIQUE INDEX node_credentials_by_hash ON node_credentials (province_id, token_hash);
)",
            "", ""}}};
}

Result<void> NodeTables::apply(const journal::Event& e, ProvinceId province, store::Session& s) {
  if (e.stream.kind != "node") return {};
  Result<void> done;
  const auto set_state = [&](const char* state) {
    done = s.post(
        "UPDATE nodes SET state = $3, state_since_us = $4 WHERE province_id = $1 AND"
        " node_id = $2",
        {province, e.stream.id, state, e.wall});
  };
  journal::when<NodeRegistered>(
      e,
      [&](const NodeRegistered& n) {
        done = s.post(
            "INSERT INTO nodes (province_id, node_id, kind, name, version, address, public_url,"
            " state, state_since_us) VALUES ($1, $2, $3, $4, $5, $6, $7, 'away', $8)"
            " ON CONFLICT (province_id, node_id) DO UPDATE SET version = excluded.version,"
            " address = excluded.address, public_url = excluded.public_url",
            {province, e.stream.id, boost::describe::enum_to_string(n.kind, "?"), n.name, n.version,
             n.address, n.public_url, e.wall});
      }) ||
      journal::when<NodeConnected>(e, [&](const auto&) { set_state("connected"); }) ||
      journal::when<NodeAway>(e, [&](const auto&) { set_state("away"); });
  return done;
}

Result<std::vector<NodeRow>> nodes(store::Session& session, ProvinceId province) {
  std::vector<NodeRow> out;
  VL_CHECK(session.query("SELECT " VL_NODE_COLUMNS " FROM nodes WHERE province_id = $1"
                         " ORDER BY kind, name",
                         {province}, [&](const store::Row& row) {
                           out.push_back(node_of(row));
                           return true;
                         }));
  return out;
}

Result<NodeRow> node(store::Session& session, ProvinceId province, Uuid id) {
  std::optional<NodeRow> out;
  VL_CHECK(session.query("SELECT " VL_NODE_COLUMNS " FROM nodes WHERE province_id = $1 AND"
                         " node_id = $2",
                         {province, id}, [&](const store::Row& row) {
                           out = node_of(row);
                           return false;
                         }));
  if (!out) return fail(NodeError::wrong_token, "there is no such node; register again");
  return *out;
}

Command register_node(std::optional<Uuid> idempotency_key, Registration registration, Uuid fresh_id,
                      Digest token_hash) {
  return {journal::Actor::system(), "nodes.register", idempotency_key,
          [=](Decision& d) -> Result<std::string> {
            Uuid id = fresh_id;
            VL_CHECK(d.tables().query(
                "SELECT node_id FROM nodes WHERE province_id = $1 AND kind = $2 AND name = $3",
                {d.province(), boost::describe::enum_to_string(registration.kind, "?"),
                 registration.name},
                [&](const store::Row& row) {
                  id = row.uuid(0);
                  return false;
                }));
            VL_CHECK(d.record(
                draft_of("node", id,
                         NodeRegistered{registration.kind, registration.name, registration.version,
                                        registration.address, registration.public_url})));
            d.also_write([id, token_hash, province = d.province()](store::Session& s) {
              return s.post(
                  "INSERT INTO node_credentials (province_id, node_id, token_hash) VALUES"
                  " ($1, $2, $3) ON CONFLICT (province_id, node_id) DO UPDATE SET"
                  " token_hash = excluded.token_hash",
                  {province, id, token_hash});
            });
            return id.text();
          }};
}

Command note_connected(Uuid node) {
  return note(node, "nodes.connected", NodeConnected{});
}
Command note_away(Uuid node, WallTime last_seen) {
  return note(node, "nodes.away", NodeAway{last_seen});
}
Command note_pressure(Uuid node, StoragePressureItem p) {
  return note(node, "nodes.pressure",
              StoragePressure{p.free_bytes, p.freed_bytes, p.only_locked_left});
}

Result<Uuid> node_of_token(store::Session& session, ProvinceId province, std::string_view token) {
  std::optional<Uuid> id;
  VL_CHECK(
      session.query("SELECT node_id FROM node_credentials WHERE province_id = $1 AND"
                    " token_hash = $2",
                    {province, sha256(as_bytes(token))}, [&](const store::Row& row) {
                      id = row.uuid(0);
                      return false;
                    }));
  if (!id) return fail(NodeError::wrong_token, "this token is not a node's; register again");
  return *id;
}

std::string new_token() {
  Digest random{};
  VL_ASSERT(getrandom(random.data(), random.size(), 0) == static_cast<ssize_t>(random.size()));
  return to_base64url(random);
}

Result<void> check(const Registration& r) {
  if (r.version != kProtocolVersion)
    return fail(NodeError::wrong_version,
                "this core speaks version " + std::string(kProtocolVersion) +
                    " of the node protocol; install the same release on both",
                "version");
  const bool name_fits =
      !r.name.empty() && r.name.size() <= 64 && std::ranges::all_of(r.name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
      });
  if (!name_fits)
    return fail(NodeError::bad_registration, "name: 1 to 64 of a-z, 0-9, '-' and '.'", "name");
  if (!r.public_url.starts_with("wss://") || r.public_url.size() > 200 ||
      r.public_url.find_first_of(" \"';,", 6) != std::string::npos)
    return fail(NodeError::bad_registration, "public_url: give wss://host:port", "public_url");
  return {};
}

}  // namespace vl::node
