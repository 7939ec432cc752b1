// The allowed_signers file: a good signature counts only where its key stands in the text, for this
// principal.
#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "function/release/signature.h"
#include "test/robustness/fuzz/fuzz.h"
#include "test/robustness/fuzz/testdata.h"

namespace {

using release::SignatureCheck;

const absl::Time kNow = absl::FromUnixSeconds(1767225600);  // 2026-01-01T00:00:00Z

SignatureCheck Check(absl::string_view signers, absl::string_view principal) {
  return release::CheckSignature(signers, principal, fuzz::kSignedText, fuzz::Ed25519Signature(), kNow).check;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text = fuzz::View(data, size);
  const fuzz::MemoryMeter meter;
  const absl::Status valid = release::ValidateAllowedSigners(text);
  const SignatureCheck check = Check(text, "alice");
  fuzz::CheckProportion(meter, size);
  fuzz::Check(valid.ok() || valid.message().find('\n') == absl::string_view::npos, "an error is one line");
  if (check == SignatureCheck::kValid) {
    // Base64 may have form feeds and the like in it, as ssh-keygen reads it.
    std::string spelled(text);
    spelled.erase(std::remove_if(spelled.begin(), spelled.end(),
                                 [](char c) { return c == '\f' || c == '\v' || c == '\r'; }),
                  spelled.end());
    fuzz::Check(absl::StrContains(spelled, fuzz::Ed25519Key()), "the key that signed is listed");
    fuzz::Check(size <= release::kMaxAllowedSignersBytes, "large input is refused");
    // One line of it is enough, and none of the others matters.
    bool line_alone = false;
    for (const absl::string_view line : absl::StrSplit(text, '\n')) {
      line_alone = line_alone || Check(line, "alice") == SignatureCheck::kValid;
    }
    fuzz::Check(line_alone, "a line counts by itself");
  }
  return 0;
}
