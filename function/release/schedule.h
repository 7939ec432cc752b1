// Windows in local time and freezes.
#ifndef FUNCTION_RELEASE_SCHEDULE_H_
#define FUNCTION_RELEASE_SCHEDULE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "function/release/policy.h"

namespace release {

// Whether a moment is inside, and when that next changes by itself (absent: never, or not within a year).
// Where one window or freeze goes on as another ends, nothing changes. The message is the same until then,
// too.
struct ScheduleState {
  bool open = true;
  std::string message;
  std::optional<absl::Time> next_change;
};

// Inside any one of `windows` is inside; no windows at all restrict nothing. The start is in, the end is out;
// an end not after the start is on the next day. A local time that a clock change skips is the next one that
// exists; one that it repeats opens at its first and closes at its second occurrence. A zone that is unknown
// on this machine is never open. At most 50 windows cost some 2 ms, where they leave no gap for a year, and a
// few microseconds else.
ScheduleState EvaluateWindows(const std::vector<Window>& windows, absl::Time now);

// Closed inside any one of `freezes`.
ScheduleState EvaluateFreezes(const std::vector<Freeze>& freezes, absl::Time now);

// "09:30" → 570. The end of a day is "00:00".
absl::StatusOr<int> ParseMinuteOfDay(absl::string_view text);

// OK where the IANA time zone database of this machine has it under this name. Names that mean another thing
// on another machine ("localtime"), count leap seconds ("right/…") or are file names are refused.
absl::Status ValidateTimeZone(absl::string_view name);

// The zone itself, under the same conditions. absl keeps every zone that it has loaded.
absl::StatusOr<absl::TimeZone> LoadZone(absl::string_view name);

}  // namespace release

#endif  // FUNCTION_RELEASE_SCHEDULE_H_
