// Times of the day and the names of time zones.
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "function/base/recent_set.h"
#include "function/release/schedule.h"

namespace release {
namespace {

constexpr size_t kMaxZoneName = 64;
constexpr size_t kRememberedZones = 100;

// absl opens what looks like a path as a file, so only the database's own names may reach it.
bool IsZoneName(absl::string_view name) {
  if (name.empty() || name.size() > kMaxZoneName || name.front() == '/') return false;
  for (absl::string_view other : {"right/", "posix/", "Fixed/", "localtime", "posixrules", "Factory"}) {
    if (absl::StartsWith(name, other)) return false;
  }
  return std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_isalnum(c) || c == '/' || c == '_' || c == '-' || c == '+';
  });
}

// absl keeps every name that it was ever asked for, those of no zone too: with what tenants can make up, it
// would grow without end. So it is asked only for files that are there.
bool IsInDatabase(absl::string_view name) {
  static base::RecentSet<std::string>& found = *new base::RecentSet<std::string>(kRememberedZones);
  const std::string zone(name);
  if (found.Contains(zone)) return true;
  const char* folder = std::getenv("TZDIR");
  const std::string path = absl::StrCat(folder != nullptr ? folder : "/usr/share/zoneinfo", "/", zone);
  if (access(path.c_str(), R_OK) != 0) return false;
  found.Insert(zone);
  return true;
}

int TwoDigits(absl::string_view text) {
  if (!absl::ascii_isdigit(text[0]) || !absl::ascii_isdigit(text[1])) return -1;
  return (text[0] - '0') * 10 + (text[1] - '0');
}

}  // namespace

absl::StatusOr<int> ParseMinuteOfDay(absl::string_view text) {
  if (text.size() == 5 && text[2] == ':') {
    const int hour = TwoDigits(text.substr(0, 2));
    const int minute = TwoDigits(text.substr(3, 2));
    if (hour >= 0 && hour < 24 && minute >= 0 && minute < 60) return hour * 60 + minute;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("\"", absl::Utf8SafeCHexEscape(text),
                   "\" is no time of the day: write HH:MM from 00:00 to 23:59, and "
                   "00:00 for the end of a day"));
}

absl::StatusOr<absl::TimeZone> LoadZone(absl::string_view name) {
  absl::TimeZone zone;
  if (name == "UTC") return absl::UTCTimeZone();
  if (IsZoneName(name) && IsInDatabase(name) && absl::LoadTimeZone(name, &zone)) return zone;
  return absl::InvalidArgumentError(
      absl::StrCat("\"", absl::Utf8SafeCHexEscape(name),
                   "\" is not in the time zone database: write an IANA name such as Europe/Berlin or UTC"));
}

absl::Status ValidateTimeZone(absl::string_view name) { return LoadZone(name).status(); }

}  // namespace release
