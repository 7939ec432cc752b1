#include "function/manifest/config_map.h"

#include "absl/strings/str_cat.h"
#include "function/base/time.h"
#include "function/manifest/names.h"
#include "function/manifest/status.h"

namespace manifest {
namespace {

using base::Json;
using release::Environment;

Json ConfigMap(const release::Composite& composite, absl::string_view name, absl::string_view tenant,
               absl::string_view component, Json data) {
  Json object =
      Object("v1", "ConfigMap", name, composite.namespace_name, Labels(composite, tenant, component));
  object["data"] = std::move(data);
  return object;
}

Json EnvironmentNames(const release::PipelineSpec& spec) {
  Json names = Json::array();
  for (Environment environment : spec.environments) names.push_back(std::string(Name(environment)));
  return names;
}

}  // namespace

Json PipelineConfigMap(const release::Composite& composite, const release::PipelineSpec& spec,
                       const release::PipelineStatus& status) {
  Json rules = Json::object();
  for (const auto& [step, rule] : spec.rules) rules[step] = std::string(Name(rule));
  Json data = base::JsonObject(
      {{"tenant", spec.tenant},
       {"environments", base::CanonicalJson(EnvironmentNames(spec))},
       {"promotion-rules", base::CanonicalJson(rules)},
       {"artifact-config", base::CanonicalJson(base::JsonObject(
                               {{"registry", spec.registry}, {"retention_days", spec.retention_days}}))},
       {"testing-config", base::CanonicalJson(base::JsonObject({{"validation_mode", spec.validation_mode},
                                                                {"bootstrap_mode", spec.bootstrap_mode}}))},
       {"registry", spec.registry},
       {"retention_days", absl::StrCat(spec.retention_days)},
       {"validation_mode", spec.validation_mode},
       {"bootstrap_mode", spec.bootstrap_mode}});
  for (const auto& [step, rule] : spec.rules) data["rule." + step] = std::string(Name(rule));
  // Empty ones, too: a key that is not applied stays as somebody else wrote it, and deployments read these.
  for (const release::EnvironmentStatus& environment : status.environments) {
    data["released." + environment.name] = environment.artifact_id;
  }
  return ConfigMap(composite, PipelineConfigName(spec.tenant), spec.tenant, key::kPipelineConfig,
                   std::move(data));
}

Json GateConfigMap(const release::Composite& composite, const release::GateSpec& spec,
                   const release::GateDecision& decision) {
  const release::GateStatus& status = decision.status;
  Json data = LeavesToJson(status);
  data["tenant"] = spec.tenant;
  data["artifact_id"] = spec.artifact_id;
  data["source_environment"] = std::string(Name(spec.step.source));
  data["target_environment"] = std::string(Name(spec.step.target));
  data["approval_required"] = spec.approval_required ? "true" : "false";
  data["timeout_hours"] = absl::StrCat(spec.timeout_hours);
  data["pipeline"] = spec.pipeline;
  data["attempt"] = absl::StrCat(spec.attempt);
  data["requested_by"] = spec.requested_by;
  data["approvals.have"] = absl::StrCat(status.approvals.have);
  data["approvals.need"] = absl::StrCat(status.approvals.need);
  data["approvals.json"] = base::CanonicalJson(TallyToJson(status.approvals));
  data["requirements.json"] = base::CanonicalJson(RequirementsToJson(status.requirements));
  data["history.json"] = base::CanonicalJson(HistoryToJson(decision.config_map_history));
  data["audit.jsonl"] = AuditToJsonLines(decision.config_map_audit);
  data["job"] = GateJobName(spec.tenant, spec.step, status.subject);
  return ConfigMap(composite, GateConfigName(spec.tenant, spec.step), spec.tenant, key::kGateConfig,
                   std::move(data));
}

}  // namespace manifest
