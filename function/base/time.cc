#include "function/base/time.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace base {

namespace {

// Whether `text` begins as `shape`, in which 0 is any digit and T is T or t.
bool ConsumeShape(absl::string_view shape, absl::string_view& text) {
  if (text.size() < shape.size()) return false;
  for (size_t i = 0; i < shape.size(); ++i) {
    const bool fits = shape[i] == '0'   ? absl::ascii_isdigit(text[i])
                      : shape[i] == 'T' ? text[i] == 'T' || text[i] == 't'
                                        : text[i] == shape[i];
    if (!fits) return false;
  }
  text.remove_prefix(shape.size());
  return true;
}

// absl also takes blanks, "infinite-future", single digits and other offsets, which RFC 3339 does not know.
bool HasShape(absl::string_view text) {
  if (!ConsumeShape("0000-00-00T00:00:00", text)) return false;
  if (ConsumeShape(".0", text)) {
    while (ConsumeShape("0", text)) continue;
  }
  if (text == "Z" || text == "z") return true;
  return (ConsumeShape("+00:00", text) || ConsumeShape("-00:00", text)) && text.empty();
}

}  // namespace

absl::StatusOr<absl::Time> ParseTime(absl::string_view text) {
  absl::Time time;
  std::string error;
  if (!HasShape(text) || !absl::ParseTime(absl::RFC3339_full, text, &time, &error)) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", text, "\" is no RFC 3339 time: write it as 2026-01-02T15:04:05Z"));
  }
  return absl::FromUnixSeconds(absl::ToUnixSeconds(time));
}

std::string FormatTime(absl::Time time) {
  return absl::FormatTime("%E4Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

}  // namespace base
