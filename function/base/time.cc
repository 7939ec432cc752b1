#include "function/base/time.h"

#include "absl/strings/str_cat.h"

namespace base {

absl::StatusOr<absl::Time> ParseTime(absl::string_view text) {
  // absl also takes leading blanks, "infinite-future" and years beyond four digits, which RFC 3339 does not know.
  const bool shape = text.size() >= 20 && text[4] == '-' && text[7] == '-' && (text[10] == 'T' || text[10] == 't');
  absl::Time time;
  std::string error;
  if (!shape || !absl::ParseTime(absl::RFC3339_full, text, &time, &error)) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", text, "\" is no RFC 3339 time: write it as 2026-01-02T15:04:05Z"));
  }
  return absl::FromUnixSeconds(absl::ToUnixSeconds(time));
}

std::string FormatTime(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

}  // namespace base
