// OpenSSH signatures (SSHSIG, PROTOCOL.sshsig) and the allowed_signers file (ssh-keygen(1), ALLOWED SIGNERS).
#ifndef FUNCTION_RELEASE_SIGNATURE_H_
#define FUNCTION_RELEASE_SIGNATURE_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace release {

// The namespace in which approvals are signed: `ssh-keygen -Y sign -n release-gate`.
inline constexpr absl::string_view kSignatureNamespace = "release-gate";

// Larger input is refused, so that hostile input costs little. The same bounds are in the API.
inline constexpr size_t kMaxSignatureBytes = 16384;
inline constexpr size_t kMaxAllowedSignersBytes = 65536;

enum class SignatureCheck {
  kValid,
  kInvalid,           // malformed, too large, another text, another key than the one it names
  kSignerNotAllowed,  // a good signature by a key that no line lists for this principal
  kSignerExpired,     // listed for the principal and this namespace, but not valid at this time
  // Made for another namespace (it is not verified then), or listed for the principal, but only for other
  // ones.
  kWrongNamespace,
};

// The reason in status: "SignatureInvalid", "SignerNotAllowed", … ("" for kValid).
absl::string_view Reason(SignatureCheck check);

struct SignatureResult {
  SignatureCheck check = SignatureCheck::kInvalid;
  std::string public_key;  // where valid, the key that signed, in the SSH wire format: one key, one spelling
};

// The verdict of `TZ=UTC ssh-keygen -Y verify -f allowed_signers -I principal -n release-gate
// -Overify-time=now` (OpenSSH 9.2) on the text. Stricter only with what is not supported here: lines with
// cert-authority, certificates, and DSA keys never match. A line that does not parse is skipped. Linear in
// the sizes, but for patterns (pattern.h).
SignatureResult CheckSignature(absl::string_view allowed_signers, absl::string_view principal,
                               absl::string_view text, absl::string_view armored_signature, absl::Time now);

// The keys, in the SSH wire format, that lines list for the principal, be they expired or for other
// namespaces.
std::vector<std::string> KeysOf(absl::string_view allowed_signers, absl::string_view principal);

// OK where every line parses and can match somebody; else an error that names the line and what is wrong with
// it, such as "line 3: the key is not base64". For refusing bad configuration early; CheckSignature does not
// ask for it, and takes what ssh-keygen takes, such as a line that a NUL byte ends.
absl::Status ValidateAllowedSigners(absl::string_view allowed_signers);

}  // namespace release

#endif  // FUNCTION_RELEASE_SIGNATURE_H_
