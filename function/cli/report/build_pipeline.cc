#include "function/cli/report/build_pipeline.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "function/base/status_macros.h"
#include "function/cli/preview_object.h"
#include "function/cli/report/build_gate.h"
#include "function/cli/report/demands.h"
#include "function/cli/report/place.h"
#include "function/codec/pipeline_codec.h"
#include "function/codec/struct_json.h"
#include "function/manifest/names.h"
#include "function/manifest/status.h"
#include "function/release/pipeline.h"

namespace cli::report {
namespace {

using base::Json;

constexpr char kReleased[] = "released.";

EnvironmentView& EnvironmentOf(const std::string& name, PipelineView& view) {
  const auto found =
      std::find_if(view.environments.begin(), view.environments.end(),
                   [&](const EnvironmentView& environment) { return environment.name == name; });
  if (found != view.environments.end()) return *found;
  view.environments.push_back({name});
  return view.environments.back();
}

void FillFromStatus(const release::PipelineStatus& status, PipelineView& view) {
  for (const release::EnvironmentStatus& environment : status.environments) {
    EnvironmentView& into = EnvironmentOf(environment.name, view);
    into.artifact_id = environment.artifact_id;
    into.since = environment.since;
  }
  for (const release::ReleaseRecord& record : status.history) {
    view.releases.push_back({record.artifact_id, record.environment, record.since, record.until});
  }
  // The history has what is over.
  for (const EnvironmentView& environment : view.environments) {
    if (!environment.artifact_id.empty())
      view.releases.push_back({environment.artifact_id, environment.name, environment.since, {}});
  }
}

// Where the second copy of what runs says something else than the status.
void CompareWithConfigMap(const std::vector<Manifest>& config_maps, PipelineView& view) {
  for (const Manifest& manifest : config_maps) {
    const Json& object = manifest.object;
    if (Namespace(object) != view.namespace_name || Name(object) != manifest::PipelineConfigName(view.tenant))
      continue;
    for (EnvironmentView& environment : view.environments) {
      const std::string key = kReleased + environment.name;
      if (!At(object, {"data"}).is_object() || !At(object, {"data"}).contains(key)) continue;
      const std::string copy = Text(object, {"data", key});
      if (copy != environment.artifact_id) environment.copy_artifact_id = copy.empty() ? "nothing" : copy;
    }
  }
}

absl::Status Fill(const Json& object, PipelineView& view) {
  const std::string wire = codec::EncodeStruct(object);
  ASSIGN_OR_RETURN(const release::PipelineSpec spec, codec::DecodePipelineSpec(codec::StructView(wire)));
  for (const release::Environment environment : spec.environments) {
    EnvironmentOf(std::string(Name(environment)), view);
  }
  view.demands = DemandsOf(spec);
  return absl::OkStatus();
}

void FillUnread(const Json& object, PipelineView& view) {
  const Json& environments = At(object, {"spec", "environments"});
  if (!environments.is_array()) return;
  for (const Json& environment : environments) {
    if (environment.is_string()) EnvironmentOf(environment.get<std::string>(), view);
  }
}

}  // namespace

PipelineView BuildPipeline(const Json& object, const std::string& namespace_name,
                           const std::vector<Manifest>& config_maps) {
  PipelineView view;
  view.kind = Kind(object);
  const Place place = PlaceIn(object, namespace_name);
  view.namespace_name = place.namespace_name;
  view.name = place.name;
  view.problem = place.problem;
  view.tenant = Text(object, {"spec", "tenant"});
  view.releasing = Text(object, {"spec", "artifact_id"});
  view.requested_by = Text(object, {"spec", "requested_by"});
  if (const absl::Status status = Fill(object, view); !status.ok()) {
    view.problem = std::string(status.message());
    FillUnread(object, view);
  }
  FillFromStatus(manifest::PipelineStatusFromJson(At(object, {"status"})), view);
  CompareWithConfigMap(config_maps, view);
  view.conditions = ConditionsOf(object);
  return view;
}

PipelineView BuildMissingPipeline(std::vector<GateView> gates) {
  PipelineView view;
  view.is_missing = true;
  view.namespace_name = gates[0].namespace_name;
  view.name = gates[0].pipeline;
  view.tenant = gates[0].tenant;
  for (const char* name : {"dev", "staging", "production"}) {
    for (const GateView& gate : gates) {
      if (gate.source == name || gate.target == name) EnvironmentOf(name, view);
    }
  }
  view.gates = std::move(gates);
  return view;
}

void SortGates(PipelineView& pipeline) {
  const auto place = [&](const GateView& gate) {
    const auto found =
        std::find_if(pipeline.environments.begin(), pipeline.environments.end(),
                     [&](const EnvironmentView& environment) { return environment.name == gate.target; });
    return found - pipeline.environments.begin();
  };
  std::stable_sort(pipeline.gates.begin(), pipeline.gates.end(), [&](const GateView& a, const GateView& b) {
    return std::make_pair(place(a), a.name) < std::make_pair(place(b), b.name);
  });
}

bool IsPipelineConfigMap(const Json& object) {
  if (Kind(object) != "ConfigMap" || ApiVersion(object) != "v1") return false;
  const Json& data = At(object, {"data"});
  if (!data.is_object()) return false;
  for (const auto& [key, value] : data.items()) {
    if (absl::StartsWith(key, kReleased) || key == "promotion-rules") return true;
  }
  return false;
}

}  // namespace cli::report
