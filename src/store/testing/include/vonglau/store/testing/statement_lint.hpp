// lint() over every SQL statement and migration in a room's sources, found as string literals.
//
//   TEST(Statements, mean_the_same_on_both_engines) {
//     EXPECT_EQ(store::testing::statement_problems("src/incidents"), "");
//   }
//
// A literal that begins with SELECT, INSERT, UPDATE, DELETE or WITH is a statement, one with
// CREATE or ALTER and a {word} the common DDL of a migration; adjacent literals are one. For one
// that is meant for one engine (telemetry, search), write the comment
// `// one engine: why` above the C++ statement it is in or at the end of its first line; for a file
// of them (a node's SQLite spool), begin it with `// one engine throughout: why`. Tests, fuzzers
// and testing/ folders are skipped.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <vonglau/store/lint.hpp>

namespace vl::store::testing {

struct SourceLiteral {
  std::string text;
  int line = 0;  // where it begins, from 1
};

/// The string literals of C++ source, adjacent ones joined, escapes resolved, without those
/// marked `// one engine:`.
std::vector<SourceLiteral> literals_of(std::string_view source);

/// "file:line: what is wrong" lines for the .cpp and .hpp files under `folder` of the source
/// tree; "" where all is well.
std::string statement_problems(std::string_view folder, const LintRules& rules = {});

}  // namespace vl::store::testing
