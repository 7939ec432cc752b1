#include "function/cli/terminal.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "function/base/utf8.h"

namespace cli {
namespace {

size_t SizeOfCodePoint(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  return byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

bool IsControl(absl::string_view code_point) {
  if (code_point.size() == 1) return code_point[0] < ' ' || code_point[0] == 0x7f;
  // U+0080–U+009F; U+200E, U+200F; U+2028–U+202E; U+2066–U+2069.
  if (code_point.size() == 2)
    return code_point[0] == '\xc2' && static_cast<unsigned char>(code_point[1]) < 0xa0;
  if (code_point == "\xe2\x80\x8e" || code_point == "\xe2\x80\x8f") return true;
  return (code_point >= "\xe2\x80\xa8" && code_point <= "\xe2\x80\xae") ||
         (code_point >= "\xe2\x81\xa6" && code_point <= "\xe2\x81\xa9");
}

}  // namespace

std::string OneLine(absl::string_view text) {
  std::string line;
  while (!text.empty()) {
    const absl::string_view code_point = text.substr(0, SizeOfCodePoint(text[0]));
    if (!base::IsUtf8(code_point)) {
      line += '?';
      text.remove_prefix(1);
      continue;
    }
    absl::StrAppend(&line, IsControl(code_point) ? " " : code_point);
    text.remove_prefix(code_point.size());
  }
  return line;
}

size_t Columns(absl::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(),
                                           [](char c) { return (static_cast<unsigned char>(c) >> 6) != 2; }));
}

std::string Padded(absl::string_view text, size_t width) {
  const size_t columns = Columns(text);
  return absl::StrCat(text, std::string(width > columns ? width - columns : 0, ' '));
}

std::string Paint::In(absl::string_view code, absl::string_view text) const {
  if (!with_color_ || text.empty()) return std::string(text);
  return absl::StrCat("\x1b[", code, "m", text, "\x1b[0m");
}

std::string Paint::Verdict(absl::string_view verdict) const {
  if (verdict == "approved") return Good(verdict);
  return verdict == "pending" ? Waiting(verdict) : Bad(verdict);
}

}  // namespace cli
