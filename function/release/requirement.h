// The requirements of a gate. Each is one pure function; the gate is open when all of them are satisfied.
//
// A new requirement is one function in a file of its own and one line in kRequirements.
#ifndef FUNCTION_RELEASE_REQUIREMENT_H_
#define FUNCTION_RELEASE_REQUIREMENT_H_

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "function/release/approval.h"
#include "function/release/gate.h"

namespace release {

struct RequirementContext {
  const GateInput& gate;
  const ApprovalCount& approvals;  // counted once a decision
  absl::Time attempt_start;
  absl::Time now;
};

using RequirementCheck = Requirement (*)(const RequirementContext&);

Requirement CheckProgression(const RequirementContext& context);
Requirement CheckArtifact(const RequirementContext& context);
Requirement CheckChecks(const RequirementContext& context);
Requirement CheckSoak(const RequirementContext& context);
Requirement CheckWindow(const RequirementContext& context);
Requirement CheckApprovals(const RequirementContext& context);

struct RequirementEntry {
  absl::string_view name;
  RequirementCheck check;
  bool waived_by_override;
};

// In the order in which status lists them.
absl::Span<const RequirementEntry> Requirements();

}  // namespace release

#endif  // FUNCTION_RELEASE_REQUIREMENT_H_
