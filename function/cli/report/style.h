// The report's style sheet, which is style.css beside this file: the build makes a text of it.
#ifndef FUNCTION_CLI_REPORT_STYLE_H_
#define FUNCTION_CLI_REPORT_STYLE_H_

namespace cli::report {

extern const char kStyleSheet[];

}  // namespace cli::report

#endif  // FUNCTION_CLI_REPORT_STYLE_H_
