#include "function/manifest/access.h"

#include "absl/strings/str_replace.h"
#include "function/manifest/names.h"

namespace manifest {
namespace {

using base::Json;
using release::Composite;
using release::Flavour;
using release::PipelineSpec;

constexpr char kRbacVersion[] = "rbac.authorization.k8s.io/v1";
constexpr char kRbacGroup[] = "rbac.authorization.k8s.io";

Json Rule(const char* group, const char* resource, Json names, Json verbs) {
  Json rule = base::JsonObject({{"apiGroups", Json::array({group})},
                                {"resources", Json::array({resource})},
                                {"verbs", std::move(verbs)}});
  if (!names.empty()) rule["resourceNames"] = std::move(names);
  return rule;
}

// `kubectl wait` lists and watches one object by its name, which RBAC allows together with resourceNames.
Json Read() { return Json::array({"get", "list", "watch"}); }

// A server-side apply creates with the verbs create and patch, and both respect resourceNames.
Json ReadAndApply() { return Json::array({"get", "list", "watch", "create", "patch"}); }

Json Binding(const char* kind, const char* role_kind, const std::string& name, const std::string& role,
             absl::string_view namespace_name, const char* component, const Composite& composite,
             const PipelineSpec& spec) {
  Json binding = Object(kRbacVersion, kind, name, namespace_name, Labels(composite, spec.tenant, component));
  binding["roleRef"] = base::JsonObject({{"apiGroup", kRbacGroup}, {"kind", role_kind}, {"name", role}});
  binding["subjects"] = Json::array({base::JsonObject({{"kind", "ServiceAccount"},
                                                       {"name", ServiceAccountName(spec.tenant)},
                                                       {"namespace", composite.namespace_name}})});
  return binding;
}

}  // namespace

Json ServiceAccount(const Composite& composite, const PipelineSpec& spec, const release::Settings& settings) {
  Json account = Object("v1", "ServiceAccount", ServiceAccountName(spec.tenant), composite.namespace_name,
                        Labels(composite, spec.tenant, key::kPipelineServiceAccount));
  for (const auto& [name, value] : settings.service_account_annotations) {
    account["metadata"]["annotations"][name] = absl::StrReplaceAll(value, {{"{tenant}", spec.tenant}});
  }
  return account;
}

Json Role(const Composite& composite, const PipelineSpec& spec) {
  Json config_maps = Json::array({PipelineConfigName(spec.tenant)});
  Json gates = Json::array();
  for (const release::Step& step : release::StepsOf(spec.environments)) {
    config_maps.push_back(GateConfigName(spec.tenant, step));
    gates.push_back(release::GateName(spec.tenant, step));
  }
  const bool claims = composite.flavour == Flavour::kClaims;
  Json role = Object(kRbacVersion, "Role", RoleName(spec.tenant), composite.namespace_name,
                     Labels(composite, spec.tenant, key::kPipelineRole));
  role["rules"] = Json::array({
      Rule("", "configmaps", config_maps, Read()),
      Rule("", "secrets", Json::array({CredentialsName(spec.tenant)}), Json::array({"get"})),
      Rule("batch", "jobs", Json::array(), Read()),
  });
  if (!claims || composite.has_claim) {
    role["rules"].push_back(Rule(release::kApiGroup, claims ? "releasepipelines" : "xreleasepipelines",
                                 Json::array({composite.name}), Read()));
  }
  if (!gates.empty()) {
    role["rules"].push_back(
        Rule(release::kApiGroup, claims ? "promotiongates" : "xpromotiongates", gates, ReadAndApply()));
  }
  return role;
}

Json RoleBinding(const Composite& composite, const PipelineSpec& spec) {
  return Binding("RoleBinding", "Role", RoleBindingName(spec.tenant), RoleName(spec.tenant),
                 composite.namespace_name, key::kPipelineRoleBinding, composite, spec);
}

Json ClusterRole(const Composite& composite, const PipelineSpec& spec) {
  Json role = Object(kRbacVersion, "ClusterRole", ClusterRoleName(spec.tenant, composite.namespace_name), "",
                     Labels(composite, spec.tenant, key::kPipelineClusterRole));
  role["rules"] =
      Json::array({Rule(release::kApiGroup, "xreleasepipelines", Json::array({composite.xr_name}), Read())});
  return role;
}

Json ClusterRoleBinding(const Composite& composite, const PipelineSpec& spec) {
  return Binding("ClusterRoleBinding", "ClusterRole",
                 ClusterRoleBindingName(spec.tenant, composite.namespace_name),
                 ClusterRoleName(spec.tenant, composite.namespace_name), "", key::kPipelineClusterRoleBinding,
                 composite, spec);
}

}  // namespace manifest
