// The drawing of what ran where, and of the attempts of the gates between, over time.
#ifndef FUNCTION_CLI_REPORT_TIMELINE_H_
#define FUNCTION_CLI_REPORT_TIMELINE_H_

#include "function/cli/report/html.h"
#include "function/cli/report/model.h"

namespace cli::report {

// Nothing where there is no time in it. The tables of the page say the same in words.
Html DrawTimeline(const PipelineView& pipeline, Moment as_of);

}  // namespace cli::report

#endif  // FUNCTION_CLI_REPORT_TIMELINE_H_
