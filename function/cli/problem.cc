#include "function/cli/problem.h"

#include <ostream>

#include "absl/strings/str_cat.h"
#include "function/cli/terminal.h"

namespace cli {

absl::Status Problem(absl::StatusCode code, absl::string_view wrong, absl::string_view next) {
  return absl::Status(code, absl::StrCat(OneLine(wrong), "\n", OneLine(next)));
}

absl::string_view WrongOf(const absl::Status& problem) {
  const absl::string_view message = problem.message();
  return message.substr(0, message.find('\n'));
}

absl::string_view NextOf(const absl::Status& problem) {
  const absl::string_view message = problem.message();
  const size_t end = message.find('\n');
  return end == absl::string_view::npos ? "" : message.substr(end + 1);
}

std::string InOneLine(const absl::Status& problem) {
  const absl::string_view next = NextOf(problem);
  return absl::StrCat(WrongOf(problem), next.empty() ? "" : ": ", next);
}

void SayError(std::ostream& err, absl::string_view text) {
  err << "function-release-pipeline: " << OneLine(text) << std::endl;
}

}  // namespace cli
