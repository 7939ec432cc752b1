#include "test/server/certificates.h"

#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <map>
#include <stdexcept>
#include <utility>

namespace test {
namespace {

// A test that cannot make its certificates has nothing to say.
void Must(bool done, const char* what) {
  if (!done) throw std::runtime_error(what);
}

std::string Text(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  return text;
}

void AddName(X509_NAME* name, int nid, const std::string& value) {
  // A plain string type: OpenSSL's own tables would refuse a country of five letters.
  Must(X509_NAME_add_entry_by_NID(name, nid, V_ASN1_PRINTABLESTRING,
                                  reinterpret_cast<const unsigned char*>(value.data()),
                                  static_cast<int>(value.size()), -1, 0) == 1,
       "name");
}

void SetSubject(X509* certificate, const std::string& common_name) {
  X509_NAME* name = X509_get_subject_name(certificate);
  AddName(name, NID_countryName, "Earth");
  AddName(name, NID_stateOrProvinceName, "Earth");
  AddName(name, NID_localityName, "Earth");
  AddName(name, NID_organizationName, "Crossplane");
  AddName(name, NID_commonName, common_name);
}

void AddExtension(X509* certificate, const char* name, const std::string& value) {
  if (value.empty()) return;
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_nconf(nullptr, &context, name, value.c_str());
  Must(extension != nullptr, name);
  Must(X509_add_ext(certificate, extension, -1) == 1, name);
  X509_EXTENSION_free(extension);
}

void SetTime(ASN1_TIME* field, absl::Time time) {
  Must(ASN1_TIME_set(field, absl::ToTimeT(time)) != nullptr, "time");
}

}  // namespace

CertificateSpec RootSpec() {
  CertificateSpec spec;
  spec.ca = true;
  spec.key_usage = "keyCertSign,cRLSign";
  spec.extended_key_usage.clear();
  return spec;
}

CertificateSpec ServerSpec() {
  CertificateSpec spec;
  spec.extended_key_usage = "serverAuth";
  return spec;
}

runner::X509Ptr Certificate::Parse() const { return std::move(ParseAll(pem).front()); }

Certificate Issue(const CertificateSpec& spec, const Certificate* issuer) {
  Certificate issued;
  issued.key.reset(EVP_RSA_gen(static_cast<std::size_t>(spec.key_bits)), EVP_PKEY_free);
  Must(issued.key != nullptr, "key");
  const runner::X509Ptr certificate(X509_new());
  Must(X509_set_version(certificate.get(), X509_VERSION_3) == 1, "version");
  Must(ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 2022) == 1, "serial");
  SetSubject(certificate.get(), spec.common_name);
  const runner::X509Ptr parent = issuer == nullptr ? nullptr : issuer->Parse();
  X509_set_issuer_name(certificate.get(),
                       X509_get_subject_name(parent == nullptr ? certificate.get() : parent.get()));
  SetTime(X509_getm_notBefore(certificate.get()), spec.not_before);
  SetTime(X509_getm_notAfter(certificate.get()), spec.not_after);
  Must(X509_set_pubkey(certificate.get(), issued.key.get()) == 1, "public key");
  AddExtension(certificate.get(), "keyUsage", spec.key_usage.empty() ? "" : "critical," + spec.key_usage);
  AddExtension(certificate.get(), "extendedKeyUsage", spec.extended_key_usage);
  AddExtension(certificate.get(), "basicConstraints", spec.ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
  if (spec.ca) AddExtension(certificate.get(), "subjectKeyIdentifier", "hash");
  AddExtension(certificate.get(), "subjectAltName", "DNS:f,DNS:f.ns,DNS:f.ns.svc");
  AddExtension(certificate.get(), spec.extra_oid.c_str(), spec.extra_value);
  EVP_PKEY* signing_key = issuer == nullptr ? issued.key.get() : issuer->key.get();
  Must(X509_sign(certificate.get(), signing_key, spec.digest) > 0, "signature");

  BIO* pem = BIO_new(BIO_s_mem());
  Must(PEM_write_bio_X509(pem, certificate.get()) == 1, "PEM");
  issued.pem = Text(pem);
  BIO* key_pem = BIO_new(BIO_s_mem());
  Must(PEM_write_bio_PrivateKey_traditional(key_pem, issued.key.get(), nullptr, nullptr, 0, nullptr,
                                            nullptr) == 1,
       "key PEM");
  issued.key_pem = Text(key_pem);
  return issued;
}

namespace {

Pki MakePki() {
  Pki pki;
  pki.ca = Issue(RootSpec(), nullptr);
  pki.server = Issue(ServerSpec(), &pki.ca);
  pki.client = Issue(CertificateSpec(), &pki.ca);
  return pki;
}

}  // namespace

const Pki& HonestPki() {
  static const Pki pki = MakePki();
  return pki;
}

const Pki& OtherPki() {
  static const Pki pki = MakePki();
  return pki;
}

std::vector<runner::X509Ptr> ParseAll(const std::string& pem) {
  auto parsed = runner::ParseCertificates(pem);
  Must(parsed.ok(), "certificate");
  return *std::move(parsed);
}

}  // namespace test
