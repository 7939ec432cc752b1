// Policies for property tests, drawn from few values so that they collide often.
#ifndef TEST_UNIT_RELEASE_RANDOM_POLICY_H_
#define TEST_UNIT_RELEASE_RANDOM_POLICY_H_

#include <random>
#include <string>
#include <vector>

#include "function/release/policy.h"

namespace release {

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}

  int Below(int n) { return static_cast<int>(engine_() % static_cast<unsigned>(n)); }
  bool OneIn(int n) { return Below(n) == 0; }
  const std::string& Of(const std::vector<std::string>& values) {
    return values[Below(static_cast<int>(values.size()))];
  }

  template <typename Make>
  auto List(int max, Make make) {
    std::vector<decltype(make())> list;
    for (int n = Below(max + 1); n > 0; --n) list.push_back(make());
    return list;
  }

 private:
  std::mt19937 engine_;
};

inline const std::vector<std::string>& People() {
  static const std::vector<std::string> people = {"alice", "bob", "carol", "dave"};
  return people;
}

inline const absl::Time kRandomEpoch = absl::FromUnixSeconds(1767312000);  // Friday, 2026-01-02T00:00:00Z

inline Window RandomWindow(Random& random) {
  static const std::vector<std::string> zones = {"UTC", "Europe/Berlin", "America/New_York"};
  return {random.Of({"day", "night"}), random.List(3, [&] { return 1 + random.Below(7); }),
          random.Below(4) * 360, random.Below(4) * 360, random.Of(zones)};
}

inline Freeze RandomFreeze(Random& random) {
  const absl::Time from = kRandomEpoch + absl::Hours(random.Below(48) - 24);
  return {random.Of({"a", "b"}), from, from + absl::Hours(random.Below(12)), random.Of({"", "holidays"})};
}

inline StepPolicy RandomPolicy(Random& random) {
  StepPolicy policy;
  policy.approvals = random.List(2, [&] {
    return ApprovalRule{random.Of({"owners", "sre"}), random.List(3, [&] { return random.Of(People()); }),
                        1 + random.Below(2)};
  });
  policy.approval_required = random.OneIn(3);
  policy.forbid_self_approval = random.OneIn(3);
  policy.require_signatures = random.OneIn(4);
  policy.require_digest = random.OneIn(8);
  policy.soak_hours = random.OneIn(2) ? 0 : random.Below(6);
  policy.required_checks = random.List(2, [&] { return random.Of({"unit", "e2e", "scan"}); });
  policy.windows = random.List(1, [&] { return random.List(3, [&] { return RandomWindow(random); }); });
  policy.freezes = random.List(1, [&] { return RandomFreeze(random); });
  if (random.OneIn(2)) policy.timeout_hours = 1 + random.Below(5);
  return policy;
}

}  // namespace release

#endif  // TEST_UNIT_RELEASE_RANDOM_POLICY_H_
