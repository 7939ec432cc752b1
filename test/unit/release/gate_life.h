// A gate over several calls: what one call returns as status and ConfigMap is what the next one finds.
#ifndef TEST_UNIT_RELEASE_GATE_LIFE_H_
#define TEST_UNIT_RELEASE_GATE_LIFE_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "function/release/approval.h"
#include "function/release/gate.h"
#include "test/unit/release/gate_input.h"
#include "test/unit/release/ssh_signer.h"

namespace release {

struct GateLife {
  GateInput input = Created();
  GateDecision last;

  // Made an hour before kNow, with a deadline 23 hours after it, and nobody has approved yet.
  static GateInput Created() {
    GateInput gate = OpenGate();
    gate.creation_timestamp = kNow - absl::Hours(1);
    gate.spec.approvals.clear();
    return gate;
  }

  const GateDecision& Run(absl::Time now = kNow) {
    last = Decide(input, now);
    input.previous = last.status;
    input.config_map = last.status;
    input.config_map->audit = last.config_map_audit;
    return last;
  }

  std::string Verdict() const { return std::string(Name(last.status.verdict)); }

  // "Approved True RequirementsMet": one condition.
  std::string Condition(const std::string& type) const {
    for (const release::Condition& condition : last.conditions) {
      if (condition.type != type) continue;
      const char* const names[] = {"True ", "False ", "Unknown "};
      return names[static_cast<int>(condition.status)] + condition.reason;
    }
    return "";
  }

  // "AttemptStarted, ApprovedBy": the reasons of the last call's events.
  std::string Events() const {
    return absl::StrJoin(last.events, ", ", [](std::string* out, const Event& e) { out->append(e.reason); });
  }

  // "Approvals": what is not satisfied.
  std::string Open() const {
    std::vector<std::string> open;
    for (const Requirement& r : last.status.requirements) {
      if (!r.satisfied) open.push_back(absl::StrCat(r.name, ":", r.reason));
    }
    return absl::StrJoin(open, ", ");
  }

  // "AttemptStarted by gate, ApprovedBy by alice"
  std::string Trail() const {
    return absl::StrJoin(last.status.audit, ", ", [](std::string* out, const AuditEntry& e) {
      absl::StrAppend(out, e.action, " by ", e.actor);
    });
  }

  // "alice:SignatureMissing"
  std::string Ignored() const {
    return absl::StrJoin(last.status.approvals.ignored, ", ", [](std::string* out, const IgnoredApproval& i) {
      absl::StrAppend(out, i.approver, ":", i.reason);
    });
  }
};

inline Approval Signed(const GateInput& gate, Approval approval, const SshSigner& signer) {
  approval.signature =
      signer.Sign(ApprovalStatement(SubjectOf(gate), Name(approval.decision), approval.approver));
  return approval;
}

}  // namespace release

#endif  // TEST_UNIT_RELEASE_GATE_LIFE_H_
