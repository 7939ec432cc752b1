// What somebody can try who may write the status, the ConfigMap, or both: each test is named by the attack.
// What can't be prevented is asserted too, so that nobody believes otherwise.
#include <functional>
#include <string>
#include <vector>

#include "function/release/attempt.h"
#include "test/catch.h"
#include "test/unit/release/gate_life.h"

namespace release {
namespace {

using Edit = std::function<void(GateStatus&)>;

void Both(GateLife& gate, const Edit& edit) {
  edit(*gate.input.previous);
  edit(*gate.input.config_map);
}

// Rejected, with a trail of three entries.
GateLife Rejected(const AuditKeys& keys = {}) {
  GateLife gate;
  gate.input.audit_keys = keys;
  gate.input.spec.approvals = {Reject("bob")};
  gate.Run();
  gate.input.spec.approvals = {Approve("alice")};
  return gate;
}

// Whoever has no key can hash a trail of their own.
void Rehash(GateStatus& status, const AuditKeys& keys) {
  std::vector<AuditEntry> forged;
  for (const AuditEntry& e : status.audit) AppendAudit(forged, keys, e.time, e.actor, e.action, e.detail);
  status.audit = forged;
}

struct TrailAttack {
  std::string attack;
  Edit edit;
};

const std::vector<TrailAttack> kTrailAttacks = {
    {"an entry is removed from the middle", [](GateStatus& s) { s.audit.erase(s.audit.begin() + 1); }},
    {"the first entry is removed", [](GateStatus& s) { s.audit.erase(s.audit.begin()); }},
    {"entries are reordered", [](GateStatus& s) { std::swap(s.audit[1], s.audit[2]); }},
    {"an actor is rewritten", [](GateStatus& s) { s.audit[1].actor = "carol"; }},
    {"an action is rewritten", [](GateStatus& s) { s.audit[2].action = "GateApproved"; }},
    {"a detail is rewritten", [](GateStatus& s) { s.audit[2].detail = "{}"; }},
    {"a time is rewritten", [](GateStatus& s) { s.audit[0].time -= absl::Hours(1); }},
    {"a number is rewritten", [](GateStatus& s) { s.audit[2].seq = 7; }},
    {"a hash is rewritten", [](GateStatus& s) { s.audit[2].hash[0] ^= 1; }},
    {"an entry is added without its hash",
     [](GateStatus& s) {
       s.audit.push_back({4, kNow, "gate", "GateApproved", "{}", s.audit[2].hash, ""});
     }},
    {"an entry is doubled", [](GateStatus& s) { s.audit.push_back(s.audit[2]); }},
    {"a checkpoint is put in front",
     [](GateStatus& s) { s.audit[0].action = std::string(kAuditCheckpoint); }},
};

TEST_CASE("Attack: the trail is edited in one copy or in both", "[attack]") {
  for (const TrailAttack& c : kTrailAttacks) {
    for (const std::string where : {"status", "ConfigMap", "both"}) {
      INFO(c.attack << ", in " << where);
      GateLife gate = Rejected();
      const std::vector<AuditEntry> in_config_map = [&] {
        GateStatus copy = gate.last.status;
        if (where != "status") c.edit(copy);
        return copy.audit;
      }();
      if (where != "ConfigMap") c.edit(*gate.input.previous);
      if (where != "status") c.edit(*gate.input.config_map);
      gate.Run();
      CHECK(gate.Verdict() == "pending");
      CHECK(gate.Condition("AuditIntact") == "False AuditBroken");
      CHECK(gate.Open() == "Audit:AuditBroken");
      CHECK(gate.Events() == "AuditBroken");
      // Held: no verdict, nothing repeated, and each copy is left as it was found for whoever looks into it.
      gate.Run(kNow + absl::Hours(100));
      CHECK(gate.Verdict() == "pending");
      CHECK(gate.last.events.empty());
      CHECK(gate.last.config_map_audit == in_config_map);
      // Only a higher attempt gets out, and its trail names the broken one.
      const std::string last_hash = gate.last.status.audit.back().hash;
      const std::string broken = last_hash.empty() ? gate.last.config_map_audit.back().hash : last_hash;
      gate.input.spec.attempt = 2;
      gate.Run(kNow + absl::Hours(101));
      CHECK(gate.Condition("AuditIntact") == "True ChainVerified");
      CHECK(gate.last.status.audit[0].detail.find("\"broken\":\"" + (broken.empty() ? "none" : broken) +
                                                  "\"") != std::string::npos);
      CHECK(gate.last.status.created_timestamp == kNow + absl::Hours(101));
      CHECK(gate.Ignored() == "alice:OtherAttempt");
    }
  }
}

TEST_CASE("Attack: a broken trail is left behind by way of another artifact", "[attack]") {
  GateLife gate = Rejected();
  gate.input.previous->audit[1].actor = "carol";
  gate.Run();
  for (const char* artifact : {kOtherApp, kApp}) {
    gate.input.spec.artifact_id = gate.input.pipeline.source_artifact_id = artifact;
    gate.Run();
    CHECK(gate.Verdict() == "pending");
    CHECK(gate.Condition("AuditIntact") == "False AuditBroken");
  }
  // The way out is an attempt that nobody made before, and the artifact's old one is used up.
  gate.input.spec.attempt = 2;
  gate.Run();
  CHECK(gate.Condition("AuditIntact") == "True ChainVerified");
  REQUIRE(gate.last.status.history.size() == 1);
  CHECK(gate.last.status.history[0].artifact_id == kApp);
  CHECK(gate.last.status.history[0].attempt == 1);
}

TEST_CASE("Attack: the history is erased together with the trail that vouches for it", "[attack]") {
  GateLife gate = Rejected();
  gate.input.spec.artifact_id = gate.input.pipeline.source_artifact_id = kOtherApp;
  gate.Run();
  REQUIRE(gate.last.status.history.size() == 1);
  gate.input.previous->audit[1].actor = "carol";
  gate.input.previous->history.clear();
  gate.input.spec.artifact_id = gate.input.pipeline.source_artifact_id = kApp;
  gate.Run();
  CHECK(gate.Verdict() == "pending");
  CHECK(gate.Open() == "Artifact:AttemptUsed, Audit:AuditBroken");
}

TEST_CASE("Attack: a status is edited to approved", "[attack]") {
  GateLife gate;
  gate.Run();
  gate.input.previous->verdict = Verdict::kApproved;
  gate.input.previous->approved_artifact_id = kApp;
  gate.input.previous->approver = "alice";
  gate.input.previous->approval_timestamp = kNow;
  gate.input.previous->deadline = kNow + absl::Hours(1000);
  gate.input.previous->created_timestamp = kNow + absl::Hours(900);
  gate.Run();
  CHECK(gate.Verdict() == "pending");
  CHECK(gate.last.status.approved_artifact_id.empty());
  CHECK(gate.last.status.approver.empty());
  CHECK_FALSE(gate.last.status.approval_timestamp.has_value());
  CHECK(gate.last.status.deadline == kNow + absl::Hours(23));
  CHECK(gate.last.status.created_timestamp == kNow - absl::Hours(1));
}

TEST_CASE("Attack: a rejected or timed out status is edited to approved", "[attack]") {
  GateLife gate = Rejected();
  Both(gate, [](GateStatus& s) {
    s.verdict = Verdict::kApproved;
    s.approved_artifact_id = kApp;
  });
  gate.Run();
  CHECK(gate.Verdict() == "rejected");
  CHECK(gate.last.status.approved_artifact_id.empty());
}

TEST_CASE("Attack: what led to a verdict is edited afterwards", "[attack]") {
  GateLife gate;
  gate.input.spec.approvals = {Approve("alice")};
  gate.Run();
  const GateStatus before = gate.last.status;
  const std::vector<std::pair<std::string, Edit>> edits = {
      {"who was counted",
       [](GateStatus& s) {
         s.approvals.counted[0] = {"bob", "anyone", true};
       }},
      {"who was ignored",
       [](GateStatus& s) {
         s.approvals.ignored.push_back({"carol", "SelfApproval"});
       }},
      {"how many", [](GateStatus& s) { s.approvals.have = s.approvals.need = 7; }},
      {"a requirement", [](GateStatus& s) { s.requirements[0].message = "forged"; }},
      {"a requirement is removed", [](GateStatus& s) { s.requirements.clear(); }},
      {"a time", [](GateStatus& s) { s.requirements[0].next_change = kNow; }},
      {"the deadline", [](GateStatus& s) { s.deadline += absl::Hours(1); }},
      {"the approver", [](GateStatus& s) { s.approver = "bob"; }},
      {"the time of the approval", [](GateStatus& s) { s.approval_timestamp = kNow + absl::Hours(1); }},
      {"the start", [](GateStatus& s) { s.created_timestamp = kNow; }},
  };
  for (const auto& [what, edit] : edits) {
    for (const bool in_both : {false, true}) {
      INFO(what << (in_both ? ", in both copies" : ""));
      GateLife attacked = gate;
      in_both ? Both(attacked, edit) : edit(*attacked.input.previous);
      attacked.Run();
      CHECK(attacked.Verdict() == "approved");
      CHECK(attacked.last.status.requirements == before.requirements);
      CHECK(ShownHash(attacked.last.status) == ShownHash(before));
      CHECK(attacked.last.status.approver == "alice");
      CHECK(attacked.last.status.approval_timestamp == kNow);
      CHECK(attacked.last.status.created_timestamp == before.created_timestamp);
    }
  }
}

// Whoever writes both copies where there is no key writes what they want, but nothing that the XRDs or a Job
// refuse: the gate goes on.
TEST_CASE("Attack: a verdict with a deadline that cannot be", "[attack]") {
  for (const absl::Duration off : {-absl::Hours(1), absl::Hours(169), absl::Hours(24 * 365)}) {
    GateLife gate = Rejected();
    Both(gate, [&](GateStatus& s) {
      Attempt forged = *LastAttempt(s.audit);
      s.deadline = forged.start + off;
      forged.shown_hash = ShownHash(s);
      AuditEntry verdict = s.audit.back();
      s.audit.pop_back();
      AppendAudit(s.audit, {}, verdict.time, verdict.actor, verdict.action, VerdictDetail(forged));
    });
    gate.Run();
    CHECK(gate.Verdict() == "rejected");
    CHECK(gate.Condition("AuditIntact") == "True ChainVerified");
    CHECK(gate.last.status.deadline == gate.last.status.created_timestamp + absl::Hours(24));
  }
}

TEST_CASE("Attack: names that are longer than a status takes", "[attack]") {
  const std::string long_artifact = "ghcr.io/acme/app:" + std::string(600, 'x');
  GateLife gate = Rejected();
  Both(gate, [&](GateStatus& s) {
    Attempt forged = *LastAttempt(s.audit);
    forged.approver = std::string(16385, 'x');
    s.audit.pop_back();
    AppendAudit(s.audit, {}, kNow, kGateActor, action::kGateRejected, VerdictDetail(forged));
  });
  gate.Run();
  CHECK(gate.Verdict() == "rejected");
  CHECK(gate.last.status.approver.empty());

  Attempt started;
  started.artifact_id = long_artifact;
  std::vector<AuditEntry> trail;
  AppendAudit(trail, {}, kNow, kGateActor, action::kAttemptStarted, AttemptStartedDetail(started, ""));
  CHECK_FALSE(LastAttempt(trail).has_value());

  Subject subject = SubjectOf(gate.input);
  subject.artifact_id = long_artifact;
  Attempt approved;
  approved.artifact_id = long_artifact;
  approved.subject = subject.Hash();
  approved.number = subject.attempt;
  AppendAudit(trail, {}, kNow, kGateActor, action::kGateApproved, VerdictDetail(approved));
  CHECK_FALSE(LastApproval(trail, subject).has_value());
}

TEST_CASE("Attack: the end of the trail is cut off in one copy", "[attack]") {
  for (const bool in_status : {true, false}) {
    GateLife gate = Rejected();
    (in_status ? gate.input.previous : gate.input.config_map)->audit.resize(1);
    gate.Run();
    CHECK(gate.Verdict() == "rejected");
    CHECK(gate.last.status.audit.size() == 3);
  }
}

// What is left is a trail too. The key does not help: nothing is forged. It shows only to those who noted the
// last hash.
TEST_CASE("Attack: the end of the trail is cut off in both copies, which nothing here can see", "[attack]") {
  for (const AuditKeys& keys : {AuditKeys{}, AuditKeys{"secret", ""}}) {
    GateLife gate = Rejected(keys);
    Both(gate, [](GateStatus& s) { s.audit.resize(1); });
    gate.Run();
    CHECK(gate.Verdict() == "approved");
    CHECK(gate.Condition("AuditIntact") == "True ChainVerified");
  }
}

TEST_CASE("Attack: both copies are rewritten, which takes the key where there is one", "[attack]") {
  for (const std::string key : {"", "secret"}) {
    GateLife gate = Rejected({key, ""});
    Both(gate, [](GateStatus& s) {
      s.audit[2].action = "GateApproved";
      Rehash(s, {});
    });
    gate.Run();
    CHECK(gate.Verdict() == (key.empty() ? "approved" : "pending"));
    CHECK(gate.Condition("AuditIntact") == (key.empty() ? "True ChainVerified" : "False AuditBroken"));
  }
}

TEST_CASE("Attack: one copy is rewritten and hashed again without the key", "[attack]") {
  for (const bool in_status : {true, false}) {
    GateLife gate = Rejected();
    GateStatus& copy = in_status ? *gate.input.previous : *gate.input.config_map;
    copy.audit[2].action = "GateApproved";
    Rehash(copy, {});
    gate.Run();
    CHECK(gate.Condition("AuditIntact") == "False AuditBroken");
  }
}

// Nothing is left that could tell; but the clock is that of the object, so that the attempt gets no time
// back.
TEST_CASE("Attack: both copies are wiped", "[attack]") {
  GateLife gate = Rejected();
  gate.input.previous.reset();
  gate.input.config_map.reset();
  GateLife later = gate;
  gate.Run();
  CHECK(gate.Verdict() == "approved");
  CHECK(gate.last.status.created_timestamp == kNow - absl::Hours(1));
  later.Run(kNow + absl::Hours(23));
  CHECK(later.Verdict() == "timeout");
}

TEST_CASE("Attack: the trail is wiped and a history forged, to set the clock back", "[attack]") {
  GateLife gate = Rejected();
  Both(gate, [](GateStatus& s) {
    s.audit.clear();
    s.history = {{kOtherApp, 1, "approved", kNow}};
  });
  gate.Run(kNow + absl::Hours(30));
  CHECK(gate.Verdict() == "timeout");
  CHECK(gate.last.status.created_timestamp == kNow - absl::Hours(1));
}

// The approvals of the old object are gone with it. Whoever declares them again finds them counting: they
// were given for exactly this artifact and attempt, and nothing is left of the verdict. What keeps it is
// outside of the cluster.
TEST_CASE("Attack: the gate is deleted and created again", "[attack]") {
  GateLife gate = Rejected();
  gate.input.previous.reset();
  gate.input.config_map.reset();
  gate.input.creation_timestamp = kNow + absl::Hours(2);
  gate.Run(kNow + absl::Hours(2));
  CHECK(gate.Verdict() == "approved");
  CHECK(gate.last.status.created_timestamp == kNow + absl::Hours(2));
  CHECK(gate.Trail() == "AttemptStarted by gate, ApprovedBy by alice, GateApproved by gate");
}

TEST_CASE("Attack: the history is edited", "[attack]") {
  GateLife gate = Rejected();
  gate.input.spec.attempt = 2;
  gate.Run();
  REQUIRE(gate.last.status.history.size() == 1);
  GateLife in_both = gate;
  gate.input.previous->history.clear();
  gate.Run();
  CHECK(gate.last.status.history.size() == 1);
  CHECK(gate.Condition("AuditIntact") == "True ChainVerified");
  Both(in_both, [](GateStatus& s) { s.history[0].verdict = "approved"; });
  in_both.Run();
  CHECK(in_both.Condition("AuditIntact") == "False AuditBroken");
  CHECK(in_both.Open().find("Audit:AuditBroken") != std::string::npos);
}

TEST_CASE("Attack: entries flip to fill the trail, and the start and the verdict are kept all the same",
          "[attack]") {
  GateLife gate;
  gate.Run();
  for (int i = 0; i < 300; ++i) {
    gate.input.spec.checks = {{"unit", i % 2 == 0 ? CheckState::kFailure : CheckState::kPending, kApp}};
    gate.Run(kNow + absl::Seconds(i));
    REQUIRE(gate.last.status.audit.size() <= kMaxAuditEntries);
  }
  gate.input.spec.approvals = {Approve("alice")};
  gate.Run(kNow + absl::Hours(1));
  CHECK(gate.Verdict() == "approved");
  CHECK(gate.Condition("AuditIntact") == "True ChainVerified");
  CHECK(gate.last.status.audit.front().action == "AttemptStarted");
  CHECK(gate.last.status.audit.back().action == "GateApproved");
  // Checks fill no more than half of the room, so that who approved is on record too.
  CHECK(gate.last.status.audit.size() == 2 + kMaxNotesPerAttempt / 2 + 1);
  CHECK(gate.Trail().find("ApprovedBy by alice") != std::string::npos);
}

TEST_CASE("Attack: hostile sizes stay under the bounds of the status", "[attack]") {
  GateLife gate;
  gate.input.policy.approvals = {{"all", {}, 50}};
  for (int i = 0; i < 50; ++i) {
    // What JSON spells with two characters.
    Approval approval = Approve(std::string(251, '"') + std::to_string(10 + i));
    approval.comment = std::string(1024, 'x');
    gate.input.spec.approvals.push_back(approval);
    gate.input.spec.checks.push_back(
        {std::string(251, '\\') + std::to_string(10 + i), CheckState::kSuccess, kApp});
  }
  gate.Run();
  REQUIRE(gate.Verdict() == "approved");
  CHECK(gate.last.status.approver.size() <= 16384);
  size_t total = 0;
  for (const AuditEntry& entry : gate.last.status.audit) {
    CHECK(entry.detail.size() <= 32768);
    total += entry.detail.size() + entry.actor.size();
  }
  CHECK(total < 128 * 1024);
  for (const Requirement& requirement : gate.last.status.requirements)
    CHECK(requirement.message.size() <= 32768);
}

}  // namespace
}  // namespace release
