#include <gtest/gtest.h>

#include <vonglau/base/text.hpp>

namespace vl {
namespace {

TEST(FoldVietnamese, EveryLetterOfTheAlphabetWithEveryToneFoldsToItsBaseLetter) {
  EXPECT_EQ(fold_vietnamese("aàảãáạ ăằẳẵắặ âầẩẫấậ"), "aaaaaa aaaaaa aaaaaa");
  EXPECT_EQ(fold_vietnamese("eèẻẽéẹ êềểễếệ iìỉĩíị"), "eeeeee eeeeee iiiiii");
  EXPECT_EQ(fold_vietnamese("oòỏõóọ ôồổỗốộ ơờởỡớợ"), "oooooo oooooo oooooo");
  EXPECT_EQ(fold_vietnamese("uùủũúụ ưừửữứự yỳỷỹýỵ đ"), "uuuuuu uuuuuu yyyyyy d");
  EXPECT_EQ(fold_vietnamese("AÀẢÃÁẠ ĂẰẲẴẮẶ ÂẦẨẪẤẬ"), "aaaaaa aaaaaa aaaaaa");
  EXPECT_EQ(fold_vietnamese("EÈẺẼÉẸ ÊỀỂỄẾỆ IÌỈĨÍỊ"), "eeeeee eeeeee iiiiii");
  EXPECT_EQ(fold_vietnamese("OÒỎÕÓỌ ÔỒỔỖỐỘ ƠỜỞỠỚỢ"), "oooooo oooooo oooooo");
  EXPECT_EQ(fold_vietnamese("UÙỦŨÚỤ ƯỪỬỮỨỰ YỲỶỸÝỴ Đ"), "uuuuuu uuuuuu yyyyyy d");
}

TEST(FoldVietnamese, DecomposedInputFoldsLikeComposedInput) {
  EXPECT_EQ(fold_vietnamese("Bắc Giang"), "bac giang");                 // NFC
  EXPECT_EQ(fold_vietnamese("Ba\u0306\u0301c Giang"), "bac giang");     // NFD
  EXPECT_EQ(fold_vietnamese("\u0110u\u031bo\u031b\u0300ng"), "duong");  // NFD; đ has no parts
}

TEST(FoldVietnamese, OldAndNewPlacingOfTheToneMarkFoldAlike) {
  EXPECT_EQ(fold_vietnamese("Hiệp Hoà"), fold_vietnamese("Hiệp Hòa"));
  EXPECT_EQ(fold_vietnamese("Cảnh Thuỵ"), fold_vietnamese("Cảnh Thụy"));
}

TEST(FoldVietnamese, BytesThatAreNotUtf8BecomeSpacesAndNothingIsReadBeyondTheEnd) {
  EXPECT_EQ(fold_vietnamese("a\xff"
                            "b"),
            "a b");
  EXPECT_EQ(fold_vietnamese("a\xe1\xba"), "a  ");     // cut short
  EXPECT_EQ(fold_vietnamese("\xc0\x80"), "  ");       // overlong
  EXPECT_EQ(fold_vietnamese("\xed\xa0\x80"), "   ");  // surrogate
  EXPECT_EQ(fold_vietnamese("\xf5\x80\x80\x80"), "    ");
}

TEST(FoldVietnamese, CharactersOutsideLatinStayAsTheyAre) {
  EXPECT_EQ(fold_vietnamese("中 Đông"), "中 dong");
  EXPECT_EQ(fold_vietnamese("3 × 4"), "3 × 4");
  EXPECT_EQ(fold_vietnamese("Bắc\u00a0Ninh"), "bac ninh");
}

TEST(WordsOf, PunctuationSeparatesWords) {
  const auto words = words_of("p.dinh ke, km 123+400 -- ql1a");
  EXPECT_EQ(words, (std::vector<std::string_view>{"p", "dinh", "ke", "km", "123", "400", "ql1a"}));
  EXPECT_TRUE(words_of(" .,- ").empty());
  EXPECT_EQ(words_of("a×b – c… 中 d"), (std::vector<std::string_view>{"a", "b", "c", "中", "d"}));
  EXPECT_EQ(words_of("ab\xff\xe1"
                     "cd"),
            (std::vector<std::string_view>{"ab", "cd"}));
}

}  // namespace
}  // namespace vl
