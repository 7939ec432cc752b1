#include "function/release/ssh_crypto.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/sha.h>

#include <iterator>
#include <memory>
#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace release {
namespace {

struct Free {
  void operator()(BIGNUM* p) const { BN_free(p); }
  void operator()(BN_CTX* p) const { BN_CTX_free(p); }
  void operator()(EC_POINT* p) const { EC_POINT_free(p); }
  void operator()(ECDSA_SIG* p) const { ECDSA_SIG_free(p); }
  void operator()(EVP_MD_CTX* p) const { EVP_MD_CTX_free(p); }
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  void operator()(EVP_PKEY_CTX* p) const { EVP_PKEY_CTX_free(p); }
  void operator()(OSSL_PARAM* p) const { OSSL_PARAM_free(p); }
  void operator()(OSSL_PARAM_BLD* p) const { OSSL_PARAM_BLD_free(p); }
};

template <typename T>
using Owned = std::unique_ptr<T, Free>;

constexpr size_t kEd25519SignatureBytes = 64;
constexpr size_t kEd25519ScalarBytes = 32;
// The order of Ed25519's group, 2^252 + 27742317777372353535851937790883648493 (RFC 8032, section 5.1).
constexpr char kEd25519Order[] = "1000000000000000000000000000000014DEF9DEA2F79CD65812631A5CF5D3ED";

struct Curve {
  absl::string_view name;
  int nid;
  const char* group;
  const EVP_MD* (*digest)();
};

constexpr Curve kCurves[] = {
    {"nistp256", NID_X9_62_prime256v1, "prime256v1", EVP_sha256},
    {"nistp384", NID_secp384r1, "secp384r1", EVP_sha384},
    {"nistp521", NID_secp521r1, "secp521r1", EVP_sha512},
};

const Curve* FindCurve(absl::string_view name) {
  for (const Curve& curve : kCurves) {
    if (curve.name == name) return &curve;
  }
  return nullptr;
}

// Made once: that takes longer than all that is asked of it.
const EC_GROUP* Group(const Curve& curve) {
  static const EC_GROUP* const groups[] = {EC_GROUP_new_by_curve_name(kCurves[0].nid),
                                           EC_GROUP_new_by_curve_name(kCurves[1].nid),
                                           EC_GROUP_new_by_curve_name(kCurves[2].nid)};
  static_assert(std::size(groups) == std::size(kCurves));
  return groups[&curve - kCurves];
}

const unsigned char* Bytes(absl::string_view data) {
  return reinterpret_cast<const unsigned char*>(data.data());
}

Owned<BIGNUM> Number(absl::string_view big_endian) {
  return Owned<BIGNUM>(BN_bin2bn(Bytes(big_endian), static_cast<int>(big_endian.size()), nullptr));
}

// A failure leaves its story in OpenSSL's queue of this thread; nobody reads it, so it must not stay.
bool Verify(EVP_PKEY* key, const EVP_MD* digest, absl::string_view signature, absl::string_view data) {
  Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  const bool good =
      key != nullptr && context != nullptr &&
      EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key) == 1 &&
      EVP_DigestVerify(context.get(), Bytes(signature), signature.size(), Bytes(data), data.size()) == 1;
  ERR_clear_error();
  return good;
}

Owned<EVP_PKEY> PublicKey(const char* algorithm, OSSL_PARAM_BLD* parts) {
  Owned<OSSL_PARAM> parameters(OSSL_PARAM_BLD_to_param(parts));
  Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, algorithm, nullptr));
  EVP_PKEY* key = nullptr;
  if (parameters == nullptr || context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    return nullptr;
  }
  return Owned<EVP_PKEY>(key);
}

Owned<EVP_PKEY> EcdsaKey(const Curve& curve, absl::string_view point) {
  Owned<OSSL_PARAM_BLD> parts(OSSL_PARAM_BLD_new());
  if (parts == nullptr ||
      OSSL_PARAM_BLD_push_utf8_string(parts.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve.group, 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(parts.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) !=
          1) {
    return nullptr;
  }
  return PublicKey("EC", parts.get());
}

Owned<EVP_PKEY> RsaKey(absl::string_view modulus, absl::string_view exponent) {
  Owned<OSSL_PARAM_BLD> parts(OSSL_PARAM_BLD_new());
  const Owned<BIGNUM> n = Number(modulus);
  const Owned<BIGNUM> e = Number(exponent);
  if (parts == nullptr || n == nullptr || e == nullptr ||
      OSSL_PARAM_BLD_push_BN(parts.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(parts.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
    return nullptr;
  }
  return PublicKey("RSA", parts.get());
}

std::optional<std::string> EcdsaDer(absl::string_view r, absl::string_view s) {
  Owned<ECDSA_SIG> signature(ECDSA_SIG_new());
  Owned<BIGNUM> first = Number(r);
  Owned<BIGNUM> second = Number(s);
  if (signature == nullptr || first == nullptr || second == nullptr) return std::nullopt;
  ECDSA_SIG_set0(signature.get(), first.release(), second.release());
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(signature.get(), &der);
  if (size <= 0) return std::nullopt;
  std::string text(reinterpret_cast<char*>(der), size);
  OPENSSL_free(der);
  return text;
}

// The signature with its S reduced modulo the order of the group: OpenSSL takes no other. nullopt: S is too
// long.
std::optional<std::string> WithLeastS(absl::string_view signature) {
  constexpr unsigned char kOver253Bits = 0xe0;
  if ((static_cast<unsigned char>(signature.back()) & kOver253Bits) != 0) return std::nullopt;
  BIGNUM* order = nullptr;
  BN_hex2bn(&order, kEd25519Order);
  const Owned<BIGNUM> modulus(order);
  const absl::string_view scalar = signature.substr(signature.size() - kEd25519ScalarBytes);
  Owned<BIGNUM> s(BN_lebin2bn(Bytes(scalar), static_cast<int>(scalar.size()), nullptr));
  Owned<BN_CTX> context(BN_CTX_new());
  if (modulus == nullptr || s == nullptr || context == nullptr ||
      BN_mod(s.get(), s.get(), modulus.get(), context.get()) != 1) {
    return std::nullopt;
  }
  std::string least(kEd25519ScalarBytes, '\0');
  BN_bn2lebinpad(s.get(), reinterpret_cast<unsigned char*>(least.data()), static_cast<int>(least.size()));
  return absl::StrCat(signature.substr(0, signature.size() - kEd25519ScalarBytes), least);
}

bool IsUsualCoordinate(const BIGNUM* coordinate, const BIGNUM* order, const BIGNUM* order_less_one) {
  return BN_num_bits(coordinate) > BN_num_bits(order) / 2 && BN_cmp(coordinate, order_less_one) < 0;
}

}  // namespace

std::string Sha256(absl::string_view data) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(Bytes(data), data.size(), reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

std::string Sha512(absl::string_view data) {
  std::string digest(SHA512_DIGEST_LENGTH, '\0');
  SHA512(Bytes(data), data.size(), reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

std::string Base64Url(absl::string_view data) { return absl::WebSafeBase64Escape(data); }

bool VerifyEd25519(absl::string_view key, absl::string_view signature, absl::string_view data) {
  if (signature.size() != kEd25519SignatureBytes) return false;
  const std::optional<std::string> least = WithLeastS(signature);
  if (!least) return false;
  Owned<EVP_PKEY> pkey(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, Bytes(key), key.size()));
  return Verify(pkey.get(), nullptr, *least, data);
}

bool IsEcdsaPoint(absl::string_view curve_name, absl::string_view encoded) {
  const Curve* curve = FindCurve(curve_name);
  const EC_GROUP* group = curve == nullptr ? nullptr : Group(*curve);
  Owned<EC_POINT> point(group == nullptr ? nullptr : EC_POINT_new(group));
  const bool on_curve = point != nullptr && !encoded.empty() &&
                        encoded.front() == POINT_CONVERSION_UNCOMPRESSED &&
                        EC_POINT_oct2point(group, point.get(), Bytes(encoded), encoded.size(), nullptr) == 1;
  ERR_clear_error();
  if (!on_curve) return false;
  // Of a point on the curve they are what is written; OpenSSL would invert a number to find that out.
  const size_t size = (encoded.size() - 1) / 2;
  const Owned<BIGNUM> x = Number(encoded.substr(1, size));
  const Owned<BIGNUM> y = Number(encoded.substr(1 + size));
  const BIGNUM* order = EC_GROUP_get0_order(group);
  const Owned<BIGNUM> less_one(BN_dup(order));
  return x != nullptr && y != nullptr && less_one != nullptr && BN_sub_word(less_one.get(), 1) == 1 &&
         IsUsualCoordinate(x.get(), order, less_one.get()) &&
         IsUsualCoordinate(y.get(), order, less_one.get());
}

bool VerifyEcdsa(absl::string_view curve_name, absl::string_view point, absl::string_view r,
                 absl::string_view s, absl::string_view data) {
  const Curve* curve = FindCurve(curve_name);
  if (curve == nullptr || !IsEcdsaPoint(curve_name, point)) return false;
  const std::optional<std::string> der = EcdsaDer(r, s);
  return der && Verify(EcdsaKey(*curve, point).get(), curve->digest(), *der, data);
}

bool VerifyRsa(absl::string_view modulus, absl::string_view exponent, int bits, absl::string_view signature,
               absl::string_view data) {
  if (signature.size() > modulus.size()) return false;
  const std::string padded = absl::StrCat(std::string(modulus.size() - signature.size(), '\0'), signature);
  return Verify(RsaKey(modulus, exponent).get(), bits == 512 ? EVP_sha512() : EVP_sha256(), padded, data);
}

}  // namespace release
