#include "function/cli/ignored.h"

#include "function/release/approval.h"
#include "function/release/signature.h"

namespace cli {

Ignored FindIgnored(absl::string_view reason) {
  namespace why = release::ignored;
  const Ignored kAll[] = {
      {why::kOtherArtifact, "it is for another artifact", "approve the one that the gate is about"},
      {why::kOtherAttempt, "it is for another attempt", "approve the one that the gate is at"},
      {why::kNotAnApprover, "no rule has this name among its approvers", "ask somebody whom a rule names"},
      {why::kOverrideNotAllowed, "this name is not among override_approvers", "ask one of them"},
      {why::kRequesterUnknown, "self-approval is forbidden, and spec.requested_by is empty",
       "set it to whoever asks for the promotion"},
      {why::kSelfApproval, "self-approval is forbidden, and this is who asked, or a key of theirs",
       "ask somebody else to approve"},
      {why::kSignatureMissing, "a signature is required",
       "make one with `approval sign`, or approve with --sign KEY"},
      {why::kSignerNotAllowed, "no line of the allowed signers lists this key for this name",
       "sign with a key that is listed, or have this one added to allowed_signers"},
      {why::kSameKey, "signed with the key of another approval: one person fills one slot",
       "ask somebody else to approve"},
      {why::kNotNeeded, "right, but not needed", ""},
      {Reason(release::SignatureCheck::kInvalid),
       "not a signature over the statement of this gate, artifact, attempt, decision and approver",
       "sign it again, and change nothing afterwards"},
      {Reason(release::SignatureCheck::kSignerExpired),
       "the allowed signers list the key, but not for this time", "have the key renewed"},
      {Reason(release::SignatureCheck::kWrongNamespace),
       "signed in, or listed for, another namespace than release-gate",
       "sign with -n release-gate, and have the key listed for it"},
  };
  for (const Ignored& ignored : kAll) {
    if (ignored.reason == reason) return ignored;
  }
  return {reason, "", ""};
}

}  // namespace cli
