// The requirements of a gate. Each is one pure function; the gate is open when all of them are satisfied.
//
// A new requirement is one function in a file of its own and one line in kRequirements. Messages say what
// there is and what it takes; they name moments, never how long it is until then, so that they change only
// when something happens.
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

// The reasons of satisfied requirements.
inline constexpr absl::string_view kMet = "Met";
inline constexpr absl::string_view kNotRequired = "NotRequired";

using RequirementCheck = Requirement (*)(const RequirementContext&);

// The gate bears the name of its step, and the step is one of the tenant's own pipeline: GateNameMismatch,
// PipelineUnknown, PipelineNotFound, PipelineInvalid, PipelineNotInCharge, PipelineOfAnotherTenant, NotAStep.
Requirement CheckProgression(const RequirementContext& context);
// The reference is immutable and in the pipeline's registry, a digest where that is demanded, in the source
// environment beyond the first step, and its attempt is a new one: NotImmutable, RegistryMismatch,
// Superseded, DigestRequired, NotInSourceEnvironment, AttemptUsed, and the reasons of a pipeline that is not
// there.
Requirement CheckArtifact(const RequirementContext& context);
// Every required check reported success for this artifact and attempt: AwaitingChecks, CheckFailed.
Requirement CheckChecks(const RequirementContext& context);
// Long enough in the source environment (since the attempt's start where it is unknown when it came there):
// Soaking.
Requirement CheckSoak(const RequirementContext& context);
// Inside one window of every set and outside every freeze: OutsideWindow, Frozen.
Requirement CheckWindow(const RequirementContext& context);
// As counted: see approval.h.
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
