// The server without TLS, over real connections.
#include "function/runner/server.h"

#include <future>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "test/catch.h"
#include "test/server/clients.h"
#include "test/server/running.h"

namespace {

using grpc::StatusCode;
using test::Answer;
using test::Call;
using test::kRunFunction;
using test::Running;

TEST_CASE("The handler gets the request's bytes and its answer is sent as it is") {
  Running server([](absl::string_view request, std::string* response) {
    *response = std::string("<") + std::string(request) + ">";
    return absl::OkStatus();
  });
  const auto channel = test::PlainChannel(server->port());
  // Under and over what gRPC reads in one piece.
  for (const std::size_t size : {0u, 1u, 8000u, 70'000u, 4'000'000u}) {
    const std::string request(size, '\x81');
    const Answer answer = Call(channel, kRunFunction, request);
    CHECK(answer.code == StatusCode::OK);
    CHECK((answer.bytes == "<" + request + ">"));
  }
}

TEST_CASE("What the handler and the limits refuse has a status of its own") {
  struct Case {
    std::string name;
    std::string reason;
    test::WholeHandler handler;
    std::size_t request_bytes;
    StatusCode code;
    std::string message;
  };
  const auto sized = [](std::size_t size) {
    return [size](absl::string_view, std::string* response) {
      response->assign(size, 'x');
      return absl::OkStatus();
    };
  };
  const Case cases[] = {
      {"status", "the handler's is passed on",
       [](absl::string_view, std::string*) { return absl::InvalidArgumentError("input: no such field"); }, 1,
       StatusCode::INVALID_ARGUMENT, "input: no such field"},
      {"exception", "one call must not end the process",
       [](absl::string_view, std::string*) -> absl::Status { throw std::runtime_error("boom"); }, 1,
       StatusCode::INTERNAL, "the function failed: boom"},
      {"largest response", "the limit itself is allowed", sized(runner::kMaxResponseBytes), 1, StatusCode::OK,
       ""},
      {"response over the limit", "Crossplane's client would refuse it with less of a message",
       sized(runner::kMaxResponseBytes + 1), 1, StatusCode::RESOURCE_EXHAUSTED,
       "the response has 4194305 bytes, and Crossplane takes 4194304 at most: compose fewer or smaller "
       "resources"},
      {"largest request", "the limit itself is allowed", sized(1), 1024 * 1024, StatusCode::OK, ""},
      {"request over the limit", "--max-recv-message-size bounds what a caller can make us hold", sized(1),
       1024 * 1024 + 1, StatusCode::RESOURCE_EXHAUSTED,
       "Received message larger than max (1048577 vs. 1048576)"},
  };
  for (const Case& c : cases) {
    INFO(c.name << ": " << c.reason);
    auto options = test::LoopbackOptions();
    options.limits.max_recv_message_bytes = 1024 * 1024;
    Running server(c.handler, options);
    const Answer answer =
        Call(test::PlainChannel(server->port()), kRunFunction, std::string(c.request_bytes, 'x'));
    CHECK(answer.code == c.code);
    CHECK(answer.message == c.message);
  }
}

TEST_CASE("Calls are served concurrently") {
  // Each call waits for the other: served one after the other, both would fail.
  std::atomic<int> inside{0};
  Running server([&inside](absl::string_view, std::string*) {
    ++inside;
    return test::Eventually([&] { return inside == 2; }) ? absl::OkStatus() : absl::AbortedError("alone");
  });
  const auto call = [&] { return Call(test::PlainChannel(server->port()), kRunFunction, "x").code; };
  auto first = std::async(std::launch::async, call);
  auto second = std::async(std::launch::async, call);
  CHECK(first.get() == StatusCode::OK);
  CHECK(second.get() == StatusCode::OK);
}

TEST_CASE("Health is served for the server and for the function's service") {
  Running server;
  const auto channel = test::PlainChannel(server->port());
  CHECK(test::Health(channel, "") == "OK SERVING");
  CHECK(test::Health(channel, "apiextensions.fn.proto.v1.FunctionRunnerService") == "OK SERVING");
  CHECK(test::Health(channel, "else") == "NOT_FOUND");
}

TEST_CASE("Reflection lists the services and has the function's descriptor") {
  Running server;
  test::Stream stream(test::PlainChannel(server->port()),
                      "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo");
  std::string response;
  // ServerReflectionRequest.list_services is field 7.
  REQUIRE(stream.Write(std::string("\x3a\x01*")));
  REQUIRE(stream.Read(&response));
  for (const std::string service : {"apiextensions.fn.proto.v1.FunctionRunnerService",
                                    "grpc.health.v1.Health", "grpc.reflection.v1alpha.ServerReflection"}) {
    INFO(service);
    CHECK(response.find(service) != std::string::npos);
  }
  // ServerReflectionRequest.file_containing_symbol is field 4.
  const std::string symbol = "apiextensions.fn.proto.v1.FunctionRunnerService";
  REQUIRE(stream.Write("\x22" + std::string(1, static_cast<char>(symbol.size())) + symbol));
  REQUIRE(stream.Read(&response));
  CHECK(response.find("required_resources") != std::string::npos);
}

TEST_CASE("A stopping server says so, finishes the calls in flight and takes no more") {
  std::atomic<bool> entered{false};
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  Running server([&](absl::string_view request, std::string* response) {
    entered = true;
    released.wait();
    return test::Echo(request, response);
  });
  const int port = server->port();
  auto in_flight =
      std::async(std::launch::async, [&] { return Call(test::PlainChannel(port), kRunFunction, "late"); });
  REQUIRE(test::Eventually([&] { return entered.load(); }));

  std::future<void> shutdown;
  {
    test::Stream watch(test::PlainChannel(port), "/grpc.health.v1.Health/Watch");
    std::string status;
    REQUIRE(watch.Write(test::HealthRequest("")));
    REQUIRE(watch.Read(&status));
    CHECK(test::HealthStatus(status) == "SERVING");
    shutdown = std::async(std::launch::async, [&] { server->Shutdown(absl::Seconds(60)); });
    REQUIRE(watch.Read(&status));
    CHECK(test::HealthStatus(status) == "NOT_SERVING");
  }
  CHECK(test::Eventually(
      [&] { return Call(test::PlainChannel(port), kRunFunction, "x").code == StatusCode::UNAVAILABLE; }));
  CHECK(shutdown.wait_for(std::chrono::seconds(0)) == std::future_status::timeout);
  release.set_value();
  const Answer answer = in_flight.get();
  CHECK(answer.code == StatusCode::OK);
  CHECK(answer.bytes == "late");
  shutdown.get();
  server->Wait();
}

TEST_CASE("A server that cannot have its port does not start") {
  Running first;
  const std::string grpc_port = std::to_string(first->port());
  const std::string metrics_port = std::to_string(first->metrics_port());
  struct Case {
    std::string name;
    std::string reason;
    runner::Address address;
    runner::Address metrics_address;
    std::string want;
  };
  const Case cases[] = {
      {"gRPC port taken",
       "two servers on one port would share the calls",
       {"127.0.0.1", first->port()},
       {"127.0.0.1", 0},
       "UNAVAILABLE: --address: cannot listen on 127.0.0.1:" + grpc_port + ": Address already in use"},
      {"metrics port taken",
       "metrics that nobody sees are a failure",
       {"127.0.0.1", 0},
       {"127.0.0.1", first->metrics_port()},
       "UNAVAILABLE: --metrics-address: cannot listen on 127.0.0.1:" + metrics_port +
           ": Address already in use"},
      {"taken on another interface",
       "every interface includes the one that is taken",
       {"::", first->port()},
       {"127.0.0.1", 0},
       "UNAVAILABLE: --address: cannot listen on [::]:" + grpc_port + ": Address already in use"},
      {"not our address",
       "192.0.2.0/24 is for documentation",
       {"192.0.2.1", 0},
       {"127.0.0.1", 0},
       "UNAVAILABLE: --address: cannot listen on 192.0.2.1:0: Cannot assign requested address"},
  };
  for (const Case& c : cases) {
    INFO(c.name << ": " << c.reason);
    auto options = test::LoopbackOptions();
    options.address = c.address;
    options.metrics_address = c.metrics_address;
    runner::Metrics metrics;
    CHECK(runner::Server::Start(options, test::Whole(test::Echo), &metrics).status().ToString() == c.want);
  }
}

TEST_CASE("Every interface is IPv4 and IPv6") {
  auto options = test::LoopbackOptions();
  options.address = *runner::ParseAddress("--address", ":0");
  Running server(test::Echo, options);
  CHECK(Call(test::PlainChannel(server->port()), kRunFunction, "x").bytes == "x");
}

TEST_CASE("A server without IPv6 serves IPv4") {
  auto options = test::LoopbackOptions();
  options.address = *runner::ParseAddress("--address", ":0", /*have_ipv6=*/false);
  Running server(test::Echo, options);
  CHECK(Call(test::PlainChannel(server->port()), kRunFunction, "x").bytes == "x");
}

TEST_CASE("Without a metrics address there is no metrics server") {
  auto options = test::LoopbackOptions();
  options.metrics_address.reset();
  Running server(test::Echo, options);
  CHECK(server->metrics_port() == 0);
}

}  // namespace
