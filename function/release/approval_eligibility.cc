#include "function/release/approval_eligibility.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "function/release/approval.h"
#include "function/release/signature.h"

namespace release {
namespace {

constexpr absl::string_view kEligible;
constexpr absl::string_view kOverrideDecision = "override";

bool Contains(const std::vector<std::string>& list, const std::string& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

bool IsName(const std::string& text) {
  return !text.empty() &&
         std::none_of(text.begin(), text.end(), [](char c) { return absl::ascii_iscntrl(c); });
}

}  // namespace

bool Accepts(const ApprovalRule& rule, const std::string& approver) {
  return rule.approvers.empty() || Contains(rule.approvers, approver);
}

Eligibility::Eligibility(const GateInput& gate, const std::vector<ApprovalRule>& rules, absl::Time now)
    : gate_(gate), rules_(rules), now_(now), subject_(SubjectOf(gate)) {}

absl::string_view Eligibility::Check(const Approval& approval, std::string& public_key) const {
  const bool approves = approval.decision == Decision::kApprove;
  absl::string_view reason = CheckBinding(approval.artifact_id, approval.attempt);
  if (reason.empty() && !IsApprover(approval.approver)) reason = ignored::kNotAnApprover;
  if (reason.empty() && approves) reason = CheckRequester(approval.approver);
  if (reason.empty())
    reason = CheckSigned(approval.approver, Name(approval.decision), approval.signature, public_key);
  if (reason.empty() && approves && IsRequestersKey(public_key)) reason = ignored::kSelfApproval;
  return reason;
}

absl::string_view Eligibility::Check(const Override& override) const {
  const auto& allowed = gate_.trust.override_approvers;
  absl::string_view reason = CheckBinding(override.artifact_id, override.attempt);
  if (!reason.empty()) return reason;
  if (!IsName(override.by) || !allowed || !Contains(*allowed, override.by))
    return ignored::kOverrideNotAllowed;
  std::string public_key;
  return CheckSigned(override.by, kOverrideDecision, override.signature, public_key);
}

absl::string_view Eligibility::CheckBinding(const std::string& artifact_id, int attempt) const {
  if (artifact_id != gate_.spec.artifact_id) return ignored::kOtherArtifact;
  if (attempt != gate_.spec.attempt) return ignored::kOtherAttempt;
  return kEligible;
}

bool Eligibility::IsApprover(const std::string& approver) const {
  if (!IsName(approver)) return false;
  return rules_.empty() || std::any_of(rules_.begin(), rules_.end(),
                                       [&](const ApprovalRule& rule) { return Accepts(rule, approver); });
}

absl::string_view Eligibility::CheckRequester(const std::string& approver) const {
  if (!gate_.policy.forbid_self_approval) return kEligible;
  if (gate_.spec.requested_by.empty()) return ignored::kRequesterUnknown;
  const bool asked = approver == gate_.spec.requested_by || approver == gate_.first_requested_by;
  return asked ? ignored::kSelfApproval : kEligible;
}

absl::string_view Eligibility::CheckSigned(const std::string& by, absl::string_view decision,
                                           const std::string& signature, std::string& public_key) const {
  if (signature.empty()) return gate_.policy.require_signatures ? ignored::kSignatureMissing : kEligible;
  if (Signers().empty()) return ignored::kSignerNotAllowed;
  SignatureResult result =
      CheckSignature(Signers(), by, ApprovalStatement(subject_, decision, by), signature, now_);
  public_key = std::move(result.public_key);
  return Reason(result.check);
}

// Whether the key that made this good signature is listed for the requester, too, be it expired or for other
// uses.
bool Eligibility::IsRequestersKey(const std::string& public_key) const {
  if (!gate_.policy.forbid_self_approval || public_key.empty()) return false;
  if (!requesters_keys_) {
    requesters_keys_ = KeysOf(Signers(), gate_.spec.requested_by);
    if (!gate_.first_requested_by.empty() && gate_.first_requested_by != gate_.spec.requested_by) {
      const std::vector<std::string> first = KeysOf(Signers(), gate_.first_requested_by);
      requesters_keys_->insert(requesters_keys_->end(), first.begin(), first.end());
    }
  }
  return Contains(*requesters_keys_, public_key);
}

absl::string_view Eligibility::Signers() const {
  return gate_.trust.allowed_signers ? absl::string_view(*gate_.trust.allowed_signers) : absl::string_view();
}

}  // namespace release
