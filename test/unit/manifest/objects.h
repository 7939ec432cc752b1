// A pipeline that drives and its gate, in each flavour.
#ifndef TEST_UNIT_MANIFEST_OBJECTS_H_
#define TEST_UNIT_MANIFEST_OBJECTS_H_

#include <string>

#include "function/manifest/compose.h"
#include "function/release/gate.h"
#include "function/release/pipeline.h"
#include "function/release/settings.h"

namespace manifest {

inline constexpr char kApp[] = "ghcr.io/acme/app:main-abc123";
inline const absl::Time kNow = absl::FromUnixSeconds(1767355200);  // 2026-01-02T12:00:00Z

inline release::Composite Namespaced(const std::string& kind, const std::string& name) {
  return {kind, release::Flavour::kNamespaced, name, name, "team", "uid", kNow, false};
}

inline release::Composite WithClaim(const std::string& kind, const std::string& name) {
  return {kind, release::Flavour::kClaims, name + "-x7k2p", name, "team", "uid", kNow, true};
}

inline release::Composite ClusterScoped(const std::string& kind, const std::string& name) {
  return {kind, release::Flavour::kClaims, name, name, "platform-system", "uid", kNow, false};
}

inline release::PipelineSpec Pipeline() {
  release::PipelineSpec spec;
  spec.tenant = "acme";
  spec.environments = {release::Environment::kDev, release::Environment::kStaging,
                       release::Environment::kProduction};
  spec.rules = {{"dev_to_staging", release::PromotionRule::kAutomatic},
                {"staging_to_production", release::PromotionRule::kManual}};
  spec.artifact_id = kApp;
  spec.requested_by = "rita";
  spec.attempt = 2;
  release::Approval approval;
  approval.approver = "alice";
  approval.artifact_id = kApp;
  approval.attempt = 2;
  approval.comment = "fine";
  approval.signature = "-----BEGIN SSH SIGNATURE-----";
  spec.approvals = {{release::Environment::kStaging, approval}};
  spec.policies["dev_to_staging"].timeout_hours = 12;
  return spec;
}

inline release::GateInput Gate(const release::Composite& composite) {
  release::GateInput gate;
  gate.namespace_name = composite.namespace_name;
  gate.name = composite.name;
  gate.creation_timestamp = kNow;
  gate.spec.tenant = "acme";
  gate.spec.artifact_id = kApp;
  gate.spec.pipeline = "acme-pipeline";
  gate.spec.requested_by = "rita";
  release::Approval approval;
  approval.approver = "alice";
  approval.artifact_id = kApp;
  gate.spec.approvals = {approval};
  gate.pipeline.state = release::PipelineFacts::State::kFound;
  gate.pipeline.tenant = "acme";
  gate.pipeline.environments = {release::Environment::kDev, release::Environment::kStaging};
  gate.pipeline.registry = "ghcr.io";
  return gate;
}

inline release::Settings Settings() {
  release::Settings settings;
  settings.gate_job.image = "registry.example.org/function:v1";
  settings.secret_paths.github_token = "/zerotouch/{tenant}/github-token";
  settings.service_account_annotations = {{"eks.amazonaws.com/role-arn", "arn:aws:iam::1:role/{tenant}"}};
  return settings;
}

// Everything of a pipeline whose first gate is known not to be there yet.
inline release::PipelineDecision DecidePipeline(const release::Composite& composite) {
  release::PipelineInput input{composite.namespace_name, composite.name, Pipeline()};
  input.gates["dev_to_staging"].known = true;
  return release::Decide(input, kNow);
}

// All of it, the bindings too.
inline std::vector<Composed> PipelineResources(const release::Composite& composite,
                                               const release::PipelineSpec& spec = Pipeline()) {
  Observed observed;
  const release::PipelineDecision decision = DecidePipeline(composite);
  for (const Composed& composed : ComposePipeline(composite, spec, decision, Settings(), observed)) {
    observed.Add(composed.key, {composed.manifest["metadata"]["name"], true});
  }
  return ComposePipeline(composite, spec, decision, Settings(), observed);
}

inline std::vector<Composed> GateResources(const release::Composite& composite) {
  const release::GateInput gate = Gate(composite);
  return ComposeGate(composite, gate.spec, release::Decide(gate, kNow), Settings(), Observed());
}

}  // namespace manifest

#endif  // TEST_UNIT_MANIFEST_OBJECTS_H_
