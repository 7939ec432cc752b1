#include "function/manifest/compose.h"

#include "function/manifest/access.h"
#include "function/manifest/config_map.h"
#include "function/manifest/external_secret.h"
#include "function/manifest/gate_job.h"
#include "function/manifest/names.h"
#include "function/manifest/promotion_gate.h"

namespace manifest {
namespace {

// Appends the role, and its binding where the role or the binding itself is there.
void AddRole(std::vector<Composed>& resources, const Observed& observed, Composed role, Composed binding) {
  const bool bind = observed.Has(role) || observed.Has(binding);
  resources.push_back(std::move(role));
  if (bind) resources.push_back(std::move(binding));
}

}  // namespace

std::vector<Composed> ComposePipeline(const release::Composite& composite, const release::PipelineSpec& spec,
                                      const release::PipelineDecision& decision,
                                      const release::Settings& settings, const Observed& observed) {
  std::vector<Composed> resources;
  resources.push_back({key::kPipelineConfig, PipelineConfigMap(composite, spec, decision.status)});
  resources.push_back({key::kPipelineCredentials, ExternalSecret(composite, spec, settings)});
  resources.push_back({key::kPipelineServiceAccount, ServiceAccount(composite, spec, settings)});
  AddRole(resources, observed, {key::kPipelineRole, Role(composite, spec)},
          {key::kPipelineRoleBinding, RoleBinding(composite, spec)});
  if (composite.flavour == release::Flavour::kClaims) {
    AddRole(resources, observed, {key::kPipelineClusterRole, ClusterRole(composite, spec)},
            {key::kPipelineClusterRoleBinding, ClusterRoleBinding(composite, spec)});
  }
  for (const release::DrivenGate& gate : decision.gates) {
    resources.push_back({GateKey(gate.step), PromotionGate(composite, spec, gate)});
  }
  SetReadiness(resources, observed);
  return resources;
}

std::vector<Composed> ComposeGate(const release::Composite& composite, const release::GateSpec& spec,
                                  const release::GateDecision& decision, const release::Settings& settings,
                                  const Observed& observed) {
  const std::string job_key = GateJobKey(decision.status.subject);
  const ObservedResource* running =
      observed.Find(job_key, GateJobName(spec.tenant, spec.step, decision.status.subject));
  const bool keeps_image = running != nullptr && !running->job_image.empty();
  std::vector<Composed> resources;
  resources.push_back({key::kGateConfig, GateConfigMap(composite, spec, decision)});
  resources.push_back({job_key, GateJob(composite, spec, decision.status, settings,
                                        keeps_image ? running->job_image : settings.gate_job.image)});
  SetReadiness(resources, observed);
  return resources;
}

}  // namespace manifest
