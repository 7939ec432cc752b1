// Stories of faults and of people who write where they should not.
#include "function/release/audit.h"
#include "test/catch.h"
#include "test/stories/world.h"

namespace test {
namespace {

using base::Json;

// a is in staging; its gate to production waits.
void ReachStaging(World& world) {
  world.Git({{"artifact_id", Artifact("a")}});
  world.GitApproval("staging", "alice", "a");
  world.cluster.Settle();
}

constexpr char kInStaging[] =
    "dev=a staging=a production=- at staging | dev-to-staging a#1 approved by alice"
    " | staging-to-production a#1 pending(AwaitingApprovals) | GatePending";

Json Forged(const std::string& environment) {
  return {{"name", environment},
          {"artifact_id", Artifact("e")},
          {"since", "2020-01-01T00:00:00Z"},
          {"gate", ""},
          {"gate_status", "approved"}};
}

struct Fault {
  std::string name;
  std::string because;
  std::function<void(World&)> act;
};

TEST_CASE("what is lost or forged is put right, and opens nothing") {
  const auto fault = GENERATE(values<Fault>({
      {"the pipeline's status is lost", "what the gates' trails prove is read again",
       [](World& w) { w.Forge(w.cluster.XrOf(w.Pipeline()), [](Json& xr) { xr.erase("status"); }); }},
      {"a gate's status is lost", "its ConfigMap has the trail",
       [](World& w) {
         w.Forge(w.cluster.XrOf(w.Gate("dev-to-staging")), [](Json& xr) { xr.erase("status"); });
       }},
      {"a gate's ConfigMap is deleted", "its status has the trail",
       [](World& w) { w.cluster.api().Delete(w.ConfigMap("web-dev-to-staging-gate")); }},
      {"the pipeline's ConfigMap is deleted", "it is composed again",
       [](World& w) { w.cluster.api().Delete(w.ConfigMap()); }},
      {"a claim's status is forged", "it is a copy of the XR's",
       [](World& w) {
         w.Forge(w.Pipeline(), [](Json& xr) { xr["status"]["environments"][2] = Forged("production"); });
       }},
      {"an environment behind a gate is forged",
       "what no gate tells counts only where the ConfigMap has it too",
       [](World& w) {
         w.Forge(w.cluster.XrOf(w.Pipeline()),
                 [](Json& xr) { xr["status"]["environments"][2] = Forged("production"); });
       }},
      {"an approved environment is forged", "the gate's trail says what it approved",
       [](World& w) {
         w.Forge(w.cluster.XrOf(w.Pipeline()),
                 [](Json& xr) { xr["status"]["environments"][1] = Forged("staging"); });
       }},
      {"the time in it is forged", "the trail says when, or a soak could be cut short",
       [](World& w) {
         w.Forge(w.cluster.XrOf(w.Pipeline()),
                 [](Json& xr) { xr["status"]["environments"][1]["since"] = "2020-01-01T00:00:00Z"; });
       }},
      {"released.production is forged in the ConfigMap", "it is only a copy",
       [](World& w) {
         w.Forge(w.ConfigMap(), [](Json& map) { map["data"]["released.production"] = Artifact("e"); });
       }},
      {"a gate's verdict is forged", "the verdict is the trail's",
       [](World& w) {
         w.Forge(w.cluster.XrOf(w.Gate("staging-to-production")), [](Json& xr) {
           xr["status"]["gate_status"] = "approved";
           xr["status"]["approved_artifact_id"] = Artifact("a");
         });
       }},
      {"the composed gate's artifact is changed", "Crossplane applies the pipeline's again",
       [](World& w) {
         w.Forge(w.Gate("staging-to-production"),
                 [](Json& gate) { gate["spec"]["approval_required"] = false; });
       }},
      {"the references to the composed are lost", "what is there is found by its name",
       [](World& w) {
         w.Forge(w.cluster.XrOf(w.Pipeline()), [](Json& xr) {
           xr["spec"].erase("resourceRefs");
           xr["spec"].erase("crossplane");
         });
       }},
  }));
  World world(EveryCluster());
  ReachStaging(world);
  const Json before = world.Get(world.Pipeline())["status"]["environments"];
  Tell(world, {{fault.name + ": " + fault.because, fault.act, kInStaging}});
  const Json after = world.Get(world.Pipeline())["status"]["environments"];
  CHECK(after == before);
  CHECK(world.Get(world.ConfigMap())["data"].value("released.staging", "") == Artifact("a"));
  CHECK(world.Get(world.ConfigMap())["data"].value("released.production", "none") == "");
}

TEST_CASE("a forged status of the pipeline opens no gate, whoever is reconciled first") {
  World world(EveryCluster());
  world.Git({{"promotionRules", {{"dev_to_staging", "automatic"}, {"staging_to_production", "automatic"}}}});
  const Json automatic = {{"approval_required", false}};
  const std::string closed =
      "dev=a staging=a production=- at staging | dev-to-staging a#1 approved"
      " | staging-to-production e#1 pending(NotInSourceEnvironment) | GatePending";
  Tell(
      world,
      {
          {"a goes to staging", [&](World& w) { w.Script("dev-to-staging", "a", automatic); },
           "dev=a staging=a production=- at staging | dev-to-staging a#1 approved | NothingToPromote"},
          {"e was never there", [&](World& w) { w.Script("staging-to-production", "e", automatic); }, closed},
          {"and is not because a status says so",
           [](World& w) {
             w.Forge(w.cluster.XrOf(w.Pipeline()),
                     [](Json& xr) { xr["status"]["environments"][1] = Forged("staging"); });
           },
           closed},
          {"nor when the claim says so",
           [](World& w) {
             w.Forge(w.Pipeline(), [](Json& xr) { xr["status"]["environments"][1] = Forged("staging"); });
           },
           closed},
      });
  CHECK(world.Trail("staging-to-production") == "AttemptStarted e");
}

TEST_CASE("a forged release record without an end does not keep the pipeline busy") {
  World world(EveryCluster());
  ReachStaging(world);
  Tell(world, {{"it ends now, and expires",
                [](World& w) {
                  w.Forge(w.cluster.XrOf(w.Pipeline()), [](Json& xr) {
                    xr["status"]["history"] = {
                        {{"artifact_id", Artifact("e")}, {"environment", "dev"}},
                        {{"artifact_id", Artifact("e")}, {"until", "2999-01-01T00:00:00Z"}}};
                  });
                },
                kInStaging}});
  const Json history = world.Get(world.Pipeline())["status"]["history"];
  CHECK(history[0]["until"] == "2026-03-02T09:00:00Z");
  CHECK(history[1]["until"] == "2026-03-02T09:00:00Z");
  world.cluster.Advance(absl::Hours(24 * 31));
  CHECK(world.Get(world.Pipeline())["status"]["history"] == Json::array());
}

TEST_CASE("a status that was discarded after the resources were written is made up for") {
  World world(EveryCluster());
  ReachStaging(world);
  const Ref pipeline = world.cluster.XrOf(world.Pipeline());
  const Ref gate = world.cluster.XrOf(world.Gate("staging-to-production"));
  Tell(world, {
                  {"the gate's verdict is only in its ConfigMap, from where it comes back",
                   [&](World& w) {
                     w.cluster.DiscardNextStatus(gate);
                     w.Approve("staging-to-production", "bob", "a");
                     w.cluster.Settle();
                     w.cluster.Advance(absl::Hours(1));
                   },
                   "dev=a staging=a production=a at production | dev-to-staging a#1 approved by alice"
                   " | staging-to-production a#1 approved by bob | Released"},
                  {"the pipeline's ConfigMap is ahead of its status",
                   [&](World& w) {
                     w.cluster.DiscardNextStatus(pipeline);
                     w.Git({{"artifact_id", Artifact("b")}});
                     w.cluster.Settle();
                     w.cluster.Advance(absl::Hours(1));
                   },
                   "dev=b staging=a production=a at dev | dev-to-staging b#1 pending(AwaitingApprovals)"
                   " | staging-to-production a#1 approved by bob | GatePending"},
              });
  CHECK(world.Trail("staging-to-production") == "AttemptStarted a, ApprovedBy:bob, GateApproved a");
}

TEST_CASE("with a key, nobody else can write an approval into a trail") {
  ClusterOptions options = EveryCluster();
  options.audit_key = "a key of the platform team";
  World world(options);
  ReachStaging(world);
  const auto forge_trail = [](Json& xr) {
    release::AuditKeys no_key;
    std::vector<release::AuditEntry> trail;
    release::AppendAudit(
        trail, no_key, absl::UnixEpoch(), "gate", "GateApproved",
        base::CanonicalJson({{"artifact_id", Artifact("e")}, {"approver", ""}, {"reason", ""}}));
    xr["status"]["audit"] = Json::array({{{"seq", 1},
                                          {"time", "1970-01-01T00:00:00Z"},
                                          {"actor", "gate"},
                                          {"action", "GateApproved"},
                                          {"detail", trail[0].detail},
                                          {"prev", trail[0].prev},
                                          {"hash", trail[0].hash}}});
  };
  Tell(world,
       {
           {"the gate holds, and the pipeline believes nothing of it",
            [&](World& w) { w.Forge(w.cluster.XrOf(w.Gate("staging-to-production")), forge_trail); },
            "dev=a staging=a production=- at staging | dev-to-staging a#1 approved by alice"
            " | staging-to-production a#1 pending(AwaitingApprovals,AuditBroken) | GatePending"},
           {"no approval opens it", [](World& w) { w.Approve("staging-to-production", "bob", "a"); },
            "dev=a staging=a production=- at staging | dev-to-staging a#1 approved by alice"
            " | staging-to-production a#1 pending(AuditBroken) by bob | GatePending"},
           {"a new attempt begins a new trail",
            [](World& w) {
              w.Git({{"attempt", 2}});
              w.GitApproval("staging", "alice", "a", 2);
            },
            "dev=a staging=a production=- at staging | dev-to-staging a#2 approved by alice"
            " | staging-to-production a#2 pending(AwaitingApprovals) | GatePending"},
           {"which can be approved", [](World& w) { w.Approve("staging-to-production", "bob", "a", 2); },
            "dev=a staging=a production=a at production | dev-to-staging a#2 approved by alice"
            " | staging-to-production a#2 approved by bob | Released"},
       });
}

TEST_CASE("a composed gate whose spec is not valid keeps its artifact and attempt") {
  World world(EveryCluster());
  ReachStaging(world);
  world.Git({{"attempt", 2}});
  world.GitApproval("staging", "alice", "a", 2);
  world.cluster.Settle();
  // An entry from a time when the XRD let it through.
  world.Forge(world.Gate("staging-to-production"), [](Json& gate) {
    gate["spec"]["approvals"] = {
        {{"approver", "bob"}, {"decision", "approve"}, {"artifact_id", "ghcr.io/acme/web:latest"}}};
  });
  world.Git({{"artifact_id", nullptr}, {"attempt", 1}, {"approvals", Json::array()}});
  world.cluster.Settle();
  const Json gate = world.Get(world.Gate("staging-to-production"));
  CHECK(gate["spec"]["artifact_id"] == Artifact("a"));
  CHECK(gate["spec"]["attempt"] == 2);
  CHECK(world.cluster.ErrorOf(world.cluster.XrOf(world.Pipeline())) == "");
  CHECK(world.cluster.ErrorOf(world.cluster.XrOf(world.Gate("staging-to-production")))
            .find("spec.approvals[0]") == 0);
}

TEST_CASE("one tenant has one pipeline in a namespace") {
  World world(EveryCluster());
  ReachStaging(world);
  const int64_t before = world.cluster.api().version();
  const Json config = world.Get(world.ConfigMap());
  world.Git({{"artifact_id", Artifact("b")}}, "web-two");
  world.cluster.Settle();
  const Ref first = world.cluster.XrOf(world.Pipeline());
  const std::string error = world.cluster.ErrorOf(world.cluster.XrOf(world.Pipeline("web-two")));
  CHECK(error == "spec.tenant: web already has a pipeline in namespace team: XReleasePipeline " + first.name +
                     "; delete one of the two, or give it a tenant of its own");
  CHECK(world.Show() == kInStaging);
  CHECK(world.Get(world.ConfigMap()) == config);
  CHECK(world.cluster.api().version() > before);
  world.cluster.api().Delete(world.Pipeline());
  world.cluster.Settle();
  world.cluster.Advance(absl::Minutes(2));
  CHECK(world.cluster.ErrorOf(world.cluster.XrOf(world.Pipeline("web-two"))) == "");
  CHECK(world.Get(world.ConfigMap())["data"]["released.dev"] == Artifact("b"));
}

TEST_CASE("tenants and namespaces do not get into each other's way") {
  World world(EveryCluster());
  ReachStaging(world);
  Tell(world, {
                  {"another tenant in the same namespace",
                   [](World& w) {
                     w.Git({{"tenant", "api"}, {"artifact_id", Artifact("c")}}, "api-pipeline");
                   },
                   kInStaging},
                  {"the same tenant in another namespace",
                   [](World& w) {
                     w.namespace_name = "team-two";
                     w.Git({{"artifact_id", Artifact("b")}});
                     w.namespace_name = "team";
                   },
                   kInStaging},
              });
  const auto released = [&](const char* namespace_name, const char* name) {
    world.namespace_name = namespace_name;
    return Letter(world.Get(world.ConfigMap(name))["data"]["released.dev"]);
  };
  CHECK(released("team", "web-release-pipeline-config") == "a");
  CHECK(released("team", "api-release-pipeline-config") == "c");
  CHECK(released("team-two", "web-release-pipeline-config") == "b");
  for (const Ref& ref : world.cluster.api().List()) {
    INFO(ToString(ref));
    CHECK(world.cluster.ErrorOf(ref) == "");
  }
}

}  // namespace
}  // namespace test
