#include <algorithm>

#include <vonglau/fleet/contribution.hpp>
#include <vonglau/journal/typed_event.hpp>

namespace vl::fleet {

using journal::when;

void Contribution::apply(const journal::Event& event) {
  when<ContributionDeclared>(event,
                             [&](const ContributionDeclared& e) {
                               exists = true;
                               withdrawn = false;
                               terms = e;
                             }) ||
      when<ContributionWithdrawn>(event, [&](const ContributionWithdrawn&) { withdrawn = true; }) ||
      when<ViewRequested>(event,
                          [&](const ViewRequested& e) {
                            requests[e.request_id] = {event.actor.id, e.reason, e.hours, {}, {}};
                          }) ||
      when<ViewDecided>(event,
                        [&](const ViewDecided& e) {
                          auto& request = requests[e.request_id];
                          request.granted = e.granted;
                          request.until = e.until_us;
                        }) ||
      when<ContributionViewed>(event, [&](const ContributionViewed& e) {
        noted[{event.actor.id, e.kind}] = event.wall;
      });
}

Result<Permit> decide_view(const Contribution& c, const Uuid& person, WallTime now) {
  if (!c.exists) return Permit{};
  if (c.withdrawn || c.terms.consent == Consent::registry_only)
    return fail(ContributionError::not_allowed,
                "the owner of this camera does not allow it to be looked at");
  if (c.terms.expires_us <= now)
    return fail(ContributionError::expired, "the owner's consent has ended: ask for it anew");
  if (c.terms.consent == Consent::live)
    return Permit{true, {}, ViewReason::watch, c.terms.expires_us};
  for (const auto& [id, request] : c.requests)
    if (request.person == person && request.granted == true && request.until > now)
      return Permit{true, id, request.reason, std::min(request.until, c.terms.expires_us)};
  return fail(ContributionError::not_granted,
              "this camera is seen on request: ask its owner, and wait for the answer");
}

bool may_take(const Contribution& c, WallTime now) {
  if (!c.exists) return true;
  if (c.withdrawn || c.terms.expires_us <= now) return false;
  if (c.terms.consent != Consent::on_request) return c.terms.consent == Consent::live;
  return std::ranges::any_of(c.requests, [&](const auto& one) {
    return one.second.granted == true && one.second.until > now;
  });
}

Result<void> check(const ContributionDeclared& terms, WallTime now) {
  constexpr std::int64_t year_us = 366LL * 86'400'000'000;
  if (terms.expires_us <= now || terms.expires_us.us > now.us + 5 * year_us)
    return fail(ContributionError::bad_expiry, "consent ends after now, within five years",
                "expires_us");
  return {};
}

}  // namespace vl::fleet
