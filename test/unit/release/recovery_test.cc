// The status from its two copies, where one is lost, behind, or made with another key.
#include "function/release/recovery.h"

#include <string>

#include "function/release/attempt.h"
#include "test/catch.h"
#include "test/unit/release/gate_life.h"

namespace release {
namespace {

// Rejected, with a trail of three entries.
GateLife Rejected(const AuditKeys& keys = {}) {
  GateLife gate;
  gate.input.audit_keys = keys;
  gate.input.spec.approvals = {Reject("bob")};
  gate.Run();
  gate.input.spec.approvals = {Approve("alice")};
  return gate;
}

TEST_CASE("A key that is turned on holds the gates that are there, and frees them with the next attempt",
          "[attack]") {
  GateLife gate = Rejected();
  gate.input.audit_keys = {"secret", ""};
  gate.Run();
  CHECK(gate.Condition("AuditIntact") == "False AuditBroken");
  gate.input.spec.attempt = 2;
  gate.Run();
  CHECK(gate.Condition("AuditIntact") == "True ChainVerified");
  CHECK(VerifyAudit(gate.last.status.audit, {"secret", ""}).ok());
}

TEST_CASE("A key that is rotated keeps verdicts, as long as the previous one is there", "[attack]") {
  GateLife gate = Rejected({"old", ""});
  gate.input.audit_keys = {"new", "old"};
  gate.Run();
  CHECK(gate.Verdict() == "rejected");
  gate.input.audit_keys = {"new", ""};
  gate.Run();
  CHECK(gate.Condition("AuditIntact") == "False AuditBroken");
}

TEST_CASE("A ConfigMap that is ahead of the status is believed, and its news are told once", "[gate]") {
  GateLife gate;
  gate.Run();
  const GateStatus before = gate.last.status;
  gate.input.spec.approvals = {Approve("alice")};
  gate.Run();
  REQUIRE(gate.Verdict() == "approved");
  gate.input.previous = before;  // the write of the status was refused, and its events are lost with it
  gate.Run(kNow + absl::Minutes(1));
  CHECK(gate.Verdict() == "approved");
  CHECK(gate.last.status.approval_timestamp == kNow);
  CHECK(gate.Events() == "ApprovedBy, GateApproved");
  gate.Run(kNow + absl::Minutes(2));
  CHECK(gate.Events().empty());
}

TEST_CASE("A ConfigMap that is an attempt ahead of the status keeps the attempt's start and history",
          "[gate]") {
  for (const AuditKeys& keys : {AuditKeys{}, AuditKeys{"secret", ""}}) {
    GateLife gate = Rejected(keys);
    const GateStatus before = gate.last.status;
    gate.input.spec.attempt = 2;
    gate.Run(kNow + absl::Minutes(1));
    const GateStatus after = gate.last.status;
    gate.input.previous = before;
    gate.Run(kNow + absl::Minutes(2));
    CHECK(gate.last.status.created_timestamp == after.created_timestamp);
    CHECK(gate.last.status.history.size() == 1);
    CHECK(gate.Condition("AuditIntact") == "True ChainVerified");
    // With the key nobody else can have made the difference; without it, only what is decided again counts.
    CHECK((gate.last.status.audit == after.audit) == !keys.key.empty());
  }
}

TEST_CASE("Attack: without a key, one copy is made longer by an approval that nobody gave", "[attack]") {
  for (const bool in_status : {true, false}) {
    GateLife gate;
    gate.Run();
    GateStatus& copy = in_status ? *gate.input.previous : *gate.input.config_map;
    AppendAudit(copy.audit, {}, kNow, "alice", "ApprovedBy", "{\"rule\":\"anyone\",\"signed\":false}");
    Attempt forged = *LastAttempt(copy.audit);
    forged.reason = "RequirementsMet";
    forged.approver = "alice";
    AppendAudit(copy.audit, {}, kNow, "gate", "GateApproved", VerdictDetail(forged));
    gate.Run();
    CHECK(gate.Verdict() == "pending");
    CHECK(gate.last.status.approved_artifact_id.empty());
    CHECK(gate.Open() == "Approvals:AwaitingApprovals");
  }
}

TEST_CASE("An approval that the ConfigMap alone has counts only where it would have been given", "[gate]") {
  for (const bool still_there : {true, false}) {
    GateLife gate;
    gate.Run();
    const GateStatus before = gate.last.status;
    gate.input.spec.approvals = {Approve("alice")};
    gate.Run(kNow + absl::Minutes(1));
    REQUIRE(gate.Verdict() == "approved");
    gate.input.previous = before;
    if (!still_there) gate.input.spec.approvals.clear();
    gate.Run(kNow + absl::Hours(100));
    CHECK(gate.Verdict() == (still_there ? "approved" : "timeout"));
    if (still_there) CHECK(gate.last.status.approval_timestamp == kNow + absl::Minutes(1));
  }
}

TEST_CASE("A status that is wiped comes back from the ConfigMap, and no event is repeated", "[gate]") {
  for (const bool approved : {true, false}) {
    GateLife gate;
    if (approved) gate.input.spec.approvals = {Approve("alice")};
    gate.Run();
    const GateStatus before = gate.last.status;
    gate.input.previous.reset();
    gate.Run(kNow + absl::Minutes(1));
    CHECK(gate.last.events.empty());
    CHECK(gate.last.status.audit == before.audit);
    CHECK(gate.last.status.requirements == before.requirements);
    CHECK(gate.Verdict() == (approved ? "approved" : "pending"));
  }
}

TEST_CASE("A ConfigMap that is lost comes back from the status", "[gate]") {
  GateLife gate = Rejected();
  const GateStatus before = gate.last.status;
  gate.input.config_map.reset();
  gate.Run(kNow + absl::Minutes(1));
  CHECK(gate.last.events.empty());
  CHECK(gate.last.config_map_audit == before.audit);
  CHECK(gate.Verdict() == "rejected");
}

TEST_CASE("Histories of both copies count where one of them is broken, each attempt once", "[gate]") {
  GateInput input = GateLife::Created();
  GateLife gate = Rejected();
  gate.input.spec.attempt = 2;
  gate.Run();
  input.previous = gate.last.status;
  input.config_map = gate.last.status;
  input.previous->audit[0].actor = "forged";
  input.previous->history.push_back({kOtherApp, 7, "approved", kNow});
  const Recovered recovered = Recover(input, SubjectOf(input).Hash());
  CHECK(recovered.problem == "status.audit: entry 1: its hash is wrong");
  CHECK(recovered.trail.empty());
  REQUIRE(recovered.history.size() == 2);
  CHECK(recovered.history[0].artifact_id == kApp);
  CHECK(recovered.history[1].artifact_id == kOtherApp);
}

}  // namespace
}  // namespace release
