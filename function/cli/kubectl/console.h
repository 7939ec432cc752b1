// The user's side of `kubectl release`: what its subcommands are given, and how they end.
#ifndef FUNCTION_CLI_KUBECTL_CONSOLE_H_
#define FUNCTION_CLI_KUBECTL_CONSOLE_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "function/base/clock.h"
#include "function/base/json.h"
#include "function/cli/preview.h"

namespace cli {

// Exit codes beside 0 and 2 (function/cli/exit_codes.h): docs/kubectl-release.md lists them.
inline constexpr int kExitNo = 1;        // closed, ignored, not intact, declined
inline constexpr int kExitPending = 3;   // not decided yet
inline constexpr int kExitNoAnswer = 4;  // kubectl, the cluster or ssh-keygen did not let it be known or done

struct Console {
  PreviewStreams streams;
  bool can_ask = false;  // standard input is a terminal
  std::string kubectl = "kubectl";
  const base::Clock& clock;
  std::function<void(absl::Duration)> sleep;
};

// Both lines of a problem. The exit code: kExitUsage for the user's own words (InvalidArgument), else
// kExitNoAnswer.
int Fail(const Console& console, const absl::Status& problem);
// With this exit code.
int Fail(const Console& console, const absl::Status& problem, int exit_code);

// Wrong usage where the value of -o is none of these.
absl::Status CheckOutput(const std::string& output, const std::vector<std::string>& allowed);

void PrintJson(const Console& console, const base::Json& json);

// "in 3 h", "in 5 min"; "now" for what is over. Rounded to what a person wants to know.
std::string Relative(absl::Time time, absl::Time now);

}  // namespace cli

#endif  // FUNCTION_CLI_KUBECTL_CONSOLE_H_
