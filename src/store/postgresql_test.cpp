#include <thread>

#include <gtest/gtest.h>

#include <vonglau/store/testing/fresh_database.hpp>
#include <vonglau/store/testing/outcome.hpp>
#include <vonglau/store/testing/private_postgres.hpp>

namespace vl::store {
namespace {

using testing::PrivatePostgres;

using testing::code;

std::unique_ptr<Session> open(const std::string& address) {
  auto database = open_database(address);
  EXPECT_TRUE(database);
  auto session = (*database)->open_session();
  EXPECT_TRUE(session) << session.error().message;
  return session ? std::move(*session) : nullptr;
}

class Postgresql : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const auto why = PrivatePostgres::missing()) GTEST_SKIP() << *why;
    fresh_.emplace(Engine::postgresql);
    session_ = std::move(*fresh_->database().open_session());
    ASSERT_TRUE(session_->script("CREATE TABLE rows (number BIGINT PRIMARY KEY, body BYTEA)"));
  }
  std::int64_t count() {
    const auto found = session_->query_integer("SELECT count(*) FROM rows");
    EXPECT_TRUE(found) << found.error().message;
    return found ? found->value_or(-1) : -1;
  }
  std::optional<testing::FreshDatabase> fresh_;
  std::unique_ptr<Session> session_;
};

TEST_F(Postgresql, takes_many_large_posts_without_stopping_on_either_side) {
  const Bytes body(100'000, 7);
  ASSERT_TRUE(session_->begin_write());
  for (int i = 0; i < 600; ++i) {
    const auto posted = session_->post("INSERT INTO rows VALUES ($1, $2)", {i, body});
    ASSERT_TRUE(posted) << posted.error().message;
  }
  ASSERT_TRUE(session_->commit());
  EXPECT_EQ(count(), 600);
}

TEST_F(Postgresql, tells_a_posted_failure_by_the_next_other_call) {
  ASSERT_TRUE(session_->begin_write());
  ASSERT_TRUE(session_->post("INSERT INTO rows VALUES ($1, $2)", {1, Bytes{}}));
  ASSERT_TRUE(session_->post("INSERT INTO rows VALUES ($1, $2)", {1, Bytes{}}));
  EXPECT_EQ(code(session_->query_integer("SELECT count(*) FROM rows")),
            code_of(StoreError::conflict));
  session_->rollback();
  EXPECT_EQ(count(), 0);
}

TEST_F(Postgresql, reads_the_types_of_expressions) {
  const char* sql =
      "SELECT sum(number), avg(number), CAST(-9223372036854775807 AS NUMERIC), 1 < 2, 1, "
      "CAST(1.5 AS REAL), CAST('-12345.678' AS NUMERIC), sum(number) > 4 "
      "FROM (SELECT CAST(20000 AS BIGINT) AS number UNION ALL SELECT 3) AS t";
  std::vector<Value> row;
  const auto read = session_->query(sql, {}, [&](const Row& r) {
    for (int i = 0; i < r.columns(); ++i) row.push_back(r.value(i));
    return true;
  });
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(row, (std::vector<Value>{20003, 10001.5, std::int64_t{-9223372036854775807}, 1, 1, 1.5,
                                     -12345.678, 1}));
  EXPECT_EQ(code(session_->query_integer("SELECT CAST('2025-11-22' AS DATE)")),
            code_of(StoreError::invalid));
}

TEST_F(Postgresql, plans_anew_when_another_session_has_changed_the_table) {
  ASSERT_TRUE(session_->execute("INSERT INTO rows VALUES ($1, $2)", {1, Bytes{}}));
  const auto read = [&] {
    int columns = 0;
    const auto done = session_->query("SELECT * FROM rows", {}, [&](const Row& row) {
      columns = row.columns();
      return true;
    });
    return done ? columns : -1;
  };
  EXPECT_EQ(read(), 2);
  ASSERT_TRUE(open(fresh_->address())->script("ALTER TABLE rows ADD COLUMN name TEXT"));
  EXPECT_EQ(read(), -1) << "told once";
  EXPECT_EQ(read(), 3);
}

TEST_F(Postgresql, says_unavailable_when_a_lock_is_not_given) {
  auto other = open(fresh_->address());
  ASSERT_TRUE(other->begin_write());
  ASSERT_TRUE(other->script("LOCK TABLE rows"));
  ASSERT_TRUE(session_->begin_write());
  ASSERT_TRUE(session_->script("SET LOCAL lock_timeout = '20ms'"));
  EXPECT_EQ(code(session_->query_integer("SELECT count(*) FROM rows")),
            code_of(StoreError::unavailable));
  session_->rollback();
}

TEST_F(Postgresql, is_uncertain_of_a_commit_whose_line_is_cut) {
  ASSERT_TRUE(session_->script(
      "CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM "
      "pg_sleep(60); RETURN NULL; END $$;"
      "CREATE CONSTRAINT TRIGGER lingering AFTER INSERT ON rows DEFERRABLE INITIALLY DEFERRED "
      "FOR EACH ROW EXECUTE FUNCTION linger()"));
  ASSERT_TRUE(session_->begin_write());
  ASSERT_TRUE(session_->execute("INSERT INTO rows VALUES ($1, $2)", {1, Bytes{}}));
  std::thread cutter([&] {
    auto other = open(fresh_->address());
    const char* cut =
        "SELECT count(*) FROM (SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE "
        "wait_event = 'PgSleep') AS cut";
    for (int tries = 0; tries < 2000; ++tries) {
      if (other->query_integer(cut)->value_or(0) > 0) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    ADD_FAILURE() << "the commit never waited";
  });
  EXPECT_EQ(code(session_->commit()), code_of(StoreError::uncertain));
  cutter.join();
  ASSERT_TRUE(session_->begin_read()) << "connects anew";
  EXPECT_EQ(count(), 0);
}

TEST_F(Postgresql, finds_its_schema_anywhere_in_the_address) {
  const std::string plain = PrivatePostgres::shared().address("");
  const std::string base = plain.substr(0, plain.find('?'));
  const std::string host = plain.substr(plain.find("host="), plain.find('&') - plain.find("host="));
  for (const std::string& address : {base + "?schema=fresh_address&" + host + "&user=postgres",
                                     base + "?" + host + "&schema=fresh_address&user=postgres",
                                     base + "?" + host + "&user=postgres&schema=fresh_address"}) {
    auto session = open(address);
    ASSERT_TRUE(session) << address;
    std::string schema;
    ASSERT_TRUE(session->query("SELECT CAST(current_schema() AS TEXT)", {}, [&](const Row& row) {
      schema = row.text(0);
      return false;
    }));
    EXPECT_EQ(schema, "fresh_address") << address;
  }
  const auto bad = (*open_database(plain + "x\";DROP"))->open_session();
  EXPECT_EQ(code(bad), code_of(StoreError::invalid));
}

TEST_F(Postgresql, refuses_a_database_that_sorts_text_otherwise) {
  // Only C and POSIX are sure to be installed; POSIX is C by another name, so ask for the rest.
  ASSERT_TRUE(session_->script("DROP DATABASE IF EXISTS elsewhere"));
  const auto made = session_->script(
      "CREATE DATABASE elsewhere TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'");
  ASSERT_TRUE(made) << made.error().message;
  std::string address = PrivatePostgres::shared().address("");
  address.replace(address.find("/postgres?"), 10, "/elsewhere?");
  const auto opened = (*open_database(address))->open_session();
  EXPECT_EQ(code(opened), code_of(StoreError::unavailable));
  EXPECT_NE(opened.error().message.find("createdb"), std::string::npos) << opened.error().message;
}

class PostgresqlAway : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const auto why = PrivatePostgres::missing()) GTEST_SKIP() << *why;
  }
};

TEST_F(PostgresqlAway, is_unavailable_and_then_reached_again_with_every_acknowledged_row) {
  PrivatePostgres server;
  auto session = open(server.address("away"));
  ASSERT_TRUE(session->script("CREATE TABLE rows (number BIGINT PRIMARY KEY)"));
  const char* insert = "INSERT INTO rows VALUES ($1)";
  ASSERT_TRUE(session->execute(insert, {1}));
  ASSERT_TRUE(session->begin_write());
  ASSERT_TRUE(session->post(insert, {2}));
  ASSERT_TRUE(session->commit());

  ASSERT_TRUE(session->begin_write());
  ASSERT_TRUE(session->execute(insert, {3}));
  server.kill();
  const auto unfinished = session->execute(insert, {4});
  EXPECT_EQ(code(unfinished), code_of(StoreError::unavailable));
  EXPECT_EQ(code(session->commit()), code_of(StoreError::unavailable))
      << "no COMMIT was sent: nothing is uncertain";
  EXPECT_EQ(code(session->begin_write()), code_of(StoreError::unavailable));

  server.start();
  ASSERT_TRUE(session->begin_write());
  EXPECT_EQ(session->query_integer("SELECT sum(number) FROM rows"), 3);
  ASSERT_TRUE(session->commit());

  server.stop();
  server.start();
  EXPECT_TRUE(session->begin_read()) << "a restart while idle is noticed at begin";
  EXPECT_EQ(session->query_integer("SELECT count(*) FROM rows"), 2);
  session->rollback();
}

TEST_F(PostgresqlAway, is_read_again_without_a_transaction_once_it_is_back) {
  PrivatePostgres server;
  auto database = *open_database(server.address("away"));
  auto session = std::move(*database->open_session());
  ASSERT_TRUE(session->script("CREATE TABLE rows (number BIGINT PRIMARY KEY)"));
  auto reader = std::move(*database->open_reader());
  const auto count = [&] { return reader->query_integer("SELECT count(*) FROM rows"); };
  ASSERT_EQ(count(), 0);
  for (const bool in_order : {true, false}) {
    if (in_order)
      server.stop();
    else
      server.kill();
    for (int times = 0; times < 3; ++times)
      EXPECT_EQ(code(count()), code_of(StoreError::unavailable));
    server.start();
    const auto back = count();
    EXPECT_EQ(back, 0) << back.error().message;
    server.stop();
    server.start();
    EXPECT_EQ(count(), 0) << "a restart while idle is never told to anybody";
    EXPECT_EQ(code(reader->execute("INSERT INTO rows VALUES ($1)", {1})),
              code_of(StoreError::invalid))
        << "still a reader";
  }
}

TEST_F(PostgresqlAway, is_refused_when_it_would_not_sync) {
  PrivatePostgres server;
  {
    auto session = open(server.address("synced"));
    ASSERT_TRUE(session->execute("ALTER SYSTEM SET fsync = off"));
  }
  server.stop();
  server.start();
  const auto opened = (*open_database(server.address("synced")))->open_session();
  EXPECT_EQ(code(opened), code_of(StoreError::unavailable));
  EXPECT_NE(opened.error().message.find("fsync"), std::string::npos) << opened.error().message;
}

}  // namespace
}  // namespace vl::store
