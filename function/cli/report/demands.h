// What a pipeline demands of its steps, in words.
#ifndef FUNCTION_CLI_REPORT_DEMANDS_H_
#define FUNCTION_CLI_REPORT_DEMANDS_H_

#include <vector>

#include "function/cli/report/model.h"
#include "function/release/pipeline.h"

namespace cli::report {

// One for each step, in their order.
std::vector<DemandView> DemandsOf(const release::PipelineSpec& spec);

}  // namespace cli::report

#endif  // FUNCTION_CLI_REPORT_DEMANDS_H_
