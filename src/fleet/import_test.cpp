#include <gtest/gtest.h>

#include <vonglau/fleet/import.hpp>

namespace vl::fleet {
namespace {

TEST(TopologyTable, is_read_as_a_spreadsheet_writes_it) {
  const auto rows = read_topology(
      "\xEF\xBB\xBFkind,code,name,hangs_on,service_level\r\n"
      "provider,VNPT,\"VNPT, Bắc Ninh\",,\r\n"
      "\r\n"
      "line,LINE-03,Tuyến \"\"\"\",VNPT,\"99,5 %\"\r\n"
      "camera,BN-0877,,LINE-03; EVN-TY,\r\n");
  ASSERT_TRUE(rows) << rows.error().message;
  ASSERT_EQ(rows->size(), 3U);
  EXPECT_EQ((*rows)[0].name, "VNPT, Bắc Ninh");
  EXPECT_EQ((*rows)[1].service_level, 9950);
  EXPECT_EQ((*rows)[1].line, 4);
  EXPECT_FALSE((*rows)[2].kind);
  EXPECT_EQ((*rows)[2].hangs_on, (std::vector<std::string>{"LINE-03", "EVN-TY"}));
}

TEST(TopologyTable, takes_semicolons_and_columns_in_any_order) {
  const auto rows = read_topology("code;kind;hangs_on\nSW-1;network_switch;A B|C\n");
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ((*rows)[0].hangs_on, (std::vector<std::string>{"A", "B", "C"}));
}

TEST(TopologyTable, names_the_line_that_is_wrong) {
  const auto line = [](std::string_view text) {
    const auto rows = read_topology(text);
    return rows ? std::string("taken") : rows.error().field;
  };
  EXPECT_EQ(line("kind,code\nline,L1\nladder,L2\n"), "line 3");
  EXPECT_EQ(line("kind,code\nline,\n"), "line 2");
  EXPECT_EQ(line("kind,code\nline,L1\nline,L1\n"), "line 3");
  EXPECT_EQ(line("kind,code\nline,\"L1\n"), "line 2");
  EXPECT_EQ(line("kind,code\nline,L1,x\n"), "line 2");
  EXPECT_EQ(line("name,code\n"), "line 1");
  EXPECT_EQ(line("kind,colour\n"), "line 1");
  EXPECT_EQ(line("kind,code,service_level\nline,L1,101\n"), "line 2");
  EXPECT_EQ(line("kind,code,service_level\ncamera,B1,99\n"), "line 2");
  EXPECT_EQ(line(""), "line 1");
}

}  // namespace
}  // namespace vl::fleet
