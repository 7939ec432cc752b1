// The drawing of a pipeline: its environments on a line, and the gates between them.
#ifndef FUNCTION_CLI_REPORT_LANE_H_
#define FUNCTION_CLI_REPORT_LANE_H_

#include <string>

#include "function/cli/report/html.h"
#include "function/cli/report/model.h"

namespace cli::report {

// Across, everything is placed in percent, so that it fits any width with the same letters. Screen readers
// hear DescribeLane.
Html DrawLane(const PipelineView& pipeline);

// "dev runs main-abc123 since 2026-03-02 09:00 UTC. The gate to staging is waiting. …"
std::string DescribeLane(const PipelineView& pipeline);

}  // namespace cli::report

#endif  // FUNCTION_CLI_REPORT_LANE_H_
