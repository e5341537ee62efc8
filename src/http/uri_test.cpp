#include <gtest/gtest.h>

#include <vonglau/http/uri.hpp>

namespace vl::http {
namespace {

TEST(Uri, percent_decoding_refuses_what_is_broken_not_utf8_or_a_control_character) {
  EXPECT_EQ(percent_decode("x%C3%A3%20ph%c6%b0%e1%bb%9dng"), "xã phường");
  EXPECT_EQ(percent_decode("a+b"), "a+b");
  EXPECT_EQ(percent_decode("a+b%2B", true), "a b+");
  for (const char* bad : {"%", "%2", "%zz", "%ff", "%c0%af", "%ed%a0%80", "%f4%90%80%80", "%00",
                          "%0a", "%7f", "\x01", "%e1%bb"})
    EXPECT_FALSE(percent_decode(bad)) << bad;
}

TEST(Uri, percent_encoding_round_trips) {
  const std::string text = "biên bản số 12/2025 & phụ lục.pdf";
  EXPECT_EQ(percent_decode(percent_encode(text)), text);
  EXPECT_EQ(percent_encode("a/b c"), "a%2Fb%20c");
}

TEST(Uri, paths_are_split_before_they_are_decoded) {
  using Segments = std::vector<std::string>;
  EXPECT_EQ(split_path("/"), Segments{});
  EXPECT_EQ(split_path("/a/b%20c"), (Segments{"a", "b c"}));
  EXPECT_EQ(split_path("/a/"), (Segments{"a", ""}));
  EXPECT_EQ(split_path("/..."), (Segments{"..."}));
  for (const char* bad :
       {"", "a", "/.", "/..", "/a/../b", "/%2e%2E", "/a%2fb", "/a\\b", "/a%5cb", "/%", "/a\n"})
    EXPECT_FALSE(split_path(bad)) << bad;
  std::string deep;
  for (int i = 0; i < 33; ++i) deep += "/x";
  EXPECT_FALSE(split_path(deep));
  EXPECT_TRUE(split_path(deep.substr(2)));
}

TEST(Uri, queries_are_pairs_in_order_and_bounded) {
  const auto query = parse_query("q=H%C3%A0ng+Tr%E1%BB%91ng&&b&c=1=2&q=2");
  ASSERT_TRUE(query);
  EXPECT_EQ(*query, (NameValues{{"q", "Hàng Trống"}, {"b", ""}, {"c", "1=2"}, {"q", "2"}}));
  EXPECT_EQ(parse_query(""), NameValues{});
  EXPECT_FALSE(parse_query("a=%x"));
  std::string many;
  for (int i = 0; i < 65; ++i) many += "a=1&";
  EXPECT_FALSE(parse_query(many));
}

TEST(Uri, the_first_cookie_of_a_name_is_found_and_no_other) {
  EXPECT_EQ(find_cookie("a=1; __Host-vonglau=abc; a=2", "__Host-vonglau"), "abc");
  EXPECT_EQ(find_cookie("a=1; a=2", "a"), "1");
  EXPECT_EQ(find_cookie("a=\"quoted\"", "a"), "quoted");
  EXPECT_EQ(find_cookie("xa=1; nonsense;;=; a=", "a"), "");
  EXPECT_FALSE(find_cookie("xa=1", "a"));
  EXPECT_FALSE(find_cookie("A=1", "a"));
}

TEST(Uri, lists_accept_a_token_unless_its_weight_is_zero) {
  EXPECT_TRUE(accepts_token("gzip", "gzip"));
  EXPECT_TRUE(accepts_token("br;q=1.0, GZip;q=0.5", "gzip"));
  EXPECT_FALSE(accepts_token("gzip;q=0", "gzip"));
  EXPECT_FALSE(accepts_token("gzip; q=0.000, br", "gzip"));
  EXPECT_FALSE(accepts_token("xgzip, br", "gzip"));
  EXPECT_FALSE(accepts_token("", "gzip"));
}

}  // namespace
}  // namespace vl::http
