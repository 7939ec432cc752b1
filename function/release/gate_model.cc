// The plain values of gate.h: names and the subject.
#include "absl/strings/str_cat.h"
#include "function/base/json.h"
#include "function/base/sha256.h"
#include "function/release/gate.h"

namespace release {

absl::string_view Name(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPending:
      return "pending";
    case Verdict::kApproved:
      return "approved";
    case Verdict::kRejected:
      return "rejected";
    case Verdict::kTimeout:
      return "timeout";
  }
  return "";
}

std::optional<Verdict> ParseVerdict(absl::string_view name) {
  for (Verdict verdict : {Verdict::kPending, Verdict::kApproved, Verdict::kRejected, Verdict::kTimeout}) {
    if (name == Name(verdict)) return verdict;
  }
  return std::nullopt;
}

absl::string_view Name(Decision decision) { return decision == Decision::kApprove ? "approve" : "reject"; }

absl::string_view Name(CheckState state) {
  switch (state) {
    case CheckState::kPending:
      return "pending";
    case CheckState::kSuccess:
      return "success";
    case CheckState::kFailure:
      return "failure";
  }
  return "";
}

std::string Subject::Hash() const {
  // Canonical JSON, which has the names in order. Spelled out, because every call makes some.
  using base::CanonicalJsonString;
  return base::Sha256Hex(absl::StrCat(
      "{\"artifact_id\":", CanonicalJsonString(artifact_id), ",\"attempt\":", attempt,
      ",\"gate\":", CanonicalJsonString(gate), ",\"namespace\":", CanonicalJsonString(namespace_name),
      ",\"source\":", CanonicalJsonString(source), ",\"target\":", CanonicalJsonString(target),
      ",\"tenant\":", CanonicalJsonString(tenant), "}"));
}

Subject SubjectOf(const GateInput& input) {
  return {input.namespace_name,
          input.name,
          input.spec.tenant,
          input.spec.artifact_id,
          std::string(Name(input.spec.step.source)),
          std::string(Name(input.spec.step.target)),
          input.spec.attempt};
}

std::string GateName(absl::string_view tenant, const Step& step) {
  return absl::StrCat(tenant, "-", step.Slug());
}

}  // namespace release
