// What of all pipelines and gates a reader wants to know first.
#ifndef FUNCTION_CLI_REPORT_ATTENTION_H_
#define FUNCTION_CLI_REPORT_ATTENTION_H_

#include "function/cli/report/model.h"

namespace cli::report {

// Fills in what waits and what went wrong, out of the pipelines and the time of the page.
void AddAttention(PageView& page);

}  // namespace cli::report

#endif  // FUNCTION_CLI_REPORT_ATTENTION_H_
