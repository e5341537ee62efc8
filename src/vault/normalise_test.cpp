#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <vonglau/vault/normalise.hpp>

namespace vl::vault {
namespace {

TEST(PhoneNumbers, of_one_subscriber_have_one_spelling) {
  for (const char* text :
       {"0912345678", "0912 345 678", "0912.345.678", "0912-345-678", "(0912) 345678",
        "+84912345678", "+84 912 345 678", "+84 (0) 912 345 678", "84912345678", "0084912345678",
        "  0912345678\n", "0912\u00A0345\u202F678", "\u202A+84912345678\u202C",
        "0912\u2013345\u2013678"})
    EXPECT_EQ(normalise_phone(text), "+84912345678") << text;
  EXPECT_EQ(normalise_phone("0222 3 821 234"), "+842223821234");  // a fixed line of Bắc Ninh
}

TEST(PhoneNumbers, of_eleven_digits_become_todays_ten) {
  EXPECT_EQ(normalise_phone("0168 234 5678"), "+84382345678");
  EXPECT_EQ(normalise_phone("+84 120 234 5678"), "+84702345678");
  EXPECT_EQ(normalise_phone("0199 234 5678"), normalise_phone("059 234 5678"));
}

TEST(PhoneNumbers, short_and_foreign_ones_are_kept) {
  EXPECT_EQ(normalise_phone("113"), "113");
  EXPECT_EQ(normalise_phone("1800 1091"), "18001091");
  EXPECT_EQ(normalise_phone("+44 20 7946 0958"), "+442079460958");
  EXPECT_EQ(normalise_phone("0044 20 7946 0958"), "+442079460958");
}

TEST(PhoneNumbers, that_cannot_be_are_refused) {
  for (const char* text : {"", "  ", "12", "09", "0912345678 hoặc 0987", "số lạ", "+", "++84",
                           "8+4912345678", "09123456789012", "+441", "+0912345678", "12345678901",
                           "8400000000006", "０９１２３４５６７８"})
    EXPECT_FALSE(normalise_phone(text)) << text;
  EXPECT_FALSE(normalise_phone(std::string(300, ' ') + "0912345678"));
}

TEST(Plates, have_one_spelling) {
  for (const char* text : {"99A12345", "99A-123.45", "99a 123 45", " 99A\n123.45 "})
    EXPECT_EQ(normalise_plate(text), "99A12345") << text;
  EXPECT_EQ(normalise_plate("29MĐ1-123.45"), "29MD112345");
  EXPECT_EQ(normalise_plate("29mđ1 12345"), normalise_plate("29MD1-123.45"));
  EXPECT_EQ(normalise_plate("80-123-NG-45"), "80123NG45");
}

TEST(Plates, that_cannot_be_are_refused) {
  for (const char* text : {"", "99A", "99A1234567890", "99A*2345", "99Ä12345", "không rõ"})
    EXPECT_FALSE(normalise_plate(text)) << text;
}

TEST(Logins, ignore_case_and_take_no_accents) {
  EXPECT_EQ(normalise_login("Trang.Nguyen"), "trang.nguyen");
  EXPECT_EQ(normalise_login("a-1_b@x"), "a-1_b@x");
  for (const char* text : {"", "ab", ".abc", "tràng", "a b c", "abc\n"})
    EXPECT_FALSE(normalise_login(text)) << text;
  EXPECT_FALSE(normalise_login(std::string(65, 'a')));
}

RC_GTEST_PROP(Normalising, twice_is_normalising_once, ()) {
  const auto digits = *rc::gen::container<std::string>(
      rc::gen::element('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '+', ' ', '.', 'A', 'd'));
  if (const auto phone = normalise_phone(digits)) RC_ASSERT(normalise_phone(*phone) == phone);
  if (const auto plate = normalise_plate(digits)) RC_ASSERT(normalise_plate(*plate) == plate);
}

}  // namespace
}  // namespace vl::vault
