// The dependency rule and the shape of the tree, held. Runs from anywhere inside the tree.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "layout/rules.hpp"

namespace vl::layout {
namespace {

namespace fs = std::filesystem;

const SourceTree& repository() {
  static const SourceTree tree = [] {
    const auto root = find_root(fs::current_path());
    if (!root) {
      ADD_FAILURE() << "run this inside the source tree";
      return SourceTree(fs::current_path());
    }
    return SourceTree(*root);
  }();
  return tree;
}

std::string list(const Findings& findings) {
  return fmt::format("{}\n", fmt::join(findings, "\n"));
}

TEST(Layout, rooms_stand_only_on_rooms_they_may) {
  const auto findings = forbidden_edges(repository(), allowed_edges());
  EXPECT_TRUE(findings.empty()) << list(findings) << text_of(allowed_edges());
}

TEST(Layout, the_table_of_edges_has_no_circle) {
  EXPECT_TRUE(circles(allowed_edges()).empty()) << list(circles(allowed_edges()));
}

TEST(Layout, public_headers_show_no_library_of_the_edges) {
  const auto findings = heavy_public_headers(repository());
  EXPECT_TRUE(findings.empty()) << list(findings);
}

TEST(Layout, every_outside_library_stays_with_the_rooms_that_wrap_it) {
  const auto findings = libraries_out_of_place(repository());
  EXPECT_TRUE(findings.empty()) << list(findings);
}

TEST(Layout, the_soap_stack_of_the_test_device_stays_out_of_the_product) {
  const auto findings = test_peers_in_the_product(repository());
  EXPECT_TRUE(findings.empty()) << list(findings);
  EXPECT_TRUE(repository().has("tests/onvif_device/device.h"));
}

TEST(Layout, every_header_has_pragma_once) {
  const auto findings = headers_without_pragma_once(repository());
  EXPECT_TRUE(findings.empty()) << list(findings);
}

TEST(Layout, every_room_has_a_readme) {
  const auto findings = rooms_without_readme(repository());
  EXPECT_TRUE(findings.empty()) << list(findings);
}

TEST(Layout, no_file_names_a_folder_of_one_machine) {
  const auto findings = machine_paths(repository());
  EXPECT_TRUE(findings.empty()) << list(findings);
}

TEST(Layout, no_file_is_longer_than_six_hundred_lines) {
  const auto findings = longer_than(repository(), 600);
  EXPECT_TRUE(findings.empty()) << list(findings);
  fmt::print("Longer than 400 lines, to be divided when next touched:\n{}",
             list(longer_than(repository(), 400)));
}

TEST(Layout, the_walk_has_seen_the_tree) {
  EXPECT_GT(repository().files().size(), 100U);
  EXPECT_TRUE(repository().has("src/base/README.md"));
  EXPECT_GE(repository().room_folders().size(), 10U);
}

// A small tree that breaks every rule: the checks above can fail.
struct BrokenTree : testing::Test {
  BrokenTree() {
    std::string pattern = testing::TempDir() + "vonglau-layout-XXXXXX";
    root = ::mkdtemp(pattern.data());
    write("src/base/CMakeLists.txt", "");
    write("src/base/README.md", "");
    write("src/base/include/vonglau/base/a.hpp", "#pragma once\n");
    write("src/incidents/CMakeLists.txt", "");
    write("src/incidents/include/vonglau/incidents/a.hpp",
          "#include <boost/json.hpp>\n#include <vonglau/base/a.hpp>\n");
    write("src/incidents/a.cpp",
          "\n#  include <vonglau/http/server.hpp>\n#include <vonglau/store/testing/x.hpp>\n"
          "#include <sqlite3.h>\n");
    write("src/incidents/a_test.cpp", "#include <vonglau/store/testing/x.hpp>\n");
    write("src/http/CMakeLists.txt", "");
    write("src/http/include/vonglau/http/b.hpp", "#pragma once\n");
    write("src/http/routes/CMakeLists.txt", "pkg_check_modules(gsoap gsoap++)\n");
    write("src/http/routes/a.cpp", "#include <stdsoap2.h>\n");
    write("tests/peer/CMakeLists.txt", "pkg_check_modules(gsoap gsoap++)\n");
    write("src/http/routes/include/vonglau/routes/c.hpp",
          "#pragma once\n#include <vonglau/incidents/a.hpp>\n");
    write("docs/notes.md", std::string("see /ho") + "me/somebody/notes and /api/v1/wo" + "rk\n");
    write("build/dev/ignored.hpp", "#include <vonglau/http/server.hpp>\n");
    tree.emplace(root);
  }
  ~BrokenTree() override { fs::remove_all(root); }
  void write(const std::string& path, const std::string& text) {
    fs::create_directories((fs::path(root) / path).parent_path());
    std::ofstream(fs::path(root) / path) << text;
  }
  std::string root;
  std::optional<SourceTree> tree;
};

TEST_F(BrokenTree, shows_its_forbidden_edges_with_file_and_line) {
  EXPECT_EQ(forbidden_edges(*tree, allowed_edges()),
            (Findings{"src/incidents/a.cpp:2: includes <vonglau/http/server.hpp>: incidents may "
                      "not stand on http",
                      "src/incidents/a.cpp:3: includes <vonglau/store/testing/x.hpp>: that is for "
                      "tests only"}));
}

TEST_F(BrokenTree, shows_everything_else_too) {
  EXPECT_EQ(heavy_public_headers(*tree).size(), 1U);
  EXPECT_EQ(libraries_out_of_place(*tree).size(), 1U);
  EXPECT_EQ(test_peers_in_the_product(*tree).size(), 2U);
  EXPECT_EQ(headers_without_pragma_once(*tree).size(), 1U);
  EXPECT_EQ(rooms_without_readme(*tree).size(), 3U);
  EXPECT_EQ(machine_paths(*tree).size(), 1U);
  EXPECT_EQ(longer_than(*tree, 3).size(), 1U);
}

TEST_F(BrokenTree, a_circle_is_found) {
  EXPECT_FALSE(circles({{"a", {"b"}}, {"b", {"c"}}, {"c", {"a"}}}).empty());
}

}  // namespace
}  // namespace vl::layout
