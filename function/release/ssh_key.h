// SSH public keys (RFC 4253 section 6.6, RFC 5656, RFC 8709, PROTOCOL.u2f) and what they sign. OpenSSL does
// the cryptography. DSA keys and certificates are unknown here.
#ifndef FUNCTION_RELEASE_SSH_KEY_H_
#define FUNCTION_RELEASE_SSH_KEY_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace release {

enum class SshKeyKind { kEd25519, kEcdsa, kRsa, kSkEd25519, kSkEcdsa };

// Two keys are equal where OpenSSH takes them for the same key, however they were spelled.
struct SshKey {
  SshKeyKind kind = SshKeyKind::kEd25519;
  std::string type;         // "ssh-ed25519", "ecdsa-sha2-nistp384", "ssh-rsa", …: never one of the aliases
  std::string point;        // ed25519: 32 bytes; ECDSA: 0x04, x, y
  std::string modulus;      // RSA: big-endian, no leading zeros
  std::string exponent;     // RSA: as the modulus
  std::string application;  // sk-: "ssh:" or what the key was made for

  friend bool operator==(const SshKey&, const SshKey&) = default;
};

// Takes a key apart. RSA keys below 1,024 bits are refused. Whether a point is on its curve is left to
// CheckSshKey and VerifySshKey: it costs more than all the rest.
absl::StatusOr<SshKey> ParseSshKey(absl::string_view blob);

// Is this the first word of a key in a file, for a key of one of these kinds?
bool IsSshKeyName(absl::string_view name);

// Does `name`, the first word of a key in a file, name this key? Beside its type that is, for RSA and
// sk-ecdsa-sha2-nistp256@openssh.com keys, the name of one of their signature algorithms.
bool NamesSshKey(absl::string_view name, const SshKey& key);

// An error where no signature by this key can be checked: a point that is not on its curve.
absl::Status CheckSshKey(const SshKey& key);

// The key in the wire format, always spelled in the same way.
std::string SshKeyBlob(const SshKey& key);

// Is `signature` (a blob: algorithm, signature, and flags and counter for sk- keys) this key's over `data`?
// RSA takes SHA-256 and SHA-512, never SHA-1. As in `ssh-keygen -Y verify`, the flags of an sk- key (touched,
// PIN entered) are signed and so are authentic, but none of them is asked for.
bool VerifySshKey(const SshKey& key, absl::string_view signature, absl::string_view data);

}  // namespace release

#endif  // FUNCTION_RELEASE_SSH_KEY_H_
