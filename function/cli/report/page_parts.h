// The sections of the page, one function each.
#ifndef FUNCTION_CLI_REPORT_PAGE_PARTS_H_
#define FUNCTION_CLI_REPORT_PAGE_PARTS_H_

#include "absl/strings/string_view.h"
#include "function/cli/report/html.h"
#include "function/cli/report/model.h"

namespace cli::report {

// The counts at the top, what waits, and what went wrong.
Html WriteOverview(const PageView& page);

// A pipeline with its gates. `as_of`: for distances in time.
Html WritePipeline(const PipelineView& pipeline, Moment as_of);

// A gate; open where there is something to see to.
Html WriteGate(const GateView& gate, Moment as_of);

// What was verified of the audit trail and what was not, and the trail.
Html WriteAudit(const GateView& gate);

// status.conditions; nothing where there are none.
Html WriteConditions(const std::vector<ConditionView>& conditions, absl::string_view of);

// What is folded away: a heading that opens it. `level`: of the heading.
Html Fold(ElementName level, const Html& heading, const Html& content, bool is_open);

}  // namespace cli::report

#endif  // FUNCTION_CLI_REPORT_PAGE_PARTS_H_
