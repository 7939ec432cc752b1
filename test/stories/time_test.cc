// Stories in which time does the work: expiry, bounds, ttl where no watch event comes, and quiet.
#include "absl/strings/str_cat.h"
#include "test/catch.h"
#include "test/stories/world.h"

namespace test {
namespace {

using base::Json;

Json Automatic() {
  return {{"promotionRules", {{"dev_to_staging", "automatic"}, {"staging_to_production", "automatic"}}}};
}

TEST_CASE("what an environment ran before is remembered for retention_days") {
  World world(EveryCluster());
  world.Git(Automatic());
  world.Git({{"artifactConfig", {{"retention_days", 2}}}, {"artifact_id", Artifact("a")}});
  world.cluster.Settle();
  world.Git({{"artifact_id", Artifact("b")}});
  world.cluster.Settle();
  const auto history = [&] { return world.Get(world.Pipeline())["status"]["history"]; };
  CHECK(history().size() == 3);
  CHECK(history()[2] == Json({{"artifact_id", Artifact("a")},
                              {"environment", "production"},
                              {"since", "2026-03-02T09:00:00Z"},
                              {"until", "2026-03-02T09:00:00Z"},
                              {"expires", "2026-03-04T09:00:00Z"}}));
  world.cluster.Advance(absl::Hours(47));
  CHECK(history().size() == 3);
  world.cluster.Advance(absl::Hours(7));
  CHECK(history() == Json::array());
  CHECK(world.Show() ==
        "dev=b staging=b production=b at production | dev-to-staging b#1 approved | staging-to-production "
        "b#1 approved"
        " | Released");
}

TEST_CASE("releases without end leave a status of bounded size") {
  World world(OneCluster());
  world.Git(Automatic());
  const auto artifact = [](int i) {
    return absl::StrCat("ghcr.io/acme/web:main-", absl::Hex(i, absl::kZeroPad8));
  };
  const auto sizes = [&] {
    return std::pair(world.Get(world.Pipeline())["status"].dump().size(),
                     world.Get(world.Gate("staging-to-production"))["status"].dump().size());
  };
  // Every bound is reached by then: 50 attempts and releases, and 100 entries of two an attempt.
  std::pair<size_t, size_t> full;
  constexpr int kFull = 55, kReleases = 70;
  for (int i = 1; i <= kReleases; ++i) {
    world.Git({{"artifact_id", artifact(i)}});
    world.cluster.Settle();
    world.cluster.Advance(absl::Minutes(1));
    if (i == kFull) full = sizes();
  }
  CHECK(sizes().first == full.first);
  // But for the digits of the entries' numbers.
  CHECK(sizes().second < full.second + 200);
  const Json pipeline = world.Get(world.Pipeline());
  const Json gate = world.Get(world.Gate("staging-to-production"));
  CHECK(pipeline["status"]["history"].size() == 50);
  CHECK(gate["status"]["history"].size() == 50);
  CHECK(gate["status"]["audit"].size() == 100);
  CHECK(gate["status"]["audit"][0]["action"] == "Checkpoint");
  CHECK(pipeline["status"]["environments"][2]["artifact_id"] == artifact(kReleases));
  CHECK(pipeline["status"].dump().size() < 20'000);
  CHECK(gate["status"].dump().size() < 60'000);
}

TEST_CASE("an edit that the circuit breaker drops lands with the ttl") {
  ClusterOptions options = EveryCluster();
  options.input = Json::object();
  World world(options);
  Tell(world, {
                  {"a waits",
                   [](World& w) {
                     w.Git({{"artifact_id", Artifact("a")}});
                   },
                   "dev=a staging=- production=- at dev | dev-to-staging a#1 pending(AwaitingApprovals) | "
                   "GatePending"},
              });
  world.cluster.DropWatchEvents(true);
  world.Approve("dev-to-staging", "alice", "a");
  world.cluster.Settle();
  CHECK(world.Get(world.cluster.XrOf(world.Gate("dev-to-staging")))["status"]["gate_status"] == "pending");
  world.cluster.DropWatchEvents(false);
  world.cluster.Advance(absl::Minutes(3));
  CHECK(world.Show() ==
        "dev=a staging=a production=- at staging | dev-to-staging a#1 approved by alice"
        " | staging-to-production a#1 pending(AwaitingApprovals) | GatePending");
}

TEST_CASE("a Crossplane that does not watch what was required polls it") {
  ClusterOptions options = EveryCluster();
  options.watches_required = false;
  options.input = Json::object();
  World world(options);
  world.Git(Json::object());
  world.Script("dev-to-staging", "a");
  world.cluster.Settle();
  world.Approve("dev-to-staging", "alice", "a");
  world.cluster.Settle();
  world.cluster.Advance(absl::Minutes(11));
  CHECK(world.Show() ==
        "dev=a staging=a production=- at staging | dev-to-staging a#1 approved by alice | NothingToPromote");
  world.Script("staging-to-production", "a");
  world.Approve("staging-to-production", "bob", "a");
  world.cluster.Settle();
  world.cluster.Advance(absl::Minutes(11));
  CHECK(world.Show() ==
        "dev=a staging=a production=a at production | dev-to-staging a#1 approved by alice"
        " | staging-to-production a#1 approved by bob | NothingToPromote");
}

TEST_CASE("what is settled stays quiet: only ttls, no writes, no events") {
  World world(EveryCluster());
  world.Git({{"artifact_id", Artifact("a")}});
  world.GitApproval("staging", "alice", "a");
  world.cluster.Settle();
  const int64_t version = world.cluster.api().version();
  const size_t events = world.cluster.events().size();
  world.cluster.ResetCalls();
  world.cluster.Advance(absl::Hours(12));
  CHECK(world.cluster.api().version() == version);
  CHECK(world.cluster.events().size() == events);
  for (const auto& [xr, calls] : world.cluster.calls()) {
    INFO(ToString(xr));
    CHECK(calls > 0);
    CHECK(calls <= 3 * (24 + 1));  // rounds, for every 30 minutes
  }
}

TEST_CASE("a gate's deadline is kept to the second") {
  World world(EveryCluster());
  world.Git(
      {{"artifact_id", Artifact("a")}, {"promotionPolicies", {{"dev_to_staging", {{"timeout_hours", 3}}}}}});
  world.cluster.Settle();
  world.cluster.Advance(absl::Hours(3) - absl::Seconds(1));
  CHECK(world.Get(world.Gate("dev-to-staging"))["status"]["gate_status"] == "pending");
  world.cluster.Advance(absl::Seconds(2));
  CHECK(world.Get(world.Gate("dev-to-staging"))["status"]["gate_status"] == "timeout");
  CHECK(world.Get(world.Gate("dev-to-staging"))["status"]["deadline"] == "2026-03-02T12:00:00Z");
}

}  // namespace
}  // namespace test
