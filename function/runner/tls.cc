#include "function/runner/tls.h"

#include <fcntl.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_certificate_verifier.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "function/base/log.h"
#include "function/base/status_macros.h"

namespace runner {
namespace {

using grpc::experimental::CertificateVerifier;
using grpc::experimental::ExternalCertificateVerifier;
using grpc::experimental::FileWatcherCertificateProvider;
using grpc::experimental::TlsCustomVerificationCheckRequest;
using grpc::experimental::TlsServerCredentialsOptions;

// Asked by gRPC after each handshake, resumed ones too.
class PeerCheck final : public ExternalCertificateVerifier {
 public:
  // `identity` is only kept open: gRPC may go on reading it for as long as it holds the credentials, and so
  // this.
  PeerCheck(std::shared_ptr<const ClientVerifier> verifier, std::shared_ptr<const IdentityFile> identity,
            Counter& refused)
      : verifier_(std::move(verifier)), identity_(std::move(identity)), refused_(refused) {}

  bool Verify(TlsCustomVerificationCheckRequest* request, std::function<void(grpc::Status)>,
              grpc::Status* sync_status) override {
    const grpc::string_ref pem = request->peer_cert();
    const absl::Time now = absl::Now();
    const absl::Status status = verifier_->Verify({pem.data(), pem.size()}, now);
    if (!status.ok()) {
      refused_.Increment();
      LogRefusal(status, now);
      *sync_status = grpc::Status(grpc::StatusCode::UNAUTHENTICATED, std::string(status.message()));
    }
    return true;
  }
  void Cancel(TlsCustomVerificationCheckRequest*) override {}

 private:
  // At most one line a second: strangers must not be able to fill the log.
  void LogRefusal(const absl::Status& status, absl::Time now) {
    const std::int64_t second = absl::ToUnixSeconds(now);
    if (last_logged_.exchange(second) == second) return;
    base::Log(base::LogLevel::kWarn, "refused a client", {{"error", std::string(status.message())}});
  }

  const std::shared_ptr<const ClientVerifier> verifier_;
  const std::shared_ptr<const IdentityFile> identity_;
  Counter& refused_;
  std::atomic<std::int64_t> last_logged_{0};
};

absl::Status SystemError(absl::string_view what) {
  return absl::InternalError(absl::StrCat("--tls-certs-dir: ", what, ": ", std::strerror(errno)));
}

absl::Status WriteAll(int fd, absl::string_view text) {
  while (!text.empty()) {
    const ssize_t wrote = write(fd, text.data(), text.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return SystemError("cannot write a file in memory");
    text.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return absl::OkStatus();
}

int NewMemoryFile() { return memfd_create("tls-identity", MFD_CLOEXEC); }

std::shared_ptr<grpc::ServerCredentials> MakeCredentials(std::shared_ptr<const IdentityFile> identity,
                                                         std::shared_ptr<const ClientVerifier> verifier,
                                                         absl::Duration refresh, Counter& refused) {
  const auto seconds = static_cast<unsigned>(std::max<std::int64_t>(1, absl::ToInt64Seconds(refresh)));
  TlsServerCredentialsOptions options(
      std::make_shared<FileWatcherCertificateProvider>(identity->path(), identity->path(), seconds));
  options.watch_identity_key_cert_pairs();
  // "Don't verify" leaves it to our verifier, without which anyone would get in.
  options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_BUT_DONT_VERIFY);
  options.set_certificate_verifier(
      ExternalCertificateVerifier::Create<PeerCheck>(std::move(verifier), std::move(identity), refused));
  options.set_check_call_host(false);
  return grpc::experimental::TlsServerCredentials(options);
}

}  // namespace

absl::StatusOr<std::shared_ptr<IdentityFile>> IdentityFile::Create() {
  const int fd = NewMemoryFile();
  if (fd < 0) return SystemError("cannot make a file in memory");
  return std::shared_ptr<IdentityFile>(new IdentityFile(fd));
}

IdentityFile::~IdentityFile() { close(fd_); }

std::string IdentityFile::path() const { return absl::StrCat("/proc/self/fd/", fd_); }

absl::Status IdentityFile::Publish(const TlsFiles& files) {
  const int fresh = NewMemoryFile();
  if (fresh < 0) return SystemError("cannot make a file in memory");
  absl::Status status = WriteAll(fresh, absl::StrCat(files.key, "\n", files.certificate, "\n"));
  // gRPC reads the file twice, for the key and for the certificate, and again if its time (in seconds) has
  // changed meanwhile: so each generation has a time of its own.
  const timespec time{++generation_, 0};
  const timespec times[2] = {time, time};
  if (status.ok() && futimens(fresh, times) != 0) status = SystemError("cannot date a file in memory");
  if (status.ok() && dup3(fresh, fd_, O_CLOEXEC) < 0) status = SystemError("cannot replace a file in memory");
  close(fresh);
  return status;
}

TlsCredentials::TlsCredentials(std::string dir, Metrics* metrics)
    : dir_(std::move(dir)), metrics_(*metrics) {}

absl::StatusOr<std::unique_ptr<TlsCredentials>> TlsCredentials::Create(const std::string& dir,
                                                                       absl::Duration refresh,
                                                                       Metrics* metrics) {
  std::unique_ptr<TlsCredentials> tls(new TlsCredentials(dir, metrics));
  ASSIGN_OR_RETURN(tls->identity_, IdentityFile::Create());
  RETURN_IF_ERROR(tls->Load());
  Counter& refused = metrics->GetCounter("release_function_tls_refused_clients_total",
                                         "Clients whose certificate was refused.");
  tls->credentials_ = MakeCredentials(tls->identity_, tls->verifier_, refresh, refused);
  if (tls->credentials_ == nullptr)
    return absl::InternalError("--tls-certs-dir: gRPC refused the credentials");
  tls->watcher_ = std::thread([watched = tls.get(), refresh] { watched->Watch(refresh); });
  return tls;
}

TlsCredentials::~TlsCredentials() {
  {
    std::lock_guard<std::mutex> lock(mu_);
    stop_ = true;
  }
  stopped_.notify_all();
  if (watcher_.joinable()) watcher_.join();
}

absl::Status TlsCredentials::Load() {
  ASSIGN_OR_RETURN(TlsFiles files, ReadTlsFiles(dir_));
  if (files == loaded_) return absl::OkStatus();
  absl::StatusOr<TlsIdentity> identity = CheckTlsFiles(files);
  if (!identity.ok()) {
    return absl::Status(identity.status().code(),
                        absl::StrCat("--tls-certs-dir: ", dir_, "/", identity.status().message()));
  }
  RETURN_IF_ERROR(identity_->Publish(files));
  verifier_->SetCas(std::move(identity->cas));
  const auto expiry = [this](const char* file) -> Gauge& {
    return metrics_.GetGauge("release_function_certificate_expiry_timestamp_seconds",
                             "When the first certificate of the file expires, in seconds since the epoch.",
                             {{"file", file}});
  };
  expiry("tls.crt").Set(static_cast<double>(absl::ToUnixSeconds(identity->certificate_expires)));
  expiry("ca.crt").Set(static_cast<double>(absl::ToUnixSeconds(identity->ca_expires)));
  loaded_ = std::move(files);
  return absl::OkStatus();
}

void TlsCredentials::Watch(absl::Duration refresh) {
  Counter& failures = metrics_.GetCounter("release_function_tls_reload_failures_total",
                                          "Looks at the certificates that found something broken.");
  std::string last_failure;
  std::unique_lock<std::mutex> lock(mu_);
  while (!stopped_.wait_for(lock, absl::ToChronoNanoseconds(refresh), [this] { return stop_; })) {
    const TlsFiles before = loaded_;
    const absl::Status status = Load();
    if (status.ok() && !(before == loaded_))
      base::Log(base::LogLevel::kInfo, "reloaded the certificates", {{"dir", dir_}});
    if (!status.ok()) failures.Increment();
    // Once for each failure, not at every look.
    const std::string failure(status.message());
    if (!status.ok() && failure != last_failure) {
      base::Log(base::LogLevel::kWarn, "kept the certificates in use: the new ones are broken",
                {{"error", failure}});
    }
    last_failure = failure;
  }
}

}  // namespace runner
