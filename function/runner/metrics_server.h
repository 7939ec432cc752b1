// Serves GET /metrics over HTTP on a thread of its own; anything else is 404 or 405.
#ifndef FUNCTION_RUNNER_METRICS_SERVER_H_
#define FUNCTION_RUNNER_METRICS_SERVER_H_

#include <memory>
#include <thread>

#include "absl/status/statusor.h"
#include "function/runner/address.h"
#include "function/runner/metrics.h"

struct event_base;
struct evhttp;

namespace runner {

class MetricsServer {
 public:
  // `metrics` must outlive it. Fails when the port is taken.
  static absl::StatusOr<std::unique_ptr<MetricsServer>> Start(const Address& address, const Metrics* metrics);
  ~MetricsServer();
  MetricsServer(const MetricsServer&) = delete;
  MetricsServer& operator=(const MetricsServer&) = delete;

  int port() const { return port_; }

 private:
  MetricsServer(event_base* events, evhttp* http, int port);

  event_base* const events_;
  evhttp* const http_;
  const int port_;
  std::thread thread_;
};

}  // namespace runner

#endif  // FUNCTION_RUNNER_METRICS_SERVER_H_
