#include "test/stories/attack.h"

#include <map>
#include <stdexcept>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "function/codec/struct_json.h"
#include "function/release/approval.h"
#include "test/catch.h"
#include "test/stories/export.h"

namespace test {
namespace {

using base::Json;

Moment MustAsk(World& world, const std::string& gate) {
  world.cluster.PassOn(world.Gate(gate));
  absl::StatusOr<Moment> moment = world.cluster.Ask(world.cluster.XrOf(world.Gate(gate)));
  if (!moment.ok()) throw std::runtime_error(std::string(moment.status().message()));
  return *std::move(moment);
}

std::string ApprovedArtifact(const Json& object) {
  return object.value("status", Json::object()).value("approved_artifact_id", "");
}

// A refusal (FATAL) opens nothing either.
std::string ApprovedArtifact(const Moment& moment) {
  const absl::StatusOr<Json> xr = codec::DecodeStruct(moment.answer.desired().composite().resource());
  return xr.ok() ? ApprovedArtifact(*xr) : "";
}

}  // namespace

void MustFail(World& world, const Attack& attack) {
  INFO(attack.name << ": " << attack.because);
  attack.act(world);
  const Moment moment = MustAsk(world, attack.gate);
  Export(world, absl::StrCat("attack: ", attack.name), moment, Expect::kClosed);
  CHECK(ApprovedArtifact(moment) == "");
  world.cluster.Settle();
  CHECK(world.ShowGate(attack.gate) == attack.shows);
  CHECK(world.Ignored(attack.gate) == attack.ignored);
  world.cluster.Advance(absl::Hours(1));
  world.cluster.Resync();
  CHECK(ApprovedArtifact(world.Get(world.Gate(attack.gate))) == "");
  CHECK(ApprovedArtifact(world.Get(world.cluster.XrOf(world.Gate(attack.gate)))) == "");
}

void MustOpen(World& world, const std::string& name, const std::function<void(World&)>& act,
              const std::string& gate) {
  INFO(name);
  act(world);
  const Moment moment = MustAsk(world, gate);
  Export(world, absl::StrCat("no attack: ", name), moment, Expect::kOpen);
  CHECK(ApprovedArtifact(moment) == Artifact("a"));
  world.cluster.Settle();
  CHECK(ApprovedArtifact(world.Get(world.Gate(gate))) == Artifact("a"));
}

const release::SshSigner& Key(char letter) {
  static std::map<char, release::SshSigner>& keys = *new std::map<char, release::SshSigner>();
  return keys.try_emplace(letter, letter).first->second;
}

release::Subject SubjectOf(const std::string& gate, const std::string& letter, int attempt) {
  const std::vector<std::string> step = absl::StrSplit(gate, "-to-");
  return {"team", absl::StrCat("web-", gate), "web", Artifact(letter), step[0], step[1], attempt};
}

Json Entry(const std::string& who, const std::string& letter, int attempt, const std::string& decision) {
  return {{"approver", who}, {"decision", decision}, {"artifact_id", Artifact(letter)}, {"attempt", attempt}};
}

Json Signed(Json entry, const release::Subject& subject, char key) {
  const std::string decision = entry["decision"], approver = entry["approver"];
  entry["signature"] = Key(key).Sign(release::ApprovalStatement(subject, decision, approver));
  return entry;
}

void ReachProduction(World& world, const Json& pipeline) {
  world.Git({{"artifact_id", Artifact("a")},
             {"requested_by", "rita"},
             {"promotionRules", {{"dev_to_staging", "automatic"}}}});
  world.Git(pipeline);
  world.cluster.Settle();
}

}  // namespace test
