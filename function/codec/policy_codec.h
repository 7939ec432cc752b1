// What pipeline specs and the function's Input have in common: policies, freezes, artifact references, names.
#ifndef FUNCTION_CODEC_POLICY_CODEC_H_
#define FUNCTION_CODEC_POLICY_CODEC_H_

#include <map>
#include <string>
#include <vector>

#include "function/codec/object_reader.h"
#include "function/release/policy.h"

namespace codec {

struct Policies {
  std::vector<std::string> declared;                    // the keys of the policies that are written down
  std::map<std::string, release::StepPolicy> policies;  // by Step::Key(): one for every step there can be
  std::map<std::string, release::StepTrust> trust;
};

// Reads `policy_key` (an object by step), `freezes` and `signers_key`. The freezes and the signers are in
// every step.
Policies ReadPolicies(ObjectReader& reader, absl::string_view policy_key, absl::string_view signers_key);

// An immutable artifact reference, or "" where the field is missing or wrong.
std::string ReadArtifact(ObjectReader& reader, absl::string_view key);

// A DNS-1123 label.
std::string ReadTenant(ObjectReader& reader);

// Lower-case letters, digits and `marks`, with a letter or digit at either end: a DNS-1123 label with "-", a
// subdomain with "-.".
std::string ReadDnsName(ObjectReader& reader, absl::string_view key, size_t max_size, absl::string_view marks,
                        absl::string_view default_value);

// `attempt`, 1 where it is missing.
int ReadAttempt(ObjectReader& reader);

}  // namespace codec

#endif  // FUNCTION_CODEC_POLICY_CODEC_H_
