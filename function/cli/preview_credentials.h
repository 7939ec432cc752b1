// The credentials that a Composition gives to the function, out of the Secrets that stand in for the
// cluster's.
#ifndef FUNCTION_CLI_PREVIEW_CREDENTIALS_H_
#define FUNCTION_CLI_PREVIEW_CREDENTIALS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "function/base/json.h"

namespace cli {

// Of spec.pipeline[].credentials of a Composition: the one called `name` is what is in this Secret.
struct CredentialSource {
  std::string name;
  std::string secret_namespace;
  std::string secret_name;
};

// By the credential's name: the data of its Secret.
using Credentials = std::map<std::string, std::map<std::string, std::string>>;

// Those of a step of a Composition that come from a Secret; there is no other source.
std::vector<CredentialSource> CredentialSourcesOf(const base::Json& step);

// A source without a Secret is left out. An error names the Secret whose data is not base64.
absl::StatusOr<Credentials> ResolveCredentials(const std::vector<CredentialSource>& sources,
                                               const std::vector<base::Json>& secrets);

}  // namespace cli

#endif  // FUNCTION_CLI_PREVIEW_CREDENTIALS_H_
