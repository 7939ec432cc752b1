// The process_* metrics that every Prometheus client library has, read from /proc at each scrape.
#ifndef FUNCTION_RUNNER_PROCESS_METRICS_H_
#define FUNCTION_RUNNER_PROCESS_METRICS_H_

#include "function/runner/metrics.h"

namespace runner {

void AddProcessMetrics(Metrics& metrics);

}  // namespace runner

#endif  // FUNCTION_RUNNER_PROCESS_METRICS_H_
