#include "function/release/approval.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "test/catch.h"
#include "test/unit/release/gate_input.h"
#include "test/unit/release/random_policy.h"

namespace release {
namespace {

// `alice:sre, bob:sre`
std::string Counted(const ApprovalTally& tally) {
  return absl::StrJoin(tally.counted, ", ", [](std::string* out, const CountedApproval& c) {
    absl::StrAppend(out, c.approver, ":", c.rule, c.is_signed ? ":signed" : "");
  });
}

std::string Ignored(const ApprovalTally& tally) {
  return absl::StrJoin(tally.ignored, ", ", [](std::string* out, const IgnoredApproval& i) {
    absl::StrAppend(out, i.approver, ":", i.reason);
  });
}

struct CountCase {
  std::string reason;
  void (*change)(GateInput&);
  bool satisfied;
  std::string tally;  // have/need
  std::string counted;
  std::string ignored;
  std::string result;
  std::string message;
};

const std::vector<CountCase> kCountCases = {
    {"one approval by anyone is enough without a rule", [](GateInput&) {}, true, "1/1", "alice:anyone", "",
     "Met", "1 of 1 approval: \"alice\""},
    {"none", [](GateInput& g) { g.spec.approvals.clear(); }, false, "0/1", "", "", "AwaitingApprovals",
     "0 of 1 approval, missing: 1 by anyone"},
    {"nobody asks for one", [](GateInput& g) { g.spec.approval_required = false; }, true, "0/0", "",
     "alice:NotNeeded", "NotRequired", "no approval is required"},
    {"the policy asks for one where the gate does not",
     [](GateInput& g) {
       g.spec.approval_required = false;
       g.spec.approvals.clear();
       g.policy.approval_required = true;
     },
     false, "0/1", "", "", "AwaitingApprovals", "0 of 1 approval, missing: 1 by anyone"},
    {"a rule asks for one where nobody else does",
     [](GateInput& g) {
       g.spec.approval_required = false;
       g.policy.approvals = {{"sre", {"carol", "dave"}, 1}};
     },
     false, "0/1", "", "alice:NotAnApprover", "AwaitingApprovals",
     "0 of 1 approval, missing: 1 by rule \"sre\" (\"carol\", \"dave\")"},
    {"an approval of another artifact", [](GateInput& g) { g.spec.approvals[0].artifact_id = kOtherApp; },
     false, "0/1", "", "alice:OtherArtifact", "AwaitingApprovals", "0 of 1 approval, missing: 1 by anyone"},
    {"an approval of another attempt", [](GateInput& g) { g.spec.approvals[0].attempt = 2; }, false, "0/1",
     "", "alice:OtherAttempt", "AwaitingApprovals", "0 of 1 approval, missing: 1 by anyone"},
    {"an approval without a name", [](GateInput& g) { g.spec.approvals[0].approver = ""; }, false, "0/1", "",
     ":NotAnApprover", "AwaitingApprovals", "0 of 1 approval, missing: 1 by anyone"},
    {"a name that would be two lines of the signed text",
     [](GateInput& g) { g.spec.approvals[0].approver = "a\nb"; }, false, "0/1", "", "a\nb:NotAnApprover",
     "AwaitingApprovals", "0 of 1 approval, missing: 1 by anyone"},
    {"the requester where self-approval is allowed", [](GateInput& g) { g.spec.requested_by = "alice"; },
     true, "1/1", "alice:anyone", "", "Met", "1 of 1 approval: \"alice\""},
    {"the requester where it is forbidden",
     [](GateInput& g) {
       g.spec.requested_by = "alice";
       g.policy.forbid_self_approval = true;
       g.policy.approvals = {{"owners", {"alice", "bob"}, 1}};
     },
     false, "0/1", "", "alice:SelfApproval", "AwaitingApprovals",
     "0 of 1 approval, missing: 1 by rule \"owners\" (\"bob\")"},
    {"nobody knows who asked where self-approval is forbidden",
     [](GateInput& g) {
       g.spec.requested_by = "";
       g.policy.forbid_self_approval = true;
     },
     false, "0/1", "", "alice:RequesterUnknown", "RequesterUnknown",
     "self-approval is forbidden, and nobody can approve while spec.requested_by is empty: set it"},
    {"somebody else where self-approval is forbidden",
     [](GateInput& g) { g.policy.forbid_self_approval = true; }, true, "1/1", "alice:anyone", "", "Met",
     "1 of 1 approval: \"alice\""},
    {"one person does not fill two slots",
     [](GateInput& g) {
       g.policy.approvals = {{"owners", {"alice"}, 1}, {"sre", {"alice", "bob"}, 1}};
     },
     false, "1/2", "alice:owners", "", "AwaitingApprovals",
     "1 of 2 approvals, missing: 1 by rule \"sre\" (\"alice\", \"bob\")"},
    {"who fits both rules fills the one that the other person does not",
     [](GateInput& g) {
       g.policy.approvals = {{"owners", {"alice", "bob"}, 1}, {"sre", {"alice"}, 1}};
       g.spec.approvals = {Approve("alice"), Approve("bob")};
     },
     true, "2/2", "alice:sre, bob:owners", "", "Met", "2 of 2 approvals: \"alice\", \"bob\""},
    {"more than enough",
     [](GateInput& g) {
       g.policy.approvals = {{"owners", {}, 2}};
       g.spec.approvals = {Approve("carol"), Approve("bob"), Approve("alice")};
     },
     true, "2/2", "alice:owners, bob:owners", "carol:NotNeeded", "Met",
     "2 of 2 approvals: \"alice\", \"bob\""},
    {"a rule that can't be met any more says so",
     [](GateInput& g) {
       g.policy.approvals = {{"owners", {"alice"}, 2}};
     },
     false, "1/2", "alice:owners", "", "AwaitingApprovals",
     "1 of 2 approvals, missing: 1 by rule \"owners\" (nobody is left)"},
    {"a rule of anyone, and one name twice",
     [](GateInput& g) {
       g.policy.approvals = {{"two", {}, 2}};
       g.spec.approvals = {Approve("alice"), Approve("alice")};
     },
     false, "1/2", "alice:two", "alice:NotNeeded", "AwaitingApprovals",
     "1 of 2 approvals, missing: 1 by rule \"two\" (anyone)"},
    {"the same rule from both sides is one rule",
     [](GateInput& g) {
       g.policy.approvals = {{"owners", {"alice"}, 1}, {"owners", {"alice"}, 1}};
     },
     true, "1/1", "alice:owners", "", "Met", "1 of 1 approval: \"alice\""},
    {"signatures are required and there is none", [](GateInput& g) { g.policy.require_signatures = true; },
     false, "0/1", "", "alice:SignatureMissing", "AwaitingApprovals",
     "0 of 1 approval, missing: 1 by anyone"},
    {"a signature where nobody is trusted to sign",
     [](GateInput& g) { g.spec.approvals[0].signature = "anything"; }, false, "0/1", "",
     "alice:SignerNotAllowed", "AwaitingApprovals", "0 of 1 approval, missing: 1 by anyone"},
    {"only five of many rules are named",
     [](GateInput& g) {
       g.spec.approvals.clear();
       for (const char* name : {"a", "b", "c", "d", "e", "f", "g"})
         g.policy.approvals.push_back({name, {"x"}, 1});
     },
     false, "0/7", "", "", "AwaitingApprovals",
     "0 of 7 approvals, missing: 1 by rule \"a\" (\"x\"), 1 by rule \"b\" (\"x\"), 1 by rule \"c\" (\"x\"), "
     "1 by rule "
     "\"d\" (\"x\"), 1 by rule \"e\" (\"x\") and 2 more rules"},
};

TEST_CASE("Each approval is counted or ignored with a reason", "[approval]") {
  for (const CountCase& c : kCountCases) {
    INFO(c.reason);
    GateInput gate = OpenGate();
    c.change(gate);
    const ApprovalCount count = CountApprovals(gate, kNow);
    CHECK(count.satisfied == c.satisfied);
    CHECK(absl::StrCat(count.tally.have, "/", count.tally.need) == c.tally);
    CHECK(Counted(count.tally) == c.counted);
    CHECK(Ignored(count.tally) == c.ignored);
    CHECK(count.reason == c.result);
    CHECK(count.message == c.message);
    CHECK(count.rejected_by.empty());
    CHECK(count.overridden_by.empty());
  }
}

struct RejectCase {
  std::string reason;
  void (*change)(GateInput&);
  std::vector<std::string> rejected_by;
  std::string ignored;
};

TEST_CASE("A reject counts from whoever may approve", "[approval]") {
  const std::vector<RejectCase> cases = {
      {"anyone without a rule", [](GateInput&) {}, {"bob"}, ""},
      {"although no approval is needed",
       [](GateInput& g) { g.spec.approval_required = false; },
       {"bob"},
       "alice:NotNeeded"},
      {"not one who is in no rule",
       [](GateInput& g) {
         g.policy.approvals = {{"owners", {"alice"}, 1}};
       },
       {},
       "bob:NotAnApprover"},
      {"the requester, too: only approving oneself is forbidden",
       [](GateInput& g) {
         g.spec.requested_by = "bob";
         g.policy.forbid_self_approval = true;
       },
       {"bob"},
       ""},
      {"although nobody knows who asked",
       [](GateInput& g) {
         g.spec.requested_by = "";
         g.policy.forbid_self_approval = true;
       },
       {"bob"},
       "alice:RequesterUnknown"},
      {"not for another artifact",
       [](GateInput& g) { g.spec.approvals[1].artifact_id = kOtherApp; },
       {},
       "bob:OtherArtifact"},
      {"not for another attempt",
       [](GateInput& g) { g.spec.approvals[1].attempt = 7; },
       {},
       "bob:OtherAttempt"},
      {"although the same name approves, too",
       [](GateInput& g) {
         g.spec.approvals = {Approve("bob"), Reject("bob")};
       },
       {"bob"},
       ""},
      {"not unsigned where signatures are required",
       [](GateInput& g) { g.policy.require_signatures = true; },
       {},
       "alice:SignatureMissing, bob:SignatureMissing"},
  };
  for (const RejectCase& c : cases) {
    INFO(c.reason);
    GateInput gate = OpenGate();
    gate.spec.approvals = {Approve("alice"), Reject("bob")};
    c.change(gate);
    const ApprovalCount count = CountApprovals(gate, kNow);
    CHECK(count.rejected_by == c.rejected_by);
    CHECK(Ignored(count.tally) == c.ignored);
    if (!c.rejected_by.empty()) {
      CHECK_FALSE(count.satisfied);
      CHECK(count.reason == "Rejected");
      CHECK(count.message == "rejected by \"bob\"");
    }
  }
}

struct OverrideCase {
  std::string reason;
  void (*change)(GateInput&);
  std::string overridden_by;
  std::string ignored;
};

TEST_CASE("An override counts from an override approver only", "[approval]") {
  const std::vector<OverrideCase> cases = {
      {"listed", [](GateInput&) {}, "eve", ""},
      {"the requester may, where listed: the list is the whole of who may",
       [](GateInput& g) {
         g.spec.requested_by = "eve";
         g.policy.forbid_self_approval = true;
       },
       "eve", ""},
      {"not listed", [](GateInput& g) { g.spec.override->by = "bob"; }, "", "bob:OverrideNotAllowed"},
      {"an empty list allows nobody", [](GateInput& g) { g.trust.override_approvers->clear(); }, "",
       "eve:OverrideNotAllowed"},
      {"no list allows nobody", [](GateInput& g) { g.trust.override_approvers.reset(); }, "",
       "eve:OverrideNotAllowed"},
      {"a list with an empty name does not allow an empty name",
       [](GateInput& g) {
         g.trust.override_approvers = {""};
         g.spec.override->by = "";
       },
       "", ":OverrideNotAllowed"},
      {"for another artifact", [](GateInput& g) { g.spec.override->artifact_id = kOtherApp; }, "",
       "eve:OtherArtifact"},
      {"for another attempt", [](GateInput& g) { g.spec.override->attempt = 2; }, "", "eve:OtherAttempt"},
      {"unsigned where signatures are required",
       [](GateInput& g) {
         g.policy.require_signatures = true;
         g.spec.approvals.clear();
       },
       "", "eve:SignatureMissing"},
      {"signed where nobody is trusted to sign",
       [](GateInput& g) { g.spec.override->signature = "anything"; }, "", "eve:SignerNotAllowed"},
  };
  for (const OverrideCase& c : cases) {
    INFO(c.reason);
    GateInput gate = OpenGate();
    gate.trust.override_approvers = {"dave", "eve"};
    gate.spec.override = Override{"eve", "all is down", kApp, 1, ""};
    c.change(gate);
    const ApprovalCount count = CountApprovals(gate, kNow);
    CHECK(count.overridden_by == c.overridden_by);
    CHECK(count.override_reason == (c.overridden_by.empty() ? "" : "all is down"));
    CHECK(Ignored(count.tally) == c.ignored);
  }
}

TEST_CASE("The signed text names the subject, the decision and the approver", "[approval]") {
  const Subject subject{"team", "acme-staging-to-production", "acme", kApp, "staging", "production", 3};
  CHECK(ApprovalStatement(subject, "approve", "alice@example.org") ==
        "release-gate approval v1\n"
        "namespace: team\n"
        "gate: acme-staging-to-production\n"
        "tenant: acme\n"
        "artifact: ghcr.io/acme/app:main-abc123\n"
        "promotion: staging -> production\n"
        "attempt: 3\n"
        "decision: approve\n"
        "approver: alice@example.org\n");
}

TEST_CASE("The order of approvals and rules does not matter, and each entry is accounted for once",
          "[approval]") {
  constexpr unsigned kSeed = 5;
  Random random(kSeed);
  for (int i = 0; i < 2000; ++i) {
    INFO("seed " << kSeed << ", round " << i);
    GateInput gate = OpenGate();
    gate.policy = RandomPolicy(random);
    gate.policy.require_signatures = false;
    gate.spec.requested_by = random.Of({"", "alice", "rita"});
    gate.spec.approvals.clear();
    for (const char* approver : {"alice", "bob", "carol", "dave", "rita"}) {
      if (random.OneIn(2))
        gate.spec.approvals.push_back(random.OneIn(8) ? Reject(approver) : Approve(approver));
    }
    const ApprovalCount count = CountApprovals(gate, kNow);
    REQUIRE(count.tally.counted.size() + count.tally.ignored.size() + count.rejected_by.size() ==
            gate.spec.approvals.size());
    REQUIRE(static_cast<int>(count.tally.counted.size()) == count.tally.have);
    REQUIRE(count.tally.have <= count.tally.need);

    std::reverse(gate.spec.approvals.begin(), gate.spec.approvals.end());
    std::reverse(gate.policy.approvals.begin(), gate.policy.approvals.end());
    const ApprovalCount again = CountApprovals(gate, kNow);
    REQUIRE(Counted(again.tally) == Counted(count.tally));
    REQUIRE(Ignored(again.tally) == Ignored(count.tally));
    REQUIRE(again.rejected_by == count.rejected_by);
    REQUIRE(again.message == count.message);
  }
}

}  // namespace
}  // namespace release
