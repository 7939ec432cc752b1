#include "function/cli/ssh_keygen.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "function/base/status_macros.h"
#include "function/cli/gate_file.h"
#include "function/cli/problem.h"
#include "function/cli/process.h"
#include "function/release/signature.h"
#include "function/release/ssh_wire.h"
#include "function/release/sshsig.h"

namespace cli {
namespace {

constexpr char kSshKeygen[] = "ssh-keygen";

absl::Status CheckSigned(absl::string_view lead, const std::string& signature, absl::string_view text) {
  const absl::StatusOr<release::SshSignature> parsed = release::ParseSshSignature(signature);
  const bool is_valid =
      parsed.ok() && release::VerifySshSignature(*parsed, release::kSignatureNamespace, text);
  if (is_valid && signature.size() <= release::kMaxSignatureBytes) return absl::OkStatus();
  return Problem(absl::StatusCode::kInvalidArgument,
                 absl::StrCat(lead, "a gate does not take signatures by this kind of key",
                              parsed.ok() ? "" : absl::StrCat(" (", parsed.status().message(), ")")),
                 "use a plain ed25519, ECDSA or RSA key, or a security key (no certificate)");
}

// ssh-keygen asks on the terminal whatever its standard input is, or with the program in SSH_ASKPASS.
bool CanAskForPassphrase() {
  const char* askpass = std::getenv("SSH_ASKPASS");
  if (askpass != nullptr && *askpass != '\0') return true;
  const int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  if (terminal >= 0) close(terminal);
  return terminal >= 0;
}

absl::Status CheckKey(absl::string_view lead, absl::string_view flag, const std::string& key) {
  if (access(key.c_str(), R_OK) != 0) {
    return Problem(absl::StatusCode::kNotFound, absl::StrCat(lead, "cannot be read: ", std::strerror(errno)),
                   "name an SSH private key that is yours, or the .pub of one that is in the agent");
  }
  ASSIGN_OR_RETURN(const std::string text, ReadTextFile(key, flag));
  if (!IsEncryptedKey(text) || CanAskForPassphrase()) return absl::OkStatus();
  return Problem(absl::StatusCode::kFailedPrecondition,
                 absl::StrCat(lead, "is encrypted, and there is no terminal to ask for its passphrase"),
                 "add it to an agent (ssh-add) and give the .pub beside it, or run this in a terminal");
}

absl::Status NotSigned(absl::string_view lead, int exit_code) {
  return Problem(absl::StatusCode::kFailedPrecondition,
                 absl::StrCat(lead, kSshKeygen, " did not sign (exit code ", exit_code, ")"),
                 "see what it says above; a .pub needs its key in the agent (ssh-add)");
}

}  // namespace

bool IsEncryptedKey(absl::string_view text) {
  constexpr absl::string_view kBegin = "-----BEGIN OPENSSH PRIVATE KEY-----";
  constexpr absl::string_view kMagic("openssh-key-v1\0", 15);
  const size_t begin = text.find(kBegin);
  // PEM says it in clear words: in its headers, or in its first line.
  if (begin == absl::string_view::npos) {
    return absl::StrContains(text, "PRIVATE KEY-----") && absl::StrContains(text, "ENCRYPTED");
  }
  text.remove_prefix(begin + kBegin.size());
  const std::optional<std::string> bytes = release::DecodeBase64(text.substr(0, text.find("-----END")));
  absl::string_view rest = bytes ? absl::string_view(*bytes) : "";
  if (!absl::ConsumePrefix(&rest, kMagic)) return false;
  const std::optional<absl::string_view> cipher = release::SshReader(rest).String();
  return cipher && *cipher != "none";
}

absl::StatusOr<std::string> SignWithSshKeygen(absl::string_view flag, const std::string& key,
                                              absl::string_view text) {
  const std::string lead = absl::StrCat(flag, ": ", key, ": ");
  RETURN_IF_ERROR(CheckKey(lead, flag, key));
  const std::vector<std::string> arguments = {
      kSshKeygen, "-Y", "sign", "-n", std::string(release::kSignatureNamespace), "-f", key};
  const absl::StatusOr<Ended> ended = RunProcess({arguments, std::string(text), nullptr});
  if (absl::IsNotFound(ended.status())) {
    return Problem(
        absl::StatusCode::kNotFound, absl::StrCat(kSshKeygen, ": is not there"),
        absl::StrCat("install OpenSSH 8.1 or newer (openssh-client), or sign the text of `approval ",
                     "statement` with `", kSshKeygen, " -Y sign -n ", release::kSignatureNamespace, "`"));
  }
  RETURN_IF_ERROR(ended.status());
  if (ended->exit_code != 0) return NotSigned(lead, ended->exit_code);
  RETURN_IF_ERROR(CheckSigned(lead, ended->output, text));
  return ended->output;
}

}  // namespace cli
