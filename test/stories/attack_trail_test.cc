// Attacks by somebody who may write statuses, ConfigMaps, or an XR's references to what it composed.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "function/manifest/status.h"
#include "function/release/attempt.h"
#include "test/catch.h"
#include "test/stories/attack.h"

namespace test {
namespace {

using base::Json;
using release::AuditEntry;
using Trail = std::vector<AuditEntry>;
using Edit = std::function<void(Trail&)>;

constexpr char kRejected[] = "staging-to-production a#1 rejected by bob";
constexpr char kBroken[] = "staging-to-production a#1 pending(AuditBroken) by alice";
constexpr char kWaits[] = "staging-to-production a#1 pending(AwaitingApprovals)";

void EditStatus(World& world, const std::string& gate, const std::function<void(Json&)>& edit) {
  world.Forge(world.cluster.XrOf(world.Gate(gate)), [&](Json& xr) { edit(xr["status"]); });
}

void EditTrailInStatus(World& world, const Edit& edit, const std::string& gate = kIntoProduction) {
  EditStatus(world, gate, [&](Json& status) {
    Trail trail = manifest::AuditFromJson(status["audit"]);
    edit(trail);
    status["audit"] = manifest::AuditToJson(trail);
  });
}

Ref GateConfig(const World& world, const std::string& gate = kIntoProduction) {
  return world.ConfigMap(absl::StrCat("web-", gate, "-gate"));
}

void EditTrailInConfigMap(World& world, const Edit& edit) {
  world.Forge(GateConfig(world), [&](Json& map) {
    Trail trail = manifest::AuditFromJsonLines(map["data"]["audit.jsonl"]);
    edit(trail);
    map["data"]["audit.jsonl"] = manifest::AuditToJsonLines(trail);
  });
}

// Hashed without a key, as anybody can.
void Rehash(Trail& trail) {
  Trail forged;
  for (const AuditEntry& e : trail) release::AppendAudit(forged, {}, e.time, e.actor, e.action, e.detail);
  trail = forged;
}

// The best forgery there is without the key: the trail goes on with a verdict as the gate itself would write
// it.
void AddApproval(Trail& trail, const std::string& gate, const std::string& letter) {
  release::Attempt attempt;
  attempt.verdict = release::Verdict::kApproved;
  attempt.reason = "RequirementsMet";
  attempt.approver = "alice";
  attempt.artifact_id = Artifact(letter);
  attempt.subject = SubjectOf(gate, letter).Hash();
  const absl::Time time = trail.empty() ? absl::UnixEpoch() : trail.back().time;
  release::AppendAudit(trail, {}, time, "alice", release::action::kApprovedBy,
                       R"({"rule":"anyone","signed":false})");
  release::AppendAudit(trail, {}, time, release::kGateActor, release::action::kGateApproved,
                       release::VerdictDetail(attempt));
}

// Bob rejected a, and the entries in the spec say that everybody approves now.
void Reject(World& world) {
  ReachProduction(world);
  world.Approve(kIntoProduction, "bob", "a", 1, "reject");
  world.cluster.Settle();
  REQUIRE(world.ShowGate(kIntoProduction) == kRejected);
  world.Approve(kIntoProduction, "bob", "a");
  world.Approve(kIntoProduction, "alice", "a");
}

struct TrailAttack {
  std::string name;
  Edit edit;
  std::string one_copy;     // what the gate shows where one of the two copies is edited
  std::string both_copies;  // "": nothing here can see it; tests of the domain say what follows
};

TEST_CASE("attack: the audit trail is edited") {
  const auto attack = GENERATE(values<TrailAttack>({
      {"audit entries removed", [](Trail& t) { t.erase(t.begin() + 1); }, kBroken, kBroken},
      {"audit entries reordered", [](Trail& t) { std::swap(t[1], t[2]); }, kBroken, kBroken},
      {"audit entries rewritten", [](Trail& t) { t[2].action = "GateApproved"; }, kBroken, kBroken},
      {"audit entries rewritten and hashed again",
       [](Trail& t) {
         t[2].action = "GateApproved";
         Rehash(t);
       },
       kBroken, ""},
      {"audit entries truncated", [](Trail& t) { t.resize(1); }, kRejected, ""},
      {"audit entries wiped", [](Trail& t) { t.clear(); }, kRejected, ""},
  }));
  const auto where = GENERATE(as<std::string>(), "in status", "in the ConfigMap", "in both");
  const bool in_both = where == "in both";
  const std::string shows = in_both ? attack.both_copies : attack.one_copy;
  World world(BothFlavours());
  Reject(world);
  if (shows.empty()) return;
  MustFail(world, {absl::StrCat(attack.name, ", ", where),
                   "each entry's hash is over the one before, and there are two copies",
                   [&](World& w) {
                     if (where != "in the ConfigMap") EditTrailInStatus(w, attack.edit);
                     if (where != "in status") EditTrailInConfigMap(w, attack.edit);
                   },
                   shows, shows == kBroken ? "bob:NotNeeded" : ""});
}

TEST_CASE("attack: a status is edited to approved") {
  const auto attack = GENERATE(values<Attack>({
      {"a status edited to approved", "the verdict is the trail's",
       [](World& w) {
         EditStatus(w, kIntoProduction, [](Json& status) {
           status["gate_status"] = "approved";
           status["approved_artifact_id"] = Artifact("a");
           status["approver"] = "alice";
           status["approval_timestamp"] = "2026-03-02T09:00:00Z";
           for (Json& requirement : status["requirements"]) requirement["satisfied"] = true;
         });
       },
       kWaits, ""},
      {"a status with a trail that goes on to an approval", "what one copy has alone opens nothing",
       [](World& w) { EditTrailInStatus(w, [](Trail& t) { AddApproval(t, kIntoProduction, "a"); }); }, kWaits,
       ""},
      {"a status with a trail of its own that approves", "it is not the one of the ConfigMap",
       [](World& w) {
         EditTrailInStatus(w, [](Trail& t) {
           t.clear();
           AddApproval(t, kIntoProduction, "a");
         });
       },
       "staging-to-production a#1 pending(AwaitingApprovals,AuditBroken)", ""},
      {"a claim's or an XR's status, field by field", "every field is returned on every call",
       [](World& w) {
         w.Forge(w.Gate(kIntoProduction), [](Json& gate) {
           gate["status"]["approved_artifact_id"] = Artifact("a");
           gate["status"]["deadline"] = "2999-01-01T00:00:00Z";
           gate["status"]["created_timestamp"] = "2999-01-01T00:00:00Z";
         });
       },
       kWaits, ""},
  }));
  World world(BothFlavours());
  ReachProduction(world);
  MustFail(world, attack);
}

// a is in staging; e never was. Whoever may write statuses says that it is: the gate into production needs
// nobody.
TEST_CASE("attack: a status says that the artifact is in the source environment") {
  constexpr char kNotThere[] = "staging-to-production e#1 pending(NotInSourceEnvironment)";
  const auto forge_pipeline = [](World& w) {
    w.Forge(w.cluster.XrOf(w.Pipeline()),
            [](Json& xr) { xr["status"]["environments"][1]["artifact_id"] = Artifact("e"); });
    if (w.cluster.IsClaims()) {
      w.Forge(w.Pipeline(),
              [](Json& claim) { claim["status"]["environments"][1]["artifact_id"] = Artifact("e"); });
    }
  };
  const auto forge_source_gate = [](World& w) {
    const Edit edit = [](Trail& t) { AddApproval(t, kIntoStaging, "e"); };
    EditTrailInStatus(w, edit, kIntoStaging);
    if (w.cluster.IsClaims()) {
      w.Forge(w.Gate(kIntoStaging), [&](Json& claim) {
        Trail trail = manifest::AuditFromJson(claim["status"]["audit"]);
        edit(trail);
        claim["status"]["audit"] = manifest::AuditToJson(trail);
      });
    }
  };
  // Nothing puts right what Crossplane does not reconcile.
  const auto pause = [](World& w, const Ref& ref) {
    w.Forge(ref, [](Json& object) { object["metadata"]["annotations"]["crossplane.io/paused"] = "true"; });
  };
  struct Case {
    std::string name;
    std::function<void(World&)> act;
  };
  const std::vector<Case> cases = {
      {"the pipeline's status", forge_pipeline},
      {"the source gate's status", forge_source_gate},
      {"the statuses of both",
       [&](World& w) {
         forge_pipeline(w);
         forge_source_gate(w);
       }},
      {"the source gate's status, which nobody puts right",
       [&](World& w) {
         pause(w, w.cluster.XrOf(w.Gate(kIntoStaging)));
         if (w.cluster.IsClaims()) pause(w, w.Gate(kIntoStaging));
         forge_source_gate(w);
       }},
      // The closing verdict alone would be believed.
      {"the source gate's status, which ends with a timeout",
       [&](World& w) {
         EditTrailInStatus(
             w,
             [](Trail& t) {
               const std::string start = t.front().detail;
               AddApproval(t, kIntoStaging, "e");
               release::Attempt attempt;
               attempt.verdict = release::Verdict::kTimeout;
               attempt.artifact_id = Artifact("a");
               attempt.subject = SubjectOf(kIntoStaging, "a").Hash();
               release::AppendAudit(t, {}, t.back().time, release::kGateActor,
                                    release::action::kAttemptStarted, start);
               release::AppendAudit(t, {}, t.back().time, release::kGateActor, release::action::kGateTimedOut,
                                    release::VerdictDetail(attempt));
             },
             kIntoStaging);
         forge_pipeline(w);
       }},
  };
  const auto index = GENERATE(range(0, 5));
  REQUIRE(cases.size() == 5);
  World world(BothFlavours());
  const Json automatic = {{"approval_required", false}};
  world.Git({{"promotionRules", {{"dev_to_staging", "automatic"}, {"staging_to_production", "automatic"}}}});
  world.cluster.Settle();
  world.Script(kIntoStaging, "a", automatic);
  world.cluster.Settle();
  world.Script(kIntoProduction, "e", automatic);
  world.cluster.Settle();
  REQUIRE(world.ShowGate(kIntoProduction) == kNotThere);
  MustFail(world, {absl::StrCat("an artifact that never was in staging, by ", cases[index].name),
                   "what a gate approved counts where both copies of its trail say so", cases[index].act,
                   kNotThere, ""});
}

// In the place of the gate's ConfigMap stands another one, which says approved.
void Displace(World& world, Json forged) {
  const Ref xr = world.cluster.XrOf(world.Gate(kIntoProduction));
  REQUIRE(world.cluster.api().Apply(forged, "mallory", true).ok());
  world.Forge(xr, [&](Json& object) {
    Json& spec = object["spec"];
    for (Json& ref : (spec.contains("crossplane") ? spec["crossplane"] : spec)["resourceRefs"]) {
      if (ref["kind"] == "ConfigMap") ref["name"] = forged["metadata"]["name"];
    }
  });
}

Json ForgedConfigMap(const World& world) {
  Json map = world.Get(GateConfig(world));
  Trail trail = manifest::AuditFromJsonLines(map["data"]["audit.jsonl"]);
  AddApproval(trail, kIntoProduction, "a");
  map["data"]["audit.jsonl"] = manifest::AuditToJsonLines(trail);
  map["data"]["gate_status"] = "approved";
  map["data"]["approved_artifact_id"] = Artifact("a");
  for (const char* field : {"uid", "creationTimestamp", "generation", "resourceVersion", "managedFields"}) {
    map["metadata"].erase(field);
  }
  return map;
}

void LoseStatus(World& world) {
  world.Forge(world.cluster.XrOf(world.Gate(kIntoProduction)), [](Json& xr) { xr.erase("status"); });
}

TEST_CASE("attack: a forged observed ConfigMap") {
  const auto attack = GENERATE(values<Attack>({
      {"a forged observed ConfigMap of another name", "what is observed counts under its own name",
       [](World& w) {
         Json forged = ForgedConfigMap(w);
         forged["metadata"]["name"] = "mallory";
         Displace(w, forged);
         LoseStatus(w);
       },
       kWaits, ""},
      {"a forged observed ConfigMap of another name and of nobody", "and with this XR as its controller",
       [](World& w) {
         Json forged = ForgedConfigMap(w);
         forged["metadata"]["name"] = "mallory";
         forged["metadata"].erase("ownerReferences");
         Displace(w, forged);
         LoseStatus(w);
       },
       kWaits, ""},
      {"a forged observed ConfigMap that nobody controls", "its name alone is not enough",
       [](World& w) {
         Json forged = ForgedConfigMap(w);
         forged["metadata"].erase("ownerReferences");
         w.cluster.api().Delete(GateConfig(w));
         Displace(w, forged);
         LoseStatus(w);
       },
       kWaits, ""},
      {"a forged observed ConfigMap that says more than the status", "what one copy has alone opens nothing",
       [](World& w) { EditTrailInConfigMap(w, [](Trail& t) { AddApproval(t, kIntoProduction, "a"); }); },
       kWaits, ""},
  }));
  World world(BothFlavours());
  ReachProduction(world);
  MustFail(world, attack);
}

// Crossplane shows it to nobody, and can't write its own over it: the gate stays as it is, and says why.
TEST_CASE("attack: a forged observed ConfigMap of another controller") {
  World world(BothFlavours());
  ReachProduction(world);
  const std::string pipeline = world.Get(world.cluster.XrOf(world.Pipeline()))["metadata"]["uid"];
  MustFail(world, {"a forged observed ConfigMap of another controller", "Crossplane passes it over",
                   [&](World& w) {
                     Json forged = ForgedConfigMap(w);
                     forged["metadata"]["ownerReferences"][0]["uid"] = pipeline;
                     w.cluster.api().Delete(GateConfig(w));
                     Displace(w, forged);
                   },
                   kWaits, ""});
  const std::string error = world.cluster.ErrorOf(world.cluster.XrOf(world.Gate(kIntoProduction)));
  CHECK(error.find("another object is its controller") != std::string::npos);
}

TEST_CASE("attack: with a key, a trail that somebody else wrote") {
  const auto attack = GENERATE(values<Attack>({
      {"a keyed trail that goes on without the key, in status", "only the key makes an entry",
       [](World& w) { EditTrailInStatus(w, [](Trail& t) { AddApproval(t, kIntoProduction, "a"); }); },
       "staging-to-production a#1 pending(AwaitingApprovals,AuditBroken)", ""},
      {"a keyed trail that goes on without the key, in the ConfigMap", "in either copy",
       [](World& w) { EditTrailInConfigMap(w, [](Trail& t) { AddApproval(t, kIntoProduction, "a"); }); },
       "staging-to-production a#1 pending(AwaitingApprovals,AuditBroken)", ""},
      {"a keyed trail that is rewritten in both copies", "and in both",
       [](World& w) {
         const Edit edit = [](Trail& t) {
           AddApproval(t, kIntoProduction, "a");
           Rehash(t);
         };
         EditTrailInStatus(w, edit);
         EditTrailInConfigMap(w, edit);
       },
       "staging-to-production a#1 pending(AwaitingApprovals,AuditBroken)", ""},
  }));
  ClusterOptions options = BothFlavours();
  options.audit_key = "a key of the platform team";
  World world(options);
  ReachProduction(world);
  MustFail(world, attack);
}

TEST_CASE("with a key and without an attack the gate opens") {
  ClusterOptions options = BothFlavours();
  options.audit_key = "a key of the platform team";
  World world(options);
  ReachProduction(world);
  MustOpen(world, "an approval with a keyed trail",
           [](World& w) { w.Approve(kIntoProduction, "alice", "a"); });
}

// The clock starts again: that can't be prevented here. Nothing else does.
TEST_CASE("attack: a gate is deleted and made again") {
  const auto attack = GENERATE(values<Attack>({
      {"a gate deleted and made again after its timeout", "every requirement has to hold again",
       [](World& w) {
         w.cluster.Advance(absl::Hours(25));
         REQUIRE(w.ShowGate(kIntoProduction) == "staging-to-production a#1 timeout");
         w.cluster.api().Delete(w.Gate(kIntoProduction));
         w.cluster.Settle();
       },
       kWaits, ""},
      {"a gate deleted and made again after its reject", "nobody has approved the new one",
       [](World& w) {
         w.Approve(kIntoProduction, "bob", "a", 1, "reject");
         w.cluster.Settle();
         w.cluster.api().Delete(w.Gate(kIntoProduction));
         w.cluster.Settle();
       },
       kWaits, ""},
      {"a gate deleted and made again while its artifact soaks",
       "the soak is the environment's, not the gate's",
       [](World& w) {
         w.Git({{"promotionPolicies", {{"staging_to_production", {{"soak_hours", 48}}}}}});
         w.cluster.Settle();
         w.cluster.Advance(absl::Hours(2));
         w.cluster.api().Delete(w.Gate(kIntoProduction));
         w.cluster.Settle();
         w.Approve(kIntoProduction, "alice", "a");
       },
       "staging-to-production a#1 pending(Soaking) by alice", ""},
      {"a gate made again with a status", "a trail that no ConfigMap has is worth what the gate finds true",
       [](World& w) {
         const Json old = w.Get(w.cluster.XrOf(w.Gate(kIntoProduction)))["status"];
         w.cluster.api().Delete(w.Gate(kIntoProduction));
         w.cluster.Settle();
         EditStatus(w, kIntoProduction, [&](Json& status) { status = old; });
         EditTrailInStatus(w, [](Trail& t) { AddApproval(t, kIntoProduction, "a"); });
       },
       kWaits, ""},
  }));
  World world(BothFlavours());
  ReachProduction(world);
  MustFail(world, attack);
}

std::string Long(size_t size) { return std::string(size, 'x'); }

TEST_CASE("attack: hostile sizes") {
  const auto attack = GENERATE(values<Attack>({
      {"hostile sizes: as many entries as there may be, each as long as it may be",
       "each is looked at, and what is said of them is bounded",
       [](World& w) {
         w.Git({{"promotionPolicies", {{"staging_to_production", {{"require_signatures", true}}}}}});
         w.cluster.Settle();
         w.Forge(w.Gate(kIntoProduction), [](Json& gate) {
           gate["spec"]["approvals"] = Json::array();
           gate["spec"]["checks"] = Json::array();
           for (int i = 10; i < 60; ++i) {
             Json entry = Entry(Long(251) + std::to_string(i), "a");
             entry["comment"] = Long(1024);
             entry["signature"] = Long(16384);
             gate["spec"]["approvals"].push_back(entry);
             gate["spec"]["checks"].push_back({{"name", Long(251) + std::to_string(i)},
                                               {"state", "failure"},
                                               {"artifact_id", Artifact("a")},
                                               {"message", Long(1024)}});
           }
         });
       },
       kWaits, ""},
      {"hostile sizes: a status that was blown up", "what is read back is bounded, and so is what is written",
       [](World& w) {
         EditStatus(w, kIntoProduction, [](Json& status) {
           status["gate_status"] = "approved";
           status["approved_artifact_id"] = Artifact("a");
           const Json past = {
               {"artifact_id", Artifact("c")}, {"attempt", 1}, {"verdict", "rejected"}, {"time", Long(64)}};
           status["history"] = Json::array();
           for (int i = 0; i < 50; ++i) status["history"].push_back(past);
           for (int i = 0; i < 50; ++i) {
             status["approvals"]["counted"].push_back(
                 {{"approver", Long(253)}, {"rule", Long(253)}, {"signed", true}});
           }
         });
       },
       kWaits, ""},
      {"hostile sizes: a trail of thousands", "it is not the one of the ConfigMap",
       [](World& w) {
         EditStatus(w, kIntoProduction, [](Json& status) {
           Json entry = status["audit"][0];
           entry["detail"] = std::string(4000, '[');
           for (int i = 0; i < 99; ++i) status["audit"].push_back(entry);
         });
       },
       "staging-to-production a#1 pending(AwaitingApprovals,AuditBroken)", ""},
      {"hostile sizes: a ConfigMap of lines", "no trail of ours has as many, and no more of them are kept",
       [](World& w) {
         w.Forge(GateConfig(w), [](Json& map) {
           std::string& trail = map["data"]["audit.jsonl"].get_ref<std::string&>();
           for (int i = 0; i < 50000; ++i) trail += "a\n";
         });
       },
       "staging-to-production a#1 pending(AwaitingApprovals,AuditBroken)", ""},
  }));
  World world(BothFlavours());
  ReachProduction(world);
  const bool many = attack.name.find("as many") != std::string::npos;
  if (!many) {
    MustFail(world, attack);
  } else {
    Attack named = attack;
    // Who is ignored is too long to spell out.
    for (int i = 10; i < 60; ++i) {
      absl::StrAppend(&named.ignored, i > 10 ? ", " : "", Long(251), i, ":SignerNotAllowed");
    }
    MustFail(world, named);
  }
  const Json status = world.Get(world.cluster.XrOf(world.Gate(kIntoProduction)))["status"];
  CHECK(status.dump().size() < 512 * 1024);
  CHECK(world.Get(GateConfig(world)).dump().size() < 512 * 1024);
}

}  // namespace
}  // namespace test
