#include "function/runner/tls_files.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <utility>

#include "absl/strings/str_cat.h"
#include "function/base/status_macros.h"

namespace runner {
namespace {

constexpr std::size_t kMaxFileBytes = 1 << 20;

class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() {
    if (fd_ >= 0) close(fd_);
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  int get() const { return fd_; }

 private:
  const int fd_;
};

absl::Status FileError(const std::string& dir, absl::string_view file, absl::string_view what) {
  return absl::FailedPreconditionError(
      absl::StrCat("--tls-certs-dir: cannot read ", dir, "/", file, ": ", what));
}

absl::StatusOr<std::string> ReadFile(int folder, const std::string& dir, const char* file) {
  const Fd fd(openat(folder, file, O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (fd.get() < 0) return FileError(dir, file, std::strerror(errno));
  std::string text;
  char buffer[4096];
  while (true) {
    const ssize_t got = read(fd.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FileError(dir, file, std::strerror(errno));
    if (got == 0) return text;
    text.append(buffer, static_cast<std::size_t>(got));
    if (text.size() > kMaxFileBytes) return FileError(dir, file, "more than 1 MiB is no certificate");
  }
}

struct BioDeleter {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using BioPtr = std::unique_ptr<BIO, BioDeleter>;

BioPtr ReadBio(absl::string_view text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

struct KeyDeleter {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, KeyDeleter>;

// No pass phrase: OpenSSL would ask the terminal for one.
int NoPassPhrase(char*, int, int, void*) { return 0; }

KeyPtr ParseKey(absl::string_view pem) {
  KeyPtr key(PEM_read_bio_PrivateKey(ReadBio(pem).get(), nullptr, NoPassPhrase, nullptr));
  ERR_clear_error();
  return key;
}

absl::Time Expiry(const X509& certificate) {
  std::tm broken_down{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(&certificate), &broken_down) != 1) return absl::InfinitePast();
  return absl::FromTM(broken_down, absl::UTCTimeZone());
}

absl::Time FirstExpiry(const std::vector<X509Ptr>& certificates) {
  absl::Time first = absl::InfiniteFuture();
  for (const X509Ptr& certificate : certificates) first = std::min(first, Expiry(*certificate));
  return first;
}

absl::Status Annotate(absl::string_view file, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(file, ": ", status.message()));
}

}  // namespace

absl::StatusOr<TlsFiles> ReadTlsFiles(const std::string& dir) {
  const Fd generation(open(absl::StrCat(dir, "/..data").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const Fd folder(generation.get() >= 0 ? -1 : open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const int at = generation.get() >= 0 ? generation.get() : folder.get();
  if (at < 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("--tls-certs-dir: cannot open ", dir, ": ", std::strerror(errno)));
  }
  TlsFiles files;
  ASSIGN_OR_RETURN(files.certificate, ReadFile(at, dir, "tls.crt"));
  ASSIGN_OR_RETURN(files.key, ReadFile(at, dir, "tls.key"));
  ASSIGN_OR_RETURN(files.ca, ReadFile(at, dir, "ca.crt"));
  return files;
}

absl::StatusOr<std::vector<X509Ptr>> ParseCertificates(absl::string_view pem) {
  const BioPtr bio = ReadBio(pem);
  std::vector<X509Ptr> certificates;
  while (X509Ptr certificate{PEM_read_bio_X509(bio.get(), nullptr, NoPassPhrase, nullptr)}) {
    certificates.push_back(std::move(certificate));
  }
  // At the end of the text OpenSSL finds "no start line"; anything else is a block that it could not read.
  const unsigned long error = ERR_peek_last_error();
  ERR_clear_error();
  if (ERR_GET_LIB(error) != ERR_LIB_PEM || ERR_GET_REASON(error) != PEM_R_NO_START_LINE) {
    return absl::FailedPreconditionError(absl::StrCat("certificate ", certificates.size() + 1, " is broken"));
  }
  if (certificates.empty()) return absl::FailedPreconditionError("holds no PEM certificate");
  return certificates;
}

absl::StatusOr<TlsIdentity> CheckTlsFiles(const TlsFiles& files) {
  auto chain = ParseCertificates(files.certificate);
  if (!chain.ok()) return Annotate("tls.crt", chain.status());
  auto cas = ParseCertificates(files.ca);
  if (!cas.ok()) return Annotate("ca.crt", cas.status());
  const KeyPtr key = ParseKey(files.key);
  if (key == nullptr)
    return absl::FailedPreconditionError("tls.key: holds no PEM private key without a pass phrase");
  if (X509_check_private_key(chain->front().get(), key.get()) != 1) {
    ERR_clear_error();
    return absl::FailedPreconditionError("tls.key: is not the key of tls.crt");
  }
  TlsIdentity identity;
  identity.certificate_expires = FirstExpiry(*chain);
  identity.ca_expires = FirstExpiry(*cas);
  identity.cas = *std::move(cas);
  return identity;
}

}  // namespace runner
