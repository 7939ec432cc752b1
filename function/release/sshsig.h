// The SSHSIG format of `ssh-keygen -Y sign` (PROTOCOL.sshsig): armor, blob, and what is signed.
#ifndef FUNCTION_RELEASE_SSHSIG_H_
#define FUNCTION_RELEASE_SSHSIG_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "function/release/ssh_key.h"

namespace release {

struct SshSignature {
  SshKey key;
  std::string name_space;
  std::string hash;       // sha256 or sha512
  std::string signature;  // the blob that VerifySshKey takes
};

// The armor begins at the first byte; what follows its last line is ignored. Versions 0 and 1, as OpenSSH.
absl::StatusOr<SshSignature> ParseSshSignature(absl::string_view armored);

// Did the key that it names sign this text in this namespace?
bool VerifySshSignature(const SshSignature& signature, absl::string_view name_space, absl::string_view text);

}  // namespace release

#endif  // FUNCTION_RELEASE_SSHSIG_H_
