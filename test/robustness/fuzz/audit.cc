// `audit verify` on exported gates and ConfigMaps, and the trail's own formats.
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "function/cli/audit.h"
#include "function/manifest/status.h"
#include "function/release/audit.h"
#include "test/robustness/fuzz/fuzz.h"
#include "test/robustness/fuzz/json_mutator.h"
#include "test/unit/cli/command_run.h"

namespace {

using base::Json;
using cli_test::Output;
using cli_test::TempFolder;
using release::AuditEntry;

Output Verify(const std::string& text, const std::string& key_file, const std::string& output) {
  cli::AuditVerifyOptions options;
  options.files = {"-"};
  options.key_file = key_file;
  options.output = output;
  return cli_test::RunCommand(cli::RunAuditVerify, options, text);
}

void CheckVerify(const std::string& text) {
  static const TempFolder* const kFolder = new TempFolder();
  static const std::string* const kKeyFile =
      new std::string(kFolder->Write("key", "only the function knows it"));
  const Output plain = Verify(text, "", "text");
  fuzz::Check(plain.code >= 0 && plain.code <= 2, "an exit code that is documented");
  if (plain.code == 2) {
    fuzz::Check(absl::StartsWith(plain.err, "function-release-pipeline: ") &&
                    plain.err.find('\n') == plain.err.size() - 1,
                "what cannot be read is one line");
  }
  const Output json = Verify(text, "", "json");
  fuzz::Check(json.code == plain.code, "both formats say the same");
  if (json.code != 2) {
    fuzz::Check(!Json::parse(json.out, nullptr, /*allow_exceptions=*/false).is_discarded(), "JSON is JSON");
  }
  // Nobody who does not have the key can have made it.
  fuzz::Check(Verify(text, *kKeyFile, "text").code != 0,
              "no trail is intact under a key that did not make it");
}

// In its two spellings, in status and in the ConfigMap.
void CheckTrail(const std::string& text) {
  const std::vector<AuditEntry> trail = manifest::AuditFromJsonLines(text);
  fuzz::Check(manifest::AuditFromJsonLines(manifest::AuditToJsonLines(trail)) == trail,
              "lines: decode(encode(x)) == x");
  fuzz::Check(manifest::AuditFromJson(manifest::AuditToJson(trail)) == trail, "list: decode(encode(x)) == x");
  if (!release::VerifyAudit(trail, {}).ok()) return;
  std::vector<AuditEntry> longer = trail;
  release::AppendAudit(longer, {}, absl::UnixEpoch(), "alice", "ApprovedBy", "{}");
  fuzz::Check(release::VerifyAudit(longer, {}).ok(), "an intact trail can go on");
  fuzz::Check(longer.size() <= release::kMaxAuditEntries, "a trail is bounded");
  fuzz::Check(release::IsPrefix(trail, longer) || trail.size() > release::kMaxAuditEntries,
              "it goes on from where it was");
}

}  // namespace

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, unsigned seed) {
  return fuzz::MutateJson(data, size, max_size, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(fuzz::View(data, size));
  CheckTrail(text);
  CheckVerify(text);
  return 0;
}
