// The requirements that time alone can change.
#include <string>

#include "test/catch.h"
#include "test/unit/release/requirement_cases.h"

namespace release {
namespace {

TEST_CASE("Soak: long enough in the source environment", "[requirement]") {
  const std::string n = "Soak";
  RunCases(
      CheckSoak,
      {
          {"none is required", [](GateInput&) {}, {n, true, "NotRequired", "no soak is required", {}}},
          {"exactly long enough",
           [](GateInput& g) { g.policy.soak_hours = 10; },
           {n,
            true,
            "Met",
            "in staging since 2026-01-02T02:00:00Z, to soak 10 hours, until 2026-01-02T12:00:00Z",
            {}}},
          {"not yet",
           [](GateInput& g) { g.policy.soak_hours = 12; },
           {n, false, "Soaking",
            "in staging since 2026-01-02T02:00:00Z, to soak 12 hours, until 2026-01-02T14:00:00Z",
            kNow + absl::Hours(2)}},
          {"another artifact is there: from the attempt's start",
           [](GateInput& g) {
             g.policy.soak_hours = 2;
             g.pipeline.source_artifact_id = kOtherApp;
           },
           {n, false, "Soaking",
            "promotion asked for since 2026-01-02T11:00:00Z, to soak 2 hours, until 2026-01-02T13:00:00Z",
            kNow + absl::Hours(1)}},
          {"it is unknown since when",
           [](GateInput& g) {
             g.policy.soak_hours = 1;
             g.pipeline.source_since.reset();
           },
           {n,
            true,
            "Met",
            "promotion asked for since 2026-01-02T11:00:00Z, to soak 1 hour, until 2026-01-02T12:00:00Z",
            {}}},
          {"the word of somebody else's pipeline is none",
           [](GateInput& g) {
             g.policy.soak_hours = 2;
             g.pipeline.tenant = "evil";
           },
           {n, false, "Soaking",
            "promotion asked for since 2026-01-02T11:00:00Z, to soak 2 hours, until 2026-01-02T13:00:00Z",
            kNow + absl::Hours(1)}},
      });
}

TEST_CASE("Window: inside one of every set and outside every freeze", "[requirement]") {
  const std::string n = "Window";
  RunCases(CheckWindow,
           {
               {"nothing is set",
                [](GateInput&) {},
                {n, true, "NotRequired", "no window is set, and no freeze", {}}},
               {"inside both sides' windows, until the first of them ends",
                [](GateInput& g) {
                  g.policy.windows = {{{"day", {}, 480, 1080, "UTC"}}, {{"noon", {}, 660, 780, "UTC"}}};
                },
                {n, true, "Met",
                 "inside the window \"day\" until 2026-01-02T18:00:00Z; inside the window \"noon\" until "
                 "2026-01-02T13:00:00Z",
                 kNow + absl::Hours(1)}},
               {"inside one side's window only: what is open may end before the other opens",
                [](GateInput& g) {
                  g.policy.windows = {{{"day", {}, 480, 780, "UTC"}}, {{"night", {}, 1320, 360, "UTC"}}};
                },
                {n, false, "OutsideWindow", "outside the window \"night\" until 2026-01-02T22:00:00Z",
                 kNow + absl::Hours(1)}},
               {"frozen within a window",
                [](GateInput& g) {
                  g.policy.windows = {{{"day", {}, 480, 1080, "UTC"}}};
                  g.policy.freezes = {{"xmas", kNow - absl::Hours(1), kNow + absl::Hours(2), "holidays"}};
                },
                {n, false, "Frozen", "frozen until 2026-01-02T14:00:00Z: \"xmas: holidays\"",
                 kNow + absl::Hours(2)}},
               {"a freeze to come",
                [](GateInput& g) {
                  g.policy.freezes = {{"xmas", kNow + absl::Hours(3), kNow + absl::Hours(4), ""}};
                },
                {n, true, "Met", "not frozen until 2026-01-02T15:00:00Z", kNow + absl::Hours(3)}},
               {"a set of no windows asks for nothing",
                [](GateInput& g) { g.policy.windows = {{}}; },
                {n, true, "NotRequired", "no window is set, and no freeze", {}}},
           });
}

}  // namespace
}  // namespace release
