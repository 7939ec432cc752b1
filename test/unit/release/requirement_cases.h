// Tables of a requirement's cases: each takes something away from a gate that is open.
#ifndef TEST_UNIT_RELEASE_REQUIREMENT_CASES_H_
#define TEST_UNIT_RELEASE_REQUIREMENT_CASES_H_

#include <string>
#include <vector>

#include "function/release/requirement.h"
#include "test/catch.h"
#include "test/unit/release/gate_input.h"

namespace release {

// The attempt began an hour before kNow.
inline Requirement Run(RequirementCheck check, const GateInput& gate) {
  const ApprovalCount count = CountApprovals(gate, kNow);
  return check({gate, count, kNow - absl::Hours(1), kNow});
}

struct RequirementCase {
  std::string reason;
  void (*change)(GateInput&);
  Requirement want;
};

inline void RunCases(RequirementCheck check, const std::vector<RequirementCase>& cases) {
  for (const RequirementCase& c : cases) {
    INFO(c.reason);
    GateInput gate = OpenGate();
    c.change(gate);
    const Requirement got = Run(check, gate);
    CHECK(got.name == c.want.name);
    CHECK(got.satisfied == c.want.satisfied);
    CHECK(got.reason == c.want.reason);
    CHECK(got.message == c.want.message);
    CHECK(got.next_change == c.want.next_change);
  }
}

}  // namespace release

#endif  // TEST_UNIT_RELEASE_REQUIREMENT_CASES_H_
