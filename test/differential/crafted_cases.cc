#include "test/differential/crafted_cases.h"

#include <openssl/bn.h>

#include <memory>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "function/release/ssh_crypto.h"
#include "function/release/ssh_wire.h"

namespace differential {
namespace {

using release::SshMpint;
using release::SshString;

constexpr char kText[] = "release-gate approval v1\n";

struct FreeNumber {
  void operator()(BIGNUM* number) const { BN_free(number); }
  void operator()(BN_CTX* context) const { BN_CTX_free(context); }
};
using Number = std::unique_ptr<BIGNUM, FreeNumber>;

std::string BigEndian(const BIGNUM* number) {
  std::string bytes(BN_num_bytes(number), '\0');
  BN_bn2bin(number, reinterpret_cast<unsigned char*>(bytes.data()));
  return bytes;
}

Number FromBytes(const std::string& bytes) {
  return Number(BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()),
                          static_cast<int>(bytes.size()), nullptr));
}

// What a key signs: SHA-512 of the text in the frame of the format.
std::string SignedData() {
  return absl::StrCat("SSHSIG", SshString("release-gate"), SshString(""), SshString("sha512"),
                      SshString(release::Sha512(kText)));
}

Case MakeCase(const std::string& what, const std::string& type, const std::string& key_blob,
              const std::string& signature_blob) {
  Sshsig fields;
  fields.key = key_blob;
  fields.signature = signature_blob;
  Case result;
  result.what = what;
  result.signers = absl::StrCat("* ", type, " ", absl::Base64Escape(key_blob), "\n");
  result.principal = "alice";
  result.text = kText;
  result.signature = test_support::Armor(test_support::Assemble(fields));
  result.now = absl::FromUnixSeconds(1767225600);
  return result;
}

// EMSA-PKCS1-v1_5 (RFC 8017, section 9.2) of what is signed, with SHA-512.
std::string EncodedMessage(size_t size) {
  const std::string digest_info = absl::HexStringToBytes("3051300d060960864801650304020305000440");
  const std::string tail = digest_info + release::Sha512(SignedData());
  return absl::StrCat(std::string("\0\1", 2), std::string(size - tail.size() - 3, '\xff'),
                      std::string(1, '\0'), tail);
}

Case RsaCase(const std::string& what, const BIGNUM* n, const BIGNUM* e, const std::string& signature) {
  return MakeCase(what, "ssh-rsa",
                  absl::StrCat(SshString("ssh-rsa"), SshMpint(BigEndian(e)), SshMpint(BigEndian(n))),
                  absl::StrCat(SshString("rsa-sha2-512"), SshString(signature)));
}

// With the exponent 1 everybody can sign: the signature is the encoded message.
Case UnitExponentCase(int bits, bool odd, unsigned exponent) {
  Number n(BN_new());
  BN_set_bit(n.get(), bits - 1);
  BN_set_bit(n.get(), bits / 2);
  if (odd) BN_set_bit(n.get(), 0);
  Number e(BN_new());
  BN_set_word(e.get(), exponent);
  return RsaCase(absl::StrCat("RSA of ", bits, " bits, ", odd ? "odd" : "even", ", exponent ", exponent),
                 n.get(), e.get(), EncodedMessage((bits + 7) / 8));
}

// A prime of 128 bits for which the exponent has an inverse.
Number PrimeFor(const BIGNUM* exponent, BN_CTX* context) {
  for (;;) {
    Number prime(BN_new());
    BN_generate_prime_ex(prime.get(), 128, 0, nullptr, nullptr, nullptr);
    const Number less_one(BN_dup(prime.get()));
    BN_sub_word(less_one.get(), 1);
    const Number inverse(BN_mod_inverse(nullptr, exponent, less_one.get(), context));
    if (inverse != nullptr) return prime;
  }
}

// An RSA key of many small primes takes no time to make, and any exponent.
Case ManyPrimesCase(int primes, const char* exponent_hex) {
  const std::unique_ptr<BN_CTX, FreeNumber> context(BN_CTX_new());
  BIGNUM* parsed = nullptr;
  BN_hex2bn(&parsed, exponent_hex);
  const Number e(parsed);
  const Number n(BN_new());
  const Number phi(BN_new());
  BN_one(n.get());
  BN_one(phi.get());
  for (int i = 0; i < primes; ++i) {
    const Number prime = PrimeFor(e.get(), context.get());
    BN_mul(n.get(), n.get(), prime.get(), context.get());
    BN_sub_word(prime.get(), 1);
    BN_mul(phi.get(), phi.get(), prime.get(), context.get());
  }
  const Number d(BN_mod_inverse(nullptr, e.get(), phi.get(), context.get()));
  const Number message = FromBytes(EncodedMessage(BN_num_bytes(n.get())));
  const Number signature(BN_new());
  BN_mod_exp(signature.get(), message.get(), d.get(), n.get(), context.get());
  return RsaCase(absl::StrCat("RSA of ", BN_num_bits(n.get()), " bits, exponent 0x", exponent_hex), n.get(),
                 e.get(), BigEndian(signature.get()));
}

// Points of small order: with S = 0 and R = the neutral element everybody can sign, if the encodings are
// taken.
Case SmallOrderCase(const std::string& what, const std::string& key, const std::string& r,
                    const std::string& s) {
  return MakeCase("Ed25519, " + what, "ssh-ed25519", SshString("ssh-ed25519") + SshString(key),
                  SshString("ssh-ed25519") + SshString(r + s));
}

std::vector<Case> SmallOrderCases() {
  const std::string zeros(31, '\0');
  const std::string neutral = std::string(1, '\1') + zeros;                    // y = 1
  const std::string signed_neutral = neutral.substr(0, 31) + "\x80";           // y = 1, x = -0
  const std::string high_neutral = "\xee" + std::string(30, '\xff') + "\x7f";  // y = p + 1
  const std::string signed_high = "\xee" + std::string(30, '\xff') + "\xff";   // y = p + 1, x = -0
  const std::string minus_one = "\xec" + std::string(30, '\xff') + "\x7f";     // y = -1, of order 2
  const std::string zero = std::string(32, '\0');                              // y = 0, of order 4
  const std::string order =
      absl::HexStringToBytes("edd3f55c1a631258d69cf7a2def9de14") + std::string(15, '\0') + "\x10";
  const std::string no_point = "\2" + zeros;  // y = 2 is on no point of the curve
  std::vector<Case> cases;
  for (const auto& [key_name, key] :
       std::vector<std::pair<std::string, std::string>>{{"neutral", neutral},
                                                        {"neutral with a sign", signed_neutral},
                                                        {"neutral over p", high_neutral},
                                                        {"neutral over p with a sign", signed_high},
                                                        {"-1", minus_one},
                                                        {"0", zero},
                                                        {"no point", no_point}}) {
    for (const auto& [r_name, r] :
         std::vector<std::pair<std::string, std::string>>{{"neutral", neutral},
                                                          {"neutral over p", high_neutral},
                                                          {"neutral with a sign", signed_neutral},
                                                          {"-1", minus_one}}) {
      cases.push_back(SmallOrderCase("key " + key_name + ", R " + r_name + ", S 0", key, r, zero));
      cases.push_back(SmallOrderCase("key " + key_name + ", R " + r_name + ", S the order", key, r, order));
    }
  }
  return cases;
}

// The generator of P-256 as a key, with coordinates and numbers at their bounds.
std::vector<Case> EcdsaCases() {
  const std::string x =
      absl::HexStringToBytes("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296");
  const std::string y =
      absl::HexStringToBytes("4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5");
  const std::string order =
      absl::HexStringToBytes("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
  const std::string one(1, '\1');
  const std::string type = "ecdsa-sha2-nistp256";
  const std::vector<std::pair<std::string, std::string>> points = {
      {"generator", absl::StrCat("\4", x, y)},
      {"compressed", absl::StrCat("\3", x)},
      {"hybrid", absl::StrCat("\7", x, y)},
      {"infinity", std::string(1, '\0')},
      {"short", absl::StrCat("\4", x)},
      {"long", absl::StrCat("\4", x, y, one)},
      {"off the curve", absl::StrCat("\4", x, x)},
      {"empty", ""}};
  std::vector<Case> cases;
  for (const auto& [name, point] : points) {
    for (const std::string& r : {std::string(), one, x, order, std::string(2049, '\1'), "\x80" + one}) {
      cases.push_back(
          MakeCase(absl::StrCat("ECDSA, point ", name, ", r of ", r.size(), " bytes"), type,
                   absl::StrCat(SshString(type), SshString("nistp256"), SshString(point)),
                   absl::StrCat(SshString(type), SshString(absl::StrCat(SshString(r), SshMpint(one))))));
    }
  }
  return cases;
}

}  // namespace

std::vector<Case> CraftedCases() {
  std::vector<Case> cases = SmallOrderCases();
  for (const int bits : {1016, 1023, 1024, 1025, 3072, 3073, 8192, 16383, 16384, 16385, 16392}) {
    for (const bool odd : {true, false}) cases.push_back(UnitExponentCase(bits, odd, 1));
  }
  for (const unsigned exponent : {0u, 2u}) cases.push_back(UnitExponentCase(2048, true, exponent));
  for (const int primes : {9, 16, 24, 26, 64}) {
    for (const char* exponent :
         {"3", "10001", "FFFFFFFFFFFFFFC5", "1000000000000000D", "1000000000000000000000007"}) {
      cases.push_back(ManyPrimesCase(primes, exponent));
    }
  }
  for (Case& ecdsa : EcdsaCases()) cases.push_back(std::move(ecdsa));
  return cases;
}

}  // namespace differential
