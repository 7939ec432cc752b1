#include "function/cli/function_handler.h"

#include <memory>
#include <utility>

#include "function/base/clock.h"
#include "function/base/log.h"
#include "function/base/status_macros.h"
#include "function/release/gate.h"
#include "function/runner/run_function.h"
#include "function/runner/run_metrics.h"

namespace cli {
namespace {

void LogRun(const runner::RunSummary& summary) {
  const base::LogLevel level = summary.error.empty() ? base::LogLevel::kDebug : base::LogLevel::kWarn;
  if (!base::LogEnabled(level)) return;
  base::LogFields fields = {
      {"kind", summary.kind}, {"namespace", summary.namespace_name}, {"name", summary.name}};
  if (summary.gate) fields.emplace_back("verdict", std::string(release::Name(summary.gate->verdict)));
  if (!summary.error.empty()) fields.emplace_back("error", summary.error);
  base::Log(level, summary.error.empty() ? "ran" : "refused", fields);
}

}  // namespace

runner::Handler MakeFunctionHandler(const ServeOptions& options, runner::Metrics& metrics) {
  const auto clock =
      std::make_shared<const base::OffsetClock>(ClockOffset(options).value_or(absl::ZeroDuration()));
  const auto run_metrics = std::make_shared<runner::RunMetrics>(metrics);
  const bool clock_from_context = options.clock_from_context;
  return [run_metrics, clock, clock_from_context](google::protobuf::io::ZeroCopyInputStream* request,
                                                  std::size_t size, std::string* response) -> absl::Status {
    runner::RunSummary summary;
    RETURN_IF_ERROR(
        runner::RunFunctionOnBytes(request, size, {*clock, clock_from_context}, response, &summary));
    run_metrics->Count(summary);
    LogRun(summary);
    return absl::OkStatus();
  };
}

}  // namespace cli
