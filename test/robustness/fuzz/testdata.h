// Signatures that ssh-keygen made, and what they are over.
#ifndef TEST_ROBUSTNESS_FUZZ_TESTDATA_H_
#define TEST_ROBUSTNESS_FUZZ_TESTDATA_H_

#include <string>

#include "absl/strings/string_view.h"

namespace fuzz {

// What every signature in test/unit/release/testdata is over.
inline constexpr char kSignedText[] = "release-gate approval v1\n";

// A file of this repository; ends the process where it is not there.
std::string ReadFile(const std::string& path);

// All keys in test/unit/release/testdata, for alice.
const std::string& AllowedSigners();
// Whether this is one of them, in the SSH wire format.
bool IsPublicKey(absl::string_view blob);

const std::string& Ed25519Signature();
// Its key, in base64, of which Ed25519 keys have one spelling.
const std::string& Ed25519Key();

}  // namespace fuzz

#endif  // TEST_ROBUSTNESS_FUZZ_TESTDATA_H_
