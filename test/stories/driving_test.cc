// Stories of a pipeline that drives: it composes the gate of each step in turn.
#include "test/catch.h"
#include "test/stories/world.h"

namespace test {
namespace {

using base::Json;
using release::Flavour;

ClusterOptions AnyCluster() {
  ClusterOptions options;
  options.flavour = GENERATE(Flavour::kNamespaced, Flavour::kClaims);
  options.newest_first = GENERATE(false, true);
  return options;
}

TEST_CASE("a release goes from dev to production") {
  World world(AnyCluster());
  Tell(world, {
    {"a pipeline without an artifact waits", [](World& w) { w.Git(Json::object()); }, ""},
    {"an artifact is in dev at once", [](World& w) { w.Git({{"artifact_id", Artifact("a")}}); }, ""},
    {"approval via git", [](World& w) { w.GitApproval("staging", "alice", "a"); }, ""},
    {"approval on gate", [](World& w) { w.Approve("staging-to-production", "bob", "a"); }, ""},
    {"new", [](World& w) { w.Git({{"artifact_id", Artifact("b")}}); }, ""},
    {"new", [](World& w) { w.cluster.Advance(absl::Hours(25)); }, ""},
  });
  FAIL(world.Trail("dev-to-staging") << "\n" << world.Trail("staging-to-production"));
}

}  // namespace
}  // namespace test
