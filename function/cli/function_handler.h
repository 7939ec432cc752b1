// What the server calls for each request: the function, with a log line and metrics.
#ifndef FUNCTION_CLI_FUNCTION_HANDLER_H_
#define FUNCTION_CLI_FUNCTION_HANDLER_H_

#include "function/cli/serve.h"
#include "function/runner/metrics.h"
#include "function/runner/server_rpc.h"

namespace cli {

// A HandlerFactory. Counts what every call came to (runner/run_metrics.h). Logs a line at debug level, a
// FATAL one as a warning.
runner::Handler MakeFunctionHandler(const ServeOptions& options, runner::Metrics& metrics);

}  // namespace cli

#endif  // FUNCTION_CLI_FUNCTION_HANDLER_H_
