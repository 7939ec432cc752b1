#include "function/runner/tls_verifier.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <ctime>
#include <utility>

#include "absl/strings/str_cat.h"
#include "function/base/status_macros.h"

namespace runner {
namespace {

// RSA-2048, SHA-224 and P-224 have 112 bits; SHA-1 has 63, MD5 39.
constexpr int kMinSecurityBits = 112;

absl::Status Refuse(absl::string_view why) {
  return absl::UnauthenticatedError(absl::StrCat("client certificate refused: ", why));
}

// OpenSSL's accessors fill caches inside: the objects are not changed for anybody who looks.
X509* Mutable(const X509& certificate) { return const_cast<X509*>(&certificate); }

bool HasExtension(const X509& certificate, int nid) {
  return X509_get_ext_by_NID(&certificate, nid, -1) >= 0;
}

bool HasFlag(const X509& certificate, std::uint32_t flag) {
  return (X509_get_extension_flags(Mutable(certificate)) & flag) != 0;
}

absl::Status CheckDates(const X509& certificate, absl::string_view whose, absl::Time now) {
  std::time_t at = absl::ToTimeT(now);
  // X509_cmp_time: -1 is before or at `at`, 1 is after, 0 is a date that cannot be read.
  if (X509_cmp_time(X509_get0_notBefore(&certificate), &at) != -1)
    return Refuse(absl::StrCat(whose, " is not valid yet"));
  if (X509_cmp_time(X509_get0_notAfter(&certificate), &at) != 1)
    return Refuse(absl::StrCat(whose, " is expired"));
  return absl::OkStatus();
}

absl::Status CheckStrength(const X509& certificate, absl::string_view whose) {
  const EVP_PKEY* key = X509_get0_pubkey(&certificate);
  if (key == nullptr || EVP_PKEY_get_security_bits(key) < kMinSecurityBits) {
    return Refuse(absl::StrCat(whose, " has a key that is too weak"));
  }
  return absl::OkStatus();
}

absl::Status CheckExtensions(const X509& certificate, absl::string_view whose) {
  if (HasFlag(certificate, EXFLAG_INVALID)) return Refuse(absl::StrCat(whose, " has a broken extension"));
  if (HasFlag(certificate, EXFLAG_CRITICAL)) {
    return Refuse(absl::StrCat(whose, " has an unknown critical extension"));
  }
  return absl::OkStatus();
}

absl::Status CheckLeaf(const X509& leaf, absl::Time now) {
  constexpr absl::string_view kWhose = "it";
  RETURN_IF_ERROR(CheckExtensions(leaf, kWhose));
  if (HasFlag(leaf, EXFLAG_CA)) return Refuse("it is a CA's own");
  if (!HasFlag(leaf, EXFLAG_XKUSAGE) || (X509_get_extended_key_usage(Mutable(leaf)) & XKU_SSL_CLIENT) == 0) {
    return Refuse("it lacks the extended key usage clientAuth");
  }
  if (HasFlag(leaf, EXFLAG_KUSAGE) && (X509_get_key_usage(Mutable(leaf)) & KU_DIGITAL_SIGNATURE) == 0) {
    return Refuse("its key usage lacks digitalSignature");
  }
  RETURN_IF_ERROR(CheckStrength(leaf, kWhose));
  int signature_bits = 0;
  if (X509_get_signature_info(Mutable(leaf), nullptr, nullptr, &signature_bits, nullptr) != 1 ||
      signature_bits < kMinSecurityBits) {
    return Refuse("its signature algorithm is too weak");
  }
  return CheckDates(leaf, kWhose, now);
}

// That `ca` may issue certificates for clients at all. Name constraints are refused because nobody here
// applies them.
absl::Status CheckCa(const X509& ca, absl::Time now) {
  constexpr absl::string_view kWhose = "the CA";
  RETURN_IF_ERROR(CheckExtensions(ca, kWhose));
  if (!HasFlag(ca, EXFLAG_CA)) return Refuse("its issuer in ca.crt is no CA");
  if (HasFlag(ca, EXFLAG_KUSAGE) && (X509_get_key_usage(Mutable(ca)) & KU_KEY_CERT_SIGN) == 0) {
    return Refuse("the CA's key usage lacks keyCertSign");
  }
  if (HasFlag(ca, EXFLAG_XKUSAGE) &&
      (X509_get_extended_key_usage(Mutable(ca)) & (XKU_SSL_CLIENT | XKU_ANYEKU)) == 0) {
    return Refuse("the CA's extended key usage lacks clientAuth");
  }
  if (HasExtension(ca, NID_name_constraints))
    return Refuse("the CA has name constraints, which are not supported");
  RETURN_IF_ERROR(CheckStrength(ca, kWhose));
  return CheckDates(ca, kWhose, now);
}

bool Signed(const X509& leaf, const X509& ca) {
  EVP_PKEY* key = X509_get0_pubkey(&ca);
  const bool valid = key != nullptr && X509_verify(Mutable(leaf), key) == 1;
  ERR_clear_error();
  return valid;
}

}  // namespace

absl::Status VerifyClient(const X509& leaf, const std::vector<X509Ptr>& cas, absl::Time now) {
  RETURN_IF_ERROR(CheckLeaf(leaf, now));
  absl::Status refusal = Refuse("none of the CAs in ca.crt has signed it");
  for (const X509Ptr& ca : cas) {
    if (X509_NAME_cmp(X509_get_issuer_name(&leaf), X509_get_subject_name(ca.get())) != 0) continue;
    if (!Signed(leaf, *ca)) continue;
    // The same key may be in ca.crt twice: renewed, and not yet removed.
    refusal = CheckCa(*ca, now);
    if (refusal.ok()) break;
  }
  return refusal;
}

void ClientVerifier::SetCas(std::vector<X509Ptr> cas) {
  auto shared = std::make_shared<const std::vector<X509Ptr>>(std::move(cas));
  std::lock_guard<std::mutex> lock(mu_);
  cas_.swap(shared);
}

absl::Status ClientVerifier::Verify(absl::string_view pem, absl::Time now) const {
  const auto presented = ParseCertificates(pem);
  if (!presented.ok()) return Refuse("there is none that can be read");
  Cas cas;
  {
    std::lock_guard<std::mutex> lock(mu_);
    cas = cas_;
  }
  return VerifyClient(*presented->front(), *cas, now);
}

}  // namespace runner
