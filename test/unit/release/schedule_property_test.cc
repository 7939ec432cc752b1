// The schedule against a plain walk over every minute around clock changes.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "function/base/time.h"
#include "function/release/schedule.h"
#include "test/catch.h"
#include "test/unit/release/random_policy.h"

namespace release {
namespace {

constexpr int kDays = 21;
constexpr int kMinutes = kDays * 24 * 60;
// Nearer to the ends the walk does not see enough: a window that is open there may have begun or go on
// outside.
constexpr int kMargin = 3 * 24 * 60;

// When each local minute comes first and last, as a person with a calendar would find it.
class Almanac {
 public:
  Almanac(const std::string& zone, absl::Time start) {
    const absl::StatusOr<absl::TimeZone> loaded = LoadZone(zone);
    REQUIRE(loaded.ok());
    for (int i = 0; i < kMinutes; ++i) {
      const absl::CivilMinute local(loaded->At(start + absl::Minutes(i)).cs);
      first_.emplace(local, i);
      last_[local] = i;
    }
  }

  int Opens(absl::CivilMinute local) const { return Find(first_, local); }
  int Closes(absl::CivilMinute local) const { return Find(last_, local); }
  absl::CivilDay FirstDay() const { return absl::CivilDay(first_.begin()->first); }

 private:
  // A local minute that does not exist is the next one that does.
  static int Find(const std::map<absl::CivilMinute, int>& minutes, absl::CivilMinute local) {
    const auto found = minutes.lower_bound(local);
    return found == minutes.end() ? kMinutes : found->second;
  }

  std::map<absl::CivilMinute, int> first_;
  std::map<absl::CivilMinute, int> last_;
};

void Mark(const Window& window, const Almanac& almanac, std::vector<bool>& open) {
  for (int i = 0; i <= kDays + 1; ++i) {
    const absl::CivilDay day = almanac.FirstDay() + i;
    const int weekday = static_cast<int>(absl::GetWeekday(day)) + 1;
    if (!window.days.empty() && std::count(window.days.begin(), window.days.end(), weekday) == 0) continue;
    const absl::CivilDay end_day = window.end_minute > window.start_minute ? day : day + 1;
    const int until = almanac.Closes(absl::CivilMinute(end_day) + window.end_minute);
    for (int t = almanac.Opens(absl::CivilMinute(day) + window.start_minute); t < until; ++t) open[t] = true;
  }
}

std::vector<int> NextChanges(const std::vector<bool>& open) {
  std::vector<int> next(open.size(), kMinutes);
  for (int t = kMinutes - 2; t >= 0; --t) next[t] = open[t] != open[t + 1] ? t + 1 : next[t + 1];
  return next;
}

struct Place {
  std::string zone;
  std::string start;  // some ten days before a clock change
};

Window AnyWindow(Random& random, const std::string& zone) {
  // Most edges lie in the hours in which clocks change.
  const auto minute = [&] { return random.OneIn(3) ? random.Below(1440) : random.Below(16) * 15; };
  Window window{"w", {}, minute(), minute(), random.OneIn(4) ? "UTC" : zone};
  if (random.OneIn(2)) window.days = random.List(4, [&] { return 1 + random.Below(7); });
  return window;
}

void Compare(const std::vector<Window>& windows, absl::Time start, const std::vector<bool>& open) {
  const std::vector<int> next = NextChanges(open);
  ScheduleState before;
  for (int t = kMargin; t < kMinutes - kMargin; t = std::min(t + 61, next[t])) {
    const absl::Time now = start + absl::Minutes(t);
    const ScheduleState state = EvaluateWindows(windows, now);
    INFO(base::FormatTime(now) << ": " << state.message);
    REQUIRE(state.open == open[t]);
    if (next[t] < kMinutes - kMargin) {
      REQUIRE(state.next_change == start + absl::Minutes(next[t]));
      const ScheduleState last = EvaluateWindows(windows, *state.next_change - absl::Seconds(1));
      REQUIRE(last.message == state.message);
    } else {
      REQUIRE((!state.next_change || *state.next_change >= start + absl::Minutes(kMinutes - kMargin)));
    }
  }
}

TEST_CASE("A schedule says what a walk over every minute says", "[schedule]") {
  const std::vector<Place> places = {
      {"Europe/Berlin", "2026-03-19T00:00:00Z"},       {"Europe/Berlin", "2026-10-15T00:00:00Z"},
      {"America/New_York", "2026-02-26T00:00:00Z"},    {"America/New_York", "2026-10-22T00:00:00Z"},
      {"Australia/Lord_Howe", "2026-03-26T00:00:00Z"}, {"Australia/Lord_Howe", "2026-09-24T00:00:00Z"},
      {"Pacific/Apia", "2011-12-20T00:00:00Z"},        {"America/Sao_Paulo", "2018-10-25T00:00:00Z"},
      {"Asia/Kathmandu", "2026-01-01T00:00:00Z"},
  };
  constexpr unsigned kSeed = 11;
  Random random(kSeed);
  for (const Place& place : places) {
    const absl::Time start = *base::ParseTime(place.start);
    std::map<std::string, Almanac> almanacs;
    for (const std::string& zone : {place.zone, std::string("UTC")})
      almanacs.emplace(zone, Almanac(zone, start));
    for (int round = 0; round < 12; ++round) {
      const std::vector<Window> windows = random.List(3, [&] { return AnyWindow(random, place.zone); });
      if (windows.empty()) continue;
      std::vector<bool> open(kMinutes, false);
      for (const Window& window : windows) Mark(window, almanacs.at(window.time_zone), open);
      INFO("seed " << kSeed << ", " << place.zone << ", round " << round);
      Compare(windows, start, open);
    }
  }
}

}  // namespace
}  // namespace release
