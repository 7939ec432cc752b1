// The flags that every composition function has, and what they mean together.
#include <stdlib.h>

#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "function/cli/parse.h"
#include "function/cli/serve.h"
#include "test/catch.h"

namespace {

class Environment {
 public:
  explicit Environment(const std::string& certs_dir) {
    if (!certs_dir.empty()) setenv("TLS_SERVER_CERTS_DIR", certs_dir.c_str(), 1);
  }
  ~Environment() { unsetenv("TLS_SERVER_CERTS_DIR"); }
};

struct Parsed {
  std::optional<int> exit_code;
  std::string err;
  cli::ServeOptions options;
};

Parsed ParseFlags(const std::vector<std::string>& flags, const std::string& certs_dir) {
  const Environment environment(certs_dir);
  CLI::App app;
  Parsed parsed;
  cli::AddServe(app, parsed.options);
  std::vector<const char*> argv = {"function"};
  for (const std::string& flag : flags) argv.push_back(flag.c_str());
  std::ostringstream out, err;
  parsed.exit_code = cli::Parse(app, static_cast<int>(argv.size()), argv.data(), out, err);
  parsed.err = err.str();
  return parsed;
}

// The whole meaning of a command line, as one line.
std::string Meaning(const std::vector<std::string>& flags, const std::string& certs_dir) {
  const Parsed parsed = ParseFlags(flags, certs_dir);
  if (parsed.exit_code) return absl::StrCat("exit ", *parsed.exit_code, ": ", parsed.err);
  const cli::ServeOptions& options = parsed.options;
  const auto checked = cli::CheckServe(options);
  if (!checked.ok()) return checked.status().ToString();
  return absl::StrCat(
      FormatAddress(checked->address), " tls=", checked->tls_certs_dir.value_or("off"),
      " metrics=", checked->metrics_address ? FormatAddress(*checked->metrics_address) : "off",
      " recv=", checked->limits.max_recv_message_bytes, " log=", options.log_format,
      options.debug ? " debug" : "", options.clock_from_context ? " clock" : "",
      options.clock_offset.empty() ? "" : " offset=" + absl::FormatDuration(*cli::ClockOffset(options)));
}

TEST_CASE("Flags of serve") {
  struct Case {
    std::string name;
    std::string reason;
    std::vector<std::string> flags;
    std::string certs_dir;  // the environment's
    std::string want;
  };
  const std::string defaults = "metrics=0.0.0.0:8080 recv=4194304 log=json";
  const std::string a = "--address=127.0.0.1:9443", m = "--metrics-address=0.0.0.0:8080";
  const std::string hint = "; write host:port, [IPv6]:port or :port, e.g. :9443";
  const Case cases[] = {
      {"Crossplane's pod",
       "no flags, only the environment",
       {a, m},
       "/tls/server",
       "127.0.0.1:9443 tls=/tls/server " + defaults},
      {"crossplane render",
       "the one flag it gives",
       {"--insecure", a, m},
       "",
       "127.0.0.1:9443 tls=off " + defaults},
      {"both", "--insecure wins", {"--insecure", a, m}, "/tls/server", "127.0.0.1:9443 tls=off " + defaults},
      {"flag over environment",
       "the nearer one wins",
       {"--tls-certs-dir", "/certs", a, m},
       "/tls/server",
       "127.0.0.1:9443 tls=/certs " + defaults},
      {"everything",
       "each flag arrives",
       {"-d", "--insecure", "--network", "tcp", "--address", "[::1]:1", "--max-recv-message-size", "8",
        "--metrics-address", "127.0.0.1:2", "--clock-from-context", "--log-format", "text"},
       "",
       "[::1]:1 tls=off metrics=127.0.0.1:2 recv=8388608 log=text debug clock"},
      {"metrics off",
       "an empty address",
       {"--insecure", "--metrics-address=", a},
       "",
       "127.0.0.1:9443 tls=off metrics=off recv=4194304 log=json"},
      {"metrics off, in two words",
       "the other spelling",
       {"--insecure", "--metrics-address", "", a},
       "",
       "127.0.0.1:9443 tls=off metrics=off recv=4194304 log=json"},
      {"largest message",
       "a protobuf message has 2 GiB at most",
       {"--insecure", "--max-recv-message-size=2047", "--max-memory=8252", a, m},
       "",
       "127.0.0.1:9443 tls=off metrics=0.0.0.0:8080 recv=2146435072 log=json"},
      {"neither",
       "an open port must be asked for",
       {},
       "",
       "INVALID_ARGUMENT: --tls-certs-dir: not set; name the folder with tls.crt, tls.key and ca.crt, or "
       "serve "
       "without TLS with --insecure"},
      {"clock with TLS",
       "in production nobody chooses the time",
       {"--clock-from-context"},
       "/tls/server",
       "INVALID_ARGUMENT: --clock-from-context: refused with TLS, where callers must not choose the time; it "
       "needs "
       "--insecure"},
      {"clock set off, with TLS",
       "who writes the flags may; no caller can",
       {"--clock-offset=25h", a, m},
       "/tls/server",
       "127.0.0.1:9443 tls=/tls/server " + defaults + " offset=25h"},
      {"clock set back",
       "a value that begins with a dash",
       {"--insecure", "--clock-offset", "-1m30s", a, m},
       "",
       "127.0.0.1:9443 tls=off " + defaults + " offset=-1m30s"},
      {"clock offset without a unit",
       "nobody knows whether it is hours",
       {"--insecure", "--clock-offset=25"},
       "",
       "INVALID_ARGUMENT: --clock-offset: \"25\" is no duration of at most 8784h, as 25h or -90s"},
      {"clock offset without end",
       "times would overflow",
       {"--insecure", "--clock-offset=inf"},
       "",
       "INVALID_ARGUMENT: --clock-offset: \"inf\" is no duration of at most 8784h, as 25h or -90s"},
      {"unknown network",
       "",
       {"--insecure", "--network", "udp"},
       "",
       "INVALID_ARGUMENT: --network: \"udp\" is not supported, only tcp is"},
      {"bad address",
       "",
       {"--insecure", "--address", "9443"},
       "",
       "INVALID_ARGUMENT: --address: \"9443\" has no port" + hint},
      {"bad metrics address",
       "",
       {"--insecure", "--metrics-address", "8080"},
       "",
       "INVALID_ARGUMENT: --metrics-address: \"8080\" has no port" + hint},
      {"no message fits",
       "",
       {"--insecure", "--max-recv-message-size", "0"},
       "",
       "INVALID_ARGUMENT: --max-recv-message-size: 0 is not a number of MB from 1 to 2047"},
      {"message too large",
       "it would overflow",
       {"--insecure", "--max-recv-message-size", "2048"},
       "",
       "INVALID_ARGUMENT: --max-recv-message-size: 2048 is not a number of MB from 1 to 2047"},
      {"unknown log format",
       "",
       {"--insecure", "--log-format", "xml"},
       "",
       "INVALID_ARGUMENT: --log-format: \"xml\" is neither json nor text"},
      {"unknown flag",
       "a misspelt flag must not be ignored",
       {"--insecur"},
       "",
       "exit 2: function-release-pipeline: The following argument was not expected: --insecur; --help lists "
       "what is "
       "allowed\n"},
      {"no number",
       "",
       {"--max-recv-message-size", "big"},
       "",
       "exit 2: function-release-pipeline: Could not convert: --max-recv-message-size = big; --help lists "
       "what is "
       "allowed\n"},
  };
  for (const Case& c : cases) {
    INFO(c.name << ": " << c.reason);
    CHECK(Meaning(c.flags, c.certs_dir) == c.want);
  }
}

TEST_CASE("The addresses without flags are every interface's 9443 and 8080") {
  const auto checked = cli::CheckServe(ParseFlags({"--insecure"}, "").options);
  REQUIRE(checked.ok());
  CHECK(checked->address == *runner::ParseAddress("", ":9443"));
  CHECK(checked->metrics_address == *runner::ParseAddress("", ":8080"));
}

TEST_CASE("The limits, as they are without flags and with them") {
  const auto limits = [](const std::vector<std::string>& flags) {
    std::vector<std::string> all = {"--insecure", "--address=127.0.0.1:0", "--metrics-address="};
    all.insert(all.end(), flags.begin(), flags.end());
    const Parsed parsed = ParseFlags(all, "");
    REQUIRE_FALSE(parsed.exit_code);
    const auto checked = cli::CheckServe(parsed.options);
    if (!checked.ok()) return std::string(checked.status().message());
    const runner::Limits& is = checked->limits;
    return absl::StrCat("message ", is.max_recv_message_bytes >> 20, " memory ", is.max_memory_bytes >> 20,
                        " connections ", is.max_connections, " streams ", is.max_concurrent_streams,
                        " handshake ", absl::FormatDuration(is.handshake_timeout), " age ",
                        absl::FormatDuration(is.max_connection_age), " call ",
                        absl::FormatDuration(is.call_timeout));
  };
  struct Case {
    std::string name;
    std::string reason;
    std::vector<std::string> flags;
    std::string want;
  };
  const std::string a_day = " is no duration from 100ms to 24h, as 10s or 1h30m";
  const Case cases[] = {
      {"defaults",
       "what a function needs, and not more",
       {},
       "message 4 memory 192 connections 256 streams 128 handshake 10s age 30m call 30s"},
      {"all of them",
       "each flag arrives",
       {"--max-recv-message-size=8", "--max-memory=100", "--max-connections=10",
        "--max-concurrent-streams=20", "--handshake-timeout=1s", "--max-connection-age=1h30m",
        "--call-timeout=100ms"},
       "message 8 memory 100 connections 10 streams 20 handshake 1s age 1h30m call 100ms"},
      {"large messages, and memory for them",
       "",
       {"--max-recv-message-size=100", "--max-memory=464"},
       "message 100 memory 464 connections 256 streams 128 handshake 10s age 30m call 30s"},
      {"large messages, and the memory for small ones",
       "a few callers with large requests would be taken for attackers",
       {"--max-recv-message-size=100"},
       "--max-memory: 192 is not a number of MB (64, and 4 of --max-recv-message-size) from 464 to 65536"},
      {"less memory than it takes itself",
       "",
       {"--max-memory=79"},
       "--max-memory: 79 is not a number of MB (64, and 4 of --max-recv-message-size) from 80 to 65536"},
      {"no connections",
       "",
       {"--max-connections=0"},
       "--max-connections: 0 is not a number of connections from 1 to 65536"},
      {"too many connections",
       "",
       {"--max-connections=65537"},
       "--max-connections: 65537 is not a number of connections from 1 to 65536"},
      {"no calls",
       "",
       {"--max-concurrent-streams=0"},
       "--max-concurrent-streams: 0 is not a number of calls from 1 to 65536"},
      {"a time without a unit",
       "nobody knows whether it is minutes",
       {"--handshake-timeout=10"},
       "--handshake-timeout: \"10\"" + a_day},
      {"no time at all",
       "nobody would get in",
       {"--handshake-timeout=0s"},
       "--handshake-timeout: \"0s\"" + a_day},
      {"without end",
       "a limit is what it is for",
       {"--max-connection-age=inf"},
       "--max-connection-age: \"inf\"" + a_day},
      {"backwards", "", {"--call-timeout=-1s"}, "--call-timeout: \"-1s\"" + a_day},
  };
  for (const Case& c : cases) {
    INFO(c.name << ": " << c.reason);
    CHECK(limits(c.flags) == c.want);
  }
}

TEST_CASE("Help is no failure") { CHECK(ParseFlags({"--help"}, "").exit_code == 0); }

}  // namespace
