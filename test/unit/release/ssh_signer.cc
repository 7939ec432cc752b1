#include "test/unit/release/ssh_signer.h"

#include <openssl/evp.h>

#include <memory>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "test/catch.h"

namespace release {
namespace {

constexpr size_t kKeyBytes = 32;
constexpr size_t kSignatureBytes = 64;
constexpr absl::string_view kKeyType = "ssh-ed25519";
constexpr absl::string_view kHash = "sha512";

struct KeyDeleter {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Key = std::unique_ptr<EVP_PKEY, KeyDeleter>;

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::string SshString(absl::string_view text) {
  std::string length(4, '\0');
  for (int i = 0; i < 4; ++i) length[i] = static_cast<char>(text.size() >> (24 - 8 * i));
  return absl::StrCat(length, text);
}

Key KeyOf(const std::string& seed) {
  return Key(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, Bytes(absl::string_view(seed)), seed.size()));
}

std::string Sha512(absl::string_view text) {
  std::string digest(kSignatureBytes, '\0');
  REQUIRE(EVP_Digest(text.data(), text.size(), Bytes(digest), nullptr, EVP_sha512(), nullptr) == 1);
  return digest;
}

std::string RawSign(const std::string& seed, const std::string& message) {
  const Key key = KeyOf(seed);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  std::string signature(kSignatureBytes, '\0');
  size_t size = signature.size();
  REQUIRE(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1);
  REQUIRE(EVP_DigestSign(context.get(), Bytes(signature), &size, Bytes(absl::string_view(message)),
                         message.size()) == 1);
  return signature;
}

std::string Armor(absl::string_view blob) {
  const std::string base64 = absl::Base64Escape(blob);
  std::string armored = "-----BEGIN SSH SIGNATURE-----\n";
  for (size_t i = 0; i < base64.size(); i += 70) absl::StrAppend(&armored, base64.substr(i, 70), "\n");
  return armored + "-----END SSH SIGNATURE-----\n";
}

}  // namespace

SshSigner::SshSigner(char letter) : seed_(kKeyBytes, letter) {
  std::string raw(kKeyBytes, '\0');
  size_t size = raw.size();
  REQUIRE(EVP_PKEY_get_raw_public_key(KeyOf(seed_).get(), Bytes(raw), &size) == 1);
  public_blob_ = SshString(kKeyType) + SshString(raw);
}

std::string SshSigner::Sign(absl::string_view text, absl::string_view namespace_name) const {
  const std::string head = SshString(namespace_name) + SshString("") + SshString(kHash);
  const std::string signature = RawSign(seed_, absl::StrCat("SSHSIG", head, SshString(Sha512(text))));
  const std::string version("\0\0\0\1", 4);
  return Armor(absl::StrCat("SSHSIG", version, SshString(public_blob_), head,
                            SshString(SshString(kKeyType) + SshString(signature))));
}

std::string SshSigner::Line(absl::string_view principals, absl::string_view options) const {
  return absl::StrCat(principals, " ", options, options.empty() ? "" : " ", kKeyType, " ",
                      absl::Base64Escape(public_blob_), "\n");
}

}  // namespace release
