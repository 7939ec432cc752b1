// `serve`: what Crossplane starts, without arguments, in the function's pod.
#ifndef FUNCTION_CLI_SERVE_H_
#define FUNCTION_CLI_SERVE_H_

#include <CLI/CLI.hpp>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "function/base/log.h"
#include "function/cli/serve_limits.h"
#include "function/runner/metrics.h"
#include "function/runner/server.h"

namespace cli {

// As given; CheckServe says what they mean together.
struct ServeOptions {
  bool debug = false;
  bool insecure = false;
  std::string tls_certs_dir;
  std::string network = "tcp";
  std::string address = ":9443";
  LimitOptions limits;
  std::string metrics_address = ":8080";
  bool clock_from_context = false;
  std::string clock_offset;  // a duration, as 25h or -90s; empty: none. For tests
  std::string log_format = "json";
};

// Registers the flags on `app`, which may be the program itself or its subcommand.
void AddServe(CLI::App& app, ServeOptions& options);

// How far the function's clock is off: --clock-offset. Error: InvalidArgument, led by the flag.
absl::StatusOr<absl::Duration> ClockOffset(const ServeOptions& options);

// Error: InvalidArgument, led by the flag.
absl::StatusOr<runner::ServerOptions> CheckServe(const ServeOptions& options);

// Makes what serves the calls; it gets the checked flags (--clock-from-context, --clock-offset) and may
// register metrics of its own.
using HandlerFactory = std::function<runner::Handler(const ServeOptions& options, runner::Metrics& metrics)>;

// Serves until SIGTERM or SIGINT, then stops within 5 seconds. Call it from the main thread before there are
// others. Exit code: 0 after a clean stop; 2 for wrong flags and 1 for what else kept it from serving, each
// with one line on `err`. A call that outlives the 5 seconds ends the process with 1.
int RunServe(const ServeOptions& options, const HandlerFactory& make_handler, std::ostream& err);

}  // namespace cli

#endif  // FUNCTION_CLI_SERVE_H_
