// gRPC server credentials for mTLS from a certificates folder, reloaded when its files change.
//
// gRPC's own file watcher hands whatever it reads to TLS, and after a broken update it goes on with what it
// has freed (1.51). So the folder is watched here; what passed every check is published to gRPC through a
// file in memory, which its watcher reads. A broken or half-written update is logged, and the certificates
// before it stay in use.
#ifndef FUNCTION_RUNNER_TLS_H_
#define FUNCTION_RUNNER_TLS_H_

#include <grpcpp/grpcpp.h>

#include <condition_variable>
#include <ctime>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "function/runner/metrics.h"
#include "function/runner/tls_files.h"
#include "function/runner/tls_verifier.h"

namespace runner {

// Server certificate and key as one file in memory, replaced at once.
class IdentityFile {
 public:
  static absl::StatusOr<std::shared_ptr<IdentityFile>> Create();
  ~IdentityFile();
  IdentityFile(const IdentityFile&) = delete;
  IdentityFile& operator=(const IdentityFile&) = delete;

  absl::Status Publish(const TlsFiles& files);
  std::string path() const;

 private:
  explicit IdentityFile(int fd) : fd_(fd) {}

  const int fd_;
  std::time_t generation_ = 0;
};

class TlsCredentials {
 public:
  // Reads and checks `dir`, then looks at it every `refresh`. A changed CA counts from then on; gRPC presents
  // a changed server certificate after another `refresh` (a second at least). `metrics` (the certificates'
  // expiry, refused clients, failed reloads) must outlive it.
  static absl::StatusOr<std::unique_ptr<TlsCredentials>> Create(const std::string& dir,
                                                                absl::Duration refresh, Metrics* metrics);
  ~TlsCredentials();
  TlsCredentials(const TlsCredentials&) = delete;
  TlsCredentials& operator=(const TlsCredentials&) = delete;

  std::shared_ptr<grpc::ServerCredentials> credentials() const { return credentials_; }

 private:
  TlsCredentials(std::string dir, Metrics* metrics);
  // Takes over what is in the folder now, if it has changed.
  absl::Status Load();
  void Watch(absl::Duration refresh);

  const std::string dir_;
  Metrics& metrics_;
  const std::shared_ptr<ClientVerifier> verifier_ = std::make_shared<ClientVerifier>();
  std::shared_ptr<IdentityFile> identity_;
  TlsFiles loaded_;
  std::shared_ptr<grpc::ServerCredentials> credentials_;

  std::mutex mu_;
  std::condition_variable stopped_;
  bool stop_ = false;
  std::thread watcher_;
};

}  // namespace runner

#endif  // FUNCTION_RUNNER_TLS_H_
