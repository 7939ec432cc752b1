#include "function/release/schedule.h"

#include <chrono>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "function/base/time.h"
#include "test/catch.h"

namespace release {
namespace {

absl::Time At(const std::string& text) {
  const absl::StatusOr<absl::Time> time = base::ParseTime(text);
  REQUIRE(time.ok());
  return *time;
}

std::string Text(const std::optional<absl::Time>& time) { return time ? base::FormatTime(*time) : "never"; }

struct WindowCase {
  std::string reason;
  std::vector<Window> windows;
  std::string now;
  bool open;
  std::string next;
};

const Window kOffice{"office", {1, 2, 3, 4, 5}, 540, 1020, "UTC"};
const Window kNight{"night", {}, 1320, 360, "UTC"};
const Window kFridayNight{"friday", {5}, 1320, 360, "UTC"};
const Window kAlways{"always", {}, 0, 0, "UTC"};

Window Daily(int start, int end, const std::string& zone) { return {"daily", {}, start, end, zone}; }

const std::vector<WindowCase> kWindowCases = {
    {"no window restricts nothing", {}, "2026-01-02T12:00:00Z", true, "never"},
    {"the start is in", {kOffice}, "2026-01-02T09:00:00Z", true, "2026-01-02T17:00:00Z"},
    {"the second before is out", {kOffice}, "2026-01-02T08:59:59Z", false, "2026-01-02T09:00:00Z"},
    {"the last second is in", {kOffice}, "2026-01-02T16:59:59Z", true, "2026-01-02T17:00:00Z"},
    {"the end is out, and the next one is after the weekend",
     {kOffice},
     "2026-01-02T17:00:00Z",
     false,
     "2026-01-05T09:00:00Z"},
    {"over midnight, before it", {kNight}, "2026-01-02T23:00:00Z", true, "2026-01-03T06:00:00Z"},
    {"over midnight, after it", {kNight}, "2026-01-03T05:59:59Z", true, "2026-01-03T06:00:00Z"},
    {"the day is that of the start: Saturday morning belongs to Friday",
     {kFridayNight},
     "2026-01-03T01:00:00Z",
     true,
     "2026-01-03T06:00:00Z"},
    {"and Friday morning does not", {kFridayNight}, "2026-01-02T01:00:00Z", false, "2026-01-02T22:00:00Z"},
    {"a night of Sunday reaches into the next week",
     {{"sunday", {7}, 1320, 360, "UTC"}},
     "2026-01-05T01:00:00Z",
     true,
     "2026-01-05T06:00:00Z"},
    {"a whole day, every day, never changes", {kAlways}, "2026-01-02T12:00:00Z", true, "never"},
    {"seven whole days are every day",
     {{"week", {1, 2, 3, 4, 5, 6, 7}, 720, 720, "Europe/Berlin"}},
     "2026-01-02T12:00:00Z",
     true,
     "never"},
    {"one window ends as another begins: no change",
     {kOffice, {"evening", {5}, 1020, 1200, "UTC"}},
     "2026-01-02T10:00:00Z",
     true,
     "2026-01-02T20:00:00Z"},
    {"one window ends within another of another zone",
     {kOffice, Daily(600, 1200, "America/New_York")},
     "2026-01-02T10:00:00Z",
     true,
     "2026-01-03T01:00:00Z"},
    {"two zones fill each other's gaps until a clock change in one of them",
     {Daily(0, 720, "UTC"), Daily(780, 60, "Europe/Berlin")},
     "2026-01-02T10:00:00Z",
     true,
     "2026-03-29T23:00:00Z"},
    {"an unknown zone is never open", {Daily(0, 0, "Mars/Olympus")}, "2026-01-02T10:00:00Z", false, "never"},
    {"an unknown zone does not close the others",
     {Daily(0, 0, "Mars/Olympus"), kOffice},
     "2026-01-02T10:00:00Z",
     true,
     "2026-01-02T17:00:00Z"},
    {"a start that the clocks skip is the next time there is: 02:30 in Berlin is 03:00",
     {Daily(150, 240, "Europe/Berlin")},
     "2026-03-29T00:30:00Z",
     false,
     "2026-03-29T01:00:00Z"},
    {"an end that the clocks skip, too",
     {Daily(60, 150, "Europe/Berlin")},
     "2026-03-29T00:30:00Z",
     true,
     "2026-03-29T01:00:00Z"},
    {"a window within the skipped hour has no time that day",
     {Daily(130, 160, "Europe/Berlin")},
     "2026-03-29T00:30:00Z",
     false,
     "2026-03-30T00:10:00Z"},
    {"a repeated start opens at its first, and a repeated end closes at its second occurrence",
     {Daily(130, 160, "Europe/Berlin")},
     "2026-10-25T00:10:00Z",
     true,
     "2026-10-25T01:40:00Z"},
    {"the end of the repeated hour's first second is repeated, too",
     {Daily(60, 120, "Europe/Berlin")},
     "2026-10-25T00:30:00Z",
     true,
     "2026-10-25T01:00:00Z"},
    {"New York changes at 02:00 local time",
     {Daily(150, 240, "America/New_York")},
     "2026-03-08T06:59:59Z",
     false,
     "2026-03-08T07:00:00Z"},
    {"Lord Howe changes by half an hour",
     {Daily(135, 180, "Australia/Lord_Howe")},
     "2026-10-03T15:00:00Z",
     false,
     "2026-10-03T15:30:00Z"},
    {"Apia had no 30 December 2011",
     {{"friday", {5}, 540, 1020, "Pacific/Apia"}},
     "2011-12-30T09:00:00Z",
     false,
     "2012-01-05T19:00:00Z"},
};

TEST_CASE("Windows are open from their start to before their end", "[schedule]") {
  for (const WindowCase& c : kWindowCases) {
    INFO(c.reason);
    const ScheduleState state = EvaluateWindows(c.windows, At(c.now));
    INFO(state.message);
    CHECK(state.open == c.open);
    CHECK(Text(state.next_change) == c.next);
  }
}

struct MessageCase {
  std::string reason;
  std::vector<Window> windows;
  std::string want;
};

TEST_CASE("A message names the windows and when they change", "[schedule]") {
  const std::vector<Window> seven(7, kOffice);
  const std::vector<MessageCase> cases = {
      {"none", {}, "no window is set"},
      {"open", {kOffice}, "inside the window \"office\" until 2026-01-02T17:00:00Z"},
      {"closed", {kNight}, "outside the window \"night\" until 2026-01-02T22:00:00Z"},
      {"for good", {kAlways, kNight}, "inside the windows \"always\", \"night\""},
      {"many", seven,
       "inside the windows \"office\", \"office\", \"office\", \"office\", \"office\" and 2 more until "
       "2026-01-02T17:00:00Z"},
      {"a zone that this machine does not know, once",
       {Daily(0, 0, "Mars/Olympus"), Daily(0, 1, "Mars/Olympus")},
       "outside the windows \"daily\", \"daily\"; not in this machine's time zone database: "
       "\"Mars/Olympus\""},
  };
  for (const MessageCase& c : cases) {
    INFO(c.reason);
    CHECK(EvaluateWindows(c.windows, At("2026-01-02T12:00:00Z")).message == c.want);
  }
}

TEST_CASE("Fifty windows that never close take little time", "[schedule]") {
  // The worst there is: stretches of two zones that fill each other's gaps for a year, in the smallest
  // pieces.
  std::vector<Window> windows;
  for (int i = 0; i < 25; ++i) {
    windows.push_back(Daily(i * 58, i * 58 + 29, "UTC"));
    windows.push_back(Daily(i * 58 + 29, i == 24 ? 0 : i * 58 + 58, "Africa/Abidjan"));
  }
  const auto start = std::chrono::steady_clock::now();
  const ScheduleState state = EvaluateWindows(windows, At("2026-01-02T12:00:00Z"));
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
  INFO(took.count() << " ms, " << state.message);
  CHECK(state.open);
  CHECK_FALSE(state.next_change.has_value());
  CHECK(took.count() < 500);  // some 5 ms; the bound is for slow machines and sanitizers
}

struct FreezeCase {
  std::string reason;
  std::vector<Freeze> freezes;
  bool open;
  std::string next;
  std::string message;
};

TEST_CASE("A freeze closes from its start to before its end", "[schedule]") {
  const absl::Time now = At("2026-01-02T12:00:00Z");
  const auto freeze = [&](const std::string& name, int from, int until, const std::string& reason) {
    return Freeze{name, now + absl::Hours(from), now + absl::Hours(until), reason};
  };
  const std::vector<FreezeCase> cases = {
      {"none", {}, true, "never", "not frozen"},
      {"over", {freeze("a", -2, -1, "")}, true, "never", "not frozen"},
      {"the end is out", {freeze("a", -2, 0, "")}, true, "never", "not frozen"},
      {"the start is in",
       {freeze("a", 0, 1, "")},
       false,
       "2026-01-02T13:00:00Z",
       "frozen until 2026-01-02T13:00:00Z: \"a\""},
      {"to come",
       {freeze("b", 5, 6, ""), freeze("a", 3, 4, "")},
       true,
       "2026-01-02T15:00:00Z",
       "not frozen until 2026-01-02T15:00:00Z"},
      {"freezes that touch and overlap are one",
       {freeze("c", 2, 9, ""), freeze("a", -1, 1, "holidays"), freeze("b", 1, 3, "")},
       false,
       "2026-01-02T21:00:00Z",
       "frozen until 2026-01-02T21:00:00Z: \"a: holidays\", \"b\", \"c\""},
      {"a reason of several lines is one line in a message",
       {freeze("a", 0, 1, "Black Friday\n  and the weekend\n")},
       false,
       "2026-01-02T13:00:00Z",
       "frozen until 2026-01-02T13:00:00Z: \"a: Black Friday and the weekend\""},
      {"a reason of blanks is none",
       {freeze("a", 0, 1, " \n")},
       false,
       "2026-01-02T13:00:00Z",
       "frozen until 2026-01-02T13:00:00Z: \"a\""},
      {"a freeze that ends before it starts is none", {freeze("a", 1, -1, "")}, true, "never", "not frozen"},
  };
  for (const FreezeCase& c : cases) {
    INFO(c.reason);
    const ScheduleState state = EvaluateFreezes(c.freezes, now);
    CHECK(state.open == c.open);
    CHECK(Text(state.next_change) == c.next);
    CHECK(state.message == c.message);
  }
}

TEST_CASE("A time of the day is HH:MM", "[schedule]") {
  CHECK(*ParseMinuteOfDay("00:00") == 0);
  CHECK(*ParseMinuteOfDay("09:30") == 570);
  CHECK(*ParseMinuteOfDay("23:59") == 1439);
  for (const char* text :
       {"", "9:30", "24:00", "12:60", "12:5x", "1 :30", "12.30", "-1:00", "12:300", "+1:00"}) {
    INFO(text);
    CHECK(ParseMinuteOfDay(text).status().message() ==
          absl::StrCat(
              "\"", text,
              "\" is no time of the day: write HH:MM from 00:00 to 23:59, and 00:00 for the end of a day"));
  }
}

TEST_CASE("A time zone is a name of the IANA database and no path", "[schedule]") {
  for (const char* name :
       {"UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+3", "Pacific/Apia"}) {
    INFO(name);
    CHECK(ValidateTimeZone(name).ok());
  }
  for (const char* name : {"", "Mars/Olympus", "/etc/localtime", "../zoneinfo/UTC", "right/UTC", "localtime",
                           "Fixed/UTC+01:00:00", "file:UTC", "Europe/", "Europe", "UTC\n"}) {
    INFO(name);
    CHECK_FALSE(ValidateTimeZone(name).ok());
  }
  CHECK(ValidateTimeZone("CEST").message() ==
        "\"CEST\" is not in the time zone database: write an IANA name such as Europe/Berlin or UTC");
}

}  // namespace
}  // namespace release
