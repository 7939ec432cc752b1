#include "function/cli/yaml_scalar.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace cli {
namespace {

using base::Json;

bool IsOneOf(absl::string_view text, std::initializer_list<absl::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

// All lower case, all upper case, or with one capital at the beginning.
bool IsWord(absl::string_view text, absl::string_view word) {
  if (!absl::EqualsIgnoreCase(text, word)) return false;
  const std::string lower = absl::AsciiStrToLower(text);
  std::string capital = lower;
  capital[0] = absl::ascii_toupper(capital[0]);
  return text == lower || text == capital || text == absl::AsciiStrToUpper(text);
}

bool IsWordOf(absl::string_view text, std::initializer_list<absl::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](absl::string_view word) { return IsWord(text, word); });
}

struct Digits {
  int base;
  absl::string_view text;
};

// The digits behind a prefix, as Go's strconv reads them with base 0.
Digits SplitBase(absl::string_view text) {
  if (text.size() > 1 && text[0] == '0') {
    switch (absl::ascii_tolower(text[1])) {
      case 'x':
        return {16, text.substr(2)};
      case 'o':
        return {8, text.substr(2)};
      case 'b':
        return {2, text.substr(2)};
      default:
        return {8, text.substr(1)};
    }
  }
  return {10, text};
}

std::optional<Json> Integer(absl::string_view text) {
  const bool is_negative = absl::ConsumePrefix(&text, "-");
  if (!is_negative) absl::ConsumePrefix(&text, "+");
  const Digits digits = SplitBase(text);
  if (digits.text.empty()) return std::nullopt;
  uint64_t value = 0;
  const char* end = digits.text.data() + digits.text.size();
  const auto [rest, error] = std::from_chars(digits.text.data(), end, value, digits.base);
  if (error != std::errc() || rest != end) return std::nullopt;
  constexpr uint64_t kMaxPositive = std::numeric_limits<int64_t>::max();
  if (!is_negative) return value <= kMaxPositive ? Json(static_cast<int64_t>(value)) : Json(value);
  if (value > kMaxPositive + 1) return std::nullopt;
  return Json(static_cast<int64_t>(-value));
}

// [-+]? ( . digits | digits ( . digits* )? ) ( [eE] [-+]? digits )?
bool LooksLikeFloat(absl::string_view text) {
  const auto digits = [&] {
    size_t count = 0;
    for (; count < text.size() && absl::ascii_isdigit(text[count]); ++count) {
    }
    text.remove_prefix(count);
    return count;
  };
  const auto sign = [&] {
    if (!absl::ConsumePrefix(&text, "-")) absl::ConsumePrefix(&text, "+");
  };
  sign();
  const size_t before = digits();
  const bool has_point = absl::ConsumePrefix(&text, ".");
  const size_t after = has_point ? digits() : 0;
  if (before + after == 0) return false;
  if (!absl::ConsumePrefix(&text, "e") && !absl::ConsumePrefix(&text, "E")) return text.empty();
  sign();
  return digits() > 0 && text.empty();
}

std::optional<Json> Number(absl::string_view text) {
  const std::string plain = absl::StrReplaceAll(text, {{"_", ""}});
  if (std::optional<Json> integer = Integer(plain)) return integer;
  double value = 0;
  if (!LooksLikeFloat(plain) || !absl::SimpleAtod(plain, &value) || std::isinf(value)) return std::nullopt;
  return Json(value);
}

}  // namespace

absl::StatusOr<Json> ResolvePlainScalar(absl::string_view text) {
  if (text.empty() || text == "~" || IsWord(text, "null")) return Json(nullptr);
  if (IsWordOf(text, {"y", "yes", "true", "on"})) return Json(true);
  if (IsWordOf(text, {"n", "no", "false", "off"})) return Json(false);
  if (IsOneOf(text, {".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf",
                     "-.Inf", "-.INF"})) {
    return absl::InvalidArgumentError(absl::StrCat(text, " is a number that JSON does not have"));
  }
  if (absl::ascii_isdigit(text[0]) || text[0] == '-' || text[0] == '+' || text[0] == '.') {
    if (std::optional<Json> number = Number(text)) return *std::move(number);
  }
  return Json(std::string(text));
}

}  // namespace cli
