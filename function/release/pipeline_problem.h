// Why a gate can't go by its pipeline.
#ifndef FUNCTION_RELEASE_PIPELINE_PROBLEM_H_
#define FUNCTION_RELEASE_PIPELINE_PROBLEM_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "function/release/gate.h"

namespace release {

struct PipelineProblem {
  absl::string_view reason;
  std::string message;
};

// None where the pipeline was found, is valid and belongs to the gate's tenant.
std::optional<PipelineProblem> FindPipelineProblem(const GateInput& gate);

}  // namespace release

#endif  // FUNCTION_RELEASE_PIPELINE_PROBLEM_H_
