#include "function/cli/kubectl/console.h"

#include <algorithm>
#include <ostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "function/cli/exit_codes.h"
#include "function/cli/problem.h"
#include "function/cli/terminal.h"

namespace cli {

int Fail(const Console& console, const absl::Status& problem) {
  return Fail(console, problem, absl::IsInvalidArgument(problem) ? kExitUsage : kExitNoAnswer);
}

int Fail(const Console& console, const absl::Status& problem, int exit_code) {
  std::ostream& err = console.streams.err;
  err << "kubectl release: " << OneLine(WrongOf(problem)) << "\n";
  if (const absl::string_view next = NextOf(problem); !next.empty())
    err << "  next: " << OneLine(next) << "\n";
  err.flush();
  return exit_code;
}

absl::Status CheckOutput(const std::string& output, const std::vector<std::string>& allowed) {
  if (std::find(allowed.begin(), allowed.end(), output) != allowed.end()) return absl::OkStatus();
  return Problem(absl::StatusCode::kInvalidArgument, absl::StrCat("-o: \"", output, "\" is no format"),
                 absl::StrCat("choose one of ", absl::StrJoin(allowed, ", ")));
}

void PrintJson(const Console& console, const base::Json& json) {
  console.streams.out << json.dump(2, ' ', /*ensure_ascii=*/false, base::Json::error_handler_t::replace)
                      << "\n";
}

std::string Relative(absl::Time time, absl::Time now) {
  const absl::Duration left = time - now;
  if (left <= absl::ZeroDuration()) return "now";
  if (left < absl::Minutes(2)) return absl::StrCat("in ", absl::ToInt64Seconds(left), " s");
  if (left < absl::Hours(2)) return absl::StrCat("in ", absl::ToInt64Minutes(left), " min");
  if (left < absl::Hours(48)) return absl::StrCat("in ", absl::ToInt64Hours(left), " h");
  return absl::StrCat("in ", absl::ToInt64Hours(left) / 24, " days");
}

}  // namespace cli
