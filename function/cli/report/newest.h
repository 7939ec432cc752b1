// The newest time in an export: what a report is about where nobody says a time.
#ifndef FUNCTION_CLI_REPORT_NEWEST_H_
#define FUNCTION_CLI_REPORT_NEWEST_H_

#include "function/base/json.h"
#include "function/cli/report/model.h"

namespace cli::report {

// Of what is over: deadlines, expiry dates and next changes are not looked at.
Moment NewestTimeIn(const base::Json& object);

}  // namespace cli::report

#endif  // FUNCTION_CLI_REPORT_NEWEST_H_
