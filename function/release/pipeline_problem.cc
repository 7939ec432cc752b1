#include "function/release/pipeline_problem.h"

#include "absl/strings/str_cat.h"

namespace release {

std::optional<PipelineProblem> FindPipelineProblem(const GateInput& gate) {
  const std::string pipeline = absl::StrCat("pipeline \"", gate.spec.pipeline, "\"");
  switch (gate.pipeline.state) {
    case PipelineFacts::State::kUnknown:
      return PipelineProblem{"PipelineUnknown",
                             absl::StrCat(pipeline, " was asked for and has not come yet")};
    case PipelineFacts::State::kNotFound:
      return PipelineProblem{"PipelineNotFound", absl::StrCat(pipeline, " does not exist in namespace \"",
                                                              gate.namespace_name, "\"")};
    case PipelineFacts::State::kInvalid:
      return PipelineProblem{"PipelineInvalid",
                             absl::StrCat(pipeline, " is not valid: ", gate.pipeline.problem)};
    case PipelineFacts::State::kNotInCharge:
      return PipelineProblem{"PipelineNotInCharge",
                             absl::StrCat(pipeline, " is not the one of tenant \"", gate.spec.tenant,
                                          "\" here: ", gate.pipeline.problem)};
    case PipelineFacts::State::kFound:
      break;
  }
  if (gate.pipeline.tenant == gate.spec.tenant) return std::nullopt;
  return PipelineProblem{"PipelineOfAnotherTenant",
                         absl::StrCat(pipeline, " belongs to tenant \"", gate.pipeline.tenant,
                                      "\" and not to \"", gate.spec.tenant, "\"")};
}

}  // namespace release
