#include <algorithm>

#include <vonglau/base/json.hpp>
#include <vonglau/base/log.hpp>
#include <vonglau/cameras/schema.hpp>
#include <vonglau/evidence/manifest.hpp>
#include <vonglau/evidence/signature.hpp>
#include <vonglau/routes/export_desk.hpp>

namespace vl::routes {

namespace {
constexpr std::size_t most_progress = 1'000;
}

vault::Purpose ExportDesk::purpose_of_decision(const exports::ExportId& id, const Uuid& person) {
  return {person, {"export", id.value}, "export_decision"};
}

Result<boost::json::value> ExportDesk::terms(store::Session& session,
                                             const exports::ExportRow& row) const {
  evidence::ExportTerms out;
  out.made_by = parts_.made_by;
  const auto key = to_hex(parts_.key.public_key());
  out.centre = {parts_.province.value, parts_.province_name, key,
                to_hex(sha256(parts_.key.public_key()))};
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
  out.journal = {row.journal_sequence, row.journal_hash, {row.journal_us}};
  return json::value_of(out);
}

Result<node::ExportAssignment> ExportDesk::assignment(store::Session& session,
                                                      const exports::ExportRow& row) const {
  node::ExportAssignment out;
  out.id = row.id.value;
  out.from_us = row.from_us;
  out.to_us = row.to_us;
  for (const auto& id : row.camera_ids) {
    const auto camera = cameras::camera(session, parts_.province, id);
    out.cameras.push_back(
        {id.value, camera ? camera->code : id.text().substr(0, 8), camera ? camera->name : ""});
  }
  if (row.state == "requested") return out;
  if (row.state == "approved") {
    out.step = node::ExportStep::make;
    VL_TRY(out.order, terms(session, row));
    return out;
  }
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
  std::vector<Work> out;
  for (const auto& row : rows) {
    if (row.recorders.empty()) continue;
    auto one = assignment(session, row);
    if (!one) {
      // Held all the same: its footage must not go because of a key that is away.
      log::error("exports.no_terms", {{"export", row.id.text()}, {"why", one.error().message}});
      one = node::ExportAssignment{.id = row.id.value, .from_us = row.from_us, .to_us = row.to_us};
      for (const auto& id : row.camera_ids) one->cameras.push_back({id.value, "", ""});
    }
    out.push_back({row.recorders.front(), std::move(*one)});
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
