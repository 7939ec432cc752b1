// `preview` on whatever text is in its files, and YAML itself.
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "function/cli/preview.h"
#include "function/cli/yaml.h"
#include "test/robustness/fuzz/fuzz.h"
#include "test/robustness/fuzz/json_mutator.h"

namespace {

using base::Json;

std::string Text(const Json& value) { return base::CanonicalJson(value); }

void CheckYaml(const std::string& text) {
  const absl::StatusOr<std::vector<Json>> documents = cli::ParseYaml(text, "file");
  if (!documents.ok()) {
    fuzz::Check(absl::StartsWith(documents.status().message(), "file:"), "an error leads with the file");
    return;
  }
  for (const Json& document : *documents) {
    const std::string written = cli::ToYaml(document);
    const absl::StatusOr<std::vector<Json>> again = cli::ParseYaml(written, "file");
    fuzz::Check(again.ok() && again->size() == 1 && Text(again->front()) == Text(document),
                "parse(write(x)) == x");
  }
}

void CheckPreview(const std::string& text, const char* output) {
  cli::PreviewOptions options;
  options.files = {"-"};
  options.now = "2026-01-02T12:00:00Z";
  options.output = output;
  std::istringstream in(text);
  std::ostringstream out, err;
  const int code = cli::RunPreview(options, {in, out, err});
  fuzz::Check(code == 0 || code == 1, "an exit code that is documented");
  fuzz::Check((code == 0) == err.str().empty() || code == 0, "what is wrong is said");
  for (const absl::string_view line : absl::StrSplit(err.str(), '\n', absl::SkipEmpty())) {
    fuzz::Check(absl::StartsWith(line, "function-release-pipeline: "), "each error is one line");
  }
  if (code == 0) fuzz::Check(!out.str().empty(), "something is shown");
}

}  // namespace

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, unsigned seed) {
  return fuzz::MutateJson(data, size, max_size, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const char* const kOutputs[] = {"tree", "yaml", "json", "mermaid"};
  const std::string text(fuzz::View(data, size));
  CheckYaml(text);
  CheckPreview(text, kOutputs[size % 4]);
  return 0;
}
