#include <algorithm>

#include <vonglau/base/json.hpp>
#include <vonglau/base/log.hpp>
#include <vonglau/cameras/schema.hpp>
#include <vonglau/evidence/manifest.hpp>
#include <vonglau/evidence/signature.hpp>
#include <vonglau/node/ticket.hpp>
#include <vonglau/routes/export_desk.hpp>

namespace vl::routes {

namespace {
constexpr std::size_t most_progress = 1'000;
constexpr std::int64_t part_ticket_us = 24LL * 3'600 * 1'000'000;

std::string https_of(const std::string& url) {
  return url.starts_with("wss://")  ? "https" + url.substr(3)
         : url.starts_with("ws://") ? "http" + url.substr(2)
                                    : url;
}
}  // namespace

vault::Purpose ExportDesk::purpose_of_decision(const exports::ExportId& id, const Uuid& person) {
  return {person, {"export", id.value}, "export_decision"};
}

Result<boost::json::value> ExportDesk::terms(store::Session& session, const exports::ExportRow& row,
                                             bool with_people) const {
  evidence::ExportTerms out;
  out.made_by = parts_.made_by;
  const auto key = to_hex(parts_.key.public_key());
  out.centre = {parts_.province.value, parts_.province_name, key,
                to_hex(sha256(parts_.key.public_key()))};
  out.journal = {row.journal_sequence, row.journal_hash, {row.journal_us}};
  if (!with_people) {
    out.request = {
        row.case_number, row.purpose, "", "", row.requested_us, "", {row.decided_us.value_or(0)},
        row.from_us,     row.to_us};
    return json::value_of(out);
  }
  const auto approver = row.decided_by.value_or(Uuid{});
  auto reason = parts_.vault.open(session, vault::ItemId{row.reason_item},
                                  purpose_of_decision(row.id, approver));
  if (!reason && reason.error().code != code_of(vault::VaultError::erased))
    return fail(std::move(reason).error());
  out.request = {row.case_number,
                 row.purpose,
                 reason ? std::string(reason->plaintext.text()) : "",
                 parts_.name_of(row.requested_by),
                 row.requested_us,
                 parts_.name_of(approver),
                 {row.decided_us.value_or(0)},
                 row.from_us,
                 row.to_us};
  return json::value_of(out);
}

/// Those that were made. A recorder fetches them with a ticket that only this export opens.
std::vector<node::ExportPart> ExportDesk::parts_of(const exports::ExportRow& row,
                                                   const Nodes& nodes) const {
  std::vector<node::ExportPart> out;
  for (const auto& one : row.recorders) {
    const auto digest = evidence::digest_of(one.part_sha256);
    const auto node = nodes.find(one.recorder_id);
    if (one.part != "made" || !digest || node == nodes.end()) continue;
    const node::MediaTicket ticket{
        parts_.province,          row.id.value, row.recorders.front().recorder_id,
        node::MediaPurpose::part, {},           parts_.clock.wall().plus_us(part_ticket_us),
        parts_.ids.next()};
    node::ExportPart part{one.recorder_id,
                          https_of(node->second.public_url),
                          node::sign_ticket(ticket, parts_.ticket_key),
                          *digest,
                          {}};
    for (std::size_t i = 0; i < row.camera_ids.size(); ++i)
      if (row.camera_recorders[i] == one.recorder_id)
        part.cameras.push_back(row.camera_ids[i].value);
    out.push_back(std::move(part));
  }
  return out;
}

Result<node::ExportAssignment> ExportDesk::assignment(store::Session& session,
                                                      const exports::ExportRow& row,
                                                      const Uuid& recorder,
                                                      const Nodes& nodes) const {
  node::ExportAssignment out;
  out.id = row.id.value;
  out.from_us = row.from_us;
  out.to_us = row.to_us;
  const bool several = row.recorders.size() > 1;
  const bool is_first = row.recorders.front().recorder_id == recorder;
  for (std::size_t i = 0; i < row.camera_ids.size(); ++i) {
    const auto& id = row.camera_ids[i];
    const auto& at = row.camera_recorders[i];
    if (at != recorder && !is_first) continue;
    const auto camera = cameras::camera(session, parts_.province, id);
    node::ExportCamera one{id.value, camera ? camera->code : id.text().substr(0, 8),
                           camera ? camera->name : "", std::nullopt, at != recorder};
    if (const auto node = nodes.find(at); several && node != nodes.end())
      one.recorder = node->second.name;
    out.cameras.push_back(std::move(one));
  }
  if (row.state == "requested") return out;
  if (row.state == "approved") {
    const bool all_told = std::ranges::all_of(row.recorders.begin() + 1, row.recorders.end(),
                                              [](const auto& one) { return one.part.has_value(); });
    if (is_first && !all_told) return out;
    out.step = is_first ? node::ExportStep::make : node::ExportStep::part;
    VL_TRY(out.order, terms(session, row, is_first));
    if (is_first && several) out.parts = parts_of(row, nodes);
    if (is_first && !row.masks.empty()) {
      out.masks.emplace();
      for (const auto& m : row.masks)
        out.masks->push_back({m.camera_id.value, m.from_us, m.to_us, m.x, m.y, m.width, m.height});
    }
    return out;
  }
  if (!is_first) return out;
  out.step = node::ExportStep::complete;
  // The same each time: Ed25519 is deterministic, and the time is that of the event.
  const auto digest = evidence::digest_of(row.manifest_sha256.value_or(""));
  if (digest)
    out.signature =
        evidence::text_of(evidence::sign_export(*digest, {row.made_us.value_or(0)}, parts_.key));
  return out;
}

Result<std::vector<ExportDesk::Work>> ExportDesk::assignments(store::Session& session) const {
  VL_TRY(const auto rows, exports::live_exports(session, parts_.province));
  VL_TRY(const auto all, node::nodes(session, parts_.province));
  Nodes nodes;
  for (const auto& node : all) nodes[node.id] = node;
  std::vector<Work> out;
  for (const auto& row : rows)
    for (const auto& recorder : row.recorders) {
      auto one = assignment(session, row, recorder.recorder_id, nodes);
      if (!one) {
        // Held all the same: its footage must not go because of a key that is away.
        log::error("exports.no_terms", {{"export", row.id.text()}, {"why", one.error().message}});
        one =
            node::ExportAssignment{.id = row.id.value, .from_us = row.from_us, .to_us = row.to_us};
        for (std::size_t i = 0; i < row.camera_ids.size(); ++i)
          if (row.camera_recorders[i] == recorder.recorder_id)
            one->cameras.push_back({row.camera_ids[i].value, "", "", {}, false});
      }
      out.push_back({recorder.recorder_id, std::move(*one)});
    }
  return out;
}

void ExportDesk::note_progress(const node::ExportProgressItem& progress) {
  {
    const std::scoped_lock lock(mutex_);
    if (progress_.size() >= most_progress && !progress_.contains(progress.export_id))
      progress_.clear();
    progress_[progress.export_id] = progress;
  }
  boost::json::object one{{"id", progress.export_id.text()},
                          {"done_bytes", progress.done_bytes},
                          {"all_bytes", progress.all_bytes}};
  boost::json::object telemetry{{"exports", boost::json::array{std::move(one)}}};
  parts_.tell(std::make_shared<const std::string>(
      json::text_of(boost::json::object{{"telemetry", std::move(telemetry)}})));
}

std::optional<node::ExportProgressItem> ExportDesk::progress(const exports::ExportId& id) const {
  const std::scoped_lock lock(mutex_);
  const auto found = progress_.find(id.value);
  if (found == progress_.end()) return std::nullopt;
  return found->second;
}

}  // namespace vl::routes
