// `release`, which is the whole program where it is installed as kubectl-release.
#ifndef FUNCTION_CLI_KUBECTL_COMMANDS_H_
#define FUNCTION_CLI_KUBECTL_COMMANDS_H_

#include <functional>

#include "function/cli/kubectl/console.h"
#include "function/cli/program.h"

namespace cli {

inline constexpr char kReleaseGroup[] = "release";

// Registers `release` with its subcommands.
void AddReleaseCommands(Program& program, const std::function<Console()>& console);

}  // namespace cli

#endif  // FUNCTION_CLI_KUBECTL_COMMANDS_H_
