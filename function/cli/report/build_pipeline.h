// One pipeline of an export, as the report shows it.
#ifndef FUNCTION_CLI_REPORT_BUILD_PIPELINE_H_
#define FUNCTION_CLI_REPORT_BUILD_PIPELINE_H_

#include <string>
#include <vector>

#include "function/base/json.h"
#include "function/cli/preview_files.h"
#include "function/cli/report/model.h"

namespace cli::report {

// `config_maps`: those of the export, in which its own may be. Without its gates; the id is left empty. What
// could not be read is told in `problem`.
PipelineView BuildPipeline(const base::Json& object, const std::string& namespace_name,
                           const std::vector<Manifest>& config_maps);

// Of which nothing is in the export but these gates, of which there is one at least.
PipelineView BuildMissingPipeline(std::vector<GateView> gates);

// Puts them into the order of the steps.
void SortGates(PipelineView& pipeline);

// Whether it may be the ConfigMap of a pipeline: it says what is released, or how.
bool IsPipelineConfigMap(const base::Json& object);

}  // namespace cli::report

#endif  // FUNCTION_CLI_REPORT_BUILD_PIPELINE_H_
