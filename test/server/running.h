// The true server on free ports of the loopback, for one test.
#ifndef TEST_SERVER_RUNNING_H_
#define TEST_SERVER_RUNNING_H_

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "function/runner/server.h"
#include "test/catch.h"
#include "test/server/whole.h"

namespace test {

inline runner::ServerOptions LoopbackOptions() {
  runner::ServerOptions options;
  options.address = {"127.0.0.1", 0};
  options.metrics_address = runner::Address{"127.0.0.1", 0};
  options.tls_refresh = absl::Milliseconds(20);
  return options;
}

// Answers with what it was sent.
inline absl::Status Echo(absl::string_view request, std::string* response) {
  response->assign(request.data(), request.size());
  return absl::OkStatus();
}

class Running {
 public:
  explicit Running(WholeHandler handler = Echo, const runner::ServerOptions& options = LoopbackOptions()) {
    auto started = runner::Server::Start(options, Whole(std::move(handler)), &metrics_);
    INFO(started.status());
    REQUIRE(started.ok());
    server_ = *std::move(started);
  }
  runner::Server* operator->() { return server_.get(); }
  runner::Metrics& metrics() { return metrics_; }

 private:
  runner::Metrics metrics_;
  std::unique_ptr<runner::Server> server_;
};

}  // namespace test

#endif  // TEST_SERVER_RUNNING_H_
