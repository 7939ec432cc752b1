// Errors in two lines: what is wrong, and what to do next.
#ifndef FUNCTION_CLI_PROBLEM_H_
#define FUNCTION_CLI_PROBLEM_H_

#include <iosfwd>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace cli {

// The message of the status has both lines.
absl::Status Problem(absl::StatusCode code, absl::string_view wrong, absl::string_view next);

// What is wrong, and what to do next, or "" where nobody said it.
absl::string_view WrongOf(const absl::Status& problem);
absl::string_view NextOf(const absl::Status& problem);

// Both in one line.
std::string InOneLine(const absl::Status& problem);

// The program's name and what is wrong, as one line that is harmless to a terminal: it may quote the files of
// others.
void SayError(std::ostream& err, absl::string_view text);

}  // namespace cli

#endif  // FUNCTION_CLI_PROBLEM_H_
