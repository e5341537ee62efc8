#include <set>

#include <vonglau/base/bytes.hpp>
#include <vonglau/journal/reader.hpp>
#include <vonglau/journal/rebuild.hpp>

namespace vl::journal {
namespace {

std::string text_of(const store::Value& value) {
  return std::visit(
      [](const auto& v) -> std::string {
        using T = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<T, std::monostate>)
          return "null";
        else if constexpr (std::is_same_v<T, std::string>)
          return "'" + v + "'";
        else if constexpr (std::is_same_v<T, Bytes>)
          return to_hex(v);
        else
          return std::to_string(v);
      },
      value.variant());
}

/// One digest a row, so that tables of millions of rows compare in bounded memory.
struct Rows {
  std::multiset<std::string> digests;
  std::vector<std::pair<std::string, std::string>> shown;  // digest, text; the first few
};

Result<Rows> read_rows(store::Session& session, const std::string& table, ProvinceId province,
                       const std::multiset<std::string>* show_missing_from) {
  Rows rows;
  VL_CHECK(session.query(
      "SELECT * FROM " + table + " WHERE province_id = $1", {province}, [&](const store::Row& row) {
        std::string text;
        for (int i = 0; i < row.columns(); ++i)
          text += (i == 0 ? "" : ", ") + text_of(row.value(i));
        const Digest digest = sha256(as_bytes(text));
        std::string key(as_text(ByteView(digest).first(16)));
        if (show_missing_from != nullptr && rows.shown.empty() && !show_missing_from->contains(key))
          rows.shown.emplace_back(key, text);
        rows.digests.insert(std::move(key));
        return true;
      }));
  return rows;
}

Result<void> compare(store::Session& live, store::Session& scratch, const std::string& table,
                     ProvinceId province, RebuildReport& report) {
  VL_TRY(const auto before, read_rows(live, table, province, nullptr));
  VL_TRY(const auto after, read_rows(scratch, table, province, &before.digests));
  ++report.tables;
  if (before.digests == after.digests) return {};
  TableDifference difference;
  difference.table = table;
  difference.live_rows = static_cast<std::int64_t>(before.digests.size());
  difference.rebuilt_rows = static_cast<std::int64_t>(after.digests.size());
  std::vector<std::string> apart;
  std::set_symmetric_difference(before.digests.begin(), before.digests.end(), after.digests.begin(),
                                after.digests.end(), std::back_inserter(apart));
  difference.different_rows = static_cast<std::int64_t>(apart.size());
  if (!after.shown.empty()) {
    difference.first_difference = "only rebuilt: " + after.shown.front().second;
  } else {
    VL_TRY(const auto again, read_rows(live, table, province, &after.digests));
    if (!again.shown.empty())
      difference.first_difference = "only live: " + again.shown.front().second;
  }
  report.differences.push_back(std::move(difference));
  return {};
}

}  // namespace

Result<RebuildReport> rebuild(store::Session& live, store::Session& scratch, ProvinceId province,
                              std::span<Projection* const> projections, const Upcasters& upcasters,
                              const std::function<void(std::int64_t)>& progress) {
  RebuildReport report;
  VL_CHECK(live.begin_read());
  VL_CHECK(scratch.begin_write());
  Result<void> applied;
  auto read = read_events(live, province, {}, &upcasters, [&](Event&& event) {
    ++report.events;
    for (auto* projection : projections) {
      applied = projection->apply(event, province, scratch);
      if (!applied) {
        applied.error().message = "event " + std::to_string(event.sequence) + " (" + event.type +
                                  "): " + applied.error().message;
        return false;
      }
    }
    if (progress && event.sequence % 10'000 == 0) progress(event.sequence);
    return true;
  });
  if (read && !applied) read = applied;
  if (read) read = scratch.commit();
  if (!read) {
    scratch.rollback();
    live.rollback();
    return fail(std::move(read).error());
  }
  for (auto* projection : projections)
    for (const auto& table : projection->tables())
      if (auto compared = compare(live, scratch, table, province, report); !compared) {
        live.rollback();
        return fail(std::move(compared).error());
      }
  live.rollback();
  return report;
}

Result<void> replace_tables(store::Session& live, store::Session& scratch, ProvinceId province,
                            std::span<Projection* const> projections) {
  VL_CHECK(live.begin_write());
  const auto copy = [&](const std::string& table) -> Result<void> {
    VL_CHECK(live.execute("DELETE FROM " + table + " WHERE province_id = $1", {province}));
    Result<void> copied;
    VL_CHECK(scratch.query("SELECT * FROM " + table + " WHERE province_id = $1", {province},
                           [&](const store::Row& row) {
                             std::string sql = "INSERT INTO " + table + " VALUES (";
                             std::vector<store::Value> values;
                             for (int i = 0; i < row.columns(); ++i) {
                               sql += (i == 0 ? "$" : ", $") + std::to_string(i + 1);
                               values.push_back(row.value(i));
                             }
                             copied = live.post(sql + ")", std::span<const store::Value>(values));
                             return copied.has_value();
                           }));
    return copied;
  };
  for (auto* projection : projections)
    for (const auto& table : projection->tables())
      if (auto copied = copy(table); !copied) {
        live.rollback();
        return copied;
      }
  return live.commit();
}

}  // namespace vl::journal
