#include <boost/describe/enum_from_string.hpp>

#include <vonglau/routes/standings.hpp>

namespace vl::routes {

namespace {

Result<PersonStanding> read(store::Session& session, ProvinceId province, access::PersonId person) {
  PersonStanding out;
  out.disabled = true;  // until a row says otherwise
  VL_CHECK(
      session.query("SELECT p.disabled, p.totp_enrolled, c.must_change FROM access_people p,"
                    " access_credentials c WHERE p.province_id = $1 AND p.person_id = $2 AND"
                    " c.province_id = $1 AND c.person_id = $2",
                    {province, person}, [&](const store::Row& row) {
                      out.disabled = row.integer(0) != 0;
                      out.totp_enrolled = row.integer(1) != 0;
                      out.standing.must_change_password = row.integer(2) != 0;
                      return false;
                    }));
  VL_CHECK(session.query(
      "SELECT role FROM access_person_roles WHERE province_id = $1 AND person_id = $2",
      {province, person}, [&](const store::Row& row) {
        access::Role role{};
        if (boost::describe::enum_from_string(std::string(row.text(0)).c_str(), role))
          out.standing.roles.add(role);
        return true;
      }));
  return out;
}

}  // namespace

Result<PersonStanding> Standings::of(access::PersonId person) {
  std::int64_t read_at = 0;
  {
    const std::scoped_lock lock(mutex_);
    const auto head = tail_.head();
    if (head != seen_) {
      const auto events = tail_.read(seen_ + 1, 100'000);
      bool people_changed = !events;
      if (events)
        for (const auto& event : *events) people_changed |= event->stream.kind == "person";
      if (people_changed) forget_locked();
      seen_ = head;
    }
    if (const auto found = known_.find(person); found != known_.end()) return found->second;
    read_at = forgotten_;
  }
  VL_TRY(auto session, readers_.take());
  VL_TRY(auto standing, read(*session, province_, person));
  standing.standing.must_enrol_totp = administrators_need_totp_ && !standing.totp_enrolled &&
                                      standing.standing.roles.has(access::Role::administrator);
  const std::scoped_lock lock(mutex_);
  // What was forgotten while it was read may have been forgotten because of what it says.
  if (read_at == forgotten_) known_[person] = standing;
  return standing;
}

void Standings::forget() {
  const std::scoped_lock lock(mutex_);
  forget_locked();
}

void Standings::forget_locked() {
  known_.clear();
  ++forgotten_;
}

}  // namespace vl::routes
