#include <bit>
#include <cmath>

#include <gtest/gtest.h>

#include <vonglau/base/json.hpp>

namespace vl {
namespace {

enum class Shade { light, dark };
BOOST_DESCRIBE_ENUM(Shade, light, dark)
struct Inner {
  double lat = 0;
  std::optional<std::string> note;
};
BOOST_DESCRIBE_STRUCT(Inner, (), (lat, note))
struct Outer {
  TypedId<struct OuterTag> id;
  Shade shade{};
  std::vector<Inner> inner;
};
BOOST_DESCRIBE_STRUCT(Outer, (), (id, shade, inner))

TEST(Json, writes_members_in_the_order_described_and_reads_them_back) {
  Outer outer{{*Uuid::parse("019abc00-0000-7000-8000-00000000002a")}, Shade::dark, {{21.5, {}}}};
  const std::string text = json::write(outer);
  EXPECT_EQ(
      text,
      R"({"id":"019abc00-0000-7000-8000-00000000002a","shade":"dark","inner":[{"lat":2.15E1}]})");
  const auto back = json::read_text<Outer>(text);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(json::write(*back), text);
}

TEST(Json, names_the_field_that_does_not_fit) {
  const auto bad = json::read_text<Outer>(
      R"({"id":"019abc00-0000-7000-8000-00000000002a","shade":"dark","inner":[{"lat":"x"}]})");
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().field, "inner[0].lat");
  const auto shade = json::read<Shade>(json::Value("red"));
  ASSERT_FALSE(shade);
  EXPECT_EQ(shade.error().message, "the value: must be one of light, dark");
  const auto extra = json::read_text<Inner>(R"({"lat":1,"lon":2})");
  ASSERT_FALSE(extra);
  EXPECT_EQ(extra.error().field, "lon");
  EXPECT_TRUE(json::read_text<Inner>(R"({"lat":1,"lon":2})", json::Unknown::ignore));
  EXPECT_FALSE(json::read_text<Inner>(R"({"note":"x"})"));
  EXPECT_FALSE(json::parse(std::string(40, '[')));
  EXPECT_FALSE(json::parse("{} x"));
}

TEST(Json, a_number_written_and_read_again_is_the_same_number) {
  std::uint64_t state = 1;  // every pattern of bits that is a number may come
  for (int i = 0; i < 100'000; ++i) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    const auto number = std::bit_cast<double>(state);
    if (!std::isfinite(number)) continue;
    const auto read = json::parse(json::text_of(json::Value(number)));
    ASSERT_TRUE(read) << json::text_of(json::Value(number));
    ASSERT_EQ(std::bit_cast<std::uint64_t>(read->to_number<double>()), state);
  }
}

TEST(Json, a_number_is_the_nearest_double_to_its_text) {
  const std::pair<const char*, double> known[] = {
      {"22.356464", 22.356464},
      {"[0.1]", 0.1},
      {"103.87150000000001", 103.87150000000001},
      {"9007199254740993.0", 9007199254740992.0},
      {"1e23", 1e23},
      {"5e-324", 5e-324},
      {"1e-400", 0.0},
      {"1.7976931348623157e308", 1.7976931348623157e308},
      {"123456789012345678901234567890", 123456789012345678901234567890.0}};
  for (const auto& [text, number] : known) {
    const auto read = json::parse(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ((read->is_array() ? read->as_array()[0] : *read).to_number<double>(), number) << text;
  }
  for (const char* text : {"1e309", "-1e400", "[1.7976931348623159e308]"})
    EXPECT_FALSE(json::parse(text)) << text;
}

TEST(Bytes, hex_and_base64url_round_trip_and_have_one_text) {
  const Bytes bytes{0, 255, 16, 7, 99};
  EXPECT_EQ(from_hex(to_hex(bytes)), bytes);
  EXPECT_EQ(from_base64url(to_base64url(bytes)), bytes);
  EXPECT_FALSE(from_base64url("AB=="));
  EXPECT_FALSE(from_base64url("AB"));  // "AA" is the one text of a zero byte
  EXPECT_FALSE(from_hex("abc"));
}

TEST(Ids, are_version_seven_and_sort_by_time) {
  ManualClock clock;
  SeededIdSource ids(clock, 7);
  const Uuid first = ids.next();
  clock.advance_us(5000);
  const Uuid second = ids.next();
  EXPECT_LT(first, second);
  EXPECT_EQ(first.bytes[6] >> 4, 7);
  EXPECT_EQ(Uuid::parse(first.text()), first);
  EXPECT_FALSE(Uuid::parse("019abc00-0000-7000-8000-0000000000zz"));
}

TEST(Clock, formats_utc_with_six_decimals) {
  EXPECT_EQ(format_utc({1'763'800'000'000'001}), "2025-11-22T08:26:40.000001Z");
  EXPECT_EQ(format_utc({-1}), "1969-12-31T23:59:59.999999Z");
}

}  // namespace
}  // namespace vl
