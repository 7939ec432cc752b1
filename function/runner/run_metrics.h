// The release_* metrics of what calls come to: docs/operations.md has the list and says what each answers.
//
// Two kinds. What is counted at every call (runs, evaluations) tells shares, never a number of gates: the
// function has no state, sees a gate as often as Crossplane calls, and shares the calls with other replicas.
// What is counted at a transition is what the audit trail gained, counted when the answer that brings it is
// one that Crossplane uses. An answer can still be lost on its way into the cluster; then the same is decided
// again, and a replica that remembers having counted it does not do so again.
//
// Labels are from small closed sets that are ours: nothing that a tenant writes becomes one.
#ifndef FUNCTION_RUNNER_RUN_METRICS_H_
#define FUNCTION_RUNNER_RUN_METRICS_H_

#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "function/base/recent_set.h"
#include "function/runner/metrics.h"
#include "function/runner/run_function.h"

namespace runner {

// Every series is there from the start: rates need the zero before the first one, and looking up takes a
// lock.
class RunMetrics {
 public:
  explicit RunMetrics(Metrics& metrics);

  // Thread-safe.
  void Count(const RunSummary& summary);

 private:
  // A label value and its counter; the last one is for what is not in the list.
  using Counters = std::vector<std::pair<std::string, Counter*>>;

  struct StepCounters {
    Counter* attempts;
    Counter* superseded;
    Counter* overrides;
    std::array<Counter*, 2> approvals;  // not signed, signed
    // By verdict; none for pending.
    std::map<release::Verdict, Counter*> verdicts;
    std::map<release::Verdict, Histogram*> seconds;
  };

  static Counter& Find(const Counters& counters, absl::string_view value);
  static StepCounters MakeStep(Metrics& metrics, const std::string& step);
  void CountEvaluation(const GateReport& gate);
  void CountEntry(const GateReport& gate, const release::AuditEntry& entry);
  void CountTransitions(const RunSummary& summary, const GateReport& gate);
  void CountReleases(const RunSummary& summary);

  std::map<std::string, Counters> runs_;  // by kind
  Counters evaluations_;
  Counters waiting_;
  Counters ignored_;
  Counter& audit_broken_;
  std::map<std::string, StepCounters> steps_;
  Counters releases_;
  base::RecentSet<std::uint64_t> counted_;
};

}  // namespace runner

#endif  // FUNCTION_RUNNER_RUN_METRICS_H_
