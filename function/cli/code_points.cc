#include "function/cli/code_points.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"

namespace cli {

char32_t TakeCodePoint(absl::string_view& text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  const size_t length = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
  char32_t code = length == 1 ? lead : length == 0 ? kReplacementCharacter : lead & (0x7f >> length);
  bool is_good = length > 0 && length <= text.size();
  for (size_t i = 1; is_good && i < length; ++i) {
    is_good = (byte(i) & 0xc0) == 0x80;
    code = code << 6 | (byte(i) & 0x3f);
  }
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  is_good = is_good && code >= kLeast[length] && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  text.remove_prefix(is_good ? length : 1);
  return is_good ? code : kReplacementCharacter;
}

bool IsInvisible(char32_t code) {
  struct Range {
    char32_t first;
    char32_t last;
  };
  constexpr Range kRanges[] = {{0x80, 0x9f},     {0xad, 0xad},      {0x61c, 0x61c},   {0x180e, 0x180e},
                               {0x200b, 0x200f}, {0x2028, 0x202e},  {0x2060, 0x206f}, {0xfeff, 0xfeff},
                               {0xfff9, 0xfffb}, {0xe0000, 0xe007f}};
  return std::any_of(std::begin(kRanges), std::end(kRanges),
                     [&](const Range& range) { return code >= range.first && code <= range.last; });
}

void AppendCodePoint(char32_t code, std::string& text) {
  const auto tail = [&](int shift) { text += static_cast<char>(0x80 | ((code >> shift) & 0x3f)); };
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xc0 | (code >> 6));
    tail(0);
  } else if (code < 0x10000) {
    text += static_cast<char>(0xe0 | (code >> 12));
    tail(6);
    tail(0);
  } else {
    text += static_cast<char>(0xf0 | (code >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

std::string Shorten(absl::string_view text, size_t length) {
  absl::string_view rest = text;
  for (size_t i = 0; i < length && !rest.empty(); ++i) TakeCodePoint(rest);
  if (rest.empty()) return std::string(text);
  return absl::StrCat(text.substr(0, text.size() - rest.size()), "…");
}

}  // namespace cli
