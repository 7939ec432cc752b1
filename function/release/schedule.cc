#include "function/release/schedule.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "function/base/time.h"
#include "function/release/names.h"

namespace release {
namespace {

constexpr int kMinutesPerDay = 24 * 60;
constexpr int kMinutesPerWeek = 7 * kMinutesPerDay;
constexpr int kWeeksAhead = 53;
constexpr absl::Duration kHorizon = absl::Hours(24 * 366);

struct Interval {
  absl::Time from;
  absl::Time until;  // excluded
};

// Minutes since Monday 00:00, local time; `until` is excluded.
struct WeekSpan {
  int from = 0;
  int until = 0;
};

void AddSpan(int from, int until, std::vector<WeekSpan>& spans) {
  spans.push_back({from, std::min(until, kMinutesPerWeek)});
  if (until > kMinutesPerWeek) spans.push_back({0, until - kMinutesPerWeek});
}

void AddSpans(const Window& window, std::vector<WeekSpan>& spans) {
  const int overnight = window.end_minute <= window.start_minute ? kMinutesPerDay : 0;
  for (int day = 1; day <= 7; ++day) {
    const bool listed = std::find(window.days.begin(), window.days.end(), day) != window.days.end();
    if (!window.days.empty() && !listed) continue;
    const int midnight = (day - 1) * kMinutesPerDay;
    AddSpan(midnight + window.start_minute, midnight + window.end_minute + overnight, spans);
  }
}

// Spans that overlap or touch are one: an end closes at the last and a start opens at the first moment with
// its local time, so that no clock change can come between them.
std::vector<WeekSpan> MergeSpans(std::vector<WeekSpan> spans) {
  std::sort(spans.begin(), spans.end(), [](const WeekSpan& a, const WeekSpan& b) { return a.from < b.from; });
  std::vector<WeekSpan> merged;
  for (const WeekSpan& span : spans) {
    if (!merged.empty() && span.from <= merged.back().until) {
      merged.back().until = std::max(merged.back().until, span.until);
    } else {
      merged.push_back(span);
    }
  }
  return merged;
}

absl::CivilMinute MondayMidnight(absl::TimeZone zone, absl::Time time) {
  const absl::CivilDay day(zone.At(time).cs);
  return absl::CivilMinute(day - static_cast<int>(absl::GetWeekday(day)));
}

// The stretches of one time zone in which some window is open, in order of time, from the one that ends after
// `now`.
class ZoneStretches {
 public:
  // `spans` is not empty.
  ZoneStretches(absl::TimeZone zone, std::vector<WeekSpan> spans, absl::Time now)
      : zone_(zone), spans_(std::move(spans)), week_start_(MondayMidnight(zone, now) - kMinutesPerWeek) {
    Resolve();
    SkipUntil(now);
  }

  // Absent: none within the weeks that are looked at.
  const std::optional<Interval>& Current() const { return current_; }

  void SkipUntil(absl::Time time) {
    while (current_ && (current_->until <= time || current_->from >= current_->until)) Advance();
  }

 private:
  void Advance() {
    if (++index_ == spans_.size()) {
      index_ = 0;
      ++week_;
      week_start_ += kMinutesPerWeek;
    }
    Resolve();
  }

  void Resolve() {
    if (week_ > kWeeksAhead) {
      current_.reset();
      return;
    }
    current_ = Interval{Opens(week_start_ + spans_[index_].from), Closes(week_start_ + spans_[index_].until)};
  }

  absl::Time Opens(absl::CivilMinute local) const {
    const absl::TimeZone::TimeInfo info = zone_.At(absl::CivilSecond(local));
    return info.kind == absl::TimeZone::TimeInfo::SKIPPED ? info.trans : info.pre;
  }

  absl::Time Closes(absl::CivilMinute local) const {
    const absl::TimeZone::TimeInfo info = zone_.At(absl::CivilSecond(local));
    return info.kind == absl::TimeZone::TimeInfo::SKIPPED ? info.trans : info.post;
  }

  absl::TimeZone zone_;
  std::vector<WeekSpan> spans_;
  absl::CivilMinute week_start_;
  int week_ = -1;
  size_t index_ = 0;
  std::optional<Interval> current_;
};

struct ZoneSpans {
  absl::TimeZone zone;
  std::vector<WeekSpan> spans;
};

// Windows of zones that are unknown here are left out and named in `unknown`.
std::vector<ZoneSpans> SpansByZone(const std::vector<Window>& windows, std::set<std::string>& unknown) {
  std::map<std::string, ZoneSpans> zones;
  for (const Window& window : windows) {
    auto found = zones.find(window.time_zone);
    if (found == zones.end()) {
      const absl::StatusOr<absl::TimeZone> zone = LoadZone(window.time_zone);
      if (!zone.ok()) {
        unknown.insert(window.time_zone);
        continue;
      }
      found = zones.emplace(window.time_zone, ZoneSpans{*zone, {}}).first;
    }
    AddSpans(window, found->second.spans);
  }
  std::vector<ZoneSpans> result;
  for (auto& [name, zone] : zones) {
    zone.spans = MergeSpans(std::move(zone.spans));
    if (!zone.spans.empty()) result.push_back(std::move(zone));
  }
  return result;
}

bool CoversTheWeek(const ZoneSpans& zone) {
  return zone.spans.front().from == 0 && zone.spans.front().until == kMinutesPerWeek;
}

// How far it is open without a break; `now` itself where it is closed.
absl::Time OpenUntil(std::vector<ZoneStretches>& zones, absl::Time now) {
  absl::Time reach = now;
  for (bool further = true; further && reach <= now + kHorizon;) {
    further = false;
    for (ZoneStretches& zone : zones) {
      zone.SkipUntil(reach);
      if (!zone.Current() || zone.Current()->from > reach) continue;
      reach = zone.Current()->until;
      further = true;
    }
  }
  return reach;
}

std::optional<absl::Time> NextOpening(const std::vector<ZoneStretches>& zones) {
  std::optional<absl::Time> next;
  for (const ZoneStretches& zone : zones) {
    if (zone.Current() && (!next || zone.Current()->from < *next)) next = zone.Current()->from;
  }
  return next;
}

std::string WindowMessage(const std::vector<Window>& windows, const ScheduleState& state,
                          const std::set<std::string>& unknown) {
  std::vector<std::string> names;
  for (const Window& window : windows) names.push_back(window.name);
  std::string message =
      absl::StrCat(state.open ? "inside" : "outside", names.size() == 1 ? " the window " : " the windows ",
                   QuotedNames(names));
  if (state.next_change) absl::StrAppend(&message, " until ", base::FormatTime(*state.next_change));
  if (!unknown.empty())
    absl::StrAppend(&message, "; not in this machine's time zone database: ",
                    QuotedNames({unknown.begin(), unknown.end()}));
  return message;
}

// What is frozen without a break around `now`: every freeze of it, not only those of this moment.
struct FrozenStretch {
  Interval interval;
  std::vector<std::string> names;
};

std::vector<FrozenStretch> MergeFreezes(std::vector<Freeze> freezes) {
  std::sort(freezes.begin(), freezes.end(), [](const Freeze& a, const Freeze& b) {
    return std::tie(a.from, a.until, a.name) < std::tie(b.from, b.until, b.name);
  });
  std::vector<FrozenStretch> merged;
  for (const Freeze& freeze : freezes) {
    if (freeze.from >= freeze.until) continue;
    if (merged.empty() || freeze.from > merged.back().interval.until) {
      merged.push_back({{freeze.from, freeze.until}, {}});
    }
    FrozenStretch& stretch = merged.back();
    stretch.interval.until = std::max(stretch.interval.until, freeze.until);
    const std::string reason = InOneLine(freeze.reason);
    stretch.names.push_back(reason.empty() ? freeze.name : absl::StrCat(freeze.name, ": ", reason));
  }
  return merged;
}

}  // namespace

ScheduleState EvaluateWindows(const std::vector<Window>& windows, absl::Time now) {
  if (windows.empty()) return {true, "no window is set", std::nullopt};
  std::set<std::string> unknown;
  const std::vector<ZoneSpans> zones = SpansByZone(windows, unknown);
  ScheduleState state;
  if (!std::any_of(zones.begin(), zones.end(), CoversTheWeek)) {
    std::vector<ZoneStretches> stretches;
    for (const ZoneSpans& zone : zones) stretches.emplace_back(zone.zone, zone.spans, now);
    const absl::Time open_until = OpenUntil(stretches, now);
    state.open = open_until > now;
    if (!state.open) {
      state.next_change = NextOpening(stretches);
    } else if (open_until <= now + kHorizon) {
      state.next_change = open_until;
    }
  }
  state.message = WindowMessage(windows, state, unknown);
  return state;
}

ScheduleState EvaluateFreezes(const std::vector<Freeze>& freezes, absl::Time now) {
  for (const FrozenStretch& stretch : MergeFreezes(freezes)) {
    if (stretch.interval.until <= now) continue;
    if (stretch.interval.from > now) {
      return {true, absl::StrCat("not frozen until ", base::FormatTime(stretch.interval.from)),
              stretch.interval.from};
    }
    return {false,
            absl::StrCat("frozen until ", base::FormatTime(stretch.interval.until), ": ",
                         QuotedNames(stretch.names)),
            stretch.interval.until};
  }
  return {true, "not frozen", std::nullopt};
}

}  // namespace release
