// The signature algorithms of SSH keys, by OpenSSL: plain bytes in, a verdict out. Nothing here throws or
// logs.
#ifndef FUNCTION_RELEASE_SSH_CRYPTO_H_
#define FUNCTION_RELEASE_SSH_CRYPTO_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace release {

inline constexpr size_t kMinRsaBytes = 128;

std::string Sha256(absl::string_view data);
std::string Sha512(absl::string_view data);

// RFC 4648, section 5, without padding.
std::string Base64Url(absl::string_view data);

// Ed25519 (RFC 8032) as OpenSSH verifies it: an S of up to 253 bits counts modulo the order of the group,
// where RFC 8032 asks for the least one. (That lets somebody respell a signature, not make one.)
bool VerifyEd25519(absl::string_view key, absl::string_view signature, absl::string_view data);

// `curve`: nistp256, nistp384 or nistp521, each with the SHA-2 of its size (RFC 5656). `point`: 0x04, x, y.
// `r` and `s`: big-endian.
bool VerifyEcdsa(absl::string_view curve, absl::string_view point, absl::string_view r, absl::string_view s,
                 absl::string_view data);

// On the curve, and with coordinates that OpenSSH takes: more than half as long as the order of the group,
// and less than the order minus one.
bool IsEcdsaPoint(absl::string_view curve, absl::string_view point);

// RSASSA-PKCS1-v1_5 with SHA-`bits` (256 or 512). A signature that lost its leading zeros is padded, as
// OpenSSH does.
bool VerifyRsa(absl::string_view modulus, absl::string_view exponent, int bits, absl::string_view signature,
               absl::string_view data);

}  // namespace release

#endif  // FUNCTION_RELEASE_SSH_CRYPTO_H_
