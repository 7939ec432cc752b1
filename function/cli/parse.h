// From argv to options, and from a failure to one line and an exit code.
#ifndef FUNCTION_CLI_PARSE_H_
#define FUNCTION_CLI_PARSE_H_

#include <CLI/CLI.hpp>
#include <iosfwd>
#include <optional>

#include "function/cli/exit_codes.h"

namespace cli {

// Absent: parsed, go on. Otherwise the program is to exit with this code: 0 after --help (printed on `out`),
// kExitUsage after one line on `err`.
std::optional<int> Parse(CLI::App& app, int argc, const char* const* argv, std::ostream& out,
                         std::ostream& err);

}  // namespace cli

#endif  // FUNCTION_CLI_PARSE_H_
