// `approval sign` with a key that has a passphrase: ssh-keygen asks for it on the terminal, and only there.
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "function/cli/ssh_keygen.h"
#include "function/release/signature.h"
#include "function/release/sshsig.h"
#include "test/catch.h"
#include "test/unit/cli/command_run.h"

namespace cli {
namespace {

using cli_test::TempFolder;

constexpr char kText[] = "release-gate approval v1\n";

std::string MakeKey(const TempFolder& folder) {
  const std::string key = folder.Path("key");
  const std::string command = "ssh-keygen -q -t ed25519 -N 'open sesame' -C '' -f " + key;
  REQUIRE(std::system(command.c_str()) == 0);
  return key;
}

// In a child: signs, and leaves the signature or the error in `result`.
[[noreturn]] void SignInto(const std::string& key, const std::string& result) {
  const absl::StatusOr<std::string> signature = SignWithSshKeygen("--key", key, kText);
  std::ofstream(result) << (signature.ok() ? *signature : std::string(signature.status().message()));
  _exit(0);
}

// Signs in a process that has a terminal, on which somebody types the passphrase when they are asked for it.
std::string SignOnTerminal(const TempFolder& folder, const std::string& key, const std::string& passphrase) {
  int terminal = -1;
  const pid_t child = forkpty(&terminal, nullptr, nullptr, nullptr);
  REQUIRE(child >= 0);
  if (child == 0) SignInto(key, folder.Path("result"));
  std::string said;
  char buffer[256];
  for (ssize_t size = 0; (size = read(terminal, buffer, sizeof buffer)) > 0;) {
    said.append(buffer, static_cast<size_t>(size));
    const std::string question = "passphrase";
    const size_t asked = said.find(question);
    if (asked == std::string::npos || said.find(':', asked) == std::string::npos) continue;
    said.clear();
    const std::string line = passphrase + "\n";
    REQUIRE(write(terminal, line.data(), line.size()) == static_cast<ssize_t>(line.size()));
  }
  close(terminal);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return folder.Read("result");
}

// In a session of its own, which has none.
std::string SignWithoutTerminal(const TempFolder& folder, const std::string& key) {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    setsid();
    unsetenv("SSH_ASKPASS");
    unsetenv("DISPLAY");
    SignInto(key, folder.Path("result"));
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return folder.Read("result");
}

TEST_CASE("a passphrase is asked for on the terminal", "[approval][ssh-keygen]") {
  const TempFolder folder;
  const std::string key = MakeKey(folder);
  const absl::StatusOr<release::SshSignature> signature =
      release::ParseSshSignature(SignOnTerminal(folder, key, "open sesame"));
  REQUIRE(signature.ok());
  CHECK(release::VerifySshSignature(*signature, release::kSignatureNamespace, kText));
  CHECK(SignOnTerminal(folder, key, "wrong") == "--key: " + key +
                                                    ": ssh-keygen did not sign (exit code 255)\nsee what it "
                                                    "says above; a .pub needs its key in the agent "
                                                    "(ssh-add)");
}

TEST_CASE("without a terminal a key with a passphrase is a clear error", "[approval][ssh-keygen]") {
  const TempFolder folder;
  const std::string key = MakeKey(folder);
  CHECK(SignWithoutTerminal(folder, key) == "--key: " + key +
                                                ": is encrypted, and there is no terminal to ask for its "
                                                "passphrase\nadd it to an agent (ssh-add) and "
                                                "give the .pub beside it, or run this in a terminal");
}

}  // namespace
}  // namespace cli
