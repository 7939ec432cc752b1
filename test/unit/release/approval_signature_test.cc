// Approvals that are signed, with real keys: what an attacker can try, and what it comes to.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "function/release/approval.h"
#include "test/catch.h"
#include "test/unit/release/gate_input.h"
#include "test/unit/release/ssh_signer.h"

namespace release {
namespace {

const SshSigner& Alice() {
  static const SshSigner signer('a');
  return signer;
}

const SshSigner& Bob() {
  static const SshSigner signer('b');
  return signer;
}

Approval Signed(const GateInput& gate, Approval approval, const SshSigner& signer) {
  approval.signature =
      signer.Sign(ApprovalStatement(SubjectOf(gate), Name(approval.decision), approval.approver));
  return approval;
}

// alice and bob sign with keys of their own; both are needed.
GateInput SignedGate() {
  GateInput gate = OpenGate();
  gate.policy.require_signatures = true;
  gate.policy.approvals = {{"two", {}, 2}};
  gate.trust.allowed_signers = Alice().Line("alice") + Bob().Line("bob");
  gate.spec.approvals = {Signed(gate, Approve("alice"), Alice()), Signed(gate, Approve("bob"), Bob())};
  return gate;
}

struct SignedCase {
  std::string reason;
  void (*change)(GateInput&);
  std::string counted;
  std::string ignored;
};

const std::vector<SignedCase> kSignedCases = {
    {"both are signed", [](GateInput&) {}, "alice:signed, bob:signed", ""},
    {"a valid signature shows even where none is required",
     [](GateInput& g) {
       g.policy.require_signatures = false;
       g.spec.approvals[1].signature.clear();
     },
     "alice:signed, bob", ""},
    {"a wrong signature is ignored even where none is required",
     [](GateInput& g) {
       g.policy.require_signatures = false;
       g.spec.approvals[1] = Signed(g, Approve("carol"), Bob());
     },
     "alice:signed", "carol:SignerNotAllowed"},
    {"one that is left out", [](GateInput& g) { g.spec.approvals[1].signature.clear(); }, "alice:signed",
     "bob:SignatureMissing"},
    {"one that is no signature", [](GateInput& g) { g.spec.approvals[1].signature = "LGTM"; }, "alice:signed",
     "bob:SignatureInvalid"},
    {"alice's key does not sign for bob",
     [](GateInput& g) { g.spec.approvals[1] = Signed(g, Approve("bob"), Alice()); }, "alice:signed",
     "bob:SignerNotAllowed"},
    {"the signature of a reject is not that of an approval",
     [](GateInput& g) { g.spec.approvals[1].signature = Signed(g, Reject("bob"), Bob()).signature; },
     "alice:signed", "bob:SignatureInvalid"},
    {"an approval of the artifact before, with its artifact_id rewritten",
     [](GateInput& g) {
       GateInput before = g;
       before.spec.artifact_id = kOtherApp;
       g.spec.approvals[1].signature = Signed(before, Approve("bob"), Bob()).signature;
     },
     "alice:signed", "bob:SignatureInvalid"},
    {"an approval of the same gate in another namespace",
     [](GateInput& g) {
       GateInput other = g;
       other.namespace_name = "elsewhere";
       g.spec.approvals[1].signature = Signed(other, Approve("bob"), Bob()).signature;
     },
     "alice:signed", "bob:SignatureInvalid"},
    {"a commit's signature: made for git",
     [](GateInput& g) {
       g.spec.approvals[1].signature = Bob().Sign(ApprovalStatement(SubjectOf(g), "approve", "bob"), "git");
     },
     "alice:signed", "bob:WrongNamespace"},
    {"a key that is listed for git only",
     [](GateInput& g) {
       g.trust.allowed_signers = Alice().Line("alice") + Bob().Line("bob", "namespaces=\"git\"");
     },
     "alice:signed", "bob:WrongNamespace"},
    {"a key whose time is over",
     [](GateInput& g) {
       g.trust.allowed_signers = Alice().Line("alice") + Bob().Line("bob", "valid-before=\"20260101Z\"");
     },
     "alice:signed", "bob:SignerExpired"},
    {"nobody is trusted to sign", [](GateInput& g) { g.trust.allowed_signers = ""; }, "",
     "alice:SignerNotAllowed, bob:SignerNotAllowed"},
    {"one key under two names is one person",
     [](GateInput& g) {
       g.trust.allowed_signers = Alice().Line("alice,bob");
       g.spec.approvals[1] = Signed(g, Approve("bob"), Alice());
     },
     "alice:signed", "bob:SameKey"},
    {"and counts under the name for which a slot is left",
     [](GateInput& g) {
       g.trust.allowed_signers = Alice().Line("alice,bob") + Bob().Line("carol");
       g.policy.approvals = {{"owners", {"alice", "carol"}, 1}, {"sre", {"bob"}, 1}};
       g.spec.approvals = {Signed(g, Approve("alice"), Alice()), Signed(g, Approve("bob"), Alice()),
                           Signed(g, Approve("carol"), Bob())};
     },
     "bob:signed, carol:signed", "alice:SameKey"},
    {"the requester's key under another name is the requester",
     [](GateInput& g) {
       g.policy.forbid_self_approval = true;
       g.trust.allowed_signers = Alice().Line("alice,rita") + Bob().Line("bob");
     },
     "bob:signed", "alice:SelfApproval"},
    {"even where it is listed for the requester with other uses and times",
     [](GateInput& g) {
       g.policy.forbid_self_approval = true;
       g.trust.allowed_signers = Alice().Line("alice") + Alice().Line("rita", "namespaces=\"git\"") +
                                 Bob().Line("bob") + Bob().Line("rita", "valid-before=\"20200101Z\"");
     },
     "", "alice:SelfApproval, bob:SelfApproval"},
    {"another key of the requester's does not matter",
     [](GateInput& g) {
       g.policy.forbid_self_approval = true;
       *g.trust.allowed_signers += SshSigner('r').Line("rita");
     },
     "alice:signed, bob:signed", ""},
};

TEST_CASE("A signed approval counts for its signer, its text and its time", "[approval]") {
  for (const SignedCase& c : kSignedCases) {
    INFO(c.reason);
    GateInput gate = SignedGate();
    c.change(gate);
    const ApprovalTally tally = CountApprovals(gate, kNow).tally;
    CHECK(absl::StrJoin(tally.counted, ", ", [](std::string* out, const CountedApproval& counted) {
            absl::StrAppend(out, counted.approver, counted.is_signed ? ":signed" : "");
          }) == c.counted);
    CHECK(absl::StrJoin(tally.ignored, ", ", [](std::string* out, const IgnoredApproval& ignored) {
            absl::StrAppend(out, ignored.approver, ":", ignored.reason);
          }) == c.ignored);
  }
}

TEST_CASE("A signed reject counts", "[approval]") {
  GateInput gate = SignedGate();
  gate.spec.approvals[1] = Signed(gate, Reject("bob"), Bob());
  CHECK(CountApprovals(gate, kNow).rejected_by == std::vector<std::string>{"bob"});
}

TEST_CASE("An override is signed as an override", "[approval]") {
  GateInput gate = SignedGate();
  gate.trust.override_approvers = {"bob"};
  gate.spec.override = Override{"bob", "all is down", kApp, 1, ""};
  gate.spec.override->signature = Bob().Sign(ApprovalStatement(SubjectOf(gate), "override", "bob"));
  CHECK(CountApprovals(gate, kNow).overridden_by == "bob");

  gate.spec.override->signature = gate.spec.approvals[1].signature;
  const ApprovalCount count = CountApprovals(gate, kNow);
  CHECK(count.overridden_by.empty());
  REQUIRE(count.tally.ignored.size() == 1);
  CHECK(count.tally.ignored[0].approver == "bob");
  CHECK(count.tally.ignored[0].reason == "SignatureInvalid");
}

}  // namespace
}  // namespace release
