#include <gtest/gtest.h>

#include <vonglau/store/testing/fresh_database.hpp>
#include <vonglau/store/testing/outcome.hpp>

namespace vl::store {
namespace {

class SessionOnEachEngine : public testing::EachEngine {
 protected:
  void SetUp() override {
    EachEngine::SetUp();
    if (IsSkipped()) return;
    writer_ = session();
    ASSERT_TRUE(writer_);
    const std::string blob = GetParam() == Engine::sqlite ? "BLOB" : "BYTEA";
    const std::string real = GetParam() == Engine::sqlite ? "REAL" : "DOUBLE PRECISION";
    const std::string strict = GetParam() == Engine::sqlite ? " STRICT" : "";
    const std::string integer = GetParam() == Engine::sqlite ? "INTEGER" : "BIGINT";
    const auto made =
        writer_->script("CREATE TABLE things (province_id " + integer + " NOT NULL, number " +
                        integer + " NOT NULL CHECK (number > 0), name TEXT, weight " + real +
                        ", key " + blob + ", PRIMARY KEY (province_id, number))" + strict + ";");
    ASSERT_TRUE(made) << made.error().message;
  }
  Result<std::int64_t> add(Session& s, std::int64_t number, std::string_view name = "một") {
    return s.execute("INSERT INTO things (province_id, number, name) VALUES ($1, $2, $3)",
                     {10, number, name});
  }
  std::int64_t count(Session& s) {
    const auto found = s.query_integer("SELECT count(*) FROM things");
    EXPECT_TRUE(found) << found.error().message;
    return found ? found->value_or(-1) : -1;
  }
  std::unique_ptr<Session> writer_;
};

using testing::code;

TEST_P(SessionOnEachEngine, gives_back_every_type_as_it_was_given) {
  const Bytes key{0, 1, 0xFF};
  const std::vector<Value> row{10, std::int64_t{1} << 62, "Phường Đống Đa 🚒", 0.1, key};
  ASSERT_TRUE(writer_->execute("INSERT INTO things VALUES ($1, $2, $3, $4, $5)", row));
  ASSERT_TRUE(writer_->execute("INSERT INTO things VALUES ($1, $2, $3, $4, $5)",
                               {10, 2, {}, std::nullopt, Value()}));
  ASSERT_TRUE(writer_->execute("INSERT INTO things VALUES ($1, $2, $3, $4, $5)",
                               {10, 3, "", 7.0, Bytes{}}));
  std::vector<std::vector<Value>> rows;
  ASSERT_TRUE(writer_->query("SELECT * FROM things ORDER BY number DESC", {}, [&](const Row& r) {
    rows.emplace_back();
    for (int i = 0; i < r.columns(); ++i) rows.back().push_back(r.value(i));
    return true;
  }));
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0], row);
  EXPECT_EQ(rows[1], (std::vector<Value>{10, 3, "", 7.0, Bytes{}}));
  EXPECT_EQ(rows[2], (std::vector<Value>{10, 2, {}, {}, {}}));
}

TEST_P(SessionOnEachEngine, uses_one_parameter_in_several_places_and_any_order) {
  ASSERT_TRUE(add(*writer_, 5));
  const auto found = writer_->query_integer(
      "SELECT number FROM things WHERE name = $2 AND number >= $1 AND number <= $1", {5, "một"});
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(*found, 5);
}

TEST_P(SessionOnEachEngine, counts_the_rows_it_changed) {
  for (int i = 1; i <= 3; ++i) ASSERT_EQ(add(*writer_, i), 1);
  EXPECT_EQ(writer_->execute("UPDATE things SET name = $1 WHERE number > $2", {"hai", 1}), 2);
  EXPECT_EQ(writer_->execute("DELETE FROM things WHERE number = $1", {99}), 0);
  EXPECT_EQ(writer_->execute("INSERT INTO things (province_id, number) VALUES ($1, $2) "
                             "ON CONFLICT (province_id, number) DO NOTHING",
                             {10, 1}),
            0);
}

TEST_P(SessionOnEachEngine, returns_rows_from_an_insert) {
  std::string name;
  ASSERT_TRUE(writer_->query(
      "INSERT INTO things (province_id, number, name) VALUES ($1, $2, $3) RETURNING name",
      {10, 4, "bốn"}, [&](const Row& row) {
        name = row.text(0);
        return true;
      }));
  EXPECT_EQ(name, "bốn");
  EXPECT_EQ(count(*writer_), 1);
}

TEST_P(SessionOnEachEngine, stops_reading_when_told_and_can_be_used_again) {
  for (int i = 1; i <= 10; ++i) ASSERT_TRUE(add(*writer_, i));
  int seen = 0;
  ASSERT_TRUE(
      writer_->query("SELECT number FROM things", {}, [&](const Row&) { return ++seen < 3; }));
  EXPECT_EQ(seen, 3);
  EXPECT_EQ(count(*writer_), 10);
}

TEST_P(SessionOnEachEngine, refuses_itself_inside_a_row) {
  ASSERT_TRUE(add(*writer_, 1));
  Result<std::int64_t> nested = 0;
  ASSERT_TRUE(writer_->query("SELECT number FROM things", {}, [&](const Row&) {
    nested = add(*writer_, 2);
    return true;
  }));
  EXPECT_EQ(code(nested), code_of(StoreError::invalid));
  EXPECT_EQ(count(*writer_), 1);
}

TEST_P(SessionOnEachEngine, keeps_what_was_committed_and_nothing_else) {
  ASSERT_TRUE(writer_->begin_write());
  ASSERT_TRUE(add(*writer_, 1));
  ASSERT_TRUE(writer_->post("INSERT INTO things (province_id, number) VALUES ($1, $2)", {10, 2}));
  auto other = session();
  EXPECT_EQ(count(*other), 0);
  ASSERT_TRUE(writer_->commit());
  EXPECT_EQ(count(*other), 2);
  ASSERT_TRUE(writer_->begin_write());
  ASSERT_TRUE(add(*writer_, 3));
  writer_->rollback();
  EXPECT_EQ(count(*other), 2);
  EXPECT_EQ(code(writer_->commit()), code_of(StoreError::invalid));
}

TEST_P(SessionOnEachEngine, tells_a_conflict_and_spends_the_transaction) {
  ASSERT_TRUE(add(*writer_, 1));
  ASSERT_TRUE(writer_->begin_write());
  ASSERT_TRUE(add(*writer_, 2));
  EXPECT_EQ(code(add(*writer_, 1)), code_of(StoreError::conflict));
  EXPECT_EQ(code(add(*writer_, 3)), code_of(StoreError::conflict));
  EXPECT_EQ(code(writer_->commit()), code_of(StoreError::conflict));
  EXPECT_EQ(count(*writer_), 1);
  EXPECT_EQ(code(add(*writer_, -5)), code_of(StoreError::conflict)) << "check constraint";
  ASSERT_TRUE(writer_->begin_write());
  ASSERT_TRUE(add(*writer_, 2));
  ASSERT_TRUE(writer_->commit());
}

TEST_P(SessionOnEachEngine, tells_the_failure_of_a_posted_statement_at_commit_at_the_latest) {
  ASSERT_TRUE(add(*writer_, 1));
  ASSERT_TRUE(writer_->begin_write());
  const char* sql = "INSERT INTO things (province_id, number) VALUES ($1, $2)";
  ASSERT_TRUE(writer_->post(sql, {10, 2}));
  std::ignore = writer_->post(sql, {10, 1});
  std::ignore = writer_->post(sql, {10, 3});
  EXPECT_EQ(code(writer_->commit()), code_of(StoreError::conflict));
  EXPECT_EQ(count(*writer_), 1);
}

TEST_P(SessionOnEachEngine, refuses_what_does_not_fit) {
  const auto invalid = code_of(StoreError::invalid);
  EXPECT_EQ(code(writer_->execute("SELEC 1")), invalid);
  EXPECT_EQ(code(writer_->execute("SELECT number FROM nowhere")), invalid);
  EXPECT_EQ(code(writer_->execute("DELETE FROM things WHERE number = $1")), invalid);
  EXPECT_EQ(code(writer_->execute("DELETE FROM things WHERE number = $1", {1, 2})), invalid);
  EXPECT_EQ(code(writer_->execute("DELETE FROM things; DELETE FROM things")), invalid);
  EXPECT_EQ(code(add(*writer_, 1, std::string_view("a\0b", 3))), invalid);
  EXPECT_EQ(code(add(*writer_, 1, "\xC3\x28")), invalid);
  EXPECT_EQ(code(add(*writer_, 1, "\xED\xA0\x80")), invalid) << "a surrogate";
  const char* weigh = "INSERT INTO things (province_id, number, weight) VALUES ($1, $2, $3)";
  EXPECT_EQ(code(writer_->execute(weigh, {10, 1, std::numeric_limits<double>::infinity()})),
            invalid);
  const char* key = "INSERT INTO things (province_id, number, key) VALUES ($1, $2, $3)";
  EXPECT_EQ(code(writer_->execute(key, {10, 1, "text is not bytes"})), invalid);
  EXPECT_EQ(code(writer_->execute(key, {10, "x", Bytes{}})), invalid);
  EXPECT_EQ(count(*writer_), 0);
}

TEST_P(SessionOnEachEngine, does_not_nest_transactions) {
  ASSERT_TRUE(writer_->begin_write());
  EXPECT_EQ(code(writer_->begin_write()), code_of(StoreError::invalid));
  EXPECT_EQ(code(writer_->begin_read()), code_of(StoreError::invalid));
  ASSERT_TRUE(add(*writer_, 1));
  ASSERT_TRUE(writer_->commit());
  EXPECT_EQ(count(*writer_), 1);
}

TEST_P(SessionOnEachEngine, shows_a_read_transaction_one_moment_while_others_write) {
  ASSERT_TRUE(add(*writer_, 1));
  auto opened = database().open_reader();
  ASSERT_TRUE(opened) << opened.error().message;
  Session& reader = **opened;
  ASSERT_TRUE(reader.begin_read());
  EXPECT_EQ(count(reader), 1);
  ASSERT_TRUE(add(*writer_, 2));
  EXPECT_EQ(count(reader), 1);
  ASSERT_TRUE(reader.commit());
  EXPECT_EQ(count(reader), 2);
}

TEST_P(SessionOnEachEngine, never_lets_a_reader_write) {
  auto opened = database().open_reader();
  ASSERT_TRUE(opened) << opened.error().message;
  Session& reader = **opened;
  EXPECT_EQ(code(add(reader, 1)), code_of(StoreError::invalid));
  EXPECT_EQ(code(reader.begin_write()), code_of(StoreError::invalid));
  EXPECT_FALSE(reader.script("DROP TABLE things"));
  ASSERT_TRUE(writer_->begin_read());
  EXPECT_EQ(code(add(*writer_, 1)), code_of(StoreError::invalid));
  writer_->rollback();
  EXPECT_EQ(count(*writer_), 0);
}

TEST_P(SessionOnEachEngine, works_with_more_statements_than_it_keeps_prepared) {
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 300; ++i) {
      const auto found = writer_->query_integer("SELECT " + std::to_string(i) + " + number FROM " +
                                                "(SELECT count(*) AS number FROM things) AS t");
      ASSERT_TRUE(found) << found.error().message;
      ASSERT_EQ(*found, i);
    }
  }
}

TEST_P(SessionOnEachEngine, minds_case_in_like) {
  ASSERT_TRUE(add(*writer_, 1, "Fire"));
  EXPECT_EQ(writer_->query_integer("SELECT count(*) FROM things WHERE name LIKE $1", {"fire%"}), 0);
}

VL_ON_EACH_ENGINE(SessionOnEachEngine);

TEST(Address, says_what_it_must_look_like) {
  for (const char* bad : {"", "sqlite:", "sqlite::memory:", "mysql://x", "/var/lib/x.db"}) {
    const auto opened = open_database(bad);
    ASSERT_FALSE(opened) << bad;
    EXPECT_EQ(opened.error().field, "store") << bad;
  }
}

}  // namespace
}  // namespace vl::store
