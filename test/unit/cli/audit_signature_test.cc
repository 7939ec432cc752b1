// `audit verify --allowed-signers`: a trail that says "signed" is held against the signatures themselves,
// which nobody can make without the approver's key, whoever wrote the trail.
#include <functional>
#include <string>
#include <vector>

#include "function/cli/audit_check.h"
#include "function/release/approval.h"
#include "test/catch.h"
#include "test/unit/release/gate_input.h"
#include "test/unit/release/ssh_signer.h"

namespace {

using release::kNow;
using release::SshSigner;

using Findings = std::vector<std::string>;

Findings Of(const cli::AuditReport& report, cli::AuditFinding::Kind kind, const std::string& word) {
  Findings messages;
  for (const cli::AuditFinding& finding : report.findings) {
    if (finding.kind == kind && finding.message.find(word) != std::string::npos)
      messages.push_back(finding.message);
  }
  return messages;
}

release::GateInput SignedGate(const std::string& signers) {
  release::GateInput gate = release::OpenGate();
  gate.creation_timestamp = kNow;
  gate.trust.allowed_signers = signers;
  gate.spec.approvals[0].signature =
      SshSigner('a').Sign(release::ApprovalStatement(SubjectOf(gate), "approve", "alice"));
  return gate;
}

// As decided with these signers, and checked with others.
cli::AuditReport Check(const release::GateInput& gate, const std::string& signers,
                       const std::function<void(release::GateSpec&)>& edit) {
  cli::AuditCase given;
  given.copies.push_back({"status", SubjectOf(gate), "", Decide(gate, kNow).status});
  given.copies[0].gate_status = std::string(Name(given.copies[0].status.verdict));
  given.allowed_signers = signers;
  given.spec = gate.spec;
  edit(*given.spec);
  return cli::CheckAudit(given);
}

struct Case {
  const char* name;
  const char* why;
  std::string signers;
  std::function<void(release::GateSpec&)> edit;
  Findings proved;
  Findings broken;
};

}  // namespace

TEST_CASE("audit verify checks the signatures that the trail speaks of", "[audit]") {
  const SshSigner alice('a');
  const SshSigner other('o');
  const std::string line = alice.Line("alice");
  const std::string lie = "approval of alice: the trail says that it was signed, but";
  const auto nothing = [](release::GateSpec&) {};
  const std::vector<Case> cases = {
      {"signed",
       "the key is hers",
       line,
       nothing,
       {"approval of alice: signed with a key that the allowed signers list"},
       {}},
      {"other signers",
       "the verifier's own file counts, not the gate's",
       other.Line("alice"),
       nothing,
       {},
       {lie + ": SignerNotAllowed"}},
      {"valid then",
       "a key that expired after the approval",
       alice.Line("alice", "valid-before=\"20260102120000Z\""),
       nothing,
       {"approval of alice: signed with a key that the allowed signers list"},
       {}},
      {"expired then",
       "a key that had expired before it",
       alice.Line("alice", "valid-before=\"20260102115959Z\""),
       nothing,
       {},
       {lie + ": SignerExpired"}},
      {"swapped",
       "a signature over something else",
       line,
       [&](release::GateSpec& spec) { spec.approvals[0].signature = alice.Sign("something else"); },
       {},
       {lie + ": SignatureInvalid"}},
      {"removed",
       "the verdict rests on it",
       line,
       [](release::GateSpec& spec) { spec.approvals.clear(); },
       {},
       {lie + " it is not in the spec (any more)"}},
  };
  for (const Case& c : cases) {
    INFO(c.name << ": " << c.why);
    const cli::AuditReport report = Check(SignedGate(line), c.signers, c.edit);
    CHECK(Of(report, cli::AuditFinding::Kind::kProved, "approval of") == c.proved);
    CHECK(Of(report, cli::AuditFinding::Kind::kBroken, "") == c.broken);
    CHECK(report.IsIntact() == c.broken.empty());
  }
}

TEST_CASE("audit verify does not blame who withdrew, nor praise what was not signed", "[audit]") {
  const std::string line = SshSigner('a').Line("alice");
  release::GateInput waiting = SignedGate(line);
  waiting.policy.approvals = {{"two", {}, 2}};
  const cli::AuditReport withdrawn =
      Check(waiting, line, [](release::GateSpec& spec) { spec.approvals.clear(); });
  CHECK(withdrawn.IsIntact());
  CHECK(
      Of(withdrawn, cli::AuditFinding::Kind::kNotProved, "approval of") ==
      Findings{"approval of alice: the trail says that it was signed, but it is not in the spec (any more)"});

  release::GateInput plain = SignedGate(line);
  plain.spec.approvals[0].signature.clear();
  const cli::AuditReport unsigned_report = Check(plain, line, [](release::GateSpec&) {});
  CHECK(unsigned_report.IsIntact());
  CHECK(Of(unsigned_report, cli::AuditFinding::Kind::kNotProved, "approval of") ==
        Findings{"approval of alice: not signed, so it is as good as the review of who wrote it"});
}

TEST_CASE("audit verify misses the approval that a verdict names and the trail does not have", "[audit]") {
  const std::string line = SshSigner('a').Line("alice");
  release::GateInput gate = SignedGate(line);
  gate.previous = Decide(gate, kNow).status;
  std::vector<release::AuditEntry> rewritten;
  for (const release::AuditEntry& entry : gate.previous->audit) {
    if (entry.actor == "alice") continue;
    release::AppendAudit(rewritten, {}, entry.time, entry.actor, entry.action, entry.detail);
  }
  gate.previous->audit = rewritten;
  const cli::AuditReport report = Check(gate, line, [](release::GateSpec&) {});
  CHECK(Of(report, cli::AuditFinding::Kind::kNotProved, "approval of") ==
        Findings{"approval of alice: the verdict names it, but the trail has no entry of it"});
}

TEST_CASE("audit verify holds an override against its signature", "[audit]") {
  const SshSigner oscar('o');
  const std::string line = oscar.Line("oscar");
  release::GateInput gate = SignedGate(line);
  gate.spec.approvals.clear();
  gate.trust.override_approvers = {"oscar"};
  gate.spec.override = release::Override{"oscar", "the shop is down", release::kApp, 1, ""};
  gate.spec.override->signature =
      oscar.Sign(release::ApprovalStatement(SubjectOf(gate), "override", "oscar"));
  const cli::AuditReport report = Check(gate, line, [](release::GateSpec&) {});
  CHECK(report.IsIntact());
  CHECK(Of(report, cli::AuditFinding::Kind::kProved, "override of") ==
        Findings{"override of oscar: signed with a key that the allowed signers list"});
  const cli::AuditReport forged = Check(
      gate, line, [&](release::GateSpec& spec) { spec.override->signature = oscar.Sign("something else"); });
  CHECK(Of(forged, cli::AuditFinding::Kind::kBroken, "") ==
        Findings{"override of oscar: the trail says that it was signed, but: SignatureInvalid"});
}
