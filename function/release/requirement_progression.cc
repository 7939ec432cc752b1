#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "function/release/pipeline_problem.h"
#include "function/release/requirement.h"

namespace release {
namespace {

Requirement Closed(absl::string_view reason, std::string message) {
  return {"Progression", false, std::string(reason), std::move(message), std::nullopt};
}

}  // namespace

Requirement CheckProgression(const RequirementContext& context) {
  const GateInput& gate = context.gate;
  const Step& step = gate.spec.step;
  const std::string name = GateName(gate.spec.tenant, step);
  if (gate.name != name) {
    return Closed("GateNameMismatch",
                  absl::StrCat("the gate is named \"", gate.name, "\" and has to be named \"", name,
                               "\": a step has one gate"));
  }
  if (std::optional<PipelineProblem> problem = FindPipelineProblem(gate)) {
    return Closed(problem->reason, std::move(problem->message));
  }
  const std::vector<Step> steps = StepsOf(gate.pipeline.environments);
  if (std::find(steps.begin(), steps.end(), step) == steps.end()) {
    const std::string keys =
        absl::StrJoin(steps, ", ", [](std::string* out, const Step& each) { out->append(each.Key()); });
    return Closed("NotAStep", absl::StrCat("pipeline \"", gate.spec.pipeline, "\" has no step ", step.Key(),
                                           ": it has ", steps.empty() ? "none" : keys));
  }
  return {"Progression", true, std::string(kMet),
          absl::StrCat(step.Key(), " is a step of pipeline \"", gate.spec.pipeline, "\""), std::nullopt};
}

}  // namespace release
