#include <algorithm>

#include <vonglau/cameras/schema.hpp>
#include <vonglau/fleet/contribution_commands.hpp>
#include <vonglau/journal/typed_event.hpp>

namespace vl::fleet {

using journal::Command;
using journal::Decision;
using journal::draft_of;
using store::Row;

namespace {

Result<const Contribution*> known(Decision& d, CameraId camera) {
  VL_TRY(const auto* contribution, d.state<Contribution>(camera.value));
  if (!contribution->exists)
    return fail(ContributionError::not_found, "this camera is not contributed");
  return contribution;
}

template <class E>
Result<void> record(Decision& d, CameraId camera, const E& event) {
  return d.record(draft_of(Contribution::kStream, camera.value, event));
}

std::optional<WallTime> optional_time(const Row& row, int column) {
  const auto us = row.optional_integer(column);
  return us ? std::optional<WallTime>(WallTime{*us}) : std::nullopt;
}

}  // namespace

Command declare_contribution(Request request, CameraId camera, ContributionDeclared terms,
                             std::function<Result<void>(store::Session&)> also) {
  return {request.actor, "contribution.declare", request.idempotency_key,
          [=](Decision& d) -> Result<std::string> {
            VL_CHECK(check(terms, d.now()));
            VL_CHECK(cameras::camera(d.tables(), d.province(), camera));
            VL_TRY(const auto* before, d.state<Contribution>(camera.value));
            auto next = terms;
            if (!next.owner) next.owner = before->terms.owner;
            VL_CHECK(record(d, camera, next));
            if (also) d.also_write(also);
            return camera.text();
          }};
}

Command withdraw_contribution(Request request, CameraId camera, bool by_owner) {
  return {request.actor, "contribution.withdraw", request.idempotency_key,
          [=](Decision& d) -> Result<std::string> {
            VL_TRY(const auto* contribution, known(d, camera));
            if (contribution->withdrawn)
              return fail(ContributionError::no_change, "it is withdrawn already");
            VL_CHECK(record(d, camera, ContributionWithdrawn{by_owner}));
            return camera.text();
          }};
}

Command request_view(Request request, CameraId camera, ViewRequested wanted) {
  return {request.actor, "contribution.request_view", request.idempotency_key,
          [=](Decision& d) -> Result<std::string> {
            VL_TRY(const auto* contribution, known(d, camera));
            if (contribution->withdrawn || contribution->terms.consent != Consent::on_request)
              return fail(ContributionError::not_allowed,
                          "only cameras that are seen on request are asked for");
            if (contribution->terms.expires_us <= d.now())
              return fail(ContributionError::expired, "the owner's consent has ended");
            if (wanted.hours < 1 || wanted.hours > 72)
              return fail(ContributionError::bad_span, "ask for 1 to 72 hours", "hours");
            const bool waits = std::ranges::any_of(contribution->requests, [&](const auto& one) {
              return one.second.person == d.actor().id && !one.second.granted;
            });
            if (waits)
              return fail(ContributionError::no_change, "the owner has been asked already");
            VL_CHECK(record(d, camera, wanted));
            return wanted.request_id.text();
          }};
}

Command decide_request(CameraId camera, Uuid request_id, bool granted) {
  return {
      journal::Actor::system(), "contribution.decide", {}, [=](Decision& d) -> Result<std::string> {
        VL_TRY(const auto* contribution, known(d, camera));
        const auto found = contribution->requests.find(request_id);
        if (found == contribution->requests.end())
          return fail(ContributionError::not_found, "there is no such request", "request_id");
        // An owner may take back what was granted, and nothing else is decided twice.
        const bool takes_back = found->second.granted == true && !granted;
        if (found->second.granted && !takes_back)
          return fail(ContributionError::decided, "the request has been decided");
        const auto until = granted ? d.now().plus_us(found->second.hours * 3'600'000'000) : d.now();
        VL_CHECK(record(d, camera, ViewDecided{request_id, granted, until}));
        return request_id.text();
      }};
}

Command note_view(journal::Actor person, CameraId camera, ViewKind kind,
                  std::optional<Uuid> incident_id) {
  return {
      person, "contribution.view", {}, [=](Decision& d) -> Result<std::string> {
        VL_TRY(const auto* contribution, d.state<Contribution>(camera.value));
        VL_TRY(const auto permit, decide_view(*contribution, d.actor().id, d.now()));
        if (!permit.contributed) return "";
        const auto noted = contribution->noted.find({d.actor().id, kind});
        if (noted == contribution->noted.end() || d.now().us - noted->second.us >= one_look_us)
          VL_CHECK(record(d, camera,
                          ContributionViewed{kind, permit.reason, permit.request_id, incident_id}));
        return permit.until ? std::to_string(permit.until->us) : std::string();
      }};
}

Result<std::vector<ContributionRow>> contributions(store::Session& session, ProvinceId province) {
  std::vector<ContributionRow> out;
  VL_CHECK(session.query(
      "SELECT camera_id, consent, owner_kind, declared_us, expires_us, withdrawn, owner_item FROM"
      " contributions WHERE province_id = $1 ORDER BY camera_id",
      {province}, [&](const Row& row) {
        out.push_back({row.id<CameraId>(0),
                       std::string(row.text(1)),
                       std::string(row.text(2)),
                       {row.integer(3)},
                       {row.integer(4)},
                       row.integer(5) != 0,
                       row.optional_uuid(6)});
        return true;
      }));
  return out;
}

Result<std::vector<ViewRequestRow>> view_requests(store::Session& session, ProvinceId province,
                                                  std::optional<CameraId> camera,
                                                  std::int64_t limit) {
  std::vector<ViewRequestRow> out;
  const auto take = [&](const Row& row) {
    const auto granted = row.optional_integer(7);
    out.push_back({row.uuid(0),
                   row.id<CameraId>(1),
                   row.uuid(2),
                   std::string(row.text(3)),
                   row.optional_uuid(4),
                   row.integer(5),
                   {row.integer(6)},
                   granted ? std::optional<bool>(*granted != 0) : std::nullopt,
                   optional_time(row, 8)});
    return true;
  };
  if (camera)
    VL_CHECK(
        session.query("SELECT request_id, camera_id, person_id, reason, incident_id, hours,"
                      " asked_us, granted, until_us FROM contribution_requests WHERE"
                      " province_id = $1 AND camera_id = $2 ORDER BY asked_us DESC,"
                      " request_id LIMIT $3",
                      {province, *camera, limit}, take));
  else
    VL_CHECK(
        session.query("SELECT request_id, camera_id, person_id, reason, incident_id, hours,"
                      " asked_us, granted, until_us FROM contribution_requests WHERE"
                      " province_id = $1 ORDER BY asked_us DESC, request_id LIMIT $2",
                      {province, limit}, take));
  return out;
}

Result<std::vector<ViewRow>> views(store::Session& session, ProvinceId province, CameraId camera,
                                   std::int64_t limit) {
  std::vector<ViewRow> out;
  VL_CHECK(
      session.query("SELECT at_us, person_id, kind, reason, request_id, incident_id FROM"
                    " contribution_views WHERE province_id = $1 AND camera_id = $2"
                    " ORDER BY sequence DESC LIMIT $3",
                    {province, camera, limit}, [&](const Row& row) {
                      out.push_back({{row.integer(0)},
                                     row.uuid(1),
                                     std::string(row.text(2)),
                                     std::string(row.text(3)),
                                     row.optional_uuid(4),
                                     row.optional_uuid(5)});
                      return true;
                    }));
  return out;
}

Result<NotTaken> not_taken(store::Session& session, ProvinceId province, WallTime now) {
  NotTaken out;
  const auto at = [&](WallTime when) {
    if (when > now && (!out.next || when < *out.next)) out.next = when;
  };
  std::map<CameraId, bool> granted;
  VL_CHECK(
      session.query("SELECT camera_id, until_us FROM contribution_requests WHERE"
                    " province_id = $1 AND granted = 1 AND until_us > $2",
                    {province, now}, [&](const Row& row) {
                      granted[row.id<CameraId>(0)] = true;
                      at({row.integer(1)});
                      return true;
                    }));
  VL_TRY(const auto all, contributions(session, province));
  for (const auto& one : all) {
    const bool over = one.withdrawn || one.expires_us <= now;
    if (!over) at(one.expires_us);
    if (!over &&
        (one.consent == "live" || (one.consent == "on_request" && granted.contains(one.camera_id))))
      continue;
    out.cameras.push_back(one.camera_id);
  }
  return out;
}

Result<CameraId> camera_of_link(store::Session& session, ProvinceId province,
                                std::string_view token) {
  std::optional<CameraId> out;
  VL_CHECK(
      session.query("SELECT camera_id FROM contribution_links WHERE province_id = $1 AND"
                    " hash = $2",
                    {province, sha256(as_bytes(token.substr(0, 100)))}, [&](const Row& row) {
                      out = row.id<CameraId>(0);
                      return false;
                    }));
  if (!out) return fail(ContributionError::wrong_link, "this link is not valid any more");
  return *out;
}

Result<void> write_link(store::Session& session, ProvinceId province, CameraId camera,
                        const Digest& hash) {
  VL_CHECK(session.execute(
      "INSERT INTO contribution_links (province_id, camera_id, hash) VALUES ($1, $2, $3)"
      " ON CONFLICT (province_id, camera_id) DO UPDATE SET hash = excluded.hash",
      {province, camera, hash}));
  return {};
}

}  // namespace vl::fleet
