// Decides whether a client's certificate was issued by one of our CAs.
//
// OpenSSL's chain building cannot: Crossplane gives its root CA and every leaf the same subject and the same
// serial and no authority key identifier, so that OpenSSL takes a leaf for self-signed (error 18). Here the
// signature itself is checked with the CA's key, which those names cannot confuse. A chain is one step: a
// client whose certificate was issued by an intermediate is refused, unless that intermediate itself is in
// ca.crt.
#ifndef FUNCTION_RUNNER_TLS_VERIFIER_H_
#define FUNCTION_RUNNER_TLS_VERIFIER_H_

#include <openssl/x509.h>

#include <memory>
#include <mutex>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "function/runner/tls_files.h"

namespace runner {

// OK only for a leaf that one of `cas` signed (with SHA-2 or better, 112 bits of security or more), at a time
// when both are valid, that is no CA itself, has the extended key usage clientAuth, and has no critical
// extension that nobody looked at. Otherwise Unauthenticated, and why.
absl::Status VerifyClient(const X509& leaf, const std::vector<X509Ptr>& cas, absl::Time now);

// The CAs in use: they are replaced while handshakes go on. Thread-safe.
class ClientVerifier {
 public:
  using Cas = std::shared_ptr<const std::vector<X509Ptr>>;

  void SetCas(std::vector<X509Ptr> cas);
  // `pem`: what the client presented. Only its first certificate counts.
  absl::Status Verify(absl::string_view pem, absl::Time now) const;

 private:
  mutable std::mutex mu_;
  Cas cas_ = std::make_shared<const std::vector<X509Ptr>>();
};

}  // namespace runner

#endif  // FUNCTION_RUNNER_TLS_VERIFIER_H_
