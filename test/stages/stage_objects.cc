// Writes objects as they are at every stage of a gate's and a pipeline's life, in both flavours, for the
// tests of what other tools make of them (health checks, metrics): one JSON object a line into the file that
// $OBJECTS names,
//   {"scene": "gate rejected", "flavour": "namespaced", "object": {…}}
#include <cstdlib>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <string>

#include "test/catch.h"
#include "test/stories/world.h"

namespace test {
namespace {

using base::Json;

constexpr char kStep[] = "dev-to-staging";

// The Input with which somebody may override, and one that the function refuses.
Json InputWithOverride() {
  return {
      {"policy", {{"dev_to_staging", {{"override_approvers", {"erin"}}, {"required_checks", {"unit"}}}}}}};
}
Json BrokenInput() { return {{"pollInterval", "soon"}}; }

class Writer {
 public:
  explicit Writer(const char* path) : file_(path) {}

  void Write(const std::string& scene, const World& world, const Ref& ref) {
    const bool claims = world.cluster.GateKind() == release::kGateClaimKind;
    const Json object = world.Get(ref);
    INFO(scene);
    REQUIRE(object.is_object());
    file_ << Json({{"scene", scene}, {"flavour", claims ? "claims" : "namespaced"}, {"object", object}})
          << "\n";
  }

 private:
  std::ofstream file_;
};

// A scene: what happens before, each act followed by everything settling, and what happens at last, before
// anybody has looked at it.
struct Scene {
  std::string name;
  std::vector<std::function<void(World&)>> acts;
  std::function<void(World&)> last = nullptr;
  Json input = Json::object();
};

using Act = std::function<void(World&)>;

Act Pipeline(Json patch = Json::object()) {
  return [=](World& world) { world.Git(patch); };
}
Act Gate(const std::string& letter, Json more = Json::object()) {
  return [=](World& world) { world.Script(kStep, letter, more); };
}
Act Decide(const std::string& who, const std::string& letter, const std::string& decision = "approve") {
  return [=](World& world) { world.Approve(kStep, who, letter, 1, decision); };
}
Act Wait(absl::Duration duration) {
  return [=](World& world) { world.cluster.Advance(duration); };
}
Act Input(Json input) {
  return [=](World& world) {
    world.cluster.options().input = OneCluster().input;
    world.cluster.options().input.merge_patch(input);
    world.cluster.Resync();
  };
}
Json Release(const std::string& letter, int attempt = 1) {
  return {{"artifact_id", Artifact(letter)}, {"attempt", attempt}};
}
Json Override() {
  return {{"override", {{"by", "erin"}, {"reason", "production is down"}, {"artifact_id", Artifact("a")}}}};
}
// Somebody edits an entry of the trail in the gate's status.
Act ForgeTrail() {
  return [](World& world) {
    world.Forge(world.cluster.XrOf(world.Gate(kStep)),
                [](Json& object) { object["status"]["audit"][0]["time"] = "2020-01-01T00:00:00Z"; });
  };
}

std::vector<Scene> GateScenes() {
  const Json attempt2 = {{"attempt", 2}};
  return {
      {"gate not looked at", {Pipeline()}, Gate("a")},
      {"gate pending", {Pipeline(), Gate("a")}},
      {"gate approved", {Pipeline(), Gate("a"), Decide("alice", "a")}},
      {"gate approved, another artifact not looked at",
       {Pipeline(), Gate("a"), Decide("alice", "a")},
       Gate("b")},
      {"gate approved, another artifact pending", {Pipeline(), Gate("a"), Decide("alice", "a"), Gate("b")}},
      {"gate approved, another attempt not looked at",
       {Pipeline(), Gate("a"), Decide("alice", "a")},
       Gate("a", attempt2)},
      {"gate approved without anybody",
       {Pipeline({{"promotionRules", {{"dev_to_staging", "automatic"}}}}),
        Gate("a", {{"approval_required", false}})}},
      {"gate overridden", {Pipeline(), Gate("a"), Gate("a", Override())}, nullptr, InputWithOverride()},
      {"gate rejected", {Pipeline(), Gate("a"), Decide("bob", "a", "reject")}},
      {"gate rejected, another attempt not looked at",
       {Pipeline(), Gate("a"), Decide("bob", "a", "reject")},
       Gate("a", attempt2)},
      {"gate rejected, another attempt pending",
       {Pipeline(), Gate("a"), Decide("bob", "a", "reject"), Gate("a", attempt2)}},
      {"gate timed out", {Pipeline(), Gate("a"), Wait(absl::Hours(25))}},
      {"gate without a pipeline", {Gate("a")}},
      {"gate with a broken trail", {Pipeline(), Gate("a"), ForgeTrail()}},
      {"gate with a broken trail, another attempt pending",
       {Pipeline(), Gate("a"), ForgeTrail(), Gate("a", attempt2)}},
      {"gate refused at once", {Pipeline(), Gate("a")}, nullptr, BrokenInput()},
      {"gate refused while pending", {Pipeline(), Gate("a"), Input(BrokenInput())}},
      {"gate refused after its approval",
       {Pipeline(), Gate("a"), Decide("alice", "a"), Input(BrokenInput())}},
      {"gate refused and taken again", {Pipeline(), Gate("a"), Input(BrokenInput()), Input(Json::object())}},
  };
}

std::vector<Scene> PipelineScenes() {
  const Act follow = Gate("a");  // a gate that the pipeline did not make
  return {
      {"pipeline not looked at", {}, Pipeline()},
      {"pipeline with nothing to do", {Pipeline()}},
      {"pipeline that follows a pending gate", {Pipeline(), follow}},
      {"pipeline that follows a rejected gate", {Pipeline(), follow, Decide("bob", "a", "reject")}},
      {"pipeline that waits for its gate", {Pipeline(Release("a"))}},
      {"pipeline between two gates", {Pipeline(Release("a")), Decide("alice", "a")}},
      {"pipeline that released",
       {Pipeline(Release("a")), Decide("alice", "a"),
        [](World& world) { world.Approve("staging-to-production", "alice", "a"); }}},
      {"pipeline that released, another artifact not looked at",
       {Pipeline(Release("a")), Decide("alice", "a"),
        [](World& world) { world.Approve("staging-to-production", "alice", "a"); }},
       Pipeline(Release("b"))},
      {"pipeline that released, another artifact pending",
       {Pipeline(Release("a")), Decide("alice", "a"),
        [](World& world) { world.Approve("staging-to-production", "alice", "a"); }, Pipeline(Release("b"))}},
      {"pipeline stopped by a rejected gate", {Pipeline(Release("a")), Decide("bob", "a", "reject")}},
      {"pipeline stopped by a gate that timed out", {Pipeline(Release("a")), Wait(absl::Hours(25))}},
      {"pipeline with another attempt after a rejected gate",
       {Pipeline(Release("a")), Decide("bob", "a", "reject"), Pipeline(Release("a", 2))}},
      {"pipeline that drives behind somebody else's gate", {Pipeline(), follow, Pipeline(Release("a"))}},
      {"pipeline stopped by somebody else's gate",
       {Pipeline(), follow, Pipeline(Release("a")), Decide("bob", "a", "reject")}},
      {"pipeline that released through somebody else's gate",
       {Pipeline(), follow, Pipeline(Release("a")), Decide("alice", "a"),
        [](World& world) { world.Approve("staging-to-production", "alice", "a"); }}},
      {"pipeline refused", {Pipeline()}, nullptr, BrokenInput()},
      {"pipeline refused after it released",
       {Pipeline(Release("a")), Decide("alice", "a"),
        [](World& world) { world.Approve("staging-to-production", "alice", "a"); }, Input(BrokenInput())}},
  };
}

void Play(const Scene& scene, release::Flavour flavour, bool is_gate, Writer& writer) {
  ClusterOptions options = OneCluster();
  options.flavour = flavour;
  options.input.merge_patch(scene.input);
  World world(options);
  for (const auto& act : scene.acts) {
    act(world);
    world.cluster.Settle();
  }
  if (scene.last) scene.last(world);
  writer.Write(scene.name, world, is_gate ? world.Gate(kStep) : world.Pipeline());
}

TEST_CASE("Objects at every stage") {
  const char* path = std::getenv("OBJECTS");
  REQUIRE(path != nullptr);
  Writer writer(path);
  for (const release::Flavour flavour : {release::Flavour::kNamespaced, release::Flavour::kClaims}) {
    for (const Scene& scene : GateScenes()) Play(scene, flavour, true, writer);
    for (const Scene& scene : PipelineScenes()) Play(scene, flavour, false, writer);
  }
}

}  // namespace
}  // namespace test
