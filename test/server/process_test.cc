// `serve` as a process: exit codes, what it says on stderr, and signals.
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cstdlib>

#include <future>
#include <string>
#include <vector>

#include "function/base/json.h"
#include "test/catch.h"
#include "test/server/certs_folder.h"
#include "test/server/clients.h"
#include "test/server/running.h"

namespace {

// A process with its stderr on a pipe, killed at the end if it still runs.
class Process {
 public:
  explicit Process(const std::vector<std::string>& flags, std::vector<std::string> environment = {}) {
    // What a sanitizer is told here counts there too.
    if (const char* options = std::getenv("TSAN_OPTIONS")) {
      environment.push_back(std::string("TSAN_OPTIONS=") + options);
    }
    int ends[2];
    REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
    err_ = ends[0];
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
    std::vector<char*> argv = Pointers(flags), envp = Pointers(environment);
    argv.insert(argv.begin(), const_cast<char*>(ECHO_SERVER));
    REQUIRE(posix_spawn(&pid_, ECHO_SERVER, &actions, nullptr, argv.data(), envp.data()) == 0);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
  }
  ~Process() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      Wait();
    }
    close(err_);
  }

  // Empty at the end.
  std::string ReadLine() {
    std::string line;
    for (char c; read(err_, &c, 1) == 1 && c != '\n';) line += c;
    return line;
  }
  void Signal(int signal) { kill(pid_, signal); }
  // "exit N" or "signal N".
  std::string Wait() {
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? "exit " + std::to_string(WEXITSTATUS(status))
                             : "signal " + std::to_string(WTERMSIG(status));
  }

 private:
  static std::vector<char*> Pointers(const std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
    pointers.push_back(nullptr);
    return pointers;
  }

  pid_t pid_ = -1;
  int err_ = -1;
};

// Of "host:port".
int PortOf(const base::Json& address) {
  const std::string text = address.get<std::string>();
  return std::stoi(text.substr(text.rfind(':') + 1));
}

const std::vector<std::string> kFreePorts = {"--address=127.0.0.1:0", "--metrics-address=127.0.0.1:0"};

std::vector<std::string> WithFreePorts(std::vector<std::string> flags) {
  flags.insert(flags.end(), kFreePorts.begin(), kFreePorts.end());
  return flags;
}

TEST_CASE("It serves until it is told to stop, and says so") {
  for (const int signal : {SIGTERM, SIGINT}) {
    Process process(WithFreePorts({"--insecure"}));
    const base::Json start = base::Json::parse(process.ReadLine());
    CHECK(start["level"] == "info");
    CHECK(start["msg"] == "serving");
    CHECK(start["tls"] == false);
    CHECK_FALSE(start["version"].get<std::string>().empty());
    CHECK(test::Call(test::PlainChannel(PortOf(start["address"])), test::kRunFunction, "x").bytes == "x");
    CHECK(test::Scrape(PortOf(start["metrics_address"])).find("grpc_server_started_total") !=
          std::string::npos);
    process.Signal(SIGPIPE);
    process.Signal(signal);
    CHECK(base::Json::parse(process.ReadLine())["msg"] == "stopping");
    CHECK(base::Json::parse(process.ReadLine())["msg"] == "stopped");
    CHECK(process.Wait() == "exit 0");
  }
}

TEST_CASE("Crossplane's way to start it: no flags but the ports, and the environment") {
  const test::CertsFolder folder(test::PkiFiles(test::HonestPki()));
  Process process(kFreePorts, {"TLS_SERVER_CERTS_DIR=" + folder.path()});
  const base::Json start = base::Json::parse(process.ReadLine());
  CHECK(start["tls"] == true);
  CHECK(start["tls_certs_dir"] == folder.path());
  const int port = PortOf(start["address"]);
  CHECK(test::Call(test::TlsChannel(port, &test::HonestPki().client), test::kRunFunction, "x").bytes == "x");
  process.Signal(SIGTERM);
  CHECK(process.Wait() == "exit 0");
}

TEST_CASE("A clock that is set off is a warning at the start") {
  Process process(WithFreePorts({"--insecure", "--clock-offset=25h"}));
  CHECK(base::Json::parse(process.ReadLine())["msg"] == "serving");
  const base::Json warning = base::Json::parse(process.ReadLine());
  CHECK(warning["level"] == "warn");
  CHECK(warning["clock_offset"] == "25h");
  process.Signal(SIGTERM);
  CHECK(base::Json::parse(process.ReadLine())["msg"] == "stopping");
}

TEST_CASE("With --debug each call is a line, in the format that was asked for") {
  Process process(WithFreePorts({"--insecure", "--debug", "--log-format=text"}));
  std::string line;
  do {
    line = process.ReadLine();
    REQUIRE_FALSE(line.empty());
  } while (line.find("msg=serving") == std::string::npos);
  const std::string address = line.substr(line.find(" address=") + 9);
  const int port = PortOf(address.substr(0, address.find(' ')));
  CHECK(test::Call(test::PlainChannel(port), test::kRunFunction, "12345").bytes == "12345");
  do {
    line = process.ReadLine();
    REQUIRE_FALSE(line.empty());
  } while (line.find("msg=RunFunction") == std::string::npos);
  CHECK(line.find(" level=debug msg=RunFunction peer=ipv4:127.0.0.1:") != std::string::npos);
  CHECK(line.find(" request_bytes=5 response_bytes=5 code=OK seconds=") != std::string::npos);
}

TEST_CASE("A call that never returns does not keep it from stopping") {
  Process process(WithFreePorts({"--insecure"}));
  const base::Json start = base::Json::parse(process.ReadLine());
  const int port = PortOf(start["address"]), metrics_port = PortOf(start["metrics_address"]);
  auto hanging = std::async(std::launch::async, [port] {
    return test::Call(test::PlainChannel(port), test::kRunFunction, "hang").code;
  });
  REQUIRE(test::Eventually([&] {
    return test::Scrape(metrics_port).find("grpc_method=\"RunFunction\"} 1\n") != std::string::npos;
  }));
  const absl::Time begin = absl::Now();
  process.Signal(SIGTERM);
  CHECK(base::Json::parse(process.ReadLine())["msg"] == "stopping");
  CHECK(base::Json::parse(process.ReadLine())["msg"] == "stopped with calls in flight");
  CHECK(process.Wait() == "exit 1");
  CHECK(absl::Now() - begin < absl::Seconds(10));
  CHECK(hanging.get() != grpc::StatusCode::OK);
}

TEST_CASE("What keeps it from serving is one line and an exit code") {
  test::Running other;
  const std::string taken = "127.0.0.1:" + std::to_string(other->port());
  const std::string name = "function-release-pipeline: ";
  struct Case {
    std::string name;
    std::string reason;
    std::vector<std::string> flags;
    std::string line;
    std::string exit;
  };
  const Case cases[] = {
      {"no TLS and no --insecure",
       "an open port must be asked for",
       {},
       name + "--tls-certs-dir: not set; name the folder with tls.crt, tls.key and ca.crt, or serve without "
              "TLS with "
              "--insecure",
       "exit 2"},
      {"unknown flag",
       "",
       {"--what"},
       name + "The following argument was not expected: --what; --help lists what is allowed",
       "exit 2"},
      {"no certificates",
       "",
       {"--tls-certs-dir=/nowhere"},
       name + "--tls-certs-dir: cannot open /nowhere: No such file or directory",
       "exit 1"},
      {"port taken",
       "",
       {"--insecure", "--address", taken, "--metrics-address="},
       name + "--address: cannot listen on " + taken + ": Address already in use",
       "exit 1"},
      {"metrics port taken",
       "",
       {"--insecure", "--address=127.0.0.1:0", "--metrics-address", taken},
       name + "--metrics-address: cannot listen on " + taken + ": Address already in use",
       "exit 1"},
  };
  for (const Case& c : cases) {
    INFO(c.name << ": " << c.reason);
    Process process(c.flags);
    CHECK(process.ReadLine() == c.line);
    CHECK(process.ReadLine() == "");
    CHECK(process.Wait() == c.exit);
  }
}

}  // namespace
