// Every schema a room has ever released, kept as files and upgraded in a test.
//
// In the room's folder: schemas/<number>.sqlite.sql and schemas/<number>.postgresql.sql, written
// once when the migration is released and never changed after; schemas/<number>.rows.sql, if
// there, holds rows that such a database had (both engines, no parameters). The room's test:
//
//   TEST_P(OldSchemas, are_upgraded_whole) {
//     store::testing::upgrade_every_old_schema(
//         GetParam(), {.folder = source_path("src/room/schemas"), .set = migrations()}, check);
//   }
//
// Running the test with VL_KEEP_SCHEMAS=1
// writes the files of migrations that have none yet; without it, a missing file fails the test.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <vonglau/store/migrations.hpp>
#include <vonglau/store/testing/fresh_database.hpp>
#include <vonglau/store/testing/source_tree.hpp>

namespace vl::store::testing {

/// Tables, columns, constraints and indexes as text that two equal schemas share.
std::string schema_text(Session& session);

struct OldSchemas {
  std::string folder;
  MigrationSet set;
  std::vector<MigrationSet> others;  // rooms that must be there first, at their newest
};

/// For each old version: loads it, upgrades it, and expects the schema of a database made today
/// and the rows `check` looks for (`from` is the version that was loaded). Fails the current
/// test where one differs.
void upgrade_every_old_schema(Engine engine, const OldSchemas& old,
                              const std::function<void(Session&, std::int64_t from)>& check = {});

}  // namespace vl::store::testing
