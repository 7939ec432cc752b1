#include "absl/strings/str_cat.h"
#include "function/base/time.h"
#include "function/release/pipeline_problem.h"
#include "function/release/requirement.h"

namespace release {
namespace {

struct SoakStart {
  absl::Time time;
  std::string where;
};

SoakStart StartOf(const RequirementContext& context) {
  const GateInput& gate = context.gate;
  const PipelineFacts& pipeline = gate.pipeline;
  const bool known = !FindPipelineProblem(gate) && pipeline.source_since &&
                     pipeline.source_artifact_id == gate.spec.artifact_id;
  if (!known) return {context.attempt_start, "promotion asked for"};
  return {*pipeline.source_since, absl::StrCat("in ", Name(gate.spec.step.source))};
}

}  // namespace

Requirement CheckSoak(const RequirementContext& context) {
  const int hours = context.gate.policy.soak_hours;
  if (hours <= 0) return {"Soak", true, std::string(kNotRequired), "no soak is required", std::nullopt};
  const SoakStart start = StartOf(context);
  const absl::Time end = start.time + absl::Hours(hours);
  std::string message =
      absl::StrCat(start.where, " since ", base::FormatTime(start.time), ", to soak ", hours,
                   hours == 1 ? " hour, until " : " hours, until ", base::FormatTime(end));
  if (context.now >= end) return {"Soak", true, std::string(kMet), std::move(message), std::nullopt};
  return {"Soak", false, "Soaking", std::move(message), end};
}

}  // namespace release
