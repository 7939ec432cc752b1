// OpenSSH signatures (SSHSIG, PROTOCOL.sshsig) and the allowed_signers file (ssh-keygen(1), ALLOWED SIGNERS).
#ifndef FUNCTION_RELEASE_SIGNATURE_H_
#define FUNCTION_RELEASE_SIGNATURE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace release {

// The namespace in which approvals are signed: `ssh-keygen -Y sign -n release-gate`.
inline constexpr absl::string_view kSignatureNamespace = "release-gate";

enum class SignatureCheck {
  kValid,
  kInvalid,           // malformed, another text, another key than the one it names, a broken signer file
  kSignerNotAllowed,  // a good signature by a key that the file does not list for this principal
  kSignerExpired,     // listed, but not valid at this time
  kWrongNamespace,    // made, or allowed only, for another namespace
};

// The reason in status: "SignatureInvalid", "SignerNotAllowed", … ("" for kValid).
absl::string_view Reason(SignatureCheck check);

// The verdict of `ssh-keygen -Y verify -f allowed_signers -I principal -n release-gate -Overify-time=now` on the text,
// but for lines with cert-authority, which never match here.
SignatureCheck CheckSignature(absl::string_view allowed_signers, absl::string_view principal, absl::string_view text,
                              absl::string_view armored_signature, absl::Time now);

// OK for a text that CheckSignature can use; else an error that names the line and what is wrong with it.
absl::Status ValidateAllowedSigners(absl::string_view allowed_signers);

}  // namespace release

#endif  // FUNCTION_RELEASE_SIGNATURE_H_
