#include "function/base/clock.h"

#include "test/catch.h"

namespace {

TEST_CASE("A clock that is set off is off by just that") {
  for (const absl::Duration offset : {absl::Hours(25), -absl::Hours(25), absl::ZeroDuration()}) {
    const absl::Time before = absl::Now() + offset;
    const absl::Time now = base::OffsetClock(offset).Now();
    const absl::Time after = absl::Now() + offset;
    CHECK(before <= now);
    CHECK(now <= after);
  }
}

}  // namespace
