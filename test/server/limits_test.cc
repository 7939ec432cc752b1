// What the server lets callers hold, and what becomes of those who hold more.
#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "function/runner/connections.h"
#include "test/catch.h"
#include "test/server/clients.h"
#include "test/server/running.h"

namespace {

using grpc::StatusCode;
using test::Call;
using test::Eventually;
using test::kRunFunction;
using test::PlainChannel;
using test::Running;

runner::ServerOptions With(const runner::Limits& limits) {
  auto options = test::LoopbackOptions();
  options.limits = limits;
  return options;
}

StatusCode CallOn(const std::shared_ptr<grpc::Channel>& channel) {
  return Call(channel, kRunFunction, "x").code;
}

int NewFile() { return eventfd(0, EFD_CLOEXEC); }

TEST_CASE("Connections that were closed make room for others") {
  runner::Connections open(2);
  const int first = NewFile(), second = NewFile(), third = NewFile();
  CHECK(open.Add(first));
  CHECK(open.Add(second));
  CHECK_FALSE(open.Add(third));
  close(first);
  CHECK(open.Add(third));
  // Another file under a number that was a connection's is not that connection. (Files of this kind share an
  // inode, sockets do not.)
  int ends[2];
  close(second);
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  CHECK(open.Add(ends[1]));
  for (const int fd : {third, ends[0], ends[1]}) close(fd);
}

TEST_CASE("Beyond --max-connections a new one is closed at once, and counted") {
  runner::Limits limits;
  limits.max_connections = 2;
  Running server(test::Echo, With(limits));
  const runner::Counter& refused =
      server.metrics().GetCounter("release_function_refused_connections_total", "");
  const auto first = PlainChannel(server->port());
  {
    const auto second = PlainChannel(server->port());
    REQUIRE(CallOn(first) == StatusCode::OK);
    REQUIRE(CallOn(second) == StatusCode::OK);
    CHECK(test::Http(server->port(), "") == "");
    CHECK(refused.value() == 1);
    CHECK(CallOn(PlainChannel(server->port())) == StatusCode::UNAVAILABLE);
    CHECK(CallOn(first) == StatusCode::OK);
  }
  CHECK(Eventually([&] { return CallOn(PlainChannel(server->port())) == StatusCode::OK; }));
}

TEST_CASE("A connection that says nothing is closed after --handshake-timeout") {
  runner::Limits limits;
  limits.handshake_timeout = absl::Milliseconds(200);
  Running server(test::Echo, With(limits));
  const absl::Time begin = absl::Now();
  test::Http(server->port(), "");
  // gRPC counts in milliseconds, and from a time that it may have looked up before the connection was there.
  CHECK(absl::Now() - begin > limits.handshake_timeout / 2);
  // The preface alone is no handshake either.
  test::Http(server->port(), "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  CHECK(CallOn(PlainChannel(server->port())) == StatusCode::OK);
}

TEST_CASE("A call whose message does not come ends after its connection's age and --call-timeout") {
  runner::Limits limits;
  limits.max_connection_age = absl::Milliseconds(200);
  limits.call_timeout = absl::Milliseconds(200);
  Running server(test::Echo, With(limits));
  const absl::Time begin = absl::Now();
  test::Stream call(PlainChannel(server->port()), kRunFunction);
  std::string nothing;
  CHECK_FALSE(call.Read(&nothing));
  CHECK(absl::Now() - begin < absl::Seconds(15));
}

TEST_CASE("A connection's age is nothing that a caller notices") {
  runner::Limits limits;
  limits.max_connection_age = absl::Milliseconds(100);
  Running server(test::Echo, With(limits));
  const auto channel = PlainChannel(server->port());
  for (const absl::Time end = absl::Now() + absl::Seconds(1); absl::Now() < end;) {
    REQUIRE(CallOn(channel) == StatusCode::OK);
  }
}

}  // namespace
