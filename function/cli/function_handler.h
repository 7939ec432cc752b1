// What the server calls for each request: the function, with a log line and metrics.
#ifndef FUNCTION_CLI_FUNCTION_HANDLER_H_
#define FUNCTION_CLI_FUNCTION_HANDLER_H_

#include "function/cli/serve.h"
#include "function/runner/metrics.h"
#include "function/runner/server_rpc.h"

namespace cli {

// A HandlerFactory. Counts release_function_runs_total{kind,outcome}, outcome ok or invalid (a FATAL result),
// and release_gate_decisions_total{verdict}, a call each. Logs a line at debug level, a FATAL one as a
// warning.
runner::Handler MakeFunctionHandler(const ServeOptions& options, runner::Metrics& metrics);

}  // namespace cli

#endif  // FUNCTION_CLI_FUNCTION_HANDLER_H_
