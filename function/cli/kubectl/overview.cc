#include "function/cli/kubectl/overview.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "function/base/status_macros.h"
#include "function/cli/gate_file.h"
#include "function/cli/kubectl/live_gate.h"
#include "function/cli/kubectl/target.h"
#include "function/cli/preview_object.h"
#include "function/cli/problem.h"
#include "function/manifest/status.h"
#include "function/release/pipeline.h"

namespace cli {
namespace {

using base::Json;
using PipelineKey = std::pair<std::string, std::string>;  // namespace and name
using Pipelines = std::map<PipelineKey, OverviewPipeline>;

OverviewPipeline ToPipeline(const Json& object) {
  OverviewPipeline pipeline{Namespace(object), Name(object)};
  const release::PipelineStatus status = manifest::PipelineStatusFromJson(At(object, {"status"}));
  if (const Json& environments = At(object, {"spec", "environments"}); environments.is_array()) {
    for (const Json& one : environments) {
      if (one.is_string()) pipeline.environments.push_back({one.get<std::string>()});
    }
  }
  for (OverviewEnvironment& environment : pipeline.environments) {
    const auto found = std::find_if(status.environments.begin(), status.environments.end(),
                                    [&](const auto& one) { return one.name == environment.name; });
    if (found == status.environments.end()) continue;
    environment.artifact_id = found->artifact_id;
    environment.since = manifest::FormatOptionalTime(found->since);
  }
  return pipeline;
}

std::string WaitsFor(const LiveGate& gate) {
  if (!gate.is_decided) return "not looked at yet";
  if (gate.verdict() != release::Verdict::kPending) return "";
  std::vector<std::string> open;
  for (const release::Requirement& one : gate.status->requirements) {
    if (one.satisfied) continue;
    const bool is_approvals = one.name == "Approvals";
    const release::ApprovalTally& tally = gate.status->approvals;
    open.push_back(is_approvals ? absl::StrCat(one.name, " (", tally.have, " of ", tally.need, ")")
                                : one.name);
  }
  return absl::StrJoin(open, ", ");
}

OverviewGate ToGate(const Json& object) {
  OverviewGate shown{Name(object), Text(object, {"spec", "artifact_id"}),
                     Text(object, {"status", "gate_status"})};
  const absl::StatusOr<LiveGate> gate = ReadLiveGate(object, "");
  if (!gate.ok()) {
    shown.waits_for = "its manifest is not right: kubectl release why says what is wrong";
    return shown;
  }
  shown.verdict = std::string(Name(gate->verdict()));
  shown.waits_for = WaitsFor(*gate);
  const std::optional<absl::Time> next = gate->NextChange();
  shown.next_change = manifest::FormatOptionalTime(next);
  shown.times_out = next && *next == gate->status->deadline;
  return shown;
}

PipelineKey PipelineOf(const Json& gate) {
  const std::string named = Text(gate, {"spec", "pipeline"});
  return {Namespace(gate),
          !named.empty() ? named : release::DefaultPipelineName(Text(gate, {"spec", "tenant"}))};
}

void AddGate(const Json& object, Pipelines& pipelines) {
  const PipelineKey key = PipelineOf(object);
  auto found = pipelines.find(key);
  if (found == pipelines.end()) {
    found = pipelines.emplace(key, OverviewPipeline{key.first, key.second, /*exists=*/false}).first;
  }
  std::vector<OverviewEnvironment>& environments = found->second.environments;
  const std::string target = Text(object, {"spec", "target_environment"});
  auto environment = std::find_if(environments.begin(), environments.end(),
                                  [&](const auto& one) { return one.name == target; });
  if (environment == environments.end()) {
    environments.push_back(OverviewEnvironment{target});
    environment = environments.end() - 1;
  }
  environment->gates.push_back(ToGate(object));
}

absl::Status OtherKind(const Json& object) {
  return Problem(absl::StatusCode::kDataLoss,
                 absl::StrCat("kubectl answered with ", Kind(object).empty() ? "something" : Describe(object),
                              " of \"", ApiVersion(object), "\" where pipelines and gates were asked for"),
                 "see what kubectl get prints by itself");
}

}  // namespace

absl::StatusOr<std::vector<OverviewPipeline>> BuildClusterOverview(const std::vector<Json>& objects) {
  Pipelines pipelines;
  for (const Json& object : objects) {
    if (!IsGate(object) && !IsPipeline(object)) return OtherKind(object);
    if (IsPipeline(object)) pipelines[{Namespace(object), Name(object)}] = ToPipeline(object);
  }
  for (const Json& object : objects) {
    if (IsGate(object)) AddGate(object, pipelines);
  }
  std::vector<OverviewPipeline> sorted;
  for (auto& [key, pipeline] : pipelines) sorted.push_back(std::move(pipeline));
  return sorted;
}

absl::StatusOr<std::vector<Json>> GetPipelinesAndGates(const Kubectl& kubectl, bool all_namespaces) {
  ASSIGN_OR_RETURN(const ApiResources api, FindApiResources(kubectl));
  std::vector<std::string> call = {"get", absl::StrCat(api.pipelines, ",", api.gates), "--output=json"};
  if (all_namespaces) call.emplace_back("--all-namespaces");
  ASSIGN_OR_RETURN(const Json answer, kubectl.CallForJson(call));
  return ItemsOf(answer);
}

}  // namespace cli
