#include "function/cli/ssh_keygen.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "absl/strings/str_cat.h"
#include "function/base/status_macros.h"
#include "function/release/signature.h"
#include "function/release/sshsig.h"

extern char** environ;

namespace cli {
namespace {

constexpr char kProgram[] = "ssh-keygen";

class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  ~Descriptor() { Close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int number() const { return number_; }
  void Reset(int number) {
    Close();
    number_ = number;
  }
  void Close() {
    if (number_ >= 0) close(number_);
    number_ = -1;
  }

 private:
  int number_;
};

absl::Status SystemError(absl::string_view what) {
  return absl::InternalError(absl::StrCat(kProgram, ": ", what, ": ", std::strerror(errno)));
}

// A file without a name, so that a child that ends early does no harm (a pipe would be broken).
absl::Status FillInput(absl::string_view text, Descriptor& input) {
  input.Reset(memfd_create("statement", MFD_CLOEXEC));
  const bool is_written =
      input.number() >= 0 &&
      write(input.number(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      lseek(input.number(), 0, SEEK_SET) == 0;
  return is_written ? absl::OkStatus() : SystemError("the statement cannot be handed over");
}

absl::StatusOr<pid_t> Start(std::vector<std::string> arguments, int input, int output) {
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  pid_t pid = 0;
  const int error = posix_spawnp(&pid, kProgram, &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error == ENOENT) {
    return absl::NotFoundError(absl::StrCat(
        kProgram, ": is not there: install OpenSSH 8.1 or newer (openssh-client), or sign the text of ",
        "`approval statement` with `", kProgram, " -Y sign -n ", release::kSignatureNamespace, "`"));
  }
  errno = error;
  if (error != 0) return SystemError("cannot be started");
  return pid;
}

std::string ReadAll(int descriptor) {
  std::string text;
  char buffer[4096];
  for (;;) {
    const ssize_t size = read(descriptor, buffer, sizeof buffer);
    if (size > 0) text.append(buffer, static_cast<size_t>(size));
    if (size == 0 || (size < 0 && errno != EINTR)) return text;
  }
}

// The exit code, or 128 and the signal's number.
int Wait(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// ssh-keygen asks on the terminal, whatever its standard input is.
bool CanAskForPassphrase() {
  const Descriptor terminal(open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC));
  return terminal.number() >= 0 || std::getenv("SSH_ASKPASS") != nullptr;
}

std::string Advice() {
  if (CanAskForPassphrase()) return "a .pub needs its key in the agent (ssh-add)";
  return "there is no terminal to ask for a passphrase on: put the key into an agent (ssh-add), and give its .pub";
}

absl::Status CheckSigned(const std::string& key, const std::string& signature, absl::string_view text) {
  const absl::StatusOr<release::SshSignature> parsed = release::ParseSshSignature(signature);
  const bool is_valid =
      parsed.ok() && release::VerifySshSignature(*parsed, release::kSignatureNamespace, text);
  if (is_valid && signature.size() <= release::kMaxSignatureBytes) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--key: ", key, ": a gate does not take signatures by this kind of key",
                   parsed.ok() ? "" : absl::StrCat(" (", parsed.status().message(), ")"),
                   ": use a plain ed25519, ECDSA or RSA key, or a security key (no certificate)"));
}

}  // namespace

absl::StatusOr<std::string> SignWithSshKeygen(const std::string& key, absl::string_view text) {
  if (access(key.c_str(), R_OK) != 0) {
    return absl::NotFoundError(absl::StrCat("--key: ", key, ": cannot be read: ", std::strerror(errno)));
  }
  Descriptor input;
  RETURN_IF_ERROR(FillInput(text, input));
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return SystemError("its answer cannot be read");
  Descriptor from_child(ends[0]);
  Descriptor to_parent(ends[1]);
  ASSIGN_OR_RETURN(const pid_t pid,
                   Start({kProgram, "-Y", "sign", "-n", std::string(release::kSignatureNamespace), "-f", key},
                         input.number(), to_parent.number()));
  to_parent.Close();
  std::string signature = ReadAll(from_child.number());
  const int code = Wait(pid);
  if (code != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("--key: ", key, ": ", kProgram, " did not sign (exit code ", code,
                     "); what it says is above; ", Advice()));
  }
  RETURN_IF_ERROR(CheckSigned(key, signature, text));
  return signature;
}

}  // namespace cli
