// Files that others write into the function's and the gate Job's pod: certificates, and the gate's ConfigMap.
#include <map>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "function/cli/gate_wait.h"
#include "function/runner/tls_files.h"
#include "function/runner/tls_verifier.h"
#include "test/robustness/fuzz/fuzz.h"
#include "test/robustness/fuzz/testdata.h"

namespace {

const absl::Time kNow = absl::FromUnixSeconds(1893456000);  // 2030-01-01T00:00:00Z

const std::string& Seed(const char* name) {
  static auto* const texts = new std::map<std::string, std::string>();
  std::string& text = (*texts)[name];
  if (text.empty()) text = fuzz::ReadFile(absl::StrCat("test/robustness/fuzz/certificates/", name));
  return text;
}

std::string Pem(absl::string_view der) {
  return absl::StrCat("-----BEGIN CERTIFICATE-----\n", absl::Base64Escape(der),
                      "\n-----END CERTIFICATE-----\n");
}

// The part of a certificate that its CA signed.
std::string Signed(const X509& certificate) {
  unsigned char* bytes = nullptr;
  const int size = i2d_re_X509_tbs(const_cast<X509*>(&certificate), &bytes);
  const std::string text(reinterpret_cast<char*>(bytes), size > 0 ? static_cast<size_t>(size) : 0);
  OPENSSL_free(bytes);
  return text;
}

// A client is let in with what our CA signed, and with nothing else.
void CheckClient(const std::string& pem) {
  static const auto* const cas = new std::vector<runner::X509Ptr>(*runner::ParseCertificates(Seed("ca.crt")));
  static const auto* const honest =
      new std::vector<runner::X509Ptr>(*runner::ParseCertificates(Seed("client.crt")));
  const absl::StatusOr<std::vector<runner::X509Ptr>> presented = runner::ParseCertificates(pem);
  if (!presented.ok()) return;
  fuzz::Check(!presented->empty(), "no certificate is an error");
  const X509& leaf = *presented->front();
  if (!runner::VerifyClient(leaf, *cas, kNow).ok()) return;
  fuzz::Check(Signed(leaf) == Signed(*honest->front()), "only what the CA signed is let in");
}

// The three files of a folder, each of which may be anything.
void CheckFolder(absl::string_view text) {
  runner::TlsFiles files{Seed("tls.crt"), Seed("tls.key"), Seed("ca.crt")};
  fuzz::Check(runner::CheckTlsFiles(files).ok(), "the honest ones are right");
  std::string* const all[] = {&files.certificate, &files.key, &files.ca};
  for (std::string* const file : all) {
    const std::string honest = *file;
    *file = std::string(text);
    const absl::StatusOr<runner::TlsIdentity> identity = runner::CheckTlsFiles(files);
    if (identity.ok()) fuzz::Check(!identity->cas.empty(), "there is a CA");
    *file = honest;
  }
}

// A gate's ConfigMap that changes with every look.
class World final : public cli::GateWaitWorld {
 public:
  explicit World(std::vector<absl::string_view> looks) : looks_(std::move(looks)) {}

  absl::StatusOr<cli::GateView> Read() override {
    const std::vector<std::string> texts = absl::StrSplit(looks_[std::min(look_, looks_.size() - 1)], '\x1f');
    static const char* const kKeys[] = {"requirements.json", "gate_status", "subject", "artifact_id",
                                        "deadline"};
    std::map<std::string, std::string> values;
    for (size_t i = 0; i < std::size(kKeys); ++i) values[kKeys[i]] = i < texts.size() ? texts[i] : "";
    return cli::ParseGateView(values);
  }
  int Sleep(absl::Duration) override { return ++look_ < looks_.size() ? 0 : 15; }
  void Log(base::LogLevel level, absl::string_view message, const base::LogFields& fields) override {
    const std::string line = base::FormatLogLine(base::LogFormat::kJson, kNow, level, message, fields);
    fuzz::Check(line.find('\n') == std::string::npos, "a log line is one line");
    fuzz::Check(!base::Json::parse(line, nullptr, /*allow_exceptions=*/false).is_discarded(), "and JSON");
  }

 private:
  const std::vector<absl::string_view> looks_;
  size_t look_ = 0;
};

void CheckGateWait(absl::string_view text) {
  World world(absl::StrSplit(text, '\x1e'));
  const int code = cli::WaitForVerdict(world, "subject", absl::Seconds(2), absl::Seconds(4));
  fuzz::Check((code >= 0 && code <= 3) || code == 128 + 15, "an exit code that is documented");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  absl::string_view text = fuzz::View(data, size);
  switch (fuzz::TakeByte(text)) {
    case 'p':
      CheckClient(std::string(text));
      break;
    case 'd':
      CheckClient(Pem(text));
      break;
    case 'f':
      CheckFolder(text);
      break;
    case 'g':
      CheckGateWait(text);
      break;
    default:
      return 0;
  }
  return 0;
}
