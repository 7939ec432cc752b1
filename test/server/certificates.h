// Certificates as Crossplane's initializer issues them: RSA-2048, PKCS#1 keys, and one and the same subject
// and serial for the root CA and every leaf, without an authority key identifier. Each flaw that the server
// must refuse is a field here.
#ifndef TEST_SERVER_CERTIFICATES_H_
#define TEST_SERVER_CERTIFICATES_H_

#include <openssl/evp.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "function/runner/tls_files.h"

namespace test {

struct CertificateSpec {
  bool ca = false;
  // Lists in the spelling of OpenSSL's configuration; empty: without the extension.
  std::string key_usage = "digitalSignature,keyEncipherment,dataEncipherment";
  std::string extended_key_usage = "clientAuth";
  std::string common_name = "Crossplane";
  absl::Time not_before = absl::UnixEpoch();
  absl::Time not_after = absl::FromCivil(absl::CivilYear(2100), absl::UTCTimeZone());
  const EVP_MD* digest = EVP_sha256();
  int key_bits = 2048;
  // One more extension ("critical," and a value in OpenSSL's spelling) under this OID or name.
  std::string extra_oid;
  std::string extra_value;
};

// The root CA's spec.
CertificateSpec RootSpec();
// A leaf's, as it is for a function's server.
CertificateSpec ServerSpec();

struct Certificate {
  std::string pem;
  std::string key_pem;  // "RSA PRIVATE KEY"
  std::shared_ptr<EVP_PKEY> key;

  runner::X509Ptr Parse() const;
};

// Self-signed where `issuer` is null.
Certificate Issue(const CertificateSpec& spec, const Certificate* issuer);

// One CA, a server and a client certificate of it, made once for all tests (RSA keys are slow to make).
struct Pki {
  Certificate ca;
  Certificate server;
  Certificate client;
};
const Pki& HonestPki();
// Another CA with the same names, and its leaves.
const Pki& OtherPki();

std::vector<runner::X509Ptr> ParseAll(const std::string& pem);

}  // namespace test

#endif  // TEST_SERVER_CERTIFICATES_H_
