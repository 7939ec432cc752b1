#include "test/support/test_keys.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>

#include <stdexcept>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "function/release/ssh_crypto.h"
#include "function/release/ssh_wire.h"

namespace test_support {
namespace {

using release::SshMpint;
using release::SshString;
using release::SshUint32;

constexpr char kEd25519Order[] = "1000000000000000000000000000000014DEF9DEA2F79CD65812631A5CF5D3ED";

void Require(bool condition, const char* what) {
  if (!condition) throw std::runtime_error(what);
}

std::string Zeros(size_t count) { return std::string(count, '\0'); }

// A number with more zeros in front than it needs.
std::string PaddedMpint(const std::string& magnitude, size_t leading_zeros) {
  return leading_zeros == 0 ? SshMpint(magnitude) : SshString(Zeros(leading_zeros) + magnitude);
}

std::string BigEndian(const BIGNUM* number) {
  std::string bytes(BN_num_bytes(number), '\0');
  BN_bn2bin(number, reinterpret_cast<unsigned char*>(bytes.data()));
  return bytes;
}

std::string Number(EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  Require(EVP_PKEY_get_bn_param(key, name, &number) == 1, "EVP_PKEY_get_bn_param");
  std::string bytes = BigEndian(number);
  BN_free(number);
  return bytes;
}

std::string Octets(EVP_PKEY* key, const char* name) {
  unsigned char buffer[256];
  size_t size = 0;
  Require(EVP_PKEY_get_octet_string_param(key, name, buffer, sizeof(buffer), &size) == 1,
          "EVP_PKEY_get_octet_string_param");
  return std::string(reinterpret_cast<char*>(buffer), size);
}

EVP_PKEY* Generate(absl::string_view curve) {
  if (curve.empty()) return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  const char* name = curve == "nistp256" ? "P-256" : curve == "nistp384" ? "P-384" : "P-521";
  return EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", name);
}

EVP_PKEY* GenerateRsa(int bits, unsigned exponent) {
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr);
  BIGNUM* e = BN_new();
  BN_set_word(e, exponent);
  EVP_PKEY* key = nullptr;
  Require(EVP_PKEY_keygen_init(context) == 1 && EVP_PKEY_CTX_set_rsa_keygen_bits(context, bits) == 1 &&
              EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context, e) == 1 && EVP_PKEY_generate(context, &key) == 1,
          "EVP_PKEY_generate");
  BN_free(e);
  EVP_PKEY_CTX_free(context);
  return key;
}

TestKey MakeKey(std::string type, std::string curve, std::string application, EVP_PKEY* key) {
  Require(key != nullptr, "no key was generated");
  TestKey result{std::move(type), std::move(curve), std::move(application), "", {key, FreeKey()}};
  if (!result.curve.empty()) {
    EVP_PKEY_set_utf8_string_param(key, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "uncompressed");
  }
  result.blob = KeyBlob(result);
  return result;
}

std::string RawSignature(EVP_PKEY* key, const EVP_MD* digest, absl::string_view data) {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  const auto* bytes = reinterpret_cast<const unsigned char*>(data.data());
  size_t size = 0;
  Require(EVP_DigestSignInit(context, nullptr, digest, nullptr, key) == 1 &&
              EVP_DigestSign(context, nullptr, &size, bytes, data.size()) == 1,
          "EVP_DigestSignInit");
  std::string signature(size, '\0');
  Require(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size, bytes,
                         data.size()) == 1,
          "EVP_DigestSign");
  signature.resize(size);
  EVP_MD_CTX_free(context);
  return signature;
}

std::string PlusOrder(std::string signature) {
  BIGNUM* order = nullptr;
  BN_hex2bn(&order, kEd25519Order);
  auto* bytes = reinterpret_cast<unsigned char*>(signature.data()) + 32;
  BIGNUM* s = BN_lebin2bn(bytes, 32, nullptr);
  BN_add(s, s, order);
  BN_bn2lebinpad(s, bytes, 32);
  BN_free(s);
  BN_free(order);
  return signature;
}

std::string Ed25519Signature(const TestKey& key, absl::string_view data, const SignatureShape& shape) {
  std::string signature = RawSignature(key.key.get(), nullptr, data);
  if (shape.other_s) signature = PlusOrder(signature);
  if (shape.drop_byte) signature.pop_back();
  return signature;
}

const EVP_MD* CurveDigest(absl::string_view curve) {
  return curve == "nistp256" ? EVP_sha256() : curve == "nistp384" ? EVP_sha384() : EVP_sha512();
}

BIGNUM* OrderMinus(const TestKey& key, const BIGNUM* s) {
  BIGNUM* order = nullptr;
  Require(EVP_PKEY_get_bn_param(key.key.get(), OSSL_PKEY_PARAM_EC_ORDER, &order) == 1, "order");
  BN_sub(order, order, s);
  return order;
}

std::string EcdsaSignature(const TestKey& key, absl::string_view data, const SignatureShape& shape) {
  const std::string der = RawSignature(key.key.get(), CurveDigest(key.curve), data);
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  ECDSA_SIG* signature = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
  Require(signature != nullptr, "d2i_ECDSA_SIG");
  std::string s = BigEndian(ECDSA_SIG_get0_s(signature));
  if (shape.other_s) {
    BIGNUM* other = OrderMinus(key, ECDSA_SIG_get0_s(signature));
    s = BigEndian(other);
    BN_free(other);
  }
  const std::string r = BigEndian(ECDSA_SIG_get0_r(signature));
  ECDSA_SIG_free(signature);
  return PaddedMpint(r, shape.leading_zeros) + PaddedMpint(s, shape.leading_zeros);
}

std::string RsaSignature(const TestKey& key, absl::string_view data, const SignatureShape& shape) {
  const EVP_MD* digest = shape.rsa_bits == 512   ? EVP_sha512()
                         : shape.rsa_bits == 256 ? EVP_sha256()
                                                 : EVP_sha1();
  std::string signature = RawSignature(key.key.get(), digest, data);
  if (shape.drop_byte) signature.pop_back();
  if (shape.strip_zeros) signature.erase(0, signature.find_first_not_of('\0'));
  return Zeros(shape.leading_zeros) + signature;
}

std::string SecurityKeySignature(const TestKey& key, absl::string_view data, const SignatureShape& shape) {
  const std::string client_data =
      absl::StrCat("{\"type\":\"webauthn.get\",\"challenge\":\"", absl::WebSafeBase64Escape(data),
                   "\",\"origin\":\"", shape.origin, "\"", shape.client_data_end);
  const std::string message = release::Sha256(shape.webauthn ? absl::string_view(client_data) : data);
  const std::string flags(1, static_cast<char>(shape.flags));
  const std::string text = absl::StrCat(release::Sha256(key.application), flags, SshUint32(shape.counter),
                                        shape.webauthn ? shape.extensions : "", message);
  const std::string signature =
      key.IsEcdsa() ? EcdsaSignature(key, text, shape) : Ed25519Signature(key, text, shape);
  std::string blob = absl::StrCat(SshString(signature), flags, SshUint32(shape.counter));
  if (shape.webauthn) {
    absl::StrAppend(&blob, SshString(shape.origin), SshString(client_data), SshString(shape.extensions));
  }
  return blob;
}

std::string Algorithm(const TestKey& key, const SignatureShape& shape) {
  if (!shape.algorithm.empty()) return shape.algorithm;
  if (shape.webauthn) return "webauthn-sk-ecdsa-sha2-nistp256@openssh.com";
  if (!key.IsRsa()) return key.type;
  return shape.rsa_bits == 1 ? "ssh-rsa" : absl::StrCat("rsa-sha2-", shape.rsa_bits);
}

std::string SignatureBlob(const TestKey& key, absl::string_view data, const SignatureShape& shape) {
  const std::string algorithm = SshString(Algorithm(key, shape));
  if (key.IsSecurityKey())
    return absl::StrCat(algorithm, SecurityKeySignature(key, data, shape), shape.trailing);
  const std::string signature = key.IsRsa()     ? RsaSignature(key, data, shape)
                                : key.IsEcdsa() ? EcdsaSignature(key, data, shape)
                                                : Ed25519Signature(key, data, shape);
  return absl::StrCat(algorithm, SshString(signature), shape.trailing);
}

}  // namespace

std::string TestKey::Line() const { return absl::StrCat(type, " ", absl::Base64Escape(blob)); }

std::vector<TestKey> MakeKeys() {
  std::vector<TestKey> keys;
  for (int i = 0; i < 2; ++i) keys.push_back(MakeKey("ssh-ed25519", "", "", Generate("")));
  for (const char* curve : {"nistp256", "nistp384", "nistp521"}) {
    keys.push_back(MakeKey(absl::StrCat("ecdsa-sha2-", curve), curve, "", Generate(curve)));
  }
  keys.push_back(MakeKey("ssh-rsa", "", "", GenerateRsa(1024, 3)));
  keys.push_back(MakeKey("ssh-rsa", "", "", GenerateRsa(2048, 65537)));
  keys.push_back(MakeKey("ssh-rsa", "", "", GenerateRsa(3072, 65537)));
  keys.push_back(MakeKey("sk-ssh-ed25519@openssh.com", "", "ssh:", Generate("")));
  keys.push_back(
      MakeKey("sk-ecdsa-sha2-nistp256@openssh.com", "nistp256", "ssh:release", Generate("nistp256")));
  return keys;
}

std::string KeyBlob(const TestKey& key, const Spelling& spelling) {
  std::string blob = SshString(spelling.type.empty() ? key.type : spelling.type);
  EVP_PKEY* pkey = key.key.get();
  if (key.IsRsa()) {
    absl::StrAppend(&blob, PaddedMpint(Number(pkey, OSSL_PKEY_PARAM_RSA_E), spelling.leading_zeros),
                    PaddedMpint(Number(pkey, OSSL_PKEY_PARAM_RSA_N), spelling.leading_zeros));
  } else if (key.IsEcdsa()) {
    absl::StrAppend(&blob, SshString(key.curve), SshString(Octets(pkey, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY)));
  } else {
    absl::StrAppend(&blob, SshString(Octets(pkey, OSSL_PKEY_PARAM_PUB_KEY)));
  }
  if (key.IsSecurityKey()) absl::StrAppend(&blob, SshString(key.application + spelling.application_end));
  return blob + spelling.trailing;
}

void Sign(const TestKey& key, absl::string_view text, const SignatureShape& shape, Sshsig& fields) {
  if (fields.key.empty()) fields.key = key.blob;
  // Text fields are signed up to a NUL.
  const std::string hash = fields.hash.substr(0, fields.hash.find('\0'));
  const std::string name_space = fields.name_space.substr(0, fields.name_space.find('\0'));
  const std::string digest = hash == "sha256" ? release::Sha256(text) : release::Sha512(text);
  fields.signature = SignatureBlob(
      key, absl::StrCat("SSHSIG", SshString(name_space), SshString(""), SshString(hash), SshString(digest)),
      shape);
}

std::string Assemble(const Sshsig& fields) {
  return absl::StrCat(fields.magic, SshUint32(fields.version), SshString(fields.key),
                      SshString(fields.name_space), SshString(fields.reserved), SshString(fields.hash),
                      SshString(fields.signature), fields.trailing);
}

std::string Armor(absl::string_view blob) {
  constexpr size_t kColumns = 70;
  std::string text = "-----BEGIN SSH SIGNATURE-----\n";
  const std::string encoded = absl::Base64Escape(blob);
  for (size_t i = 0; i < encoded.size(); i += kColumns) {
    absl::StrAppend(&text, encoded.substr(i, kColumns), "\n");
  }
  return text + "-----END SSH SIGNATURE-----\n";
}

}  // namespace test_support
