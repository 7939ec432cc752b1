// Attacks on what a gate demands: policies below the platform's floor, pipelines that are not the gate's,
// time.
#include "absl/strings/str_cat.h"
#include "test/catch.h"
#include "test/stories/attack.h"

namespace test {
namespace {

using base::Json;

// The platform demands something of everything, and names nobody who may override it.
ClusterOptions Floor() {
  ClusterOptions options = BothFlavours();
  options.input["policy"]["staging_to_production"] = {
      {"approvals", {{{"name", "owners"}, {"approvers", {"carol"}}, {"required", 1}}}},
      {"soak_hours", 2},
      {"timeout_hours", 12},
      {"required_checks", {"scan"}},
      {"windows",
       {{{"name", "office"},
         {"days", {"Mon"}},
         {"start", "10:00"},
         {"end", "18:00"},
         {"time_zone", "UTC"}}}}};
  return options;
}

constexpr char kBelow[] =
    "staging-to-production a#1 pending(AwaitingChecks,Soaking,OutsideWindow,AwaitingApprovals) by mallory";

Json LaxPolicy() {
  return {{"approvals", {{{"name", "owners"}, {"approvers", {"mallory"}}, {"required", 1}}}},
          {"soak_hours", 0},
          {"timeout_hours", 168},
          {"required_checks", Json::array()},
          {"override_approvers", {"mallory"}}};
}

Json LaxPipeline(const std::string& step) {
  return {{"promotionRules", {{step, "automatic"}}},
          {"promotionPolicies", {{step, LaxPolicy()}}},
          {"freezes", Json::array()},
          {"allowed_signers", Key('m').Line("carol,mallory")}};
}

Json Override(const std::string& who) {
  return {{"by", who}, {"reason", "because"}, {"artifact_id", Artifact("a")}};
}

TEST_CASE("attack: a tenant's policy below the platform's floor") {
  const auto attack = GENERATE(values<Attack>({
      {"a policy that the tenant edits below the floor", "of both sides the stricter counts in everything",
       [](World& w) {
         w.Git(LaxPipeline("staging_to_production"));
         w.cluster.Settle();
         w.Approve(kIntoProduction, "mallory", "a");
       },
       kBelow, ""},
      {"an override by somebody whom the tenant names", "where the platform demands something, it names them",
       [](World& w) {
         w.Git(LaxPipeline("staging_to_production"));
         w.cluster.Settle();
         w.Approve(kIntoProduction, "mallory", "a");
         w.Forge(w.Gate(kIntoProduction), [](Json& gate) { gate["spec"]["override"] = Override("mallory"); });
       },
       kBelow, "mallory:OverrideNotAllowed"},
      {"a pipeline without staging", "what is demanded of one way into production is demanded of every way",
       [](World& w) {
         w.Git({{"environments", {"dev", "production"}}, {"promotionRules", nullptr}});
         w.Git(LaxPipeline("dev_to_production"));
         w.cluster.Settle();
         w.Approve("dev-to-production", "mallory", "a");
       },
       "dev-to-production a#1 pending(AwaitingChecks,Soaking,OutsideWindow,AwaitingApprovals) by mallory", "",
       "dev-to-production"},
      {"a gate that says that it needs no approval", "the platform says that it does",
       [](World& w) {
         w.Forge(w.Gate(kIntoProduction), [](Json& gate) {
           gate["spec"]["approval_required"] = false;
           gate["spec"]["timeout_hours"] = 168;
         });
       },
       "staging-to-production a#1 pending(AwaitingChecks,Soaking,OutsideWindow,AwaitingApprovals)", ""},
  }));
  World world(Floor());
  ReachProduction(world);
  MustFail(world, attack);
}

TEST_CASE("without an attack what the platform demands opens the gate") {
  World world(Floor());
  ReachProduction(world);
  world.cluster.Advance(absl::Hours(2));
  world.Approve(kIntoProduction, "carol", "a");
  world.cluster.Settle();
  MustOpen(world, "all that the platform demands", [](World& w) {
    w.Forge(w.Gate(kIntoProduction), [](Json& gate) {
      gate["spec"]["checks"] = {{{"name", "scan"}, {"state", "success"}, {"artifact_id", Artifact("a")}}};
    });
  });
}

// Gates that scripts make; everybody approves.
void ScriptedGate(World& world, const std::string& gate, const Json& more = Json::object()) {
  world.Script(gate, "a", more);
  world.Approve(gate, "alice", "a");
}

TEST_CASE("attack: a required resource that is not the gate's") {
  const auto attack = GENERATE(values<Attack>({
      {"the pipeline is missing", "what a gate belongs to is not there",
       [](World& w) { ScriptedGate(w, kIntoStaging); },
       "dev-to-staging a#1 pending(PipelineNotFound,PipelineNotFound) by alice", "", kIntoStaging},
      {"the pipeline is deleted while the gate waits", "nor is it any more",
       [](World& w) {
         w.Git(Json::object());
         w.Script(kIntoStaging, "a");
         w.cluster.Settle();
         w.cluster.api().Delete(w.Pipeline());
         w.cluster.Settle();
         w.Approve(kIntoStaging, "alice", "a");
       },
       "dev-to-staging a#1 pending(PipelineNotFound,PipelineNotFound) by alice", "", kIntoStaging},
      {"the pipeline is in another namespace", "a gate reads no other namespace",
       [](World& w) {
         w.namespace_name = "team-two";
         w.Git(Json::object());
         w.namespace_name = "team";
         w.cluster.Settle();
         ScriptedGate(w, kIntoStaging);
       },
       "dev-to-staging a#1 pending(PipelineNotFound,PipelineNotFound) by alice", "", kIntoStaging},
      {"the pipeline is another tenant's", "a name alone proves nothing",
       [](World& w) {
         w.Git({{"tenant", "api"}});
         w.cluster.Settle();
         ScriptedGate(w, kIntoStaging);
       },
       "dev-to-staging a#1 pending(PipelineOfAnotherTenant,PipelineOfAnotherTenant) by alice", "",
       kIntoStaging},
      {"the gate names another tenant's pipeline", "that one's rules are not this tenant's",
       [](World& w) {
         w.Git(Json::object());
         w.Git({{"tenant", "api"}, {"promotionRules", {{"dev_to_staging", "automatic"}}}}, "api-pipeline");
         w.cluster.Settle();
         ScriptedGate(w, kIntoStaging, {{"pipeline", "api-pipeline"}, {"approval_required", false}});
       },
       "dev-to-staging a#1 pending(PipelineNotInCharge,PipelineNotInCharge)", "alice:NotNeeded",
       kIntoStaging},
      {"the gate names a second pipeline of its tenant", "one is in charge, and a second one could be laxer",
       [](World& w) {
         w.Git({{"promotionPolicies", {{"dev_to_staging", {{"required_checks", {"scan"}}}}}}});
         w.cluster.Settle();
         w.Git({{"promotionRules", {{"dev_to_staging", "automatic"}}}}, "web-lax");
         w.cluster.Settle();
         ScriptedGate(w, kIntoStaging, {{"pipeline", "web-lax"}, {"approval_required", false}});
       },
       "dev-to-staging a#1 pending(PipelineNotInCharge,PipelineNotInCharge)", "alice:NotNeeded",
       kIntoStaging},
      {"the step is none of the pipeline's", "it leads nowhere",
       [](World& w) {
         w.Git({{"environments", {"dev", "production"}}});
         w.cluster.Settle();
         ScriptedGate(w, kIntoStaging);
       },
       "dev-to-staging a#1 pending(NotAStep) by alice", "", kIntoStaging},
      {"the source gate is in another namespace", "what staging runs there is not what it runs here",
       [](World& w) {
         w.namespace_name = "team-two";
         w.Git(Json::object());
         ScriptedGate(w, kIntoStaging);
         w.cluster.Settle();
         w.namespace_name = "team";
         w.Git(Json::object());
         w.cluster.Settle();
         ScriptedGate(w, kIntoProduction);
       },
       "staging-to-production a#1 pending(NotInSourceEnvironment) by alice", ""},
      {"the source gate is another tenant's", "it says nothing about this one's staging",
       [](World& w) {
         w.Git(Json::object());
         w.Script(kIntoStaging, "a", {{"tenant", "api"}, {"pipeline", "web-pipeline"}});
         w.Approve(kIntoStaging, "alice", "a");
         w.cluster.Settle();
         ScriptedGate(w, kIntoProduction);
       },
       "staging-to-production a#1 pending(NotInSourceEnvironment) by alice", ""},
  }));
  World world(BothFlavours());
  MustFail(world, attack);
}

TEST_CASE("without an attack a scripted gate opens") {
  World world(BothFlavours());
  world.Git(Json::object());
  world.cluster.Settle();
  MustOpen(
      world, "a gate that a script made", [](World& w) { ScriptedGate(w, kIntoStaging); }, kIntoStaging);
}

// Crossplane never answers: there is nothing for the real one to be asked.
TEST_CASE("attack: a required resource that never comes") {
  ClusterOptions options = BothFlavours();
  options.answers_required = false;
  World world(options);
  world.Git(Json::object());
  ScriptedGate(world, kIntoStaging, {{"approval_required", false}});
  world.cluster.Settle();
  CHECK(world.ShowGate(kIntoStaging) == "dev-to-staging a#1 pending(PipelineUnknown,PipelineUnknown)");
  world.cluster.Advance(absl::Hours(25));
  CHECK(world.ShowGate(kIntoStaging) == "dev-to-staging a#1 timeout");
}

// What comes at the last moment and is looked at one second later.
void AtTheDeadline(World& world, const std::function<void(World&)>& act) {
  world.cluster.Advance(absl::Hours(24) - absl::Seconds(1));
  act(world);
  world.cluster.Advance(absl::Seconds(1));
}

TEST_CASE("attack: too late") {
  const auto attack = GENERATE(values<Attack>({
      {"an approval that arrives with the deadline", "at the deadline it is over",
       [](World& w) { AtTheDeadline(w, [](World& late) { late.Approve(kIntoProduction, "alice", "a"); }); },
       "staging-to-production a#1 timeout", ""},
      {"an override that arrives with the deadline", "it waives much, but not that",
       [](World& w) {
         AtTheDeadline(w, [](World& late) {
           late.Forge(late.Gate(kIntoProduction),
                      [](Json& gate) { gate["spec"]["override"] = Override("boss"); });
         });
       },
       "staging-to-production a#1 timeout", ""},
      {"an approval after the timeout", "a verdict is final",
       [](World& w) {
         w.cluster.Advance(absl::Hours(24));
         w.Approve(kIntoProduction, "alice", "a");
       },
       "staging-to-production a#1 timeout", ""},
      {"a longer timeout after the timeout", "so is its deadline",
       [](World& w) {
         w.cluster.Advance(absl::Hours(24));
         w.Git({{"promotionPolicies", {{"staging_to_production", {{"timeout_hours", 168}}}}}});
         w.cluster.Settle();
         w.Approve(kIntoProduction, "alice", "a");
       },
       "staging-to-production a#1 timeout", ""},
      {"an approval after the reject", "so is a reject, by whomever it was",
       [](World& w) {
         w.Approve(kIntoProduction, "bob", "a", 1, "reject");
         w.cluster.Settle();
         w.Approve(kIntoProduction, "bob", "a");
         w.Approve(kIntoProduction, "alice", "a");
       },
       "staging-to-production a#1 rejected by bob", ""},
  }));
  World world(BothFlavours());
  ReachProduction(world,
                  {{"promotionPolicies", {{"staging_to_production", {{"override_approvers", {"boss"}}}}}}});
  MustFail(world, attack);
}

TEST_CASE("without an attack the last second is in time") {
  World world(BothFlavours());
  ReachProduction(world);
  world.cluster.Advance(absl::Hours(24) - absl::Seconds(1));
  MustOpen(world, "an approval a second before the deadline",
           [](World& w) { w.Approve(kIntoProduction, "alice", "a"); });
}

}  // namespace
}  // namespace test
