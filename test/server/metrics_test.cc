#include "function/runner/metrics.h"

#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "test/catch.h"
#include "test/server/clients.h"
#include "test/server/running.h"

namespace {

using test::Http;
using test::Running;

TEST_CASE("The text exposition") {
  runner::Metrics metrics;
  metrics.GetCounter("b_total", "Counts \\ and\nmore.", {{"kind", "a\"b\\c\nd"}}).Increment(2);
  metrics.GetCounter("b_total", "another text", {{"kind", ""}}).Increment();
  metrics.GetGauge("a_bytes", "A gauge.").Set(1.5e9);
  metrics.GetGauge("c", "Limits.", {{"v", "inf"}}).Set(std::numeric_limits<double>::infinity());
  metrics.GetGauge("c", "Limits.", {{"v", "nan"}}).Set(std::numeric_limits<double>::quiet_NaN());
  metrics.GetGauge("c", "Limits.", {{"v", "third"}}).Set(1.0 / 3);
  runner::Histogram& histogram = metrics.GetHistogram("d_seconds", "A histogram.", {0.1, 1}, {{"m", "x"}});
  // A bound belongs to its bucket.
  for (const double value : {0.0625, 1.0, 2.0}) histogram.Observe(value);
  metrics.AddCollector([](std::string* out) { runner::AppendFamily("e", "gauge", "Collected.", 7, out); });
  CHECK(metrics.Expose() == R"(# HELP a_bytes A gauge.
# TYPE a_bytes gauge
a_bytes 1500000000
# HELP b_total Counts \\ and\nmore.
# TYPE b_total counter
b_total{kind=""} 1
b_total{kind="a\"b\\c\nd"} 2
# HELP c Limits.
# TYPE c gauge
c{v="inf"} +Inf
c{v="nan"} NaN
c{v="third"} 0.33333333333333331
# HELP d_seconds A histogram.
# TYPE d_seconds histogram
d_seconds_bucket{m="x",le="0.1"} 1
d_seconds_bucket{m="x",le="1"} 2
d_seconds_bucket{m="x",le="+Inf"} 3
d_seconds_sum{m="x"} 3.0625
d_seconds_count{m="x"} 3
# HELP e Collected.
# TYPE e gauge
e 7
)");
}

TEST_CASE("Metrics are counted from many threads") {
  runner::Metrics metrics;
  const auto count = [&] {
    for (int i = 0; i < 1000; ++i) {
      metrics.GetCounter("n_total", "N.").Increment();
      metrics.GetHistogram("h", "H.", {1}).Observe(1);
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(count);
  for (std::thread& thread : threads) thread.join();
  CHECK(metrics.GetCounter("n_total", "N.").value() == 4000);
  CHECK(metrics.GetHistogram("h", "H.", {1}).count(0) == 4000);
  CHECK(metrics.GetHistogram("h", "H.", {1}).sum() == 4000);
}

// The value of the sample `name` (with its labels) in a scrape; -1 without one.
double Sample(const std::string& scrape, const std::string& name) {
  for (absl::string_view line : absl::StrSplit(scrape, '\n')) {
    double value;
    if (absl::ConsumePrefix(&line, name + " ") && absl::SimpleAtod(line, &value)) return value;
  }
  return -1;
}

TEST_CASE("A scrape shows the calls and the process") {
  Running server([](absl::string_view request, std::string* response) {
    if (request == "bad") return absl::AbortedError("as asked");
    return test::Echo(request, response);
  });
  server.metrics().GetCounter("release_runs_total", "The runner's own.", {{"kind", "gate"}}).Increment();
  const auto channel = test::PlainChannel(server->port());
  for (const std::string request : {"good", "good", "bad"}) test::Call(channel, test::kRunFunction, request);

  const std::string scrape = test::Scrape(server->metrics_port());
  CHECK(scrape.find("HTTP/1.1 200 OK\r\n") == 0);
  CHECK(scrape.find("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n") != std::string::npos);
  const std::string method =
      R"(grpc_type="unary",grpc_service="apiextensions.fn.proto.v1.FunctionRunnerService",grpc_method="RunFunction")";
  const std::pair<std::string, double> want[] = {
      {"grpc_server_started_total{" + method + "}", 3},
      {"grpc_server_msg_received_total{" + method + "}", 3},
      {"grpc_server_msg_sent_total{" + method + "}", 2},
      {"grpc_server_handled_total{" + method + R"(,grpc_code="OK"})", 2},
      {"grpc_server_handled_total{" + method + R"(,grpc_code="Aborted"})", 1},
      {"grpc_server_handled_total{" + method + R"(,grpc_code="Unauthenticated"})", 0},
      {"grpc_server_handling_seconds_bucket{" + method + R"(,le="10"})", 3},
      {"grpc_server_handling_seconds_count{" + method + "}", 3},
      {R"(release_runs_total{kind="gate"})", 1},
  };
  for (const auto& [name, value] : want) {
    INFO(name);
    CHECK(Sample(scrape, name) == value);
  }
  CHECK(scrape.find("\nrelease_function_build_info{version=\"") != std::string::npos);
  CHECK(Sample(scrape, "process_resident_memory_bytes") > 1e6);
  CHECK(Sample(scrape, "process_virtual_memory_bytes") > Sample(scrape, "process_resident_memory_bytes"));
  CHECK(Sample(scrape, "process_cpu_seconds_total") >= 0);
  CHECK(Sample(scrape, "process_open_fds") > 3);
  CHECK(Sample(scrape, "process_max_fds") > Sample(scrape, "process_open_fds"));
  const double now = static_cast<double>(absl::ToUnixSeconds(absl::Now()));
  CHECK(Sample(scrape, "process_start_time_seconds") > now - 3600);
  CHECK(Sample(scrape, "process_start_time_seconds") < now + 5);
}

TEST_CASE("Only GET /metrics is answered") {
  Running server;
  const std::string big(10'000, 'x');
  struct Case {
    std::string name;
    std::string request;
    std::string status;
  };
  const Case cases[] = {
      {"metrics", "GET /metrics HTTP/1.1\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 OK"},
      {"query", "GET /metrics?name[]=a HTTP/1.1\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 OK"},
      {"root", "GET / HTTP/1.1\r\nConnection: close\r\n\r\n", "HTTP/1.1 404 Not Found"},
      {"beneath", "GET /metrics/x HTTP/1.1\r\nConnection: close\r\n\r\n", "HTTP/1.1 404 Not Found"},
      {"POST", "POST /metrics HTTP/1.1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
       "HTTP/1.1 405 Method Not Allowed"},
      {"DELETE", "DELETE /metrics HTTP/1.1\r\nConnection: close\r\n\r\n", "HTTP/1.1 405 Method Not Allowed"},
      {"big header", "GET /metrics HTTP/1.1\r\nX: " + big + "\r\nConnection: close\r\n\r\n",
       "HTTP/1.1 400 Bad Request"},
      {"big body", "POST /metrics HTTP/1.1\r\nConnection: close\r\nContent-Length: 10000\r\n\r\n" + big,
       "HTTP/1.1 413 Request Entity Too Large"},
      {"no HTTP", "garbage\r\n\r\n", "HTTP/1.1 400 Bad Request"},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    const std::string answer = Http(server->metrics_port(), c.request);
    CHECK(answer.substr(0, answer.find("\r\n")) == c.status);
  }
}

}  // namespace
