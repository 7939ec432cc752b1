// Signing with the user's own ssh-keygen: private keys, agents, passphrases and security keys are its
// business.
#ifndef FUNCTION_CLI_SSH_KEYGEN_H_
#define FUNCTION_CLI_SSH_KEYGEN_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace cli {

// `ssh-keygen -Y sign -n release-gate -f KEY` over the text: the armored signature, which is checked.
// ssh-keygen talks to the user on the terminal and on standard error. `key`: a private key, or a public one
// whose private half an agent has. Error: a problem in two lines (problem.h) that leads with `flag`, the one
// that the key was given with.
absl::StatusOr<std::string> SignWithSshKeygen(absl::string_view flag, const std::string& key,
                                              absl::string_view text);

// Does this file's text say that a passphrase protects the private key in it?
bool IsEncryptedKey(absl::string_view text);

}  // namespace cli

#endif  // FUNCTION_CLI_SSH_KEYGEN_H_
