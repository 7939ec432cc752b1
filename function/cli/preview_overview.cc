#include "function/cli/preview_overview.h"

#include <algorithm>

#include "function/cli/preview_object.h"
#include "function/release/composite.h"

namespace cli {
namespace {

using base::Json;

// The function's key for the pipeline that a gate asks for.
constexpr char kPipelineKey[] = "pipeline";

bool IsGate(const Previewed& previewed) { return Kind(previewed.xr) == release::kGateKind; }

PreviewedPipeline ToPipeline(const Previewed& previewed) {
  PreviewedPipeline pipeline{previewed, {}, {}};
  const Json& environments = At(previewed.xr, {"spec", "environments"});
  for (const Json& environment : environments) {
    if (environment.is_string()) pipeline.environments.push_back(environment.get<std::string>());
  }
  for (size_t i = 1; i < pipeline.environments.size(); ++i) {
    pipeline.steps.push_back({pipeline.environments[i - 1], pipeline.environments[i], true, {}});
  }
  return pipeline;
}

Json PipelineWantedBy(const Previewed& gate) {
  const auto found = gate.rendered.wanted.find(kPipelineKey);
  return found == gate.rendered.wanted.end() ? Json() : found->second;
}

PreviewedPipeline* Find(std::vector<PreviewedPipeline>& pipelines, const Json& wanted) {
  const auto found = std::find_if(pipelines.begin(), pipelines.end(), [&](const PreviewedPipeline& pipeline) {
    return IsSameObject(pipeline.pipeline.given, wanted) || IsSameObject(pipeline.pipeline.xr, wanted);
  });
  return found == pipelines.end() ? nullptr : &*found;
}

void AddGate(const Previewed& gate, PreviewedPipeline& pipeline) {
  const std::string source = Text(gate.xr, {"spec", "source_environment"});
  const std::string target = Text(gate.xr, {"spec", "target_environment"});
  for (PreviewedStep& step : pipeline.steps) {
    if (step.source != source || step.target != target) continue;
    step.gates.push_back(gate);
    return;
  }
  pipeline.steps.push_back({source, target, false, {gate}});
}

}  // namespace

Overview BuildOverview(const std::vector<Previewed>& previewed, const std::vector<RefusedPreview>& refused) {
  Overview overview;
  overview.refused = refused;
  for (const Previewed& one : previewed) {
    if (!IsGate(one)) overview.pipelines.push_back(ToPipeline(one));
  }
  for (const Previewed& gate : previewed) {
    if (!IsGate(gate)) continue;
    Json wanted = PipelineWantedBy(gate);
    if (PreviewedPipeline* pipeline = Find(overview.pipelines, wanted); pipeline != nullptr) {
      AddGate(gate, *pipeline);
    } else {
      const bool is_refused = std::any_of(refused.begin(), refused.end(), [&](const RefusedPreview& one) {
        return IsSameObject(one.given, wanted);
      });
      overview.strays.push_back({gate, std::move(wanted), is_refused});
    }
  }
  return overview;
}

std::string WhyStray(const StrayGate& stray) {
  return stray.is_refused ? "is among the files but refused" : "is not among the files";
}

std::string VerdictOf(const Previewed& gate) { return Text(gate.rendered.xr, {"status", "gate_status"}); }

std::string ArtifactIn(const PreviewedPipeline& pipeline, absl::string_view environment) {
  for (const Json& status : At(pipeline.pipeline.rendered.xr, {"status", "environments"})) {
    if (Text(status, {"name"}) == environment) return Text(status, {"artifact_id"});
  }
  return "";
}

bool Drives(const PreviewedPipeline& pipeline) {
  return !Text(pipeline.pipeline.xr, {"spec", "artifact_id"}).empty();
}

}  // namespace cli
