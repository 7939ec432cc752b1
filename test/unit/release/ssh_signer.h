// Real SSHSIG signatures (PROTOCOL.sshsig) with ed25519 keys, so that tests need neither files nor
// ssh-keygen.
#ifndef TEST_UNIT_RELEASE_SSH_SIGNER_H_
#define TEST_UNIT_RELEASE_SSH_SIGNER_H_

#include <string>

#include "absl/strings/string_view.h"

namespace release {

class SshSigner {
 public:
  // The same letter is the same key, in every run.
  explicit SshSigner(char letter);

  std::string Sign(absl::string_view text, absl::string_view namespace_name = "release-gate") const;

  // A line of an allowed_signers file: `principals [options] ssh-ed25519 AAAA…`.
  std::string Line(absl::string_view principals, absl::string_view options = "") const;

 private:
  std::string seed_;
  std::string public_blob_;
};

}  // namespace release

#endif  // TEST_UNIT_RELEASE_SSH_SIGNER_H_
