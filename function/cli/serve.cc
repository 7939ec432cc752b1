#include "function/cli/serve.h"

#include <grpc/support/log.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <ostream>
#include <thread>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "function/base/status_macros.h"
#include "function/base/version.h"
#include "function/cli/parse.h"
#include "function/cli/problem.h"

namespace cli {
namespace {

constexpr absl::Duration kGrace = absl::Seconds(4);
// Kubernetes would wait longer, but a call that hangs for so long will not end.
constexpr std::chrono::seconds kHardStop(5);

// A year: more than any deadline, and far from where times overflow.
constexpr absl::Duration kMaxClockOffset = absl::Hours(8784);

// gRPC's own log lines, as ours.
void LogFromGrpc(gpr_log_func_args* args) {
  const base::LogLevel level = args->severity == GPR_LOG_SEVERITY_ERROR  ? base::LogLevel::kError
                               : args->severity == GPR_LOG_SEVERITY_INFO ? base::LogLevel::kInfo
                                                                         : base::LogLevel::kDebug;
  base::Log(level, "grpc", {{"text", args->message}, {"file", absl::StrCat(args->file, ":", args->line)}});
}

void SetUpLogs(const ServeOptions& options) {
  base::ConfigureLog(options.debug ? base::LogLevel::kDebug : base::LogLevel::kInfo,
                     options.log_format == "text" ? base::LogFormat::kText : base::LogFormat::kJson);
  gpr_set_log_function(LogFromGrpc);
  gpr_set_log_verbosity(options.debug ? GPR_LOG_SEVERITY_INFO : GPR_LOG_SEVERITY_ERROR);
}

sigset_t StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

// Every thread that is started later inherits the mask, so that only WaitForStop gets the signals.
void SetUpSignals() {
  signal(SIGPIPE, SIG_IGN);
  const sigset_t signals = StopSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

int WaitForStop() {
  const sigset_t signals = StopSignals();
  int signal = 0;
  while (sigwait(&signals, &signal) != 0) {
  }
  return signal;
}

void LogStart(const ServeOptions& options, const runner::ServerOptions& checked,
              const runner::Server& server) {
  runner::Address address = checked.address;
  address.port = server.port();
  base::LogFields fields = {{"version", std::string(base::Version())},
                            {"address", runner::FormatAddress(address)},
                            {"tls", checked.tls_certs_dir.has_value()}};
  if (checked.tls_certs_dir) fields.emplace_back("tls_certs_dir", *checked.tls_certs_dir);
  if (checked.metrics_address) {
    runner::Address metrics = *checked.metrics_address;
    metrics.port = server.metrics_port();
    fields.emplace_back("metrics_address", runner::FormatAddress(metrics));
  }
  if (options.clock_from_context) fields.emplace_back("clock_from_context", true);
  base::Log(base::LogLevel::kInfo, "serving", fields);
  if (!options.clock_offset.empty()) {
    base::Log(base::LogLevel::kWarn,
              "the clock is set off with --clock-offset: for tests only, deadlines and windows are not real",
              {{"clock_offset", options.clock_offset}});
  }
}

// Ends the process after kHardStop, unless it is destroyed before: gRPC waits for a call that never returns
// without end. (Not alarm(): in a container we are process 1, which the default actions of signals do not
// end.)
class HardStop {
 public:
  HardStop()
      : thread_([this] {
          std::unique_lock<std::mutex> lock(mu_);
          if (stopped_.wait_for(lock, kHardStop, [this] { return stop_; })) return;
          base::Log(base::LogLevel::kError, "stopped with calls in flight");
          _exit(kExitFailure);
        }) {}
  ~HardStop() {
    {
      std::lock_guard<std::mutex> lock(mu_);
      stop_ = true;
    }
    stopped_.notify_all();
    thread_.join();
  }

 private:
  std::mutex mu_;
  std::condition_variable stopped_;
  bool stop_ = false;
  std::thread thread_;
};

int Fail(const absl::Status& status, std::ostream& err) {
  SayError(err, status.message());
  return status.code() == absl::StatusCode::kInvalidArgument ? kExitUsage : kExitFailure;
}

}  // namespace

void AddServe(CLI::App& app, ServeOptions& options) {
  app.add_flag("-d,--debug", options.debug, "Log every call, and what gRPC says");
  app.add_flag("--insecure", options.insecure, "Serve without TLS; wins over --tls-certs-dir");
  app.add_option("--tls-certs-dir", options.tls_certs_dir,
                 "Folder with tls.crt, tls.key and the ca.crt that clients' certificates must be issued by")
      ->type_name("DIR")
      ->envname("TLS_SERVER_CERTS_DIR");
  app.add_option("--network", options.network, "Network to listen on: tcp")
      ->type_name("NAME")
      ->capture_default_str();
  app.add_option("--address", options.address, "Address to serve gRPC on")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  AddLimits(app, options.limits);
  app.add_option("--metrics-address", options.metrics_address,
                 "Address to serve Prometheus metrics on, at /metrics; empty: nowhere")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  app.add_flag("--clock-from-context", options.clock_from_context,
               "Take the time of a call from its context, for previews and tests; only with --insecure");
  app.add_option(
         "--clock-offset", options.clock_offset,
         "Set the function's clock forward (25h) or back (-90s); for tests only, where nobody can wait "
         "for a deadline")
      ->type_name("DURATION");
  app.add_option("--log-format", options.log_format, "Format of the log: json or text")
      ->type_name("FORMAT")
      ->capture_default_str();
}

absl::StatusOr<absl::Duration> ClockOffset(const ServeOptions& options) {
  absl::Duration offset;
  if (options.clock_offset.empty()) return offset;
  if (!absl::ParseDuration(options.clock_offset, &offset) || absl::AbsDuration(offset) > kMaxClockOffset) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--clock-offset: \"", absl::CHexEscape(options.clock_offset), "\" is no duration of at most ",
        absl::FormatDuration(kMaxClockOffset), ", as 25h or -90s"));
  }
  return offset;
}

absl::StatusOr<runner::ServerOptions> CheckServe(const ServeOptions& options) {
  if (options.network != "tcp") {
    return absl::InvalidArgumentError(
        absl::StrCat("--network: \"", absl::CHexEscape(options.network), "\" is not supported, only tcp is"));
  }
  if (options.log_format != "json" && options.log_format != "text") {
    return absl::InvalidArgumentError(absl::StrCat("--log-format: \"", absl::CHexEscape(options.log_format),
                                                   "\" is neither json nor text"));
  }
  runner::ServerOptions checked;
  ASSIGN_OR_RETURN(checked.limits, CheckLimits(options.limits));
  if (!options.insecure && options.tls_certs_dir.empty()) {
    return absl::InvalidArgumentError(
        "--tls-certs-dir: not set; name the folder with tls.crt, tls.key and ca.crt, or serve without TLS "
        "with --insecure");
  }
  if (options.clock_from_context && !options.insecure) {
    return absl::InvalidArgumentError(
        "--clock-from-context: refused with TLS, where callers must not choose the time; it needs "
        "--insecure");
  }
  RETURN_IF_ERROR(ClockOffset(options).status());
  ASSIGN_OR_RETURN(checked.address, runner::ParseAddress("--address", options.address));
  if (!options.metrics_address.empty()) {
    ASSIGN_OR_RETURN(checked.metrics_address,
                     runner::ParseAddress("--metrics-address", options.metrics_address));
  }
  if (!options.insecure) checked.tls_certs_dir = options.tls_certs_dir;
  return checked;
}

int RunServe(const ServeOptions& options, const HandlerFactory& make_handler, std::ostream& err) {
  const absl::StatusOr<runner::ServerOptions> checked = CheckServe(options);
  if (!checked.ok()) return Fail(checked.status(), err);
  if (const absl::Status status = LimitFileDescriptors(checked->limits.max_connections); !status.ok()) {
    return Fail(status, err);
  }
  SetUpSignals();
  SetUpLogs(options);
  runner::Metrics metrics;
  auto server = runner::Server::Start(*checked, make_handler(options, metrics), &metrics);
  if (!server.ok()) return Fail(server.status(), err);
  LogStart(options, *checked, **server);
  const int signal = WaitForStop();
  base::Log(base::LogLevel::kInfo, "stopping", {{"signal", signal}});
  {
    const HardStop hard_stop;
    (*server)->Shutdown(kGrace);
  }
  base::Log(base::LogLevel::kInfo, "stopped");
  return 0;
}

}  // namespace cli
