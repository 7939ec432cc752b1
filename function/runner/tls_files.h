// The three files of a certificates folder, as Crossplane mounts them: tls.crt, tls.key and ca.crt.
#ifndef FUNCTION_RUNNER_TLS_FILES_H_
#define FUNCTION_RUNNER_TLS_FILES_H_

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace runner {

struct X509Deleter {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using X509Ptr = std::unique_ptr<X509, X509Deleter>;

// PEM texts.
struct TlsFiles {
  std::string certificate;  // the server's own, its intermediates after it
  std::string key;
  std::string ca;  // one or more CAs that clients' certificates are checked against

  friend bool operator==(const TlsFiles&, const TlsFiles&) = default;
};

// All three from one generation: Kubernetes swaps the symlink `..data` to replace them at once. The contents
// are not looked at. Errors lead with --tls-certs-dir and the file.
absl::StatusOr<TlsFiles> ReadTlsFiles(const std::string& dir);

// What a server needs to know of them. Errors lead with the file's name.
struct TlsIdentity {
  std::vector<X509Ptr> cas;
  // When the first of the certificates in use expires.
  absl::Time certificate_expires;
  absl::Time ca_expires;
};
// Parses all three; the key must be the certificate's, and there must be at least one CA. Dates are not
// looked at: an expired certificate is the client's to refuse, and an expired CA is the verifier's.
absl::StatusOr<TlsIdentity> CheckTlsFiles(const TlsFiles& files);

// Every certificate of a PEM text, in order. Error: none, or one that is broken.
absl::StatusOr<std::vector<X509Ptr>> ParseCertificates(absl::string_view pem);

}  // namespace runner

#endif  // FUNCTION_RUNNER_TLS_FILES_H_
