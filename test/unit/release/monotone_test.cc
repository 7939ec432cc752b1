// No policy that is added ever opens a gate, and no requirement changes by itself before it says so.
#include <algorithm>
#include <string>

#include "function/base/time.h"
#include "function/release/requirement.h"
#include "test/catch.h"
#include "test/unit/release/gate_input.h"
#include "test/unit/release/random_policy.h"

namespace release {
namespace {

std::vector<Requirement> AllOf(const GateInput& gate, absl::Time now) {
  const ApprovalCount count = CountApprovals(gate, now);
  std::vector<Requirement> all;
  for (const RequirementEntry& entry : Requirements()) {
    all.push_back(entry.check({gate, count, kRandomEpoch - absl::Hours(2), now}));
  }
  return all;
}

// Approvals only: naming approvers narrows who may reject, which is what it is for.
GateInput RandomGate(Random& random) {
  GateInput gate = OpenGate();
  gate.spec.approval_required = random.OneIn(2);
  gate.spec.requested_by = random.Of({"", "alice", "rita", "rita"});
  gate.spec.approvals.clear();
  for (const std::string& person : People()) {
    if (!random.OneIn(4)) gate.spec.approvals.push_back(Approve(person));
  }
  for (const char* name : {"unit", "e2e", "scan"}) {
    Check check;
    check.name = name;
    check.artifact_id = kApp;
    check.state = random.OneIn(6) ? CheckState::kPending : CheckState::kSuccess;
    gate.spec.checks.push_back(check);
  }
  if (random.OneIn(2)) gate.pipeline.source_since = kRandomEpoch - absl::Hours(random.Below(8));
  return gate;
}

TEST_CASE("A policy that is added opens no requirement", "[requirement]") {
  constexpr unsigned kSeed = 13;
  Random random(kSeed);
  int opened = 0;
  for (int i = 0; i < 4000; ++i) {
    GateInput gate = RandomGate(random);
    const absl::Time now = kRandomEpoch + absl::Minutes(random.Below(48 * 60));
    const StepPolicy p = RandomPolicy(random);
    const StepPolicy q = RandomPolicy(random);
    gate.policy = p;
    const std::vector<Requirement> alone = AllOf(gate, now);
    gate.policy = Merge(p, q);
    const std::vector<Requirement> merged = AllOf(gate, now);
    bool open = true;
    for (size_t r = 0; r < merged.size(); ++r) {
      INFO("seed " << kSeed << ", round " << i << ": " << merged[r].name);
      INFO("alone: " << alone[r].message << "\nmerged: " << merged[r].message);
      if (merged[r].satisfied) REQUIRE(alone[r].satisfied);
      open = open && merged[r].satisfied;
    }
    opened += open;
  }
  INFO("gates that are open have to come up");
  CHECK(opened > 20);
}

TEST_CASE("A requirement stays as it is until the change that it announces", "[requirement]") {
  constexpr unsigned kSeed = 17;
  Random random(kSeed);
  int announced = 0;
  for (int i = 0; i < 1500; ++i) {
    GateInput gate = RandomGate(random);
    gate.policy = Merge(RandomPolicy(random), RandomPolicy(random));
    const absl::Time now = kRandomEpoch + absl::Minutes(random.Below(48 * 60));
    const std::vector<Requirement> before = AllOf(gate, now);
    for (size_t r = 0; r < before.size(); ++r) {
      INFO("seed " << kSeed << ", round " << i << ", " << base::FormatTime(now) << ": " << before[r].message);
      if (!before[r].next_change) {
        REQUIRE(AllOf(gate, now + absl::Hours(24 * 40))[r] == before[r]);
        continue;
      }
      ++announced;
      const absl::Time change = *before[r].next_change;
      REQUIRE(change > now);
      REQUIRE(AllOf(gate, change - absl::Seconds(1))[r] == before[r]);
      REQUIRE_FALSE(AllOf(gate, change)[r] == before[r]);
    }
  }
  CHECK(announced > 500);
}

}  // namespace
}  // namespace release
