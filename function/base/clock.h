// Where the time comes from. Only the runner and the command line ask; everything below takes the time as an
// argument.
#ifndef FUNCTION_BASE_CLOCK_H_
#define FUNCTION_BASE_CLOCK_H_

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace base {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() const = 0;
};

class SystemClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
};

// The system's clock, set forward or back: for tests that can't wait for a deadline.
class OffsetClock final : public Clock {
 public:
  explicit OffsetClock(absl::Duration offset) : offset_(offset) {}
  absl::Time Now() const override { return absl::Now() + offset_; }

 private:
  absl::Duration offset_;
};

class FixedClock final : public Clock {
 public:
  explicit FixedClock(absl::Time now) : now_(now) {}
  absl::Time Now() const override { return now_; }

 private:
  absl::Time now_;
};

}  // namespace base

#endif  // FUNCTION_BASE_CLOCK_H_
