// An empty database for one test, on either engine, gone when the object goes. On PostgreSQL it
// is a schema of the program's private server (private_postgres.hpp).
//
//   class Rows : public store::testing::EachEngine {};
//   TEST_P(Rows, ...) { auto session = *database().open_session(); ... }
//   VL_ON_EACH_ENGINE(Rows);
//
// One thread makes it; the Database in it may be shared.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include <vonglau/store/session.hpp>

namespace vl::store::testing {

/// Why this engine cannot be tested here; nothing where it can.
std::optional<std::string> missing(Engine engine);
std::string name_of(Engine engine);

class FreshDatabase {
 public:
  explicit FreshDatabase(Engine engine);
  ~FreshDatabase();
  FreshDatabase(const FreshDatabase&) = delete;
  FreshDatabase& operator=(const FreshDatabase&) = delete;

  Database& database() { return *database_; }
  /// What open_database() takes.
  const std::string& address() const { return address_; }
  /// A scratch folder of this test's own, whatever the engine.
  const std::string& folder() const { return folder_; }

 private:
  std::string folder_;
  std::string address_;
  std::string schema_;  // of PostgreSQL
  std::unique_ptr<Database> database_;
};

class EachEngine : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    if (const auto why = missing(GetParam())) GTEST_SKIP() << *why;
    fresh_.emplace(GetParam());
  }
  Database& database() { return fresh_->database(); }
  const std::string& address() const { return fresh_->address(); }
  const std::string& folder() const { return fresh_->folder(); }
  std::unique_ptr<Session> session() {
    auto opened = database().open_session();
    EXPECT_TRUE(opened) << opened.error().message;
    return opened ? std::move(*opened) : nullptr;
  }

 private:
  std::optional<FreshDatabase> fresh_;
};

}  // namespace vl::store::testing

#define VL_ON_EACH_ENGINE(Suite)                                                       \
  INSTANTIATE_TEST_SUITE_P(                                                            \
      Engines, Suite,                                                                  \
      ::testing::Values(::vl::store::Engine::sqlite, ::vl::store::Engine::postgresql), \
      [](const auto& p) { return ::vl::store::testing::name_of(p.param); })
