#include "function/base/time.h"

#include <optional>

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

int Digits(absl::string_view text, size_t begin, size_t count) {
  int number = 0;
  for (const char digit : text.substr(begin, count)) number = 10 * number + (digit - '0');
  return number;
}

std::optional<absl::Duration> HoursAndMinutes(int hours, int minutes) {
  if (hours > 23 || minutes > 59) return std::nullopt;
  return absl::Hours(hours) + absl::Minutes(minutes);
}

// What a text that has the shape adds to UTC: Z, or its last six characters.
std::optional<absl::Duration> Offset(absl::string_view text) {
  if (!absl::ascii_isdigit(text.back())) return absl::ZeroDuration();
  const absl::string_view offset = text.substr(text.size() - 6);
  const std::optional<absl::Duration> size = HoursAndMinutes(Digits(offset, 1, 2), Digits(offset, 4, 2));
  return size && offset[0] == '-' ? -*size : size;
}

// The whole second of a text that has the shape; nullopt: there is no such day or time of day. By hand,
// because absl's parser, for any format, takes ten times as long, and an audit trail is full of times.
std::optional<absl::Time> FromShape(absl::string_view text) {
  const int month = Digits(text, 5, 2), day_of_month = Digits(text, 8, 2), second = Digits(text, 17, 2);
  const absl::CivilDay day(Digits(text, 0, 4), month, day_of_month);
  const std::optional<absl::Duration> in_day = HoursAndMinutes(Digits(text, 11, 2), Digits(text, 14, 2));
  const std::optional<absl::Duration> offset = Offset(text);
  // A day that there is not, as February 30, is another one now.
  if (day.month() != month || day.day() != day_of_month || !in_day || second > 60 || !offset)
    return std::nullopt;
  const absl::Time time =
      absl::FromCivil(day, absl::UTCTimeZone()) + *in_day + absl::Seconds(second) - *offset;
  // What is in another year in UTC than 0 to 9999 could not be written again.
  static const absl::Time begin = absl::FromCivil(absl::CivilYear(0), absl::UTCTimeZone());
  static const absl::Time end = absl::FromCivil(absl::CivilYear(10000), absl::UTCTimeZone());
  return time >= begin && time < end ? std::optional(time) : std::nullopt;
}

}  // namespace

absl::StatusOr<absl::Time> ParseTime(absl::string_view text) {
  const std::optional<absl::Time> time = HasShape(text) ? FromShape(text) : std::nullopt;
  if (!time) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", text, "\" is no RFC 3339 time: write it as 2026-01-02T15:04:05Z"));
  }
  return *time;
}

std::string FormatTime(absl::Time time) {
  return absl::FormatTime("%E4Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

}  // namespace base
