#include "function/base/time.h"

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "test/catch.h"

namespace base {
namespace {

struct TimeCase {
  std::string reason;
  std::string text;
  std::string formatted;  // empty: refused
};

const std::vector<TimeCase> kTimeCases = {
    {"as we write it", "2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"},
    {"lower-case marks are RFC 3339 too", "2026-01-02t03:04:05z", "2026-01-02T03:04:05Z"},
    {"an offset", "2026-01-02T03:04:05+05:30", "2026-01-01T21:34:05Z"},
    {"a negative offset", "2026-01-01T21:34:05-05:30", "2026-01-02T03:04:05Z"},
    {"an unknown offset is UTC", "2026-01-02T03:04:05-00:00", "2026-01-02T03:04:05Z"},
    {"a fraction is cut", "2026-01-02T03:04:05.999999999Z", "2026-01-02T03:04:05Z"},
    {"a fraction before 1970 is cut towards the second before", "1969-12-31T23:59:59.5Z",
     "1969-12-31T23:59:59Z"},
    {"a leap second is the next one", "2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"},
    {"a leap day", "2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"},
    {"the first year", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"},
    {"the last year", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"},
    {"year 0", "0000-02-29T00:00:00Z", "0000-02-29T00:00:00Z"},
    {"the largest offset", "2026-01-02T03:04:05+23:59", "2026-01-01T03:05:05Z"},
    {"a fraction and an offset", "2026-01-02T03:04:05.5-01:00", "2026-01-02T04:04:05Z"},
    {"the last second of UTC's last year, elsewhere", "9999-12-31T23:00:00-00:59", "9999-12-31T23:59:00Z"},
    {"before UTC's year 0, which nobody could read again", "0000-01-01T00:00:00+00:01", ""},
    {"after UTC's year 9999", "9999-12-31T23:59:59-00:01", ""},
    {"nothing", "", ""},
    {"no leap day", "2025-02-29T00:00:00Z", ""},
    {"no month 13", "2026-13-01T00:00:00Z", ""},
    {"no month 0", "2026-00-01T00:00:00Z", ""},
    {"no day 0", "2026-01-00T00:00:00Z", ""},
    {"no June 31", "2026-06-31T00:00:00Z", ""},
    {"no offset of a day", "2026-01-02T03:04:05+24:00", ""},
    {"no offset of 60 minutes", "2026-01-02T03:04:05+00:60", ""},
    {"no hour 24", "2026-01-02T24:00:00Z", ""},
    {"no minute 60", "2026-01-02T03:60:00Z", ""},
    {"no second 61", "2026-01-02T03:04:61Z", ""},
    {"no offset", "2026-01-02T03:04:05", ""},
    {"a blank for the T", "2026-01-02 03:04:05Z", ""},
    {"a blank before", " 2026-01-02T03:04:05Z", ""},
    {"a blank after", "2026-01-02T03:04:05Z ", ""},
    {"single digits", "2026-1-2T3:4:5.0000Z", ""},
    {"a single digit that the length makes up for", "2026-01-02T3:04:05.0Z", ""},
    {"an offset without a colon", "2026-01-02T03:04:05+0530", ""},
    {"an offset of hours only", "2026-01-02T03:04:05+05", ""},
    {"a fraction without digits", "2026-01-02T03:04:05.Z", ""},
    {"a comma for the point", "2026-01-02T03:04:05,5Z", ""},
    {"a signed year", "+2026-01-02T03:04:05Z", ""},
    {"a year of five digits", "12026-01-02T03:04:05Z", ""},
    {"for ever", "infinite-future", ""},
    {"a day only", "2026-01-02", ""},
    {"NUL at its end", std::string("2026-01-02T03:04:05Z\0", 21), ""},
};

TEST_CASE("A time is what RFC 3339 says, in whole seconds of UTC", "[time]") {
  for (const TimeCase& c : kTimeCases) {
    INFO(c.reason << ": " << c.text);
    const absl::StatusOr<absl::Time> time = ParseTime(c.text);
    CHECK(time.ok() == !c.formatted.empty());
    if (time.ok()) CHECK(base::FormatTime(*time) == c.formatted);
  }
}

TEST_CASE("A time reads back as it was written", "[time]") {
  for (int64_t seconds = -62135596800 + 86400 * 366 * 1000LL; seconds < 253402300800; seconds += 987654321) {
    const absl::Time time = absl::FromUnixSeconds(seconds);
    const absl::StatusOr<absl::Time> read = base::ParseTime(base::FormatTime(time));
    REQUIRE(read.ok());
    CHECK(*read == time);
  }
}

TEST_CASE("What is no time is quoted in the error", "[time]") {
  CHECK(ParseTime("noon").status().message() ==
        "\"noon\" is no RFC 3339 time: write it as 2026-01-02T15:04:05Z");
}

// Every text of the shape, be there such a time or not.
TEST_CASE("A time is read as absl's parser for RFC 3339 reads it", "[time]") {
  std::mt19937 random(1);
  const auto number = [&](int below) { return static_cast<int>(random() % static_cast<unsigned>(below)); };
  for (int i = 0; i < 20000; ++i) {
    const std::string day = absl::StrFormat("%04d-%02d-%02d", number(10000), number(14), number(33));
    const std::string in_day = absl::StrFormat("%02d:%02d:%02d", number(26), number(62), number(63));
    const std::string fraction = number(2) == 0 ? "" : absl::StrCat(".", number(1000));
    const std::string offset =
        number(2) == 0 ? "Z"
                       : absl::StrFormat("%s%02d:%02d", number(2) == 0 ? "+" : "-", number(26), number(62));
    const std::string text = absl::StrCat(day, "T", in_day, fraction, offset);
    INFO(text);
    absl::Time time;
    std::string error;
    const bool is_time = absl::ParseTime(absl::RFC3339_full, text, &time, &error);
    const absl::StatusOr<absl::Time> read = ParseTime(text);
    REQUIRE(read.ok() == is_time);
    if (is_time) REQUIRE(*read == absl::FromUnixSeconds(absl::ToUnixSeconds(time)));
  }
}

}  // namespace
}  // namespace base
