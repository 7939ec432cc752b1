// Exit codes of the program, but for `gate wait`, whose codes are its Job's (function/manifest/gate_job.h).
#ifndef FUNCTION_CLI_EXIT_CODES_H_
#define FUNCTION_CLI_EXIT_CODES_H_

namespace cli {

inline constexpr int kExitOk = 0;
inline constexpr int kExitFailure = 1;
inline constexpr int kExitUsage = 2;
// What there is to check cannot be read.
inline constexpr int kExitUnreadable = 2;

}  // namespace cli

#endif  // FUNCTION_CLI_EXIT_CODES_H_
