// What somebody can try with approvals, each test named by the attack.
#include <string>
#include <vector>

#include "test/catch.h"
#include "test/unit/release/gate_life.h"

namespace release {
namespace {

const SshSigner& Alice() {
  static const SshSigner signer('a');
  return signer;
}

const SshSigner& Mallory() {
  static const SshSigner signer('m');
  return signer;
}

// Alice's signature is needed and there; everything else is met.
GateLife SignedGate() {
  GateLife gate;
  gate.input.policy.require_signatures = true;
  gate.input.policy.approvals = {{"owners", {"alice", "bob"}, 1}};
  gate.input.trust.allowed_signers = Alice().Line("alice") + Mallory().Line("mallory");
  gate.input.spec.approvals = {Signed(gate.input, Approve("alice"), Alice())};
  return gate;
}

struct Attack {
  std::string attack;
  void (*change)(GateInput&);
  std::string ignored;
  std::string open;
};

TEST_CASE("Without an attack the signed gate opens", "[attack]") {
  GateLife gate = SignedGate();
  gate.Run();
  CHECK(gate.Verdict() == "approved");
  CHECK(gate.last.status.approvals.counted[0].is_signed);
}

TEST_CASE("Attacks with an approval that is not what it seems", "[attack]") {
  const std::vector<Attack> attacks = {
      {"a forged approver name, without a signature",
       [](GateInput& g) { g.spec.approvals = {Approve("bob")}; }, "bob:SignatureMissing",
       "Approvals:AwaitingApprovals"},
      {"a forged approver name, signed with the attacker's own key",
       [](GateInput& g) { g.spec.approvals = {Signed(g, Approve("bob"), Mallory())}; },
       "bob:SignerNotAllowed", "Approvals:AwaitingApprovals"},
      {"somebody else's signature under the attacker's name",
       [](GateInput& g) {
         g.policy.approvals[0].approvers.push_back("mallory");
         g.spec.approvals[0].approver = "mallory";
       },
       "mallory:SignatureInvalid", "Approvals:AwaitingApprovals"},
      {"a signed reject sold as an approval",
       [](GateInput& g) {
         g.spec.approvals = {Signed(g, Reject("alice"), Alice())};
         g.spec.approvals[0].decision = Decision::kApprove;
       },
       "alice:SignatureInvalid", "Approvals:AwaitingApprovals"},
      {"a signed approval sold as an override",
       [](GateInput& g) {
         g.trust.override_approvers = std::vector<std::string>{"alice"};
         g.spec.override = Override{"alice", "urgent", kApp, 1, g.spec.approvals[0].signature};
         g.spec.approvals.clear();
       },
       "alice:SignatureInvalid", "Approvals:AwaitingApprovals"},
      {"the artifact is changed after the approval",
       [](GateInput& g) { g.spec.artifact_id = g.pipeline.source_artifact_id = kOtherApp; },
       "alice:OtherArtifact", "Approvals:AwaitingApprovals"},
      {"the artifact is changed, and the entry relabelled",
       [](GateInput& g) {
         g.spec.artifact_id = g.pipeline.source_artifact_id = g.spec.approvals[0].artifact_id = kOtherApp;
       },
       "alice:SignatureInvalid", "Approvals:AwaitingApprovals"},
      {"replayed to another attempt", [](GateInput& g) { g.spec.attempt = 2; }, "alice:OtherAttempt",
       "Approvals:AwaitingApprovals"},
      {"replayed to another attempt, and the entry relabelled",
       [](GateInput& g) { g.spec.attempt = g.spec.approvals[0].attempt = 2; }, "alice:SignatureInvalid",
       "Approvals:AwaitingApprovals"},
      {"replayed to another namespace", [](GateInput& g) { g.namespace_name = "other-team"; },
       "alice:SignatureInvalid", "Approvals:AwaitingApprovals"},
      {"replayed to another tenant",
       [](GateInput& g) {
         g.spec.tenant = g.pipeline.tenant = "evil";
         g.name = "evil-staging-to-production";
       },
       "alice:SignatureInvalid", "Approvals:AwaitingApprovals"},
      {"replayed to another gate", [](GateInput& g) { g.name = "acme-copy"; }, "alice:SignatureInvalid",
       "Progression:GateNameMismatch, Approvals:AwaitingApprovals"},
      {"replayed to another environment",
       [](GateInput& g) {
         g.spec.step = {Environment::kDev, Environment::kStaging};
         g.name = "acme-dev-to-staging";
       },
       "alice:SignatureInvalid", "Approvals:AwaitingApprovals"},
      {"the signer's key has expired",
       [](GateInput& g) { g.trust.allowed_signers = Alice().Line("alice", "valid-before=\"20260101\""); },
       "alice:SignerExpired", "Approvals:AwaitingApprovals"},
      {"a key for Git commits only",
       [](GateInput& g) { g.trust.allowed_signers = Alice().Line("alice", "namespaces=\"git\""); },
       "alice:WrongNamespace", "Approvals:AwaitingApprovals"},
      {"the platform's signers replace the tenant's: an empty list trusts nobody",
       [](GateInput& g) { g.trust.allowed_signers = ""; }, "alice:SignerNotAllowed",
       "Approvals:AwaitingApprovals"},
      {"the requester approves under a second name with the same key",
       [](GateInput& g) {
         g.policy.forbid_self_approval = true;
         g.trust.allowed_signers = Alice().Line("alice,rita");
       },
       "alice:SelfApproval", "Approvals:AwaitingApprovals"},
      {"nobody says who asked, where self-approval is forbidden",
       [](GateInput& g) {
         g.policy.forbid_self_approval = true;
         g.spec.requested_by.clear();
       },
       "alice:RequesterUnknown", "Approvals:RequesterUnknown"},
  };
  for (const Attack& c : attacks) {
    INFO(c.attack);
    GateLife gate = SignedGate();
    c.change(gate.input);
    gate.Run();
    CHECK(gate.Verdict() == "pending");
    CHECK(gate.Ignored() == c.ignored);
    CHECK(gate.Open() == c.open);
    CHECK(gate.last.status.approved_artifact_id.empty());
  }
}

TEST_CASE("Attack: one person under two rules fills one slot", "[attack]") {
  GateLife gate;
  gate.input.policy.approvals = {{"dev", {"alice", "bob"}, 1}, {"sre", {"alice", "carol"}, 1}};
  gate.input.spec.approvals = {Approve("alice")};
  gate.Run();
  CHECK(gate.Verdict() == "pending");
  CHECK(gate.last.status.approvals.have == 1);
  CHECK(gate.last.status.approvals.need == 2);
}

TEST_CASE("Attack: one key under two names fills one slot", "[attack]") {
  GateLife gate = SignedGate();
  gate.input.policy.approvals = {{"owners", {"alice", "bob"}, 2}};
  gate.input.trust.allowed_signers = Alice().Line("alice,bob");
  gate.input.spec.approvals.push_back(Signed(gate.input, Approve("bob"), Alice()));
  gate.Run();
  CHECK(gate.Verdict() == "pending");
  CHECK(gate.Ignored() == "bob:SameKey");
}

TEST_CASE("Attack: the tenant writes a policy below the platform's floor", "[attack]") {
  StepPolicy platform;
  platform.approvals = {{"sre", {"carol"}, 1}};
  platform.require_signatures = platform.forbid_self_approval = platform.require_digest = true;
  platform.soak_hours = 24;
  platform.timeout_hours = 4;
  platform.required_checks = {"scan"};
  StepPolicy tenant;
  tenant.approvals = {{"sre", {"mallory"}, 1}};  // the name of the platform's rule
  tenant.timeout_hours = 168;
  GateLife gate;
  gate.input.policy = Merge(platform, tenant);
  gate.input.trust = Prefer({std::vector<std::string>{}, Alice().Line("carol")},
                            {std::vector<std::string>{"mallory"}, Mallory().Line("carol,mallory")});
  gate.input.spec.approvals = {Signed(gate.input, Approve("carol"), Mallory()),
                               Signed(gate.input, Approve("mallory"), Mallory())};
  gate.input.spec.override = Override{"mallory", "because", kApp};
  gate.input.spec.checks = {{"scan", CheckState::kSuccess, kOtherApp}};
  gate.input.spec.timeout_hours = 168;
  gate.Run();
  CHECK(gate.Verdict() == "pending");
  CHECK(gate.Open() ==
        "Artifact:DigestRequired, Checks:AwaitingChecks, Soak:Soaking, Approvals:AwaitingApprovals");
  CHECK(gate.Ignored() == "carol:SignerNotAllowed, mallory:SignerNotAllowed, mallory:OverrideNotAllowed");
  CHECK(gate.last.status.approvals.need == 2);
  CHECK(gate.last.status.deadline == kNow + absl::Hours(3));
}

TEST_CASE("Attack: approvals that arrive with the deadline come too late", "[attack]") {
  for (const absl::Duration late : {absl::ZeroDuration(), absl::Seconds(1), absl::Hours(1000)}) {
    GateLife gate;
    gate.Run();
    gate.input.spec.approvals = {Approve("alice")};
    gate.input.trust.override_approvers = std::vector<std::string>{"boss"};
    gate.input.spec.override = Override{"boss", "late", kApp};
    gate.Run(gate.last.status.deadline + late);
    CHECK(gate.Verdict() == "timeout");
    CHECK(gate.Trail() == "AttemptStarted by gate, GateTimedOut by gate");
  }
}

TEST_CASE("Attack: an earlier artifact comes back with its old approvals", "[attack]") {
  GateLife gate;
  gate.input.policy.approvals = {{"two", {}, 2}};
  gate.input.spec.approvals = {Approve("alice")};
  gate.Run();
  REQUIRE(gate.Verdict() == "pending");
  gate.input.spec.artifact_id = gate.input.pipeline.source_artifact_id = kOtherApp;
  gate.Run(kNow + absl::Minutes(1));
  gate.input.spec.artifact_id = gate.input.pipeline.source_artifact_id = kApp;
  gate.input.spec.approvals.push_back(Approve("bob"));
  gate.Run(kNow + absl::Minutes(2));
  CHECK(gate.Verdict() == "pending");
  CHECK(gate.Open() == "Artifact:AttemptUsed");
  gate.input.spec.attempt = 2;
  gate.Run(kNow + absl::Minutes(3));
  CHECK(gate.Ignored() == "alice:OtherAttempt, bob:OtherAttempt");
}

TEST_CASE("Attack: a rejected artifact is tried again under the same attempt", "[attack]") {
  GateLife gate;
  gate.input.spec.approvals = {Reject("bob")};
  gate.Run();
  REQUIRE(gate.Verdict() == "rejected");
  gate.input.spec.approvals = {Approve("alice")};
  gate.Run();
  CHECK(gate.Verdict() == "rejected");
  gate.input.spec.artifact_id = kOtherApp;
  gate.Run();
  gate.input.spec.artifact_id = kApp;
  gate.Run();
  CHECK(gate.Verdict() == "pending");
  CHECK(gate.Open() == "Artifact:AttemptUsed");
}

TEST_CASE("Attack: a gate under another name is a second gate for the same step", "[attack]") {
  GateLife gate;
  gate.input.name = "acme-production-quick";
  gate.input.spec.approval_required = false;
  gate.Run();
  CHECK(gate.Open() == "Progression:GateNameMismatch");
}

// The limit of the bound on history: after as many other artifacts as it holds, the attempt of long ago is
// forgotten. What comes back then are approvals that were given for exactly this artifact and attempt.
TEST_CASE("Attack: history is flushed with 50 other artifacts", "[attack]") {
  GateLife gate;
  gate.input.spec.approvals = {Approve("alice")};
  gate.input.policy.required_checks = {"unit"};
  gate.Run();
  for (size_t i = 0; i <= kMaxHistory; ++i) {
    gate.input.spec.artifact_id = "ghcr.io/acme/app:main-00000" + std::to_string(100 + i);
    gate.Run();
    CHECK(gate.last.status.history.size() == std::min(i + 1, kMaxHistory));
    if (i + 1 < kMaxHistory) CHECK(gate.last.status.history[0].artifact_id == kApp);
  }
  CHECK(gate.Condition("AuditIntact") == "True ChainVerified");
  gate.input.spec.artifact_id = kApp;
  gate.Run();
  CHECK(gate.Open() == "Checks:AwaitingChecks");
}

}  // namespace
}  // namespace release
