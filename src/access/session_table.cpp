#include <algorithm>
#include <cstring>

#include <vonglau/access/session_table.hpp>
#include <vonglau/vault/secret.hpp>

namespace vl::access {
namespace {

constexpr std::size_t kTokenBytes = 32;
constexpr std::string_view kCookie = "__Host-vonglau";

std::unexpected<Error> not_signed_in() {
  return fail(AccessError::not_signed_in, "sign in first; a session ends when it is not used");
}

std::optional<Digest> id_of(std::string_view token) {
  if (token.size() != 43) return {};
  const auto bytes = from_base64url(token);
  if (!bytes || bytes->size() != kTokenBytes) return {};
  return sha256(*bytes);
}

/// Told from the token, so that it need not be stored; from the id it cannot be told.
std::string csrf_of(std::string_view token) {
  Sha256 hash;
  hash.add(as_bytes("vonglau.csrf.1"));
  hash.add(as_bytes(token));
  return to_base64url(hash.finish());
}

Digest digest_of(ByteView bytes) {
  Digest digest{};
  if (bytes.size() == digest.size()) std::ranges::copy(bytes, digest.begin());
  return digest;
}

}  // namespace

std::size_t SessionTable::DigestHash::operator()(const Digest& digest) const noexcept {
  std::size_t hash = 0;
  std::memcpy(&hash, digest.data(), sizeof(hash));
  return hash;
}

SessionTable::SessionTable(ProvinceId province, const Clock& clock, SessionPolicy policy)
    : province_(province), clock_(clock), policy_(policy) {}

bool SessionTable::has_ended(const Entry& entry, MonoTime now) const {
  return now.us >= entry.ends_mono.us || now.us - entry.last_used_mono.us >= entry.idle_us;
}

Result<void> SessionTable::load(store::Session& session) {
  const WallTime now = clock_.wall();
  const MonoTime mono = clock_.mono();
  const std::scoped_lock lock(mutex_);
  entries_.clear();
  by_person_.clear();
  return session.query(
      "SELECT token_hash, person_id, created_us, last_used_us, idle_us, absolute_us "
      "FROM access_sessions WHERE province_id = $1 ORDER BY created_us, token_hash",
      {province_}, [&](const store::Row& row) {
        const Digest id = digest_of(row.bytes(0));
        Entry entry;
        entry.person = {row.uuid(1)};
        entry.created = {row.integer(2)};
        entry.last_used = {row.integer(3)};
        entry.idle_us = row.integer(4);
        entry.absolute_us = row.integer(5);
        // Times of the wall become times of this process. A wall that went back makes nothing
        // younger than new.
        const auto age_us = [&](WallTime since) {
          return std::max<std::int64_t>(now.us - since.us, 0);
        };
        entry.last_used_mono = {mono.us - age_us(entry.last_used)};
        entry.ends_mono = {mono.us + entry.absolute_us - age_us(entry.created)};
        if (has_ended(entry, mono)) {
          ended_.push_back(id);
        } else {
          by_person_[entry.person].push_back(id);
          entries_.emplace(id, entry);
        }
        return true;
      });
}

NewSession SessionTable::prepare(PersonId person, Roles roles) const {
  Bytes token(kTokenBytes);
  vault::start_crypto();
  vault::fill_random(token);
  NewSession fresh;
  fresh.token = to_base64url(token);
  fresh.id = sha256(token);
  fresh.person = person;
  fresh.created = clock_.wall();
  fresh.idle_us = roles.has(Role::administrator) ? policy_.administrator_idle_us : policy_.idle_us;
  fresh.absolute_us = policy_.absolute_us;
  return fresh;
}

Result<void> SessionTable::write(store::Session& session, const NewSession& fresh) const {
  return session.post(
      "INSERT INTO access_sessions (province_id, token_hash, person_id, created_us, "
      "last_used_us, idle_us, absolute_us) VALUES ($1, $2, $3, $4, $5, $6, $7)",
      {province_, fresh.id, fresh.person, fresh.created, fresh.created, fresh.idle_us,
       fresh.absolute_us});
}

void SessionTable::drop(Entries::iterator entry) {
  const auto person = by_person_.find(entry->second.person);
  std::erase(person->second, entry->first);
  if (person->second.empty()) by_person_.erase(person);
  ended_.push_back(entry->first);
  entries_.erase(entry);
}

void SessionTable::make_room(PersonId person) {
  const auto mine = by_person_.find(person);
  if (mine != by_person_.end() && mine->second.size() >= policy_.per_person)
    drop(entries_.find(mine->second.front()));
  if (entries_.size() < policy_.total) return;
  drop(std::ranges::min_element(entries_, {},
                                [](const auto& entry) { return entry.second.last_used_mono.us; }));
}

void SessionTable::admit(const NewSession& fresh) {
  const std::scoped_lock lock(mutex_);
  make_room(fresh.person);
  const MonoTime now = clock_.mono();
  Entry entry;
  entry.person = fresh.person;
  entry.created = entry.last_used = fresh.created;
  entry.last_used_mono = now;
  entry.ends_mono = {now.us + fresh.absolute_us};
  entry.idle_us = fresh.idle_us;
  entry.absolute_us = fresh.absolute_us;
  by_person_[fresh.person].push_back(fresh.id);
  entries_.emplace(fresh.id, entry);
}

Result<SessionInfo> SessionTable::find(std::string_view token) {
  const auto id = id_of(token);
  if (!id) return not_signed_in();
  const MonoTime now = clock_.mono();
  const std::scoped_lock lock(mutex_);
  const auto found = entries_.find(*id);
  if (found == entries_.end()) return not_signed_in();
  Entry& entry = found->second;
  if (has_ended(entry, now)) {
    drop(found);
    return not_signed_in();
  }
  entry.last_used = clock_.wall();
  entry.last_used_mono = now;
  entry.touched = true;
  const std::int64_t left_us = entry.ends_mono.us - now.us;
  return SessionInfo{entry.person, csrf_of(token), entry.last_used.plus_us(left_us),
                     entry.last_used.plus_us(std::min(entry.idle_us, left_us))};
}

Result<void> SessionTable::check_csrf(std::string_view token, std::string_view csrf_token) const {
  if (vault::equal(as_bytes(csrf_of(token)), as_bytes(csrf_token))) return {};
  return fail(AccessError::wrong_csrf_token,
              "send the session's csrf_token in the X-CSRF-Token header");
}

Result<void> SessionTable::end(store::Session& session, std::string_view token) {
  const auto id = id_of(token);
  if (!id) return {};
  {
    const std::scoped_lock lock(mutex_);
    if (const auto found = entries_.find(*id); found != entries_.end()) drop(found);
  }
  VL_CHECK(session.execute("DELETE FROM access_sessions WHERE province_id = $1 AND token_hash = $2",
                           {province_, *id}));
  return {};
}

Result<void> SessionTable::write_end_all(store::Session& session, PersonId person,
                                         std::string_view keep_token) const {
  const Digest keep = id_of(keep_token).value_or(Digest{});
  return session.post(
      "DELETE FROM access_sessions WHERE province_id = $1 AND person_id = $2 "
      "AND token_hash <> $3",
      {province_, person, keep});
}

void SessionTable::forget_all(PersonId person, std::string_view keep_token) {
  const Digest keep = id_of(keep_token).value_or(Digest{});
  const std::scoped_lock lock(mutex_);
  const auto mine = by_person_.find(person);
  if (mine == by_person_.end()) return;
  for (const Digest& id : std::vector(mine->second))
    if (id != keep) drop(entries_.find(id));
}

Result<void> SessionTable::flush(store::Session& session) {
  std::vector<std::pair<Digest, WallTime>> touched;
  std::vector<Digest> ended;
  {
    const std::scoped_lock lock(mutex_);
    const MonoTime now = clock_.mono();
    for (auto entry = entries_.begin(); entry != entries_.end();) {
      const auto here = entry++;
      if (has_ended(here->second, now))
        drop(here);
      else if (here->second.touched)
        touched.emplace_back(here->first, here->second.last_used);
    }
    ended = ended_;
  }
  if (touched.empty() && ended.empty()) return {};
  VL_CHECK(session.begin_write());
  const auto write_all = [&]() -> Result<void> {
    for (const auto& [id, last_used] : touched)
      VL_CHECK(
          session.post("UPDATE access_sessions SET last_used_us = $3 "
                       "WHERE province_id = $1 AND token_hash = $2",
                       {province_, id, last_used}));
    for (const Digest& id : ended)
      VL_CHECK(
          session.post("DELETE FROM access_sessions WHERE province_id = $1 AND token_hash = $2",
                       {province_, id}));
    return session.commit();
  };
  if (auto written = write_all(); !written) {
    session.rollback();  // all is still marked; the next flush writes it
    return written;
  }
  const std::scoped_lock lock(mutex_);
  for (const auto& [id, last_used] : touched)
    if (const auto found = entries_.find(id);
        found != entries_.end() && found->second.last_used == last_used)
      found->second.touched = false;
  ended_.erase(ended_.begin(), ended_.begin() + static_cast<std::ptrdiff_t>(ended.size()));
  return {};
}

std::size_t SessionTable::size() const {
  const std::scoped_lock lock(mutex_);
  return entries_.size();
}

std::string set_cookie(std::string_view token) {
  return std::string(kCookie) + "=" + std::string(token) +
         "; Path=/; Secure; HttpOnly; SameSite=Strict";
}

std::string clear_cookie() {
  return std::string(kCookie) + "=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0";
}

std::string_view token_in_cookies(std::string_view header) {
  while (!header.empty()) {
    const std::size_t end = std::min(header.find(';'), header.size());
    std::string_view pair = header.substr(0, end);
    header.remove_prefix(std::min(end + 1, header.size()));
    while (pair.starts_with(' ') || pair.starts_with('\t')) pair.remove_prefix(1);
    while (pair.ends_with(' ') || pair.ends_with('\t')) pair.remove_suffix(1);
    if (!pair.starts_with(kCookie)) continue;
    pair.remove_prefix(kCookie.size());
    if (pair.starts_with('=')) return pair.substr(1);
  }
  return {};
}

}  // namespace vl::access
