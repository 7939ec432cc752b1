// Whose certificates get in: VerifyClient on every impostor that we could think of, and on the honest client.
#include "function/runner/tls_verifier.h"

#include <openssl/x509_vfy.h>

#include "absl/time/clock.h"
#include "test/catch.h"
#include "test/server/certificates.h"

namespace {

using test::Certificate;
using test::CertificateSpec;
using test::HonestPki;
using test::Issue;
using test::OtherPki;

const absl::Time kNow = absl::FromCivil(absl::CivilDay(2026, 6, 1), absl::UTCTimeZone());

// What the honest CA issues when asked for `change`d clients.
template <typename Change>
std::string Leaf(Change change) {
  CertificateSpec spec;
  change(spec);
  return Issue(spec, &HonestPki().ca).pem;
}

// A CA that was `change`d, and a faultless client of it.
struct CaAndLeaf {
  std::string ca;
  std::string leaf;
};
template <typename Change>
CaAndLeaf LeafOf(Change change) {
  CertificateSpec spec = test::RootSpec();
  change(spec);
  const Certificate ca = Issue(spec, nullptr);
  return {ca.pem, Issue(CertificateSpec(), &ca).pem};
}

std::string Verify(const std::string& leaf, const std::string& cas, absl::Time now = kNow) {
  runner::ClientVerifier verifier;
  verifier.SetCas(test::ParseAll(cas));
  return verifier.Verify(leaf, now).ToString();
}

std::string Refused(const std::string& why) { return "UNAUTHENTICATED: client certificate refused: " + why; }

TEST_CASE("OpenSSL's own chain verification refuses Crossplane's certificates") {
  // The reason for having a verifier: should this fail one day, it may go.
  X509_STORE* store = X509_STORE_new();
  X509_STORE_add_cert(store, HonestPki().ca.Parse().get());
  const runner::X509Ptr leaf = HonestPki().client.Parse();
  X509_STORE_CTX* context = X509_STORE_CTX_new();
  X509_STORE_CTX_init(context, store, leaf.get(), nullptr);
  CHECK(X509_verify_cert(context) == 0);
  CHECK(X509_STORE_CTX_get_error(context) == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT);
  X509_STORE_CTX_free(context);
  X509_STORE_free(store);
}

TEST_CASE("Clients are verified by their CA's signature") {
  const test::Pki& honest = HonestPki();
  const test::Pki& other = OtherPki();
  const Certificate self_signed = Issue(CertificateSpec(), nullptr);
  // Signs as a CA would, with a leaf's key.
  const Certificate of_a_leaf = Issue(CertificateSpec(), &honest.client);
  struct Case {
    std::string name;
    std::string reason;
    std::string leaf;
    std::string cas;
    std::string want;
  };
  const Case cases[] = {
      {"honest", "issued by our CA for a client", honest.client.pem, honest.ca.pem, "OK"},
      {"second of two CAs", "ca.crt holds the old and the new CA while they are rotated", honest.client.pem,
       other.ca.pem + honest.ca.pem, "OK"},
      {"first certificate only", "the rest of what a client sends is not needed",
       honest.client.pem + other.ca.pem, honest.ca.pem, "OK"},
      {"client and server", "one certificate for both is usual elsewhere",
       Leaf([](CertificateSpec& s) { s.extended_key_usage = "serverAuth,clientAuth"; }), honest.ca.pem, "OK"},
      {"without key usage", "the extension is optional",
       Leaf([](CertificateSpec& s) { s.key_usage.clear(); }), honest.ca.pem, "OK"},
      {"another CA of the same name", "anybody can make one", other.client.pem, honest.ca.pem,
       Refused("none of the CAs in ca.crt has signed it")},
      {"chain to another CA", "a chain that the client brings proves nothing",
       other.client.pem + honest.client.pem, honest.ca.pem,
       Refused("none of the CAs in ca.crt has signed it")},
      {"self-signed", "its subject is the CA's, but not its key", self_signed.pem, honest.ca.pem,
       Refused("none of the CAs in ca.crt has signed it")},
      {"issued by a leaf", "a leaf is no CA, though it bears the CA's name", of_a_leaf.pem, honest.ca.pem,
       Refused("none of the CAs in ca.crt has signed it")},
      {"a leaf in ca.crt", "what is listed as a CA must be one", of_a_leaf.pem, honest.client.pem,
       Refused("its issuer in ca.crt is no CA")},
      {"expired", "its time is over", Leaf([](CertificateSpec& s) { s.not_after = kNow - absl::Seconds(1); }),
       honest.ca.pem, Refused("it is expired")},
      {"not valid yet", "its time has not come",
       Leaf([](CertificateSpec& s) { s.not_before = kNow + absl::Seconds(1); }), honest.ca.pem,
       Refused("it is not valid yet")},
      {"the server's own", "the function's certificate must not open other functions", honest.server.pem,
       honest.ca.pem, Refused("it lacks the extended key usage clientAuth")},
      {"without extended key usage", "no usage is not every usage",
       Leaf([](CertificateSpec& s) { s.extended_key_usage.clear(); }), honest.ca.pem,
       Refused("it lacks the extended key usage clientAuth")},
      {"any extended key usage", "clientAuth must be said",
       Leaf([](CertificateSpec& s) { s.extended_key_usage = "anyExtendedKeyUsage"; }), honest.ca.pem,
       Refused("it lacks the extended key usage clientAuth")},
      {"key usage without signature", "TLS clients sign",
       Leaf([](CertificateSpec& s) { s.key_usage = "keyEncipherment"; }), honest.ca.pem,
       Refused("its key usage lacks digitalSignature")},
      {"the CA's own", "it is public and no client's", honest.ca.pem, honest.ca.pem,
       Refused("it is a CA's own")},
      {"a CA with clientAuth", "a CA is no client", Leaf([](CertificateSpec& s) { s.ca = true; }),
       honest.ca.pem, Refused("it is a CA's own")},
      {"signed with SHA-1", "collisions are affordable",
       Leaf([](CertificateSpec& s) { s.digest = EVP_sha1(); }), honest.ca.pem,
       Refused("its signature algorithm is too weak")},
      {"signed with MD5", "collisions are free", Leaf([](CertificateSpec& s) { s.digest = EVP_md5(); }),
       honest.ca.pem, Refused("its signature algorithm is too weak")},
      {"RSA-1024", "the key can be broken", Leaf([](CertificateSpec& s) { s.key_bits = 1024; }),
       honest.ca.pem, Refused("it has a key that is too weak")},
      {"unknown critical extension", "it may limit what the certificate is for", Leaf([](CertificateSpec& s) {
         s.extra_oid = "1.3.6.1.4.1.99999.1";
         s.extra_value = "critical,ASN1:UTF8String:limit";
       }),
       honest.ca.pem, Refused("it has an unknown critical extension")},
      {"unknown extension", "one that is not critical may be ignored", Leaf([](CertificateSpec& s) {
         s.extra_oid = "1.3.6.1.4.1.99999.1";
         s.extra_value = "ASN1:UTF8String:note";
       }),
       honest.ca.pem, "OK"},
      {"another issuer name", "the CA of that name is not there",
       LeafOf([](CertificateSpec& s) { s.common_name = "Else"; }).leaf, honest.ca.pem,
       Refused("none of the CAs in ca.crt has signed it")},
      {"text", "no certificate at all", "garbage", honest.ca.pem, Refused("there is none that can be read")},
      {"nothing", "no certificate at all", "", honest.ca.pem, Refused("there is none that can be read")},
      {"a broken certificate", "its base64 is no DER",
       "-----BEGIN CERTIFICATE-----\nZ2FyYmFnZQ==\n-----END CERTIFICATE-----\n", honest.ca.pem,
       Refused("there is none that can be read")},
  };
  for (const Case& c : cases) {
    INFO(c.name << ": " << c.reason);
    CHECK(Verify(c.leaf, c.cas) == c.want);
  }
}

TEST_CASE("A CA that may not issue vouches for nobody") {
  struct Case {
    std::string name;
    std::string reason;
    CaAndLeaf pair;
    std::string want;
  };
  const Case cases[] = {
      {"honest", "the other cases differ by one field", LeafOf([](CertificateSpec&) {}), "OK"},
      {"expired", "its time is over",
       LeafOf([](CertificateSpec& s) { s.not_after = kNow - absl::Seconds(1); }),
       Refused("the CA is expired")},
      {"not valid yet", "its time has not come",
       LeafOf([](CertificateSpec& s) { s.not_before = kNow + absl::Seconds(1); }),
       Refused("the CA is not valid yet")},
      {"no CA", "basicConstraints say so", LeafOf([](CertificateSpec& s) { s.ca = false; }),
       Refused("its issuer in ca.crt is no CA")},
      {"signs no certificates", "its key usage is for revocation lists",
       LeafOf([](CertificateSpec& s) { s.key_usage = "cRLSign"; }),
       Refused("the CA's key usage lacks keyCertSign")},
      {"for servers only", "its extended key usage limits what it issues",
       LeafOf([](CertificateSpec& s) { s.extended_key_usage = "serverAuth"; }),
       Refused("the CA's extended key usage lacks clientAuth")},
      {"name constraints", "nobody here applies them", LeafOf([](CertificateSpec& s) {
         s.extra_oid = "nameConstraints";
         s.extra_value = "critical,permitted;DNS:elsewhere";
       }),
       Refused("the CA has name constraints, which are not supported")},
      {"RSA-1024", "its key can be broken", LeafOf([](CertificateSpec& s) { s.key_bits = 1024; }),
       Refused("the CA has a key that is too weak")},
  };
  for (const Case& c : cases) {
    INFO(c.name << ": " << c.reason);
    CHECK(Verify(c.pair.leaf, c.pair.ca) == c.want);
  }
}

TEST_CASE("A certificate is valid in its last second, and without CAs nobody is") {
  const std::string leaf = Leaf([](CertificateSpec& s) {
    s.not_before = kNow;
    s.not_after = kNow + absl::Seconds(10);
  });
  CHECK(Verify(leaf, HonestPki().ca.pem, kNow + absl::Seconds(9)) == "OK");
  CHECK(Verify(leaf, HonestPki().ca.pem, kNow + absl::Seconds(11)) == Refused("it is expired"));
  CHECK(runner::ClientVerifier().Verify(leaf, kNow).ToString() ==
        Refused("none of the CAs in ca.crt has signed it"));
}

}  // namespace
