#include <filesystem>
#include <tuple>

#include <gtest/gtest.h>

#include <vonglau/store/testing/fresh_database.hpp>

namespace vl::store {
namespace {

TEST(Sqlite, opens_with_a_write_ahead_log_and_full_syncs) {
  testing::FreshDatabase fresh(Engine::sqlite);
  auto session = std::move(*fresh.database().open_session());
  EXPECT_EQ(session->query_integer("PRAGMA synchronous"), 2);
  EXPECT_EQ(session->query_integer("PRAGMA foreign_keys"), 1);
  ASSERT_TRUE(session->script("CREATE TABLE t (a INTEGER)"));
  EXPECT_TRUE(std::filesystem::exists(fresh.folder() + "/fresh.db-wal"));
}

TEST(Sqlite, says_unavailable_when_its_folder_is_missing) {
  auto database = sqlite_database({.path = "/nonexistent/folder/x.db"});
  const auto opened = database->open_session();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, code_of(StoreError::unavailable));
  EXPECT_FALSE(database->open_reader());
}

TEST(Sqlite, says_unavailable_when_another_writer_holds_on) {
  testing::FreshDatabase fresh(Engine::sqlite);
  auto database = sqlite_database({.path = fresh.folder() + "/fresh.db", .busy_timeout_ms = 20});
  auto first = std::move(*database->open_session());
  auto second = std::move(*database->open_session());
  ASSERT_TRUE(first->begin_write());
  const auto busy = second->begin_write();
  ASSERT_FALSE(busy);
  EXPECT_EQ(busy.error().code, code_of(StoreError::unavailable));
  first->rollback();
  EXPECT_TRUE(second->begin_write());
}

TEST(Sqlite, refuses_a_file_that_is_not_a_database) {
  testing::FreshDatabase fresh(Engine::sqlite);
  const std::string path = fresh.folder() + "/letter.db";
  std::FILE* file = std::fopen(path.c_str(), "w");
  std::fputs(std::string(8192, 'x').c_str(), file);
  std::fclose(file);
  const auto opened = sqlite_database({.path = path})->open_session();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, code_of(StoreError::unavailable));
}

}  // namespace
}  // namespace vl::store
