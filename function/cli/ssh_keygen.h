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
// whose private half an agent has. The error leads with --key.
absl::StatusOr<std::string> SignWithSshKeygen(const std::string& key, absl::string_view text);

}  // namespace cli

#endif  // FUNCTION_CLI_SSH_KEYGEN_H_
