// An immutable OCI reference.
#ifndef FUNCTION_RELEASE_ARTIFACT_H_
#define FUNCTION_RELEASE_ARTIFACT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace release {

// Either `registry/path:TAG`, whose tag is or ends in a commit SHA (6 to 40 hex digits: "main-abc123",
// "0f3c9a1"), or `registry/path@sha256:<64 hex>`. Grammar of the parts: the OCI distribution specification.
struct Artifact {
  std::string registry;    // "ghcr.io", "registry.example.org:5000"
  std::string repository;  // "acme/app"
  std::string tag;         // empty where there is a digest
  std::string digest;      // "sha256:…", empty where there is a tag

  bool HasDigest() const { return !digest.empty(); }
};

inline constexpr size_t kMaxArtifact = 512;

// At most kMaxArtifact characters. The error says what is wrong and what to write instead.
absl::StatusOr<Artifact> ParseArtifact(absl::string_view reference);

}  // namespace release

#endif  // FUNCTION_RELEASE_ARTIFACT_H_
