// A toy domain for the journal's own tests: tallies that may not go below zero.
#pragma once

#include <vonglau/base/json.hpp>
#include <vonglau/journal/projection.hpp>
#include <vonglau/journal/writer.hpp>
#include <vonglau/store/migrations.hpp>

namespace vl::journal::testing {

enum class TallyError { below_zero };
constexpr ErrorCode code_of(TallyError) {
  return {Category::conflict, "tally.below_zero"};
}

struct Added {
  std::int64_t amount = 0;
};
BOOST_DESCRIBE_STRUCT(Added, (), (amount))

struct Tally {
  static constexpr std::string_view kStream = "tally";
  static constexpr std::uint32_t kSnapshotVersion = 1;
  std::int64_t total = 0;
  void apply(const Event& event) { total += json::read_text<Added>(event.body)->amount; }
  std::string save() const { return std::to_string(total); }
  static Result<Tally> load(std::string_view text) { return Tally{std::stoll(std::string(text))}; }
};

inline store::MigrationSet tally_migrations() {
  return {"tally",
          {{1, "tallies",
            "CREATE TABLE tally_rows (province_id {integer} NOT NULL, tally_id {bytes} NOT NULL,"
            " total {integer} NOT NULL CHECK (total < 1000000), PRIMARY KEY (province_id,"
            " tally_id)){strict}",
            "", ""}}};
}

class TallyProjection final : public Projection {
 public:
  std::vector<std::string> tables() const override { return {"tally_rows"}; }
  Result<void> apply(const Event& event, ProvinceId province, store::Session& session) override {
    if (event.stream.kind != "tally") return {};
    VL_TRY(const auto added, json::read_text<Added>(event.body));
    return session.post(
        "INSERT INTO tally_rows (province_id, tally_id, total) VALUES ($1, $2, $3)"
        " ON CONFLICT (province_id, tally_id) DO UPDATE SET total ="
        " tally_rows.total + excluded.total",
        {province, event.stream.id, added.amount});
  }
};

/// Adds to a tally; refuses to go below zero. The reply is the new total.
inline Command add(const Uuid& tally, std::int64_t amount, std::optional<Uuid> key = {}) {
  return {Actor::system(), "tally.add", key, [tally, amount](Decision& d) -> Result<std::string> {
            VL_TRY(const auto* state, d.state<Tally>(tally));
            if (state->total + amount < 0)
              return fail(TallyError::below_zero, "a tally cannot go below zero", "amount");
            VL_CHECK(d.record({{"tally", tally}, "tally.added", 1, json::write(Added{amount})}));
            VL_TRY(const auto* after, d.state<Tally>(tally));
            return std::to_string(after->total);
          }};
}

}  // namespace vl::journal::testing
