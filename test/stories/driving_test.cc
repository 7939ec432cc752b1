// Stories of a pipeline that drives: it composes the gate of each step in turn.
#include "test/catch.h"
#include "test/stories/world.h"

namespace test {
namespace {

using base::Json;

auto Release(const std::string& letter, int attempt = 1) {
  return [=](World& world) { world.Git({{"artifact_id", Artifact(letter)}, {"attempt", attempt}}); };
}
auto InGit(const std::string& target, const std::string& who, const std::string& letter, int attempt = 1) {
  return [=](World& world) { world.GitApproval(target, who, letter, attempt); };
}
auto OnGate(const std::string& slug, const std::string& who, const std::string& letter, int attempt = 1) {
  return [=](World& world) { world.Approve(slug, who, letter, attempt); };
}
auto Wait(absl::Duration duration) {
  return [=](World& world) { world.cluster.Advance(duration); };
}

TEST_CASE("a release goes from dev to production, approved by a person at each step") {
  World world(EveryCluster());
  Tell(world,
       {
           {"without an artifact there is nothing to do", [](World& w) { w.Git(Json::object()); },
            "dev=- staging=- production=- at - | NothingToPromote"},
           {"an artifact is in the first environment at once", Release("a"),
            "dev=a staging=- production=- at dev | dev-to-staging a#1 pending(AwaitingApprovals) | "
            "GatePending"},
           {"an approval on the pipeline goes to the gate of its target", InGit("staging", "alice", "a"),
            "dev=a staging=a production=- at staging | dev-to-staging a#1 approved by alice"
            " | staging-to-production a#1 pending(AwaitingApprovals) | GatePending"},
           {"one on the composed gate counts as well", OnGate("staging-to-production", "bob", "a"),
            "dev=a staging=a production=a at production | dev-to-staging a#1 approved by alice"
            " | staging-to-production a#1 approved by bob | Released"},
           {"nothing of it ends with the deadline", Wait(absl::Hours(48)),
            "dev=a staging=a production=a at production | dev-to-staging a#1 approved by alice"
            " | staging-to-production a#1 approved by bob | Released"},
       });
  CHECK(world.Trail("dev-to-staging") == "AttemptStarted a, ApprovedBy:alice, GateApproved a");
  CHECK(world.Trail("staging-to-production") == "AttemptStarted a, ApprovedBy:bob, GateApproved a");
}

TEST_CASE("automatic steps need no person") {
  World world(EveryCluster());
  const Json automatic = {
      {"promotionRules", {{"dev_to_staging", "automatic"}, {"staging_to_production", "automatic"}}}};
  Tell(world, {
                  {"rules alone promote nothing", [&](World& w) { w.Git(automatic); },
                   "dev=- staging=- production=- at - | NothingToPromote"},
                  {"an artifact goes all the way", Release("a"),
                   "dev=a staging=a production=a at production | dev-to-staging a#1 approved | "
                   "staging-to-production a#1 approved"
                   " | Released"},
                  {"and so does the next", Release("b"),
                   "dev=b staging=b production=b at production | dev-to-staging b#1 approved | "
                   "staging-to-production b#1 approved"
                   " | Released"},
              });
  CHECK(world.Trail("dev-to-staging") ==
        "AttemptStarted a, GateApproved a, AttemptStarted b, GateApproved b");
}

TEST_CASE("a new artifact supersedes what is pending, and the audit trail says so") {
  World world(EveryCluster());
  Tell(world, {
                  {"a waits for its first approval", Release("a"),
                   "dev=a staging=- production=- at dev | dev-to-staging a#1 pending(AwaitingApprovals) | "
                   "GatePending"},
                  {"b takes its place", Release("b"),
                   "dev=b staging=- production=- at dev | dev-to-staging b#1 pending(AwaitingApprovals) | "
                   "GatePending"},
                  {"an approval of a comes too late and counts for nothing", InGit("staging", "alice", "a"),
                   "dev=b staging=- production=- at dev | dev-to-staging b#1 pending(AwaitingApprovals) | "
                   "GatePending"},
                  {"b is approved", InGit("staging", "alice", "b"),
                   "dev=b staging=b production=- at staging | dev-to-staging b#1 approved by alice"
                   " | staging-to-production b#1 pending(AwaitingApprovals) | GatePending"},
                  {"c comes: the gate behind keeps b, which it can't open for any more", Release("c"),
                   "dev=c staging=b production=- at dev | dev-to-staging c#1 pending(AwaitingApprovals)"
                   " | staging-to-production b#1 pending(Superseded,AwaitingApprovals) | GatePending"},
                  {"not even with an approval", OnGate("staging-to-production", "bob", "b"),
                   "dev=c staging=b production=- at dev | dev-to-staging c#1 pending(AwaitingApprovals)"
                   " | staging-to-production b#1 pending(Superseded) by bob | GatePending"},
                  {"c is approved and supersedes b there, too", InGit("staging", "alice", "c"),
                   "dev=c staging=c production=- at staging | dev-to-staging c#1 approved by alice"
                   " | staging-to-production c#1 pending(AwaitingApprovals) | GatePending"},
              });
  CHECK(world.Trail("dev-to-staging") ==
        "AttemptStarted a, Superseded a, AttemptStarted b, ApprovalIgnored:alice, ApprovedBy:alice, "
        "GateApproved b,"
        " AttemptStarted c, ApprovalIgnored:alice, ApprovedBy:alice, GateApproved c");
  CHECK(world.Trail("staging-to-production") ==
        "AttemptStarted b, ApprovedBy:bob, Superseded b, AttemptStarted c, ApprovalIgnored:bob");
}

TEST_CASE("a step that was rejected stops until the artifact or the attempt changes") {
  World world(EveryCluster());
  Tell(world, {
                  {"a waits", Release("a"),
                   "dev=a staging=- production=- at dev | dev-to-staging a#1 pending(AwaitingApprovals) | "
                   "GatePending"},
                  {"bob rejects it", [](World& w) { w.Approve("dev-to-staging", "bob", "a", 1, "reject"); },
                   "dev=a staging=- production=- at dev | dev-to-staging a#1 rejected by bob | GateRejected"},
                  {"an approval does not revive it", InGit("staging", "alice", "a"),
                   "dev=a staging=- production=- at dev | dev-to-staging a#1 rejected by bob | GateRejected"},
                  {"nor does bob's change of mind", OnGate("dev-to-staging", "bob", "a"),
                   "dev=a staging=- production=- at dev | dev-to-staging a#1 rejected by bob | GateRejected"},
                  {"a second attempt is open, and no approval of the first counts", Release("a", 2),
                   "dev=a staging=- production=- at dev | dev-to-staging a#2 pending(AwaitingApprovals) | "
                   "GatePending"},
                  {"an approval of the second does", InGit("staging", "alice", "a", 2),
                   "dev=a staging=a production=- at staging | dev-to-staging a#2 approved by alice"
                   " | staging-to-production a#2 pending(AwaitingApprovals) | GatePending"},
                  {"the next step times out", Wait(absl::Hours(24)),
                   "dev=a staging=a production=- at staging | dev-to-staging a#2 approved by alice"
                   " | staging-to-production a#2 timeout | GateTimedOut"},
                  {"another artifact goes on, at the attempt that the gates are at", Release("b", 2),
                   "dev=b staging=a production=- at dev | dev-to-staging b#2 pending(AwaitingApprovals)"
                   " | staging-to-production a#2 timeout | GatePending"},
              });
}

TEST_CASE("a rollback takes the same gates, and a higher attempt") {
  World world(EveryCluster());
  world.Git({{"promotionRules", {{"staging_to_production", "automatic"}}}, {"artifact_id", Artifact("a")}});
  Tell(world,
       {
           {"a is released", InGit("staging", "alice", "a"),
            "dev=a staging=a production=a at production | dev-to-staging a#1 approved by alice"
            " | staging-to-production a#1 approved | Released"},
           {"b is asked for", Release("b"),
            "dev=b staging=a production=a at dev | dev-to-staging b#1 pending(AwaitingApprovals)"
            " | staging-to-production a#1 approved | GatePending"},
           {"b is released", InGit("staging", "alice", "b"),
            "dev=b staging=b production=b at production | dev-to-staging b#1 approved by alice"
            " | staging-to-production b#1 approved | Released"},
           {"going back to a under the same attempt would let its old approvals count", Release("a"),
            "dev=a staging=b production=b at dev | dev-to-staging a#1 pending(AttemptUsed,AwaitingApprovals)"
            " | staging-to-production b#1 approved | GatePending"},
           {"an approval does not help", InGit("staging", "alice", "a"),
            "dev=a staging=b production=b at dev | dev-to-staging a#1 pending(AttemptUsed) by alice"
            " | staging-to-production b#1 approved | GatePending"},
           {"a second attempt waits for its own approval", Release("a", 2),
            "dev=a staging=b production=b at dev | dev-to-staging a#2 pending(AwaitingApprovals)"
            " | staging-to-production b#1 approved | GatePending"},
           {"and with it a is back, through both gates", InGit("staging", "alice", "a", 2),
            "dev=a staging=a production=a at production | dev-to-staging a#2 approved by alice"
            " | staging-to-production a#2 approved | Released"},
           {"lowering the attempt changes nothing: a gate's attempt never goes back", Release("a", 1),
            "dev=a staging=a production=a at production | dev-to-staging a#2 approved by alice"
            " | staging-to-production a#2 approved | Released"},
       });
}

TEST_CASE("an entry that a person put on a composed gate is never overwritten") {
  World world(EveryCluster());
  const auto entry = [&](const std::string& who) {
    const Json gate = world.Get(world.Gate("dev-to-staging"));
    for (const Json& approval : gate["spec"]["approvals"]) {
      if (approval["approver"] == who) return approval["decision"].get<std::string>();
    }
    return std::string("none");
  };
  Tell(world,
       {
           {"two have to approve",
            [](World& w) {
              w.Git({{"artifact_id", Artifact("a")},
                     {"promotionPolicies",
                      {{"dev_to_staging",
                        {{"approvals",
                          {{{"name", "team"}, {"required", 2}, {"approvers", {"alice", "bob"}}}}}}}}}});
            },
            "dev=a staging=- production=- at dev | dev-to-staging a#1 pending(AwaitingApprovals) | "
            "GatePending"},
           {"carol, who is no approver, puts an entry there", OnGate("dev-to-staging", "carol", "a"),
            "dev=a staging=- production=- at dev | dev-to-staging a#1 pending(AwaitingApprovals) | "
            "GatePending"},
           {"Git says that carol rejects: her own entry stays",
            [](World& w) {
              w.Git({{"approvals",
                      {{{"approver", "carol"},
                        {"target_environment", "staging"},
                        {"decision", "reject"},
                        {"artifact_id", Artifact("a")}}}}});
            },
            "dev=a staging=- production=- at dev | dev-to-staging a#1 pending(AwaitingApprovals) | "
            "GatePending"},
           {"Git has alice's, and the gate has both", InGit("staging", "alice", "a"),
            "dev=a staging=- production=- at dev | dev-to-staging a#1 pending(AwaitingApprovals) by alice | "
            "GatePending"},
           {"bob approves on the gate", OnGate("dev-to-staging", "bob", "a"),
            "dev=a staging=a production=- at staging | dev-to-staging a#1 approved by alice, bob"
            " | staging-to-production a#1 pending(AwaitingApprovals) | GatePending"},
       });
  CHECK(entry("carol") == "approve");
  CHECK(entry("alice") == "approve");
  world.Git({{"approvals", Json::array()}});
  world.cluster.Settle();
  CHECK(entry("alice") == "none");
  CHECK(entry("bob") == "approve");
}

TEST_CASE("gates stay when the pipeline drives no more, and when its environments change") {
  World world(EveryCluster());
  world.Git({{"artifact_id", Artifact("a")}});
  Tell(world, {
                  {"a is in staging", InGit("staging", "alice", "a"),
                   "dev=a staging=a production=- at staging | dev-to-staging a#1 approved by alice"
                   " | staging-to-production a#1 pending(AwaitingApprovals) | GatePending"},
                  {"without artifact_id the gates stay, with what they are about",
                   [](World& w) {
                     w.Git({{"artifact_id", nullptr}});
                   },
                   "dev=a staging=a production=- at staging | dev-to-staging a#1 approved by alice"
                   " | staging-to-production a#1 pending(AwaitingApprovals) | GatePending"},
                  {"and are followed", OnGate("staging-to-production", "bob", "a"),
                   "dev=a staging=a production=a at production | dev-to-staging a#1 approved by alice"
                   " | staging-to-production a#1 approved by bob | NothingToPromote"},
                  {"without staging there is one step, which is new",
                   [](World& w) {
                     w.Git({{"environments", {"dev", "production"}},
                            {"artifact_id", Artifact("b")},
                            {"approvals", Json::array()}});
                   },
                   "dev=b production=a at dev | dev-to-staging a#1 approved by alice | dev-to-production b#1"
                   " pending(AwaitingApprovals) | staging-to-production a#1 approved by bob | GatePending"},
                  {"approvals for production now go to that gate", InGit("production", "carol", "b"),
                   "dev=b production=b at production | dev-to-staging a#1 approved by alice | "
                   "dev-to-production b#1 approved by carol"
                   " | staging-to-production a#1 approved by bob | Released"},
              });
}

}  // namespace
}  // namespace test
