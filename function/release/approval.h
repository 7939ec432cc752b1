// Which approvals of a gate count, and which do not and why.
#ifndef FUNCTION_RELEASE_APPROVAL_H_
#define FUNCTION_RELEASE_APPROVAL_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "function/release/gate.h"

namespace release {

// Why an approval, a reject or an override is ignored: the first of these that holds, in this order. A
// signature that is there has to be valid even where none is required; its own reasons are those of
// signature.h.
namespace ignored {
inline constexpr absl::string_view kOtherArtifact = "OtherArtifact";
inline constexpr absl::string_view kOtherAttempt = "OtherAttempt";
// In no rule's approvers; without a rule, no name at all or one with control characters.
inline constexpr absl::string_view kNotAnApprover = "NotAnApprover";
// Not one of override_approvers.
inline constexpr absl::string_view kOverrideNotAllowed = "OverrideNotAllowed";
// Self-approval is forbidden and nobody knows who asked. Only approvals: a reject counts.
inline constexpr absl::string_view kRequesterUnknown = "RequesterUnknown";
// By the one who asked, or signed with a key that is listed for them, too. They may well reject.
inline constexpr absl::string_view kSelfApproval = "SelfApproval";
inline constexpr absl::string_view kSignatureMissing = "SignatureMissing";
inline constexpr absl::string_view kSignerNotAllowed = "SignerNotAllowed";  // also: no signers are configured
// Signed with the key of another approval: two names of one person, who fills one slot.
inline constexpr absl::string_view kSameKey = "SameKey";
// Eligible, but every slot that this person could fill is filled, or nobody asks for an approval.
inline constexpr absl::string_view kNotNeeded = "NotNeeded";
}  // namespace ignored

// All of them, and those of signature.h.
absl::Span<const absl::string_view> IgnoredReasons();

struct ApprovalCount {
  // need: the slots of all rules; have: those that are filled. Sorted by approver; an override that is
  // ignored is the last of `ignored`. Eligible rejects are in rejected_by, everything else in exactly one of
  // both lists.
  ApprovalTally tally;
  bool needed = false;     // somebody asks for an approval
  bool satisfied = false;  // every slot is filled, or none is needed; and nobody rejected
  std::string reason;  // for the requirement: Met, NotRequired, AwaitingApprovals, RequesterUnknown, Rejected
  std::string message;
  std::vector<std::string> rejected_by;  // eligible people who rejected, sorted
  std::string overridden_by;             // who broke the glass, where that is allowed and valid
  std::string override_reason;
};

// The name under which an approval counts where no rule asks for it.
inline constexpr absl::string_view kAnyoneRule = "anyone";

// Approvals are needed where the gate (approval_required), the pipeline or the platform asks; without a rule,
// one approval by anyone. One person fills one slot: rules and people are matched so that as many slots as
// possible are filled, and always in the same way, in whatever order approvals and rules come. At most 50
// approvals, and 50 rules a policy.
//
// Who may approve may reject, whether or not an approval is needed. The override is not subject to
// forbid_self_approval: override_approvers is the whole of who may.
ApprovalCount CountApprovals(const GateInput& gate, absl::Time now);

// The text that an approver signs, each line ending in a newline. `decision`: approve, reject or override.
std::string ApprovalStatement(const Subject& subject, absl::string_view decision, absl::string_view approver);

}  // namespace release

#endif  // FUNCTION_RELEASE_APPROVAL_H_
