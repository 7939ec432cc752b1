#include "function/base/sha256.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <memory>
#include <new>

#include "absl/strings/escaping.h"

namespace base {
namespace {

const unsigned char* Bytes(absl::string_view data) {
  return reinterpret_cast<const unsigned char*>(data.data());
}

std::string Hex(const unsigned char* digest) {
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(digest), SHA256_DIGEST_LENGTH));
}

// Hashing fails only where there is no memory left.
void ThrowUnless(bool hashed) {
  if (!hashed) throw std::bad_alloc();
}

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

// Fetched once: SHA256() looks it up by its name in every call, which costs more than a short text's hash.
const EVP_MD* Sha256() {
  static const EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return fetched != nullptr ? fetched : EVP_sha256();
}

}  // namespace

std::string Sha256Hex(absl::string_view data) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  thread_local const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  const bool hashed = context != nullptr && EVP_DigestInit_ex2(context.get(), Sha256(), nullptr) == 1 &&
                      EVP_DigestUpdate(context.get(), data.data(), data.size()) == 1 &&
                      EVP_DigestFinal_ex(context.get(), digest, nullptr) == 1;
  ThrowUnless(hashed);
  return Hex(digest);
}

std::string HmacSha256Hex(absl::string_view key, absl::string_view data) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  ThrowUnless(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), Bytes(data), data.size(), digest,
                   nullptr) != nullptr);
  return Hex(digest);
}

}  // namespace base
