// Running another program of the user's: ssh-keygen, kubectl.
#ifndef FUNCTION_CLI_PROCESS_H_
#define FUNCTION_CLI_PROCESS_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace cli {

struct Command {
  std::vector<std::string> arguments;  // the program, which is looked for in PATH, first
  // What it reads on standard input. None: this process's own, so that it can ask the user.
  std::optional<std::string> input;
  // Called with what it writes on standard error, as it comes. None: that goes to this process's own.
  std::function<void(absl::string_view)> on_error;
};

struct Ended {
  int exit_code = 0;  // or 128 and the number of the signal that ended it
  std::string output;
};

// Runs it to its end. What it exits with is no error of this call. Error: NotFound where there is no such
// program, else what the system says; both lead with the program's name.
absl::StatusOr<Ended> RunProcess(const Command& command);

}  // namespace cli

#endif  // FUNCTION_CLI_PROCESS_H_
