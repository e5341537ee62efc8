#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <vonglau/access/totp.hpp>

namespace vl::access {
namespace {

const ByteView kRfcSecret = as_bytes("12345678901234567890");
constexpr WallTime at_s(std::int64_t s) {
  return {s * 1'000'000};
}

TEST(Totp, gives_the_codes_of_rfc_6238_appendix_b) {
  const std::pair<std::int64_t, const char*> cases[] = {
      {59, "287082"},         {1111111109, "081804"}, {1111111111, "050471"},
      {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"}};
  for (const auto& [time_s, code] : cases)
    EXPECT_EQ(totp_code(kRfcSecret, totp_step(at_s(time_s))), code) << time_s;
}

TEST(Totp, takes_the_code_of_now_and_one_step_to_each_side) {
  const WallTime now = at_s(1'763'800'010);
  const std::int64_t step = totp_step(now);
  for (const std::int64_t near : {step - 1, step, step + 1})
    EXPECT_EQ(accept_totp(kRfcSecret, totp_code(kRfcSecret, near), now, 0), near);
  for (const std::int64_t far : {step - 2, step + 2})
    EXPECT_FALSE(accept_totp(kRfcSecret, totp_code(kRfcSecret, far), now, 0));
}

TEST(Totp, takes_no_code_twice_and_none_older_than_the_last) {
  const WallTime now = at_s(1'763'800'010);
  const std::int64_t step = totp_step(now);
  EXPECT_FALSE(accept_totp(kRfcSecret, totp_code(kRfcSecret, step), now, step));
  EXPECT_FALSE(accept_totp(kRfcSecret, totp_code(kRfcSecret, step - 1), now, step));
  EXPECT_EQ(accept_totp(kRfcSecret, totp_code(kRfcSecret, step + 1), now, step), step + 1);
}

TEST(Totp, refuses_what_is_no_code) {
  for (const char* code : {"", "1", "1234567", "12a456", "      "})
    EXPECT_FALSE(accept_totp(kRfcSecret, code, at_s(59), 0)) << code;
}

TEST(Base32, is_that_of_rfc_4648_without_padding) {
  const std::pair<const char*, const char*> cases[] = {{"", ""},
                                                       {"f", "MY"},
                                                       {"fo", "MZXQ"},
                                                       {"foo", "MZXW6"},
                                                       {"foob", "MZXW6YQ"},
                                                       {"fooba", "MZXW6YTB"},
                                                       {"foobar", "MZXW6YTBOI"}};
  for (const auto& [text, encoded] : cases) {
    EXPECT_EQ(to_base32(as_bytes(text)), encoded);
    const auto decoded = from_base32(encoded);
    ASSERT_TRUE(decoded) << encoded;
    EXPECT_EQ(as_text(*decoded), text);
  }
  EXPECT_EQ(from_base32("mzxw 6ytb-oi"), from_base32("MZXW6YTBOI"));
  for (const char* bad : {"M", "MZ=", "MZXW1", "MZ", "MZX"}) EXPECT_FALSE(from_base32(bad)) << bad;
  EXPECT_FALSE(from_base32(std::string(200, 'A')));
}

RC_GTEST_PROP(Base32, gives_back_any_bytes, ()) {
  auto bytes = *rc::gen::arbitrary<Bytes>();
  bytes.resize(std::min<std::size_t>(bytes.size(), 64));
  RC_ASSERT((from_base32(to_base32(bytes)) == bytes));
}

TEST(OtpauthUri, names_issuer_and_account_percent_encoded) {
  EXPECT_EQ(otpauth_uri("Vọng Lâu", "truc-ban", as_bytes("foobar")),
            "otpauth://totp/V%E1%BB%8Dng%20L%C3%A2u:truc-ban?secret=MZXW6YTBOI&"
            "issuer=V%E1%BB%8Dng%20L%C3%A2u&algorithm=SHA1&digits=6&period=30");
}

TEST(TotpSecrets, are_160_bits_and_never_the_same) {
  const auto one = new_totp_secret(), two = new_totp_secret();
  EXPECT_EQ(one.size(), 20U);
  EXPECT_NE(one.text(), two.text());
}

}  // namespace
}  // namespace vl::access
