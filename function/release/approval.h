// Which approvals of a gate count, and which do not and why.
#ifndef FUNCTION_RELEASE_APPROVAL_H_
#define FUNCTION_RELEASE_APPROVAL_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "function/release/gate.h"

namespace release {

struct ApprovalCount {
  ApprovalTally tally;
  bool needed = false;     // somebody asks for an approval
  bool satisfied = false;  // every rule is filled, or none is needed
  std::string reason;      // CamelCase, for the requirement: AwaitingApprovals, RequesterUnknown, RequirementsMet, …
  std::string message;
  std::vector<std::string> rejected_by;  // eligible people who rejected
  std::string overridden_by;             // who broke the glass, where that is allowed and valid
  std::string override_reason;
};

// Approvals are needed where the gate (approval_required), the pipeline or the platform asks; without a rule, one
// approval by anyone. One person fills one slot: rules and people are matched so that as many slots as possible are
// filled, and always in the same way. Deterministic; at most 50 rules and 50 approvals.
ApprovalCount CountApprovals(const GateInput& gate, absl::Time now);

// The text that an approver signs, each line ending in a newline. `decision`: approve, reject or override.
std::string ApprovalStatement(const Subject& subject, absl::string_view decision, absl::string_view approver);

}  // namespace release

#endif  // FUNCTION_RELEASE_APPROVAL_H_
