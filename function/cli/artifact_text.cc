#include "function/cli/artifact_text.h"

#include "function/cli/code_points.h"

namespace cli {

std::string ShortArtifact(const std::string& artifact) {
  constexpr char kDigest[] = "@sha256:";
  constexpr size_t kDigits = 12;
  const size_t digest = artifact.find(kDigest);
  if (digest == std::string::npos) return Shorten(artifact, 120);
  return Shorten(artifact.substr(0, digest + sizeof(kDigest) - 1 + kDigits), 120);
}

std::string ShortVersion(const std::string& artifact) {
  const std::string reference = ShortArtifact(artifact);
  const size_t at = reference.find('@');
  const size_t start = at != std::string::npos ? at : reference.rfind(':');
  return Shorten(start == std::string::npos ? reference : reference.substr(start + 1), 40);
}

}  // namespace cli
