// Stories of gates that scripts make: the pipeline does not drive, and its status follows.
#include "test/catch.h"
#include "test/stories/world.h"

namespace test {
namespace {

using base::Json;

TEST_CASE("environments, current_environment and history follow the gates that scripts make") {
  World world(EveryCluster());
  Tell(world,
       {
           {"a pipeline that does not drive", [](World& w) { w.Git(Json::object()); },
            "dev=- staging=- production=- at - | NothingToPromote"},
           {"a gate for a shows that a is in dev", [](World& w) { w.Script("dev-to-staging", "a"); },
            "dev=a staging=- production=- at dev | dev-to-staging a#1 pending(AwaitingApprovals) | "
            "GatePending"},
           {"a gate of the next step is refused while a is not in staging",
            [](World& w) { w.Script("staging-to-production", "a"); },
            "dev=a staging=- production=- at dev | dev-to-staging a#1 pending(AwaitingApprovals)"
            " | staging-to-production a#1 pending(NotInSourceEnvironment,AwaitingApprovals) | GatePending"},
           {"even when everybody approves it",
            [](World& w) { w.Approve("staging-to-production", "bob", "a"); },
            "dev=a staging=- production=- at dev | dev-to-staging a#1 pending(AwaitingApprovals)"
            " | staging-to-production a#1 pending(NotInSourceEnvironment) by bob | GatePending"},
           {"the first gate opens, and with it the second",
            [](World& w) { w.Approve("dev-to-staging", "alice", "a"); },
            "dev=a staging=a production=a at production | dev-to-staging a#1 approved by alice"
            " | staging-to-production a#1 approved by bob | NothingToPromote"},
           {"the script asks for b in the same gate", [](World& w) { w.Script("dev-to-staging", "b"); },
            "dev=b staging=a production=a at production | dev-to-staging b#1 pending(AwaitingApprovals)"
            " | staging-to-production a#1 approved by bob | GatePending"},
           {"and b is approved", [](World& w) { w.Approve("dev-to-staging", "alice", "b"); },
            "dev=b staging=b production=a at production | dev-to-staging b#1 approved by alice"
            " | staging-to-production a#1 approved by bob | NothingToPromote"},
       });
  const Json history = world.Get(world.Pipeline())["status"]["history"];
  CHECK(history == Json::parse(R"([
    {"artifact_id": "ghcr.io/acme/web:main-aaaaaaa", "environment": "dev", "since": "2026-03-02T09:00:00Z",
     "until": "2026-03-02T09:00:00Z", "expires": "2026-04-01T09:00:00Z"},
    {"artifact_id": "ghcr.io/acme/web:main-aaaaaaa", "environment": "staging", "since": "2026-03-02T09:00:00Z",
     "until": "2026-03-02T09:00:00Z", "expires": "2026-04-01T09:00:00Z"}])"));
}

TEST_CASE("a soak is counted from when the artifact came, however early the pipeline sees the gate") {
  World world(EveryCluster());
  world.Git({{"promotionRules", {{"dev_to_staging", "automatic"}}},
             {"promotionPolicies", {{"dev_to_staging", {{"soak_hours", 2}}}}}});
  Tell(world,
       {
           {"a is new",
            [](World& w) {
              w.Script("dev-to-staging", "a", {{"approval_required", false}});
            },
            "dev=a staging=- production=- at dev | dev-to-staging a#1 pending(Soaking) | GatePending"},
           {"not yet", [](World& w) { w.cluster.Advance(absl::Minutes(119)); },
            "dev=a staging=- production=- at dev | dev-to-staging a#1 pending(Soaking) | GatePending"},
           {"after two hours it may go", [](World& w) { w.cluster.Advance(absl::Minutes(2)); },
            "dev=a staging=a production=- at staging | dev-to-staging a#1 approved | NothingToPromote"},
           {"b starts from nothing",
            [](World& w) {
              w.Script("dev-to-staging", "b", {{"approval_required", false}});
            },
            "dev=b staging=a production=- at staging | dev-to-staging b#1 pending(Soaking) | GatePending"},
       });
  CHECK(world.Get(world.Pipeline())["status"]["environments"][0]["since"] == "2026-03-02T11:01:00Z");
}

TEST_CASE("a gate that somebody else made is not adopted, but followed") {
  World world(EveryCluster());
  Tell(world, {
                  {"a script's gate is there first", [](World& w) { w.Script("dev-to-staging", "a"); },
                   "no pipeline"},
                  {"the pipeline drives, but not this gate",
                   [](World& w) {
                     w.Git({{"artifact_id", Artifact("a")}});
                   },
                   "dev=a staging=- production=- at dev | dev-to-staging a#1 pending(AwaitingApprovals) | "
                   "GateNotOwned"},
                  {"it follows the gate, and composes the next one",
                   [](World& w) { w.Approve("dev-to-staging", "alice", "a"); },
                   "dev=a staging=a production=- at staging | dev-to-staging a#1 approved by alice"
                   " | staging-to-production a#1 pending(AwaitingApprovals) | GateNotOwned"},
                  {"another artifact stops there",
                   [](World& w) {
                     w.Git({{"artifact_id", Artifact("b")}});
                   },
                   "dev=b staging=a production=- at dev | dev-to-staging a#1 approved by alice"
                   " | staging-to-production a#1 pending(Superseded,AwaitingApprovals) | GateNotOwned"},
                  {"deleted, it is the pipeline's to make; what staging runs is not forgotten",
                   [](World& w) { w.cluster.api().Delete(w.Gate("dev-to-staging")); },
                   "dev=b staging=a production=- at dev | dev-to-staging b#1 pending(AwaitingApprovals)"
                   " | staging-to-production a#1 pending(Superseded,AwaitingApprovals) | GatePending"},
              });
  CHECK(ControllerOf(world.Get(world.Gate("dev-to-staging"))) ==
        world.Get(world.cluster.XrOf(world.Pipeline()))["metadata"]["uid"]);
}

struct ClosedCase {
  std::string name;
  std::string because;
  std::function<void(World&)> act;
  std::string reason;
};

TEST_CASE("no pipeline, no open gate") {
  const auto closed = GENERATE(values<ClosedCase>({
      {"gone", "what a gate belongs to was deleted", [](World& w) { w.cluster.api().Delete(w.Pipeline()); },
       "PipelineNotFound"},
      {"renamed", "a gate finds its pipeline by its name",
       [](World& w) {
         w.cluster.api().Delete(w.Pipeline());
         w.cluster.Settle();
         w.Git(Json::object(), "web-two");
       },
       "PipelineNotFound"},
      {"of another tenant", "a name alone proves nothing",
       [](World& w) {
         w.cluster.api().Delete(w.Pipeline());
         w.cluster.Settle();
         w.Git({{"tenant", "other"}});
       },
       "PipelineOfAnotherTenant"},
      {"without the step", "a step that is none leads nowhere",
       [](World& w) {
         w.Git({{"environments", {"dev", "production"}}});
       },
       "NotAStep"},
      {"not read yet", "an answer that never comes is no answer",
       [](World& w) { w.cluster.options().answers_required = false; }, "PipelineUnknown"},
  }));
  World world(EveryCluster());
  INFO(closed.name << ": " << closed.because);
  world.Git({{"promotionRules", {{"dev_to_staging", "manual"}}}});
  world.Script("dev-to-staging", "a");
  world.cluster.Settle();
  closed.act(world);
  world.cluster.Settle();
  world.Approve("dev-to-staging", "alice", "a");
  world.cluster.Settle();
  const Json status = world.Get(world.Gate("dev-to-staging"))["status"];
  CHECK(status["gate_status"] == "pending");
  CHECK(status["requirements"][0]["name"] == "Progression");
  CHECK(status["requirements"][0]["satisfied"] == false);
  CHECK(status["requirements"][0]["reason"] == closed.reason);
  world.cluster.Advance(absl::Hours(25));
  CHECK(world.Get(world.Gate("dev-to-staging"))["status"]["gate_status"] == "timeout");
  CHECK(world.Get(world.Gate("dev-to-staging"))["status"]["approved_artifact_id"] == "");
}

TEST_CASE("released.<environment> in the ConfigMap is what GitOps picks up") {
  World world(EveryCluster());
  const auto released = [&] {
    Json keys = Json::object();
    const Json data = world.Get(world.ConfigMap())["data"];
    for (const auto& [key, value] : data.items()) {
      if (key.rfind("released.", 0) == 0) keys[key] = Letter(value);
    }
    return keys;
  };
  world.Git({{"artifact_id", Artifact("a")}});
  world.cluster.Settle();
  CHECK(released() == Json({{"released.dev", "a"}, {"released.staging", ""}, {"released.production", ""}}));
  world.GitApproval("staging", "alice", "a");
  world.cluster.Settle();
  CHECK(released() == Json({{"released.dev", "a"}, {"released.staging", "a"}, {"released.production", ""}}));
  world.Git({{"artifact_id", Artifact("b")}});
  world.cluster.Settle();
  CHECK(released() == Json({{"released.dev", "b"}, {"released.staging", "a"}, {"released.production", ""}}));
  world.Git({{"artifact_id", nullptr}});
  world.cluster.Settle();
  CHECK(released() == Json({{"released.dev", "b"}, {"released.staging", "a"}, {"released.production", ""}}));
}

}  // namespace
}  // namespace test
