// Artifact references as people say them.
#ifndef FUNCTION_CLI_ARTIFACT_TEXT_H_
#define FUNCTION_CLI_ARTIFACT_TEXT_H_

#include <string>

namespace cli {

// "registry/path:tag", or with the first twelve digits of the digest; at most 120 code points.
std::string ShortArtifact(const std::string& artifact);

// The tag or the digest alone; at most 40 code points.
std::string ShortVersion(const std::string& artifact);

}  // namespace cli

#endif  // FUNCTION_CLI_ARTIFACT_TEXT_H_
