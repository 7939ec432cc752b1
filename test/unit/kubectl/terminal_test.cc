// The program itself, installed as kubectl-release, on a terminal: what it asks, and when it paints.
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "function/cli/process.h"
#include "function/cli/ssh_keygen.h"
#include "test/catch.h"
#include "test/unit/kubectl/fake.h"
#include "test/unit/kubectl/pty.h"

namespace {

using base::Json;
using kubectl_test::Approval;
using kubectl_test::Decided;
using kubectl_test::FakeKubectl;
using kubectl_test::Gate;
using kubectl_test::OnTerminal;
using kubectl_test::Pipeline;

// The program under its name as a plugin.
std::string Installed(const FakeKubectl& fake) {
  const std::string link = fake.folder().Path("kubectl-release");
  if (!std::filesystem::exists(link)) std::filesystem::create_symlink(FRP_PROGRAM, link);
  return link;
}

void Fill(FakeKubectl& fake) {
  fake.AddApi();
  fake.Add({"^get .*managed-fields", Decided(Gate(), Pipeline()).dump()});
  fake.Add({"^apply ", "x"});
  fake.Add({"^get x", Decided(Gate({{"approvals", {Approval("alice")}}}), Pipeline()).dump()});
}

std::vector<std::string> Variables(const FakeKubectl& fake, const std::vector<std::string>& more = {}) {
  std::vector<std::string> variables = {absl::StrCat("KUBECTL=", fake.program()), "TERM=xterm", "NO_COLOR="};
  variables.insert(variables.end(), more.begin(), more.end());
  return variables;
}

constexpr char kQuestion[] = "Approve this artifact? [y/N] ";

TEST_CASE("it shows the artifact first, and asks", "[kubectl][terminal]") {
  for (const bool says_yes : {true, false}) {
    FakeKubectl fake;
    Fill(fake);
    OnTerminal terminal({Installed(fake), "-n", "team", "approve", "shop/staging"}, Variables(fake));
    REQUIRE(terminal.WaitFor(kQuestion));
    CHECK(terminal.screen().find("approve ghcr.io/acme/shop:main-abc123\r\n") == 0);
    CHECK(fake.Applied().empty());
    terminal.Type(says_yes ? "y\n" : "\n");
    CHECK(terminal.Wait() == (says_yes ? 0 : 1));
    CHECK(fake.Applied().empty() == !says_yes);
    CHECK_THAT(terminal.screen(),
               Catch::Contains(says_yes ? "\x1b[32m✓\x1b[0m counted for rule \"owners\", not signed"
                                        : "nothing was applied"));
  }
}

TEST_CASE("the end of the input is a no", "[kubectl][terminal]") {
  FakeKubectl fake;
  Fill(fake);
  OnTerminal terminal({Installed(fake), "approve", "shop/staging"}, Variables(fake));
  REQUIRE(terminal.WaitFor(kQuestion));
  terminal.Type("\x04");  // Ctrl-D
  CHECK(terminal.Wait() == 1);
  CHECK(fake.Applied().empty());
}

TEST_CASE("colours on a terminal that wants them", "[kubectl][terminal]") {
  struct Case {
    const char* reason;
    std::vector<std::string> variables;
    bool is_colourful;
  };
  const Case cases[] = {
      {"a terminal", {}, true}, {"NO_COLOR", {"NO_COLOR=1"}, false}, {"a dumb one", {"TERM=dumb"}, false}};
  for (const Case& c : cases) {
    INFO(c.reason);
    FakeKubectl fake;
    Fill(fake);
    OnTerminal terminal({Installed(fake), "why", "shop/staging"}, Variables(fake, c.variables));
    CHECK(terminal.Wait() == 3);
    CHECK((terminal.screen().find('\x1b') != std::string::npos) == c.is_colourful);
  }
}

TEST_CASE("watching on a terminal clears it, and Ctrl-C ends it", "[kubectl][terminal]") {
  FakeKubectl fake;
  Fill(fake);
  OnTerminal terminal({Installed(fake), "status", "-w"}, Variables(fake));
  REQUIRE(terminal.WaitFor("\x1b[H\x1b[2J"));
  REQUIRE(terminal.WaitFor("shop-dev-to-staging"));
  terminal.Type("\x03");
  CHECK(terminal.Wait() == 128 + SIGINT);
}

int MakeKey(const std::string& path, const std::string& passphrase,
            const std::vector<std::string>& more = {}) {
  std::vector<std::string> arguments = {"ssh-keygen", "-q", "-N", passphrase, "-C", "", "-f", path};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return cli::RunProcess({arguments, "", nullptr})->exit_code;
}

TEST_CASE("ssh-keygen asks for the passphrase of an encrypted key", "[kubectl][terminal][ssh-keygen]") {
  FakeKubectl fake;
  Fill(fake);
  const std::string key = fake.folder().Path("key");
  REQUIRE(MakeKey(key, "secret phrase", {"-t", "ed25519"}) == 0);
  OnTerminal terminal({Installed(fake), "approve", "shop/staging", "--sign", key},
                      Variables(fake, {"SSH_ASKPASS=", "SSH_AUTH_SOCK="}));
  REQUIRE(terminal.WaitFor(kQuestion));
  CHECK_THAT(terminal.screen(), Catch::Contains("release-gate approval v1"));
  terminal.Type("y\n");
  REQUIRE(terminal.WaitFor("passphrase"));
  CHECK(fake.Applied().empty());
  terminal.Type("secret phrase\n");
  CHECK(terminal.Wait() == 0);
  CHECK(terminal.screen().find("secret phrase") == std::string::npos);
  CHECK(Json::parse(fake.Applied())["spec"]["approvals"][0].contains("signature"));
}

TEST_CASE("an encrypted key without a terminal is one clear error", "[kubectl][terminal][ssh-keygen]") {
  FakeKubectl fake;
  Fill(fake);
  const std::string key = fake.folder().Path("key");
  REQUIRE(MakeKey(key, "secret phrase", {"-t", "ed25519"}) == 0);
  // setsid: no terminal to open.
  std::string said;
  const absl::StatusOr<cli::Ended> ended =
      cli::RunProcess({{"env", absl::StrCat("KUBECTL=", fake.program()), "SSH_ASKPASS=", "setsid", "--wait",
                        Installed(fake), "approve", "shop/staging", "--yes", "--sign", key},
                       "",
                       [&](absl::string_view text) { said += std::string(text); }});
  REQUIRE(ended.ok());
  CHECK(ended->exit_code == 4);
  CHECK(ended->output.empty());
  CHECK_THAT(
      said,
      Catch::EndsWith(absl::StrCat(
          "kubectl release: --sign: ", key,
          ": is encrypted, and there is no terminal to ask for its passphrase\n  next: add it to an agent "
          "(ssh-add) and give the .pub beside it, or run this in a terminal\n")));
  CHECK(fake.Applied().empty());
}

TEST_CASE("which keys are encrypted", "[kubectl][ssh-keygen]") {
  struct Case {
    const char* reason;
    std::vector<std::string> flags;
  };
  const Case cases[] = {
      {"OpenSSH's own format", {"-t", "ed25519"}},
      {"PEM", {"-t", "rsa", "-b", "2048", "-m", "PEM"}},
      {"PKCS #8", {"-t", "ecdsa", "-m", "PKCS8"}},
  };
  for (const Case& c : cases) {
    INFO(c.reason);
    const cli_test::TempFolder folder;
    REQUIRE(MakeKey(folder.Path("plain"), "", c.flags) == 0);
    REQUIRE(MakeKey(folder.Path("encrypted"), "secret phrase", c.flags) == 0);
    CHECK_FALSE(cli::IsEncryptedKey(folder.Read("plain")));
    CHECK(cli::IsEncryptedKey(folder.Read("encrypted")));
    CHECK_FALSE(cli::IsEncryptedKey(folder.Read("encrypted.pub")));
  }
  CHECK_FALSE(cli::IsEncryptedKey(""));
  CHECK_FALSE(cli::IsEncryptedKey("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n-----END"));
}

TEST_CASE("running programs", "[process]") {
  const auto shell = [](const char* script) { return std::vector<std::string>{"sh", "-c", script}; };
  SECTION("what it reads and writes, more than a pipe holds") {
    const std::string text(1 << 20, 'x');
    const absl::StatusOr<cli::Ended> ended = cli::RunProcess({{"cat"}, text, nullptr});
    REQUIRE(ended.ok());
    CHECK(ended->output == text);
    CHECK(ended->exit_code == 0);
  }
  SECTION("both of its outputs at once") {
    std::string said;
    const absl::StatusOr<cli::Ended> ended = cli::RunProcess(
        {shell("head -c 200000 /dev/zero >&2; head -c 200000 /dev/zero; echo end >&2; exit 7"), "",
         [&](absl::string_view more) { said += std::string(more); }});
    REQUIRE(ended.ok());
    CHECK(ended->output.size() == 200000);
    CHECK(said.size() == 200004);
    CHECK(ended->exit_code == 7);
  }
  SECTION("a signal") {
    CHECK(cli::RunProcess({shell("kill -TERM $$"), "", nullptr})->exit_code == 128 + 15);
  }
  SECTION("one that does not read") {
    CHECK(cli::RunProcess({{"true"}, std::string(1 << 20, 'x'), nullptr})->exit_code == 0);
  }
  SECTION("one that is not there") {
    const absl::Status status = cli::RunProcess({{"no-such-program"}, "", nullptr}).status();
    CHECK(absl::IsNotFound(status));
    CHECK(status.message() == "no-such-program: is not there");
  }
  SECTION("one that cannot be run") {
    CHECK(absl::IsInternal(cli::RunProcess({{"/"}, "", nullptr}).status()));
  }
}

}  // namespace
