// Ranges as RFC 9110, section 14, has them.
#include <gtest/gtest.h>

#include <vonglau/http/range.hpp>

namespace vl::http {
namespace {

TEST(Range, is_read_as_the_rfc_has_it) {
  const auto is = [](const char* field, std::uint64_t first, std::uint64_t bytes) {
    const auto range = range_of(field, 10'000);
    ASSERT_TRUE(range) << field;
    EXPECT_EQ(*range, (ByteRange{first, bytes})) << field;
  };
  is("bytes=0-499", 0, 500);
  is("bytes=500-999", 500, 500);
  is("bytes=9500-", 9500, 500);
  is("bytes=-500", 9500, 500);
  is("bytes=0-0", 0, 1);
  is("bytes=9999-20000", 9999, 1);
  is("bytes=-20000", 0, 10'000);
  is(" bytes= 1-2 ", 1, 2);
  is("bytes=1-99999999999999999999999", 1, 9'999);
}

TEST(Range, that_lies_beyond_the_content_has_nothing) {
  for (const auto* field :
       {"bytes=10000-", "bytes=10000-10001", "bytes=-0", "bytes=99999999999999999999-"})
    EXPECT_EQ(range_of(field, 10'000).value_or(ByteRange{1, 1}).bytes, 0u) << field;
  EXPECT_EQ(range_of("bytes=0-", 0)->bytes, 0u);
}

TEST(Range, that_cannot_be_read_or_is_several_is_the_whole) {
  for (const auto* field : {"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=2-1", "items=0-1",
                            "bytes=0-1,3-4", "bytes=+1-2", "bytes=1-2x", "bytes=0x1-2"})
    EXPECT_FALSE(range_of(field, 10'000)) << field;
}

TEST(Range, gives_the_part_with_its_place_and_the_whole_to_who_had_another_content) {
  const auto answer = [](const char* range, const char* if_range = "") {
    Request request;
    if (*range != 0) request.headers.set("Range", range);
    if (*if_range != 0) request.headers.set("If-Range", if_range);
    return ranged(Response::bytes(SharedBytes("0123456789"), "application/zip"), request, "\"a\"");
  };
  auto part = answer("bytes=3-5");
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.shared.text(), "345");
  EXPECT_EQ(part.headers.get("Content-Range"), "bytes 3-5/10");
  EXPECT_EQ(part.headers.get("ETag"), "\"a\"");
  EXPECT_EQ(first_of(part), 3u);
  const auto whole = answer("");
  EXPECT_EQ(whole.status, 200);
  EXPECT_EQ(whole.headers.get("Accept-Ranges"), "bytes");
  EXPECT_EQ(first_of(whole), 0u);
  EXPECT_EQ(answer("bytes=3-5", "\"a\"").status, 206);
  EXPECT_EQ(answer("bytes=3-5", "\"b\"").status, 200);
  EXPECT_EQ(answer("bytes=3-5", "W/\"a\"").status, 200) << "weak ones do not count here";
  const auto none = answer("bytes=10-");
  EXPECT_EQ(none.status, 416);
  EXPECT_EQ(none.headers.get("Content-Range"), "bytes */10");
}

}  // namespace
}  // namespace vl::http
