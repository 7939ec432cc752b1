// The report as one HTML document: no scripts, nothing from elsewhere, one style sheet.
#ifndef FUNCTION_CLI_REPORT_PAGE_H_
#define FUNCTION_CLI_REPORT_PAGE_H_

#include <string>

#include "function/cli/report/model.h"

namespace cli::report {

// The same page for the same values, byte by byte.
std::string WritePage(const PageView& page);

}  // namespace cli::report

#endif  // FUNCTION_CLI_REPORT_PAGE_H_
