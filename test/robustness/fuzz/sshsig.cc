// Signatures: whatever the bytes, none is valid but the ones that were made, over the text they were made
// over.
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "function/release/signature.h"
#include "function/release/sshsig.h"
#include "test/robustness/fuzz/fuzz.h"
#include "test/robustness/fuzz/testdata.h"

namespace {

using release::SignatureCheck;

const absl::Time kNow = absl::FromUnixSeconds(1767225600);  // 2026-01-01T00:00:00Z

SignatureCheck Check(absl::string_view principal, absl::string_view text, absl::string_view armored) {
  return release::CheckSignature(fuzz::AllowedSigners(), principal, text, armored, kNow).check;
}

void CheckArmored(absl::string_view armored) {
  const release::SignatureResult result =
      release::CheckSignature(fuzz::AllowedSigners(), "alice", fuzz::kSignedText, armored, kNow);
  if (result.check != SignatureCheck::kValid) return;
  fuzz::Check(fuzz::IsPublicKey(result.public_key), "only a key that is listed signs");
  fuzz::Check(Check("alice", absl::StrCat(fuzz::kSignedText, "x"), armored) == SignatureCheck::kInvalid,
              "a signature is over one text");
  fuzz::Check(Check("alice", "", armored) == SignatureCheck::kInvalid, "a signature is over one text");
  fuzz::Check(Check("mallory", fuzz::kSignedText, armored) == SignatureCheck::kSignerNotAllowed,
              "a key speaks for its principal alone");
  fuzz::Check(armored.size() <= release::kMaxSignatureBytes, "large input is refused");
}

}  // namespace

// As armored text, and, because few changes of base64 lead to new fields, as what the armor is around.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes = fuzz::View(data, size);
  const fuzz::MemoryMeter meter;
  CheckArmored(bytes);
  CheckArmored(absl::StrCat("-----BEGIN SSH SIGNATURE-----\n", absl::Base64Escape(bytes),
                            "\n-----END SSH SIGNATURE-----\n"));
  fuzz::CheckProportion(meter, size);
  return 0;
}
