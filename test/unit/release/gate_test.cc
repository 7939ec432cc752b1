#include "function/release/gate.h"

#include <string>
#include <vector>

#include "function/base/json.h"
#include "function/base/sha256.h"
#include "function/release/requirement.h"
#include "test/catch.h"
#include "test/unit/release/gate_life.h"

namespace release {
namespace {

TEST_CASE("A subject's hash is of its canonical JSON, whatever its names are", "[gate]") {
  const Subject plain{"team", "acme-dev-to-staging", "acme", kApp, "dev", "staging", 3};
  const Subject odd{"", "a\"b\\c", "caf\u00e9 \x1b", "\n", " ", "/", 0};
  for (const Subject& subject : {plain, odd}) {
    CHECK(subject.Hash() == base::Sha256Hex(base::CanonicalJson({{"namespace", subject.namespace_name},
                                                                 {"gate", subject.gate},
                                                                 {"tenant", subject.tenant},
                                                                 {"artifact_id", subject.artifact_id},
                                                                 {"source", subject.source},
                                                                 {"target", subject.target},
                                                                 {"attempt", subject.attempt}})));
  }
}

struct DecideCase {
  std::string reason;
  void (*change)(GateInput&);
  std::string verdict;
  std::string approved;  // the condition
  std::string open;
  std::string events;
};

const std::vector<DecideCase> kDecideCases = {
    {"nobody has approved", [](GateInput&) {}, "pending", "Unknown AwaitingApprovals",
     "Approvals:AwaitingApprovals", "AttemptStarted"},
    {"somebody has", [](GateInput& g) { g.spec.approvals = {Approve("alice")}; }, "approved",
     "True RequirementsMet", "", "AttemptStarted, ApprovedBy, GateApproved"},
    {"nobody has to", [](GateInput& g) { g.spec.approval_required = false; }, "approved",
     "True ApprovalNotRequired", "", "AttemptStarted, GateApproved"},
    {"one reject outweighs every approval",
     [](GateInput& g) {
       g.spec.approvals = {Approve("alice"), Reject("bob")};
     },
     "rejected", "False RejectedByApprover", "Approvals:Rejected",
     "AttemptStarted, ApprovedBy, RejectedBy, GateRejected"},
    {"a reject by somebody who may not approve is no reject",
     [](GateInput& g) {
       g.policy.approvals = {{"sre", {"carol"}, 1}};
       g.spec.approvals = {Reject("bob")};
     },
     "pending", "Unknown AwaitingApprovals", "Approvals:AwaitingApprovals",
     "AttemptStarted, ApprovalIgnored"},
    {"a check is missing",
     [](GateInput& g) {
       g.spec.approvals = {Approve("alice")};
       g.policy.required_checks = {"unit"};
     },
     "pending", "Unknown AwaitingRequirements", "Checks:AwaitingChecks", "AttemptStarted, ApprovedBy"},
    {"a check that failed keeps the gate closed and does not end it",
     [](GateInput& g) {
       g.spec.approvals = {Approve("alice")};
       g.policy.required_checks = {"unit"};
       g.spec.checks = {{"unit", CheckState::kFailure, kApp}};
     },
     "pending", "Unknown AwaitingRequirements", "Checks:CheckFailed", "AttemptStarted, ApprovedBy"},
    {"the pipeline has not been answered yet",
     [](GateInput& g) {
       g.spec.approvals = {Approve("alice")};
       g.pipeline = PipelineFacts();
     },
     "pending", "Unknown AwaitingRequirements", "Progression:PipelineUnknown, Artifact:PipelineUnknown",
     "AttemptStarted, ApprovedBy"},
    {"there is no pipeline",
     [](GateInput& g) {
       g.spec.approvals = {Approve("alice")};
       g.pipeline.state = PipelineFacts::State::kNotFound;
     },
     "pending", "Unknown PipelineNotFound", "Progression:PipelineNotFound, Artifact:PipelineNotFound",
     "AttemptStarted, ApprovedBy"},
    {"without its pipeline nobody knows who may reject",
     [](GateInput& g) {
       g.spec.approvals = {Reject("mallory")};
       g.pipeline.state = PipelineFacts::State::kNotFound;
     },
     "pending", "Unknown PipelineNotFound",
     "Progression:PipelineNotFound, Artifact:PipelineNotFound, Approvals:Rejected",
     "AttemptStarted, RejectedBy"},
    {"the glass is broken",
     [](GateInput& g) {
       g.policy.required_checks = {"unit"};
       g.policy.soak_hours = 100;
       g.trust.override_approvers = std::vector<std::string>{"boss"};
       g.spec.override = Override{"boss", "the site is down", kApp};
     },
     "approved", "True EmergencyOverride", "", "AttemptStarted, Overridden, GateApproved"},
    {"an override never waives Progression or Artifact",
     [](GateInput& g) {
       g.trust.override_approvers = std::vector<std::string>{"boss"};
       g.spec.override = Override{"boss", "the site is down", kApp};
       g.pipeline.source_artifact_id = kOtherApp;
     },
     "pending", "Unknown AwaitingRequirements", "Artifact:NotInSourceEnvironment", "AttemptStarted"},
};

TEST_CASE("A gate's first decision", "[gate]") {
  for (const DecideCase& c : kDecideCases) {
    INFO(c.reason);
    GateLife gate;
    c.change(gate.input);
    gate.Run();
    CHECK(gate.Verdict() == c.verdict);
    CHECK(gate.Condition("Approved") == c.approved);
    CHECK(gate.Open() == c.open);
    CHECK(gate.Events() == c.events);
    CHECK(gate.last.status.approved_artifact_id == (c.verdict == "approved" ? kApp : ""));
    CHECK(gate.last.status.approval_timestamp.has_value() == (c.verdict == "approved"));
    CHECK(gate.last.next_change.has_value() == (c.verdict == "pending"));
    CHECK(gate.Condition("AuditIntact") == "True ChainVerified");
    CHECK(gate.last.status.subject == SubjectOf(gate.input).Hash());
    CHECK(VerifyAudit(gate.last.status.audit, {}).ok());
  }
}

TEST_CASE("A decision that changes nothing says nothing", "[gate]") {
  for (const DecideCase& c : kDecideCases) {
    INFO(c.reason);
    GateLife gate;
    c.change(gate.input);
    const GateStatus first = gate.Run().status;
    for (int minute = 1; minute < 5; ++minute) {
      gate.Run(kNow + absl::Minutes(minute));
      CHECK(gate.last.events.empty());
      CHECK(gate.last.status.audit == first.audit);
      CHECK(gate.last.status.requirements == first.requirements);
      CHECK(gate.Verdict() == c.verdict);
      CHECK(gate.Condition("Approved") == c.approved);
    }
  }
}

struct DeadlineCase {
  std::string reason;
  void (*change)(GateInput&);
  absl::Duration after_creation;
};

TEST_CASE("The deadline is the attempt's start and the least of all timeouts", "[gate]") {
  const std::vector<DeadlineCase> cases = {
      {"the default", [](GateInput&) {}, absl::Hours(24)},
      {"the gate's", [](GateInput& g) { g.spec.timeout_hours = 5; }, absl::Hours(5)},
      {"a policy's that is less", [](GateInput& g) { g.policy.timeout_hours = 3; }, absl::Hours(3)},
      {"a policy's that is more", [](GateInput& g) { g.policy.timeout_hours = 100; }, absl::Hours(24)},
      {"no creation time: first sight", [](GateInput& g) { g.creation_timestamp.reset(); }, absl::Hours(25)},
      {"a creation time that is still to come: first sight",
       [](GateInput& g) { g.creation_timestamp = kNow + absl::Hours(7); }, absl::Hours(25)},
  };
  for (const DeadlineCase& c : cases) {
    INFO(c.reason);
    GateLife gate;
    c.change(gate.input);
    gate.Run();
    const absl::Time deadline = kNow - absl::Hours(1) + c.after_creation;
    CHECK(gate.last.status.deadline == deadline);
    CHECK(gate.last.next_change == deadline);
    gate.Run(deadline - absl::Seconds(1));
    CHECK(gate.Verdict() == "pending");
    gate.Run(deadline);
    CHECK(gate.Verdict() == "timeout");
    CHECK(gate.Condition("Approved") == "False TimedOut");
    CHECK(gate.Events() == "GateTimedOut");
  }
}

TEST_CASE("A verdict is final, whatever happens to the spec, the policy, the pipeline and the clock",
          "[gate]") {
  for (const std::string verdict : {"approved", "rejected", "timeout"}) {
    INFO(verdict);
    GateLife gate;
    gate.Run();
    if (verdict != "timeout")
      gate.input.spec.approvals = {verdict == "approved" ? Approve("alice") : Reject("alice")};
    gate.Run(verdict == "timeout" ? kNow + absl::Hours(30) : kNow + absl::Hours(1));
    REQUIRE(gate.Verdict() == verdict);
    const GateStatus before = gate.last.status;
    gate.input.spec.approvals = {Reject("bob"), Approve("carol")};
    gate.input.spec.timeout_hours = 168;
    gate.input.policy.require_signatures = true;
    gate.input.policy.required_checks = {"unit"};
    gate.input.pipeline.state = PipelineFacts::State::kNotFound;
    for (const absl::Time now : {kNow + absl::Hours(40), kNow - absl::Hours(40)}) {
      gate.Run(now);
      CHECK(gate.Verdict() == verdict);
      CHECK(gate.last.events.empty());
      CHECK(gate.last.status.requirements == before.requirements);
      CHECK(gate.last.status.deadline == before.deadline);
      CHECK(gate.last.status.approver == before.approver);
      CHECK(gate.last.status.approval_timestamp == before.approval_timestamp);
      CHECK(gate.last.status.approved_artifact_id == before.approved_artifact_id);
      CHECK(gate.last.status.audit == before.audit);
    }
  }
}

TEST_CASE("Another artifact, or a higher attempt, is a new attempt with a clock of its own", "[gate]") {
  GateLife gate;
  gate.input.spec.approvals = {Approve("alice")};
  gate.Run();
  gate.input.spec.attempt = 2;
  gate.Run(kNow + absl::Hours(50));
  CHECK(gate.Verdict() == "pending");
  CHECK(gate.Ignored() == "alice:OtherAttempt");
  CHECK(gate.last.status.approved_artifact_id.empty());
  CHECK(gate.last.status.created_timestamp == kNow + absl::Hours(50));
  CHECK(gate.last.status.deadline == kNow + absl::Hours(74));
  REQUIRE(gate.last.status.history.size() == 1);
  CHECK(gate.last.status.history[0].verdict == "approved");
  CHECK(gate.last.status.history[0].time == kNow);

  gate.input.spec.artifact_id = gate.input.pipeline.source_artifact_id = kOtherApp;
  gate.Run(kNow + absl::Hours(60));
  CHECK(gate.Verdict() == "pending");
  CHECK(gate.Events() == "Superseded, AttemptStarted, ApprovalIgnored");
  REQUIRE(gate.last.status.history.size() == 2);
  CHECK(gate.last.status.history[1].verdict == "pending");
  CHECK(gate.last.status.history[1].attempt == 2);
  CHECK(gate.last.status.history[1].time == kNow + absl::Hours(60));
}

TEST_CASE("The status says who was counted", "[gate]") {
  GateLife gate;
  gate.input.policy.approvals = {{"dev", {}, 1}, {"sre", {"carol"}, 1}};
  gate.input.spec.approvals = {Approve("alice")};
  gate.Run();
  CHECK(gate.last.status.approver == "alice");
  gate.input.spec.approvals.push_back(Approve("carol"));
  gate.Run();
  CHECK(gate.last.status.approver == "alice, carol");
  CHECK(gate.last.status.approvals.have == 2);
  CHECK(gate.Trail() ==
        "AttemptStarted by gate, ApprovedBy by alice, ApprovedBy by carol, GateApproved by gate");
}

TEST_CASE("The end of a soak and the edge of a window are when the gate looks again", "[gate]") {
  GateLife gate;
  gate.input.policy.soak_hours = 12;
  gate.input.pipeline.source_since = kNow - absl::Hours(10);
  gate.Run();
  CHECK(gate.last.next_change == kNow + absl::Hours(2));
  gate.input.policy.windows = {{{"w", {}, 13 * 60, 14 * 60, "UTC"}}};
  gate.Run();
  CHECK(gate.last.next_change == kNow + absl::Hours(1));
}

}  // namespace
}  // namespace release
