#include "function/runner/address.h"

#include <unistd.h>

#include <string>

#include "test/catch.h"

namespace {

std::string Parse(const std::string& text, bool have_ipv6) {
  const auto address = runner::ParseAddress("--address", text, have_ipv6);
  return address.ok() ? runner::FormatAddress(*address) : std::string(address.status().message());
}

TEST_CASE("Addresses to listen on") {
  const std::string hint = "; write host:port, [IPv6]:port or :port, e.g. :9443";
  struct Case {
    std::string name;
    std::string reason;
    std::string text;
    bool have_ipv6;
    std::string want;
  };
  const Case cases[] = {
      {"port", "every interface, as Go reads it", ":9443", true, "[::]:9443"},
      {"port without IPv6", "the same on a machine that has none", ":9443", false, "0.0.0.0:9443"},
      {"IPv4", "as it is", "127.0.0.1:0", true, "127.0.0.1:0"},
      {"IPv6", "in brackets", "[::1]:8080", true, "[::1]:8080"},
      {"name", "resolved later", "localhost:65535", true, "localhost:65535"},
      {"no port", "", "localhost", true, "--address: \"localhost\" has no port" + hint},
      {"empty", "", "", true, "--address: \"\" has no port" + hint},
      {"port too big", "ports have 16 bits", ":65536", true,
       "--address: \":65536\" has a port that is not a number from 0 to 65535" + hint},
      {"signed port", "", ":+1", true,
       "--address: \":+1\" has a port that is not a number from 0 to 65535" + hint},
      {"port name", "", ":http", true,
       "--address: \":http\" has a port that is not a number from 0 to 65535" + hint},
      {"bare IPv6", "which colon is the port's?", "::1:80", true,
       "--address: \"::1:80\" has an IPv6 host without brackets" + hint},
      {"unfinished bracket", "", "[::1:80", true,
       "--address: \"[::1:80\" has an unfinished [IPv6] host" + hint},
      {"control characters", "the message stays one line", "a\nb:1", true,
       "--address: \"a\\nb:1\" has a malformed host" + hint},
      {"gRPC scheme", "gRPC would take it for a socket file", "unix:/tmp/s:1", true,
       "--address: \"unix:/tmp/s:1\" has an IPv6 host without brackets" + hint},
  };
  for (const Case& c : cases) {
    INFO(c.name << ": " << c.reason);
    CHECK(Parse(c.text, c.have_ipv6) == c.want);
  }
}

TEST_CASE("A port has one listener") {
  const auto first = runner::ListenTcp("--address", {"127.0.0.1", 0});
  REQUIRE(first.ok());
  const int port = runner::BoundPort(*first);
  REQUIRE(port > 0);
  const auto second = runner::ListenTcp("--address", {"::", port});
  CHECK(second.status().message() ==
        "--address: cannot listen on [::]:" + std::to_string(port) + ": Address already in use");
  close(*first);
  const auto third = runner::ListenTcp("--address", {"127.0.0.1", port});
  REQUIRE(third.ok());
  close(*third);
}

}  // namespace
