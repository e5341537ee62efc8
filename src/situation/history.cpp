#include <vonglau/journal/reader.hpp>
#include <vonglau/situation/history.hpp>

namespace vl::situation {

store::MigrationSet snapshot_migrations() {
  return {"situation",
          {{1, "situation_snapshots", R"(
CREATE TABLE situation_snapshots (
  province_id {integer} NOT NULL,
  sequence {integer} NOT NULL,
  version {integer} NOT NULL,
  body {text} NOT NULL,
  PRIMARY KEY (province_id, sequence)
){strict};
)",
            "", ""}}};
}

Result<History::Start> History::nearest(store::Session& snapshots, std::int64_t sequence) const {
  Start start;
  Result<void> loaded;
  VL_CHECK(snapshots.query(
      "SELECT sequence, body FROM situation_snapshots WHERE province_id = $1 AND sequence <= $2"
      " AND version = $3 ORDER BY sequence DESC LIMIT 1",
      {province_, sequence, Situation::kVersion}, [&](const store::Row& row) {
        auto situation = Situation::load(row.text(1));
        if (situation)
          start = {row.integer(0), std::move(*situation)};
        else
          loaded = fail(std::move(situation).error());
        return false;
      }));
  VL_CHECK(loaded);
  return start;
}

Result<Situation> History::at(store::Session& journal, store::Session& snapshots,
                              std::int64_t sequence) const {
  VL_TRY(auto start, nearest(snapshots, sequence));
  journal::EventRange range;
  range.from = start.sequence + 1;
  range.to = sequence;
  VL_CHECK(
      journal::read_events(journal, province_, range, &upcasters_, [&](journal::Event&& event) {
        start.situation.apply(event);
        return true;
      }));
  auto& situation = start.situation;
  for (const auto& id : situation.reopened) {
    if (situation.incidents.contains(id)) continue;
    std::vector<journal::Event> stream;
    journal::EventRange own;
    own.to = sequence;
    own.stream = journal::StreamKey{"incident", id};
    VL_CHECK(
        journal::read_events(journal, province_, own, &upcasters_, [&](journal::Event&& event) {
          stream.push_back(std::move(event));
          return true;
        }));
    if (auto row = incident_after(stream)) situation.incidents[id] = std::move(*row);
  }
  situation.reopened.clear();
  return std::move(situation);
}

Result<std::int64_t> History::keep_up(store::Session& journal, store::Session& snapshots,
                                      std::int64_t head) const {
  std::int64_t written = 0;
  VL_TRY(const auto last,
         snapshots.query_integer("SELECT sequence FROM situation_snapshots WHERE province_id = $1"
                                 " AND version = $2 ORDER BY sequence DESC LIMIT 1",
                                 {province_, Situation::kVersion}));
  for (std::int64_t due = last.value_or(0) + snapshot_every_; due <= head; due += snapshot_every_) {
    VL_TRY(const auto situation, at(journal, snapshots, due));
    VL_CHECK(snapshots.execute(
        "INSERT INTO situation_snapshots (province_id, sequence, version, body)"
        " VALUES ($1, $2, $3, $4) ON CONFLICT (province_id, sequence) DO UPDATE SET"
        " version = excluded.version, body = excluded.body",
        {province_, due, Situation::kVersion, situation.save()}));
    ++written;
  }
  return written;
}

}  // namespace vl::situation
