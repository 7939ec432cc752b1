// The status from its two copies, where one is lost, behind, or made with another key.
#include "function/release/recovery.h"

#include <algorithm>
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

TEST_CASE("Two copies that say the same at other times are no broken trail", "[gate]") {
  for (const AuditKeys& keys : {AuditKeys{}, AuditKeys{"secret", ""}}) {
    GateLife gate;
    gate.input.audit_keys = keys;
    // The same was decided twice, because the first status was not written, and each copy is of another time.
    GateLife again = gate;
    gate.Run(kNow + absl::Seconds(1));
    again.Run(kNow + absl::Seconds(2));
    REQUIRE(gate.last.status.audit != again.last.status.audit);
    for (const bool status_is_later : {true, false}) {
      GateLife forked = status_is_later ? again : gate;
      forked.input.config_map = status_is_later ? gate.input.config_map : again.input.config_map;
      forked.Run(kNow + absl::Seconds(3));
      CHECK(forked.Condition("AuditIntact") == "True ChainVerified");
      CHECK(forked.last.status.audit == again.last.status.audit);
      CHECK(forked.last.config_map_audit == again.last.status.audit);
    }
  }
}

TEST_CASE("Two copies that say something else are a broken trail, however alike their times are",
          "[attack]") {
  GateLife gate = Rejected();
  GateLife other;
  other.input.spec.approvals = {Reject("mallory")};
  other.Run();
  gate.input.config_map = other.input.config_map;
  gate.Run();
  CHECK(gate.Condition("AuditIntact") == "False AuditBroken");
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

// An approval of something else, hashed as anybody can.
void AddApproval(GateStatus& status, const GateInput& input, const std::string& artifact_id) {
  GateInput other = input;
  other.spec.artifact_id = artifact_id;
  Attempt attempt;
  attempt.subject = SubjectOf(other).Hash();
  attempt.artifact_id = artifact_id;
  attempt.start = kNow;
  attempt.verdict = Verdict::kApproved;
  AppendAudit(status.audit, {}, kNow, kGateActor, action::kAttemptStarted, AttemptStartedDetail(attempt, ""));
  AppendAudit(status.audit, {}, kNow, kGateActor, action::kGateApproved, VerdictDetail(attempt));
}

bool Approves(const std::vector<AuditEntry>& trail) {
  return std::any_of(trail.begin(), trail.end(),
                     [](const AuditEntry& entry) { return entry.action == action::kGateApproved; });
}

// It would be in both copies at the next look, and whoever reads the trail would believe it.
TEST_CASE("Attack: without a key, one copy is made longer by an approval of an earlier attempt", "[attack]") {
  for (const bool in_status : {true, false}) {
    for (const std::string then : {"the same attempt goes on", "the same attempt times out"}) {
      INFO((in_status ? "status: " : "ConfigMap: ") << then);
      GateLife gate;
      gate.Run();
      GateStatus& copy = in_status ? *gate.input.previous : *gate.input.config_map;
      const AuditEntry start = copy.audit.front();
      AddApproval(copy, gate.input, kOtherApp);
      AppendAudit(copy.audit, {}, kNow, kGateActor, action::kAttemptStarted, start.detail);
      if (then == "the same attempt times out") {
        Attempt attempt = *LastAttempt(copy.audit);
        attempt.verdict = Verdict::kTimeout;
        AppendAudit(copy.audit, {}, kNow, kGateActor, action::kGateTimedOut, VerdictDetail(attempt));
      }
      REQUIRE(LastApproval(copy.audit, SubjectOf(gate.input)).has_value());
      gate.Run();
      CHECK(gate.Verdict() == "pending");
      CHECK_FALSE(Approves(gate.last.status.audit));
      CHECK_FALSE(Approves(gate.last.config_map_audit));
    }
  }
}

TEST_CASE("What a trail proves to others is what both copies say, or what a key vouches for", "[gate]") {
  for (const AuditKeys& keys : {AuditKeys{}, AuditKeys{"secret", ""}}) {
    const bool keyed = !keys.key.empty();
    INFO((keyed ? "with a key" : "without a key"));
    GateLife gate;
    gate.input.audit_keys = keys;
    gate.Run();
    const std::vector<AuditEntry> started = gate.last.status.audit;
    gate.input.spec.approvals = {Approve("alice")};
    gate.Run();
    const std::vector<AuditEntry> approved = gate.last.status.audit;
    REQUIRE(Approves(approved));
    std::vector<AuditEntry> altered = approved;
    altered[1].actor = "mallory";
    CHECK(Approves(ProvenTrail(approved, approved, keys)));
    CHECK(Approves(ProvenTrail(approved, started, keys)) == keyed);
    CHECK(Approves(ProvenTrail(started, approved, keys)) == keyed);
    CHECK(Approves(ProvenTrail(approved, {}, keys)) == keyed);
    CHECK(Approves(ProvenTrail({}, approved, keys)) == keyed);
    CHECK(ProvenTrail(altered, approved, keys).empty());
    CHECK(ProvenTrail(approved, altered, keys).empty());
    CHECK(ProvenTrail(approved, {}, {"another", ""}).empty());
    CHECK(ProvenTrail({}, {}, keys).empty());
  }
}

}  // namespace
}  // namespace release
