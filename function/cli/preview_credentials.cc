#include "function/cli/preview_credentials.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "function/cli/preview_object.h"

namespace cli {
namespace {

using base::Json;

const Json* SecretOf(const CredentialSource& source, const std::vector<Json>& secrets) {
  for (const Json& secret : secrets) {
    const bool is_secret = ApiVersion(secret) == "v1" && Kind(secret) == "Secret";
    if (is_secret && Namespace(secret) == source.secret_namespace && Name(secret) == source.secret_name)
      return &secret;
  }
  return nullptr;
}

}  // namespace

std::vector<CredentialSource> CredentialSourcesOf(const Json& step) {
  std::vector<CredentialSource> sources;
  const Json& credentials = At(step, {"credentials"});
  if (!credentials.is_array()) return sources;
  for (const Json& credential : credentials) {
    if (Text(credential, {"source"}) != "Secret") continue;
    sources.push_back({Text(credential, {"name"}), Text(credential, {"secretRef", "namespace"}),
                       Text(credential, {"secretRef", "name"})});
  }
  return sources;
}

absl::StatusOr<Credentials> ResolveCredentials(const std::vector<CredentialSource>& sources,
                                               const std::vector<Json>& secrets) {
  Credentials credentials;
  for (const CredentialSource& source : sources) {
    const Json* secret = SecretOf(source, secrets);
    if (secret == nullptr) continue;
    std::map<std::string, std::string>& data = credentials[source.name];
    const Json& encoded = At(*secret, {"data"});
    if (!encoded.is_object()) continue;
    for (const auto& [key, value] : encoded.items()) {
      if (!value.is_string() || !absl::Base64Unescape(value.get<std::string>(), &data[key])) {
        return absl::InvalidArgumentError(
            absl::StrCat("--function-credentials: ", Describe(*secret), ": data.", key, ": must be base64"));
      }
    }
  }
  return credentials;
}

}  // namespace cli
