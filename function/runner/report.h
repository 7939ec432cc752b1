// What a call came to, for those who count: see run_metrics.h.
#ifndef FUNCTION_RUNNER_REPORT_H_
#define FUNCTION_RUNNER_REPORT_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "function/release/audit.h"
#include "function/release/gate.h"
#include "function/release/pipeline.h"

namespace runner {

struct GateReport {
  release::Step step;
  release::Verdict verdict = release::Verdict::kPending;
  std::string subject;
  absl::Time attempt_start;
  std::vector<std::string> waiting_for;          // while pending: the requirements that are not satisfied
  std::vector<release::AuditEntry> new_entries;  // that this very call added to the trail
  bool audit_broke = false;                      // this very call found the trail broken
};

struct PipelineReport {
  std::vector<release::EnvironmentStatus> releases;  // what came into an environment with this very call
};

}  // namespace runner

#endif  // FUNCTION_RUNNER_REPORT_H_
