#include "function/manifest/names.h"

#include "absl/strings/str_cat.h"
#include "function/base/sha256.h"

namespace manifest {
namespace {

constexpr size_t kHashDigits = 8;

std::string Subdomain(absl::string_view tenant, absl::string_view suffix) {
  return FitName(absl::StrCat(tenant, suffix), kMaxSubdomain);
}

}  // namespace

std::string FitName(absl::string_view name, size_t limit) {
  if (name.size() <= limit) return std::string(name);
  absl::string_view head = name.substr(0, limit - kHashDigits - 1);
  while (!head.empty() && (head.back() == '-' || head.back() == '.')) head.remove_suffix(1);
  return absl::StrCat(head, "-", base::Sha256Hex(name).substr(0, kHashDigits));
}

std::string PipelineConfigName(absl::string_view tenant) {
  return Subdomain(tenant, "-release-pipeline-config");
}
std::string CredentialsName(absl::string_view tenant) {
  return Subdomain(tenant, "-release-pipeline-credentials");
}
std::string ServiceAccountName(absl::string_view tenant) { return Subdomain(tenant, "-release-pipeline-sa"); }
std::string RoleName(absl::string_view tenant) { return Subdomain(tenant, "-release-pipeline-role"); }
std::string RoleBindingName(absl::string_view tenant) {
  return Subdomain(tenant, "-release-pipeline-binding");
}

std::string ClusterRoleName(absl::string_view tenant, absl::string_view namespace_name) {
  return absl::StrCat(RoleName(tenant), ".", namespace_name);
}

std::string ClusterRoleBindingName(absl::string_view tenant, absl::string_view namespace_name) {
  return absl::StrCat(RoleBindingName(tenant), ".", namespace_name);
}

std::string GateConfigName(absl::string_view tenant, const release::Step& step) {
  return Subdomain(tenant, absl::StrCat("-", step.Slug(), "-gate"));
}

std::string GateJobName(absl::string_view tenant, const release::Step& step, absl::string_view subject) {
  return FitName(absl::StrCat(tenant, "-", step.Slug(), "-timeout-", subject.substr(0, kHashDigits)),
                 kMaxLabel);
}

std::string GateJobKey(absl::string_view subject) {
  return absl::StrCat(key::kGateJobPrefix, subject.substr(0, kHashDigits));
}

base::Json Labels(const release::Composite& composite, absl::string_view tenant,
                  absl::string_view component) {
  return base::JsonObject({{"app.kubernetes.io/name", "release-pipeline"},
                           {"app.kubernetes.io/instance", FitName(composite.name, kMaxLabel)},
                           {"app.kubernetes.io/component", std::string(component)},
                           {"app.kubernetes.io/part-of", std::string(tenant)},
                           {"app.kubernetes.io/managed-by", "crossplane"},
                           {"platform.zerotouch.dev/tenant", std::string(tenant)}});
}

base::Json Object(absl::string_view api_version, absl::string_view kind, absl::string_view name,
                  absl::string_view namespace_name, base::Json labels) {
  base::Json metadata = base::JsonObject({{"name", std::string(name)}, {"labels", std::move(labels)}});
  if (!namespace_name.empty()) metadata["namespace"] = std::string(namespace_name);
  return base::JsonObject({{"apiVersion", std::string(api_version)},
                           {"kind", std::string(kind)},
                           {"metadata", std::move(metadata)}});
}

}  // namespace manifest
