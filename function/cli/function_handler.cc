#include "function/cli/function_handler.h"

#include <map>
#include <memory>
#include <utility>

#include "function/base/clock.h"
#include "function/base/log.h"
#include "function/base/status_macros.h"
#include "function/release/composite.h"
#include "function/release/gate.h"
#include "function/runner/run_function.h"

namespace cli {
namespace {

// Every series there can be, made at the start: rates need the zero before the first one, and looking up
// takes a lock.
class RunMetrics {
 public:
  explicit RunMetrics(runner::Metrics& metrics) {
    for (const char* kind : {release::kPipelineKind, release::kGateKind, kOtherKind}) {
      for (bool ok : {true, false}) {
        runs_[{kind, ok}] =
            &metrics.GetCounter("release_function_runs_total", "Calls of the function, by composite kind.",
                                {{"kind", kind}, {"outcome", ok ? "ok" : "invalid"}});
      }
    }
    for (release::Verdict verdict : {release::Verdict::kPending, release::Verdict::kApproved,
                                     release::Verdict::kRejected, release::Verdict::kTimeout}) {
      const std::string name(release::Name(verdict));
      decisions_[name] = &metrics.GetCounter(
          "release_gate_decisions_total", "What gates came to, counted at every call.", {{"verdict", name}});
    }
  }

  void Count(const runner::RunSummary& summary) const {
    const std::string kind = summary.kind.empty() ? kOtherKind : summary.kind;
    if (const auto run = runs_.find({kind, summary.error.empty()}); run != runs_.end())
      run->second->Increment();
    const auto decision = decisions_.find(summary.verdict);
    if (decision != decisions_.end()) decision->second->Increment();
  }

 private:
  static constexpr char kOtherKind[] = "other";

  std::map<std::pair<std::string, bool>, runner::Counter*> runs_;
  std::map<std::string, runner::Counter*> decisions_;
};

void LogRun(const runner::RunSummary& summary) {
  const base::LogLevel level = summary.error.empty() ? base::LogLevel::kDebug : base::LogLevel::kWarn;
  if (!base::LogEnabled(level)) return;
  base::LogFields fields = {
      {"kind", summary.kind}, {"namespace", summary.namespace_name}, {"name", summary.name}};
  if (!summary.verdict.empty()) fields.emplace_back("verdict", summary.verdict);
  if (!summary.error.empty()) fields.emplace_back("error", summary.error);
  base::Log(level, summary.error.empty() ? "ran" : "refused", fields);
}

}  // namespace

runner::Handler MakeFunctionHandler(const ServeOptions& options, runner::Metrics& metrics) {
  const auto clock =
      std::make_shared<const base::OffsetClock>(ClockOffset(options).value_or(absl::ZeroDuration()));
  const auto run_metrics = std::make_shared<const RunMetrics>(metrics);
  const bool clock_from_context = options.clock_from_context;
  return [run_metrics, clock, clock_from_context](absl::string_view request,
                                                  std::string* response) -> absl::Status {
    runner::RunSummary summary;
    RETURN_IF_ERROR(runner::RunFunctionOnBytes(request, {*clock, clock_from_context}, response, &summary));
    run_metrics->Count(summary);
    LogRun(summary);
    return absl::OkStatus();
  };
}

}  // namespace cli
