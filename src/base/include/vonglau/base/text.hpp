// Vietnamese text as it is typed and as it is written: folding for search and comparison.
//
// Pure functions, any thread; time and memory are linear in the input.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vl {

/// Lower case without diacritics: "Đường Lý Thái Tổ" becomes "duong ly thai to", and `đ` becomes
/// `d`. Takes composed (NFC) and decomposed (NFD) UTF-8 alike. Bytes that are not UTF-8 become a
/// space; characters outside Latin stay as they are. Never longer than the input.
std::string fold_vietnamese(std::string_view text);

/// The words of folded text: what stands between spaces and punctuation. "p.dinh ke" gives {"p", "dinh", "ke"}.
std::vector<std::string_view> words_of(std::string_view folded);

}  // namespace vl
