#include "function/manifest/external_secret.h"

#include "absl/strings/str_replace.h"
#include "function/manifest/names.h"

namespace manifest {

using base::Json;

Json ExternalSecret(const release::Composite& composite, const release::PipelineSpec& spec,
                    const release::Settings& settings) {
  const auto entry = [&](const char* secret_key, const std::string& path) -> Json {
    return base::JsonObject(
        {{"secretKey", secret_key},
         {"remoteRef", base::JsonObject({{"key", absl::StrReplaceAll(path, {{"{tenant}", spec.tenant}})}})}});
  };
  Json secret = Object("external-secrets.io/v1", "ExternalSecret", CredentialsName(spec.tenant),
                       composite.namespace_name, Labels(composite, spec.tenant, key::kPipelineCredentials));
  secret["spec"] = base::JsonObject(
      {{"refreshInterval", settings.refresh_interval},
       {"secretStoreRef",
        base::JsonObject({{"name", settings.secret_store.name}, {"kind", settings.secret_store.kind}})},
       {"target", base::JsonObject({{"name", CredentialsName(spec.tenant)}, {"creationPolicy", "Owner"}})},
       {"data", Json::array({entry("github-token", settings.secret_paths.github_token),
                             entry("registry-token", settings.secret_paths.registry_token)})}});
  return secret;
}

}  // namespace manifest
