#include "test/stories/world.h"

#include <stdexcept>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "test/catch.h"

namespace test {
namespace {

using base::Json;

constexpr char kPrefix[] = "ghcr.io/acme/web:main-";

void Must(const absl::Status& status) {
  if (!status.ok()) throw std::runtime_error(std::string(status.message()));
}

std::string Text(const Json& object, const char* name) {
  return object.contains(name) && object[name].is_string() ? object[name].get<std::string>() : "";
}

std::string OrDash(const std::string& text) { return text.empty() ? "-" : text; }

const Json& Part(const Json& object, const char* name) {
  static const Json& none = *new Json();
  return object.is_object() && object.contains(name) ? object[name] : none;
}

std::string ReasonOf(const Json& status, const char* type) {
  for (const Json& condition : Part(status, "conditions")) {
    if (condition["type"] == type) return Text(condition, "reason");
  }
  return "";
}

}  // namespace

ClusterOptions OneCluster() {
  ClusterOptions options;
  options.input = {{"pollInterval", "30m"}, {"heartbeat", "6h"}};
  return options;
}

ClusterOptions BothFlavours() {
  ClusterOptions options = OneCluster();
  options.flavour = GENERATE(release::Flavour::kNamespaced, release::Flavour::kClaims);
  return options;
}

ClusterOptions EveryCluster() {
  ClusterOptions options = BothFlavours();
  options.newest_first = GENERATE(false, true);
  return options;
}

std::string Artifact(const std::string& letter) {
  if (letter.empty()) return "";
  std::string sha;
  for (int i = 0; i < 7; ++i) sha += letter;
  return kPrefix + sha;
}

std::string Letter(const std::string& artifact) {
  const size_t prefix = sizeof(kPrefix) - 1;
  return artifact.size() > prefix && artifact.compare(0, prefix, kPrefix) == 0 ? artifact.substr(prefix, 1)
                                                                               : artifact;
}

Ref World::Pipeline(const std::string& name) const {
  return {release::kApiVersion, cluster.PipelineKind(), namespace_name, name};
}

Ref World::Gate(const std::string& slug, const std::string& tenant) const {
  return {release::kApiVersion, cluster.GateKind(), namespace_name, absl::StrCat(tenant, "-", slug)};
}

Ref World::ConfigMap(const std::string& name) const { return {"v1", "ConfigMap", namespace_name, name}; }

Json World::Get(const Ref& ref) const {
  const ObjectPtr object = cluster.api().Get(ref);
  return object ? *object : Json();
}

void World::Git(const Json& patch, const std::string& name) {
  Json& spec = specs_[absl::StrCat(namespace_name, "/", name)];
  if (spec.is_null()) spec = {{"tenant", "web"}, {"environments", {"dev", "staging", "production"}}};
  spec.merge_patch(patch);
  const Ref ref = Pipeline(name);
  Must(cluster.api().Apply({{"apiVersion", ref.api_version},
                            {"kind", ref.kind},
                            {"metadata", {{"name", name}, {"namespace", namespace_name}}},
                            {"spec", spec}},
                           "git", /*force=*/true));
}

void World::GitApproval(const std::string& target, const std::string& who, const std::string& letter,
                        int attempt) {
  Json approvals = Json::array();
  for (const Json& entry : Part(specs_[absl::StrCat(namespace_name, "/web-pipeline")], "approvals")) {
    if (entry["approver"] != who || entry["target_environment"] != target) approvals.push_back(entry);
  }
  approvals.push_back({{"approver", who},
                       {"target_environment", target},
                       {"decision", "approve"},
                       {"artifact_id", Artifact(letter)},
                       {"attempt", attempt}});
  Git({{"approvals", approvals}});
}

void World::Put(const std::string& slug, const Json& entry) {
  const Ref gate = Gate(slug);
  Must(cluster.api().Apply({{"apiVersion", gate.api_version},
                            {"kind", gate.kind},
                            {"metadata", {{"name", gate.name}, {"namespace", gate.namespace_name}}},
                            {"spec", {{"approvals", Json::array({entry})}}}},
                           entry["approver"], /*force=*/true));
}

void World::Approve(const std::string& slug, const std::string& who, const std::string& letter, int attempt,
                    const std::string& decision) {
  Put(slug,
      {{"approver", who}, {"decision", decision}, {"artifact_id", Artifact(letter)}, {"attempt", attempt}});
}

void World::Script(const std::string& slug, const std::string& letter, const Json& more) {
  const std::vector<std::string> step = absl::StrSplit(slug, "-to-");
  const Ref gate = Gate(slug);
  Json spec = {{"tenant", "web"},
               {"artifact_id", Artifact(letter)},
               {"source_environment", step[0]},
               {"target_environment", step[1]}};
  spec.merge_patch(more);
  Must(cluster.api().Apply({{"apiVersion", gate.api_version},
                            {"kind", gate.kind},
                            {"metadata", {{"name", gate.name}, {"namespace", gate.namespace_name}}},
                            {"spec", std::move(spec)}},
                           "script", /*force=*/true));
}

void World::Forge(const Ref& ref, const std::function<void(Json&)>& edit) {
  Must(cluster.api().Edit(ref, "mallory#status", edit));
}

std::string World::ShowGate(const std::string& slug, const std::string& tenant) const {
  const Json gate = Get(Gate(slug, tenant));
  if (gate.is_null()) return "";
  const Json& status = Part(gate, "status");
  std::vector<std::string> open;
  for (const Json& requirement : Part(status, "requirements")) {
    if (!requirement["satisfied"].get<bool>()) open.push_back(Text(requirement, "reason"));
  }
  std::string line =
      absl::StrCat(slug, " ", Letter(Text(gate["spec"], "artifact_id")), "#",
                   gate["spec"]["attempt"].get<int>(), " ", OrDash(Text(status, "gate_status")));
  if (!open.empty() && Text(status, "gate_status") == "pending")
    absl::StrAppend(&line, "(", absl::StrJoin(open, ","), ")");
  if (const std::string who = Text(status, "approver"); !who.empty()) absl::StrAppend(&line, " by ", who);
  return line;
}

std::string World::Show() const {
  const Json pipeline = Get(Pipeline());
  if (pipeline.is_null()) return "no pipeline";
  const Json& status = Part(pipeline, "status");
  std::vector<std::string> environments;
  for (const Json& environment : Part(status, "environments")) {
    environments.push_back(
        absl::StrCat(Text(environment, "name"), "=", OrDash(Letter(Text(environment, "artifact_id")))));
  }
  std::string line =
      absl::StrCat(absl::StrJoin(environments, " "), " at ", OrDash(Text(status, "current_environment")));
  for (const char* slug : {"dev-to-staging", "dev-to-production", "staging-to-production"}) {
    const std::string gate = ShowGate(slug);
    if (!gate.empty()) absl::StrAppend(&line, " | ", gate);
  }
  return absl::StrCat(line, " | ", ReasonOf(status, "Promoting"));
}

std::string World::Ignored(const std::string& slug) const {
  std::vector<std::string> ignored;
  const Json gate = Get(Gate(slug));
  for (const Json& entry : Part(Part(Part(gate, "status"), "approvals"), "ignored")) {
    ignored.push_back(absl::StrCat(Text(entry, "approver"), ":", Text(entry, "reason")));
  }
  return absl::StrJoin(ignored, ", ");
}

std::string World::Trail(const std::string& slug) const {
  std::vector<std::string> actions;
  const Json gate = Get(Gate(slug));
  for (const Json& entry : Part(Part(gate, "status"), "audit")) {
    const Json detail = Json::parse(Text(entry, "detail"), nullptr, /*allow_exceptions=*/false);
    const std::string artifact = detail.is_object() ? Letter(Text(detail, "artifact_id")) : "";
    actions.push_back(artifact.empty() ? absl::StrCat(Text(entry, "action"), ":", Text(entry, "actor"))
                                       : absl::StrCat(Text(entry, "action"), " ", artifact));
  }
  return absl::StrJoin(actions, ", ");
}

void Tell(World& world, const std::vector<Line>& story) {
  for (const Line& line : story) {
    INFO(line.happens);
    line.act(world);
    world.cluster.ResetCalls();
    world.cluster.Settle();
    CHECK(world.Show() == line.shows);
    for (const auto& [xr, calls] : world.cluster.calls()) {
      INFO(ToString(xr));
      CHECK(calls <= kMaxCalls);
    }
    for (const Ref& ref : world.cluster.api().List()) {
      INFO(ToString(ref));
      CHECK(world.cluster.ErrorOf(ref) == "");
    }
    const int64_t version = world.cluster.api().version();
    const size_t events = world.cluster.events().size();
    world.cluster.Resync();
    CHECK(world.cluster.api().version() == version);
    CHECK(world.cluster.events().size() == events);
  }
}

}  // namespace test
