// A gate whose requirements are all met, for tests to take one thing away.
#ifndef TEST_UNIT_RELEASE_GATE_INPUT_H_
#define TEST_UNIT_RELEASE_GATE_INPUT_H_

#include <string>

#include "function/release/gate.h"

namespace release {

inline constexpr char kApp[] = "ghcr.io/acme/app:main-abc123";
inline constexpr char kOtherApp[] = "ghcr.io/acme/app:main-def456";

inline const absl::Time kNow = absl::FromUnixSeconds(1767355200);  // Friday, 2026-01-02T12:00:00Z

inline Approval Approve(const std::string& approver) {
  Approval approval;
  approval.approver = approver;
  approval.artifact_id = kApp;
  return approval;
}

inline Approval Reject(const std::string& approver) {
  Approval approval = Approve(approver);
  approval.decision = Decision::kReject;
  return approval;
}

// staging to production of tenant "acme", requested by "rita", without any policy.
inline GateInput OpenGate() {
  GateInput gate;
  gate.namespace_name = "team";
  gate.name = "acme-staging-to-production";
  gate.spec.tenant = "acme";
  gate.spec.artifact_id = kApp;
  gate.spec.step = {Environment::kStaging, Environment::kProduction};
  gate.spec.pipeline = "acme-pipeline";
  gate.spec.requested_by = "rita";
  gate.spec.approvals = {Approve("alice")};
  gate.pipeline.state = PipelineFacts::State::kFound;
  gate.pipeline.tenant = "acme";
  gate.pipeline.environments = {Environment::kDev, Environment::kStaging, Environment::kProduction};
  gate.pipeline.registry = "ghcr.io";
  gate.pipeline.source_artifact_id = kApp;
  gate.pipeline.source_since = kNow - absl::Hours(10);
  return gate;
}

}  // namespace release

#endif  // TEST_UNIT_RELEASE_GATE_INPUT_H_
