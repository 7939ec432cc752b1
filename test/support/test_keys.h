// Private keys of every kind, and SSHSIG signatures with each field open to change. Security keys are
// software here: what the hardware would do with its private key, OpenSSL does.
#ifndef TEST_SUPPORT_TEST_KEYS_H_
#define TEST_SUPPORT_TEST_KEYS_H_

#include <openssl/evp.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace test_support {

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};

struct TestKey {
  std::string type;         // "ssh-ed25519", …
  std::string curve;        // of ECDSA keys
  std::string application;  // of sk- keys
  std::string blob;         // public, SSH wire format
  std::shared_ptr<EVP_PKEY> key;

  bool IsRsa() const { return type == "ssh-rsa"; }
  bool IsEcdsa() const { return !curve.empty(); }
  bool IsSecurityKey() const { return !application.empty(); }
  std::string Line() const;  // "type base64"
};

// Two Ed25519 keys, ECDSA on three curves, RSA of 1024 (its exponent 3), 2048 and 3072 bits, and both
// security keys.
std::vector<TestKey> MakeKeys();

// The blob with the parts of a key, its type and numbers spelled in another way.
struct Spelling {
  std::string type;             // in place of the key's type, if not empty
  size_t leading_zeros = 0;     // of RSA numbers
  std::string application_end;  // behind the application
  std::string trailing;         // behind the key
};
std::string KeyBlob(const TestKey& key, const Spelling& spelling = {});

// How the signature itself is spelled or bent.
struct SignatureShape {
  std::string algorithm;     // in place of the right one, if not empty
  int rsa_bits = 512;        // SHA-2 of RSA signatures; 1 for SHA-1
  uint8_t flags = 1;         // of security keys: touched
  uint32_t counter = 7;      // of security keys
  size_t leading_zeros = 0;  // of ECDSA numbers, and of RSA signatures
  bool other_s = false;      // Ed25519: S plus the order; ECDSA: the order minus s
  bool drop_byte = false;    // of Ed25519 and RSA signatures, the last one
  bool strip_zeros = false;  // of RSA signatures
  bool webauthn = false;
  std::string origin = "https://example.org";
  std::string extensions;
  std::string client_data_end = ",\"crossOrigin\":false}";
  std::string trailing;  // behind the signature
};

struct Sshsig {
  std::string magic = "SSHSIG";
  uint32_t version = 1;
  std::string key;
  std::string name_space = "release-gate";
  std::string reserved;
  std::string hash = "sha512";
  std::string signature;
  std::string trailing;
};

// Fills in the signature over `text`. The other fields are signed as ssh-keygen would verify them.
void Sign(const TestKey& key, absl::string_view text, const SignatureShape& shape, Sshsig& fields);

std::string Assemble(const Sshsig& fields);
std::string Armor(absl::string_view blob);

}  // namespace test_support

#endif  // TEST_SUPPORT_TEST_KEYS_H_
