#include "function/runner/call.h"

#include "function/codec/composite_codec.h"
#include "function/manifest/names.h"

namespace runner {

codec::StructView ObservedResource(const Call& call, const std::string& key) {
  const auto& resources = call.request.observed().resources();
  const auto found = resources.find(key);
  return codec::StructView(found == resources.end() ? absl::string_view() : found->second.resource());
}

void AddObserved(const Call& call, const std::string& key, manifest::Observed& observed) {
  if (!call.request.observed().resources().contains(key)) return;
  observed.Add(key, codec::DecodeObserved(ObservedResource(call, key), call.composite));
}

std::optional<codec::StructView> Required(const Call& call, const RequiredResource& required) {
  const auto& required_resources = call.request.required_resources();
  const auto& extra_resources = call.request.extra_resources();
  const fn::lazy::Resources* answer = nullptr;
  if (const auto found = required_resources.find(required.key); found != required_resources.end()) {
    answer = &found->second;
  } else if (const auto extra = extra_resources.find(required.key); extra != extra_resources.end()) {
    answer = &extra->second;
  }
  if (answer == nullptr) return std::nullopt;
  for (const fn::lazy::Resource& item : answer->items()) {
    const codec::StructView object(item.resource());
    const bool is_the_one = object.String({"kind"}) == required.kind &&
                            object.String({"apiVersion"}) == required.api_version &&
                            object.String({"metadata", "name"}) == required.name &&
                            object.String({"metadata", "namespace"}) == required.namespace_name;
    if (is_the_one) return object;
  }
  return codec::StructView();
}

absl::StatusOr<release::AuditKeys> AuditKeysOf(const Call& call) {
  const auto& credentials = call.request.credentials();
  const auto found = credentials.find("audit");
  if (found == credentials.end()) return release::AuditKeys();
  const auto& data = found->second.credential_data().data();
  const auto value = [&data](const char* key) {
    const auto entry = data.find(key);
    return entry == data.end() ? std::string() : entry->second;
  };
  release::AuditKeys keys{value("key"), value("previous-key")};
  if (keys.key.empty()) {
    return absl::InvalidArgumentError(
        "credentials.audit: has no key: put one under \"key\" into its Secret, or remove "
        "the credential from the Composition");
  }
  return keys;
}

RequiredResource PipelineConfigOf(const Call& call, const std::string& tenant) {
  return {manifest::key::kPipelineConfig, "v1", "ConfigMap", manifest::PipelineConfigName(tenant),
          call.composite.namespace_name};
}

RequiredResource GateConfigOf(const Call& call, const std::string& key, const std::string& tenant,
                              const release::Step& step) {
  return {key, "v1", "ConfigMap", manifest::GateConfigName(tenant, step), call.composite.namespace_name};
}

}  // namespace runner
