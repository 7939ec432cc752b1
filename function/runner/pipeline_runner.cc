// A call for an XReleasePipeline.
#include "absl/strings/str_cat.h"
#include "function/base/status_macros.h"
#include "function/codec/composite_codec.h"
#include "function/codec/gate_codec.h"
#include "function/codec/pipeline_codec.h"
#include "function/manifest/compose.h"
#include "function/manifest/names.h"
#include "function/manifest/promotion_gate.h"
#include "function/manifest/status.h"
#include "function/release/pipeline.h"
#include "function/runner/call.h"

namespace runner {
namespace {

std::optional<codec::StructView> FindConfig(const Call& call, const release::PipelineSpec& spec) {
  const RequiredResource config = PipelineConfigOf(call, spec.tenant);
  call.response.Require(config);
  return Required(call, config);
}

// Two pipelines of one tenant in one namespace would compose the same resources: the one that does not
// control the ConfigMap stops.
absl::Status CheckOnlyPipeline(const Call& call, const release::PipelineSpec& spec,
                               const std::optional<codec::StructView>& config) {
  const std::string other = config ? codec::ForeignController(*config, call.composite) : "";
  if (other.empty()) return absl::OkStatus();
  return absl::AlreadyExistsError(absl::StrCat(
      "spec.tenant: ", spec.tenant, " already has a pipeline in namespace ", call.composite.namespace_name,
      ": ", other, "; delete one of the two, or give it a tenant of its own"));
}

// The second copy of a gate's trail; empty where nobody asks for it, or there is none.
codec::StructView FindGateConfig(const Call& call, const std::string& tenant, const release::Step& step,
                                 const release::AuditKeys& keys) {
  if (!keys.key.empty()) return codec::StructView();
  const RequiredResource config =
      GateConfigOf(call, absl::StrCat(manifest::GateKey(step), "-config"), tenant, step);
  call.response.Require(config);
  return Required(call, config).value_or(codec::StructView());
}

// The gate of a step: the one that this pipeline composed, or whatever has its name.
release::GateFacts FindGate(const Call& call, const release::PipelineInput& input, const release::Step& step,
                            const release::AuditKeys& keys, manifest::Observed& observed) {
  const std::string key = manifest::GateKey(step);
  const std::string name = release::GateName(input.spec.tenant, step);
  const RequiredResource required{key, release::kApiVersion, manifest::GateKind(call.composite), name,
                                  manifest::GateNamespace(call.composite)};
  call.response.Require(required);
  const codec::StructView config = FindGateConfig(call, input.spec.tenant, step, keys);
  AddObserved(call, key, observed);
  if (observed.Find(key, name) != nullptr) {
    return codec::DecodeGateFacts(ObservedResource(call, key), /*ours=*/true, config, input, step, keys);
  }
  const std::optional<codec::StructView> found = Required(call, required);
  if (found && !found->wire().empty()) {
    const bool ours = codec::DecodeObserved(*found, call.composite).controlled;
    return codec::DecodeGateFacts(*found, ours, config, input, step, keys);
  }
  release::GateFacts gate;
  gate.known = found.has_value();
  return gate;
}

}  // namespace

absl::StatusOr<PipelineReport> RunPipeline(const Call& call) {
  release::PipelineInput input{call.composite.namespace_name, call.composite.name};
  ASSIGN_OR_RETURN(input.spec, codec::DecodePipelineSpec(call.xr));
  const std::optional<codec::StructView> config = FindConfig(call, input.spec);
  RETURN_IF_ERROR(CheckOnlyPipeline(call, input.spec, config));
  input.previous = codec::DecodePipelineStatus(call.xr);
  if (config && codec::DecodeObserved(*config, call.composite).controlled) {
    input.released = codec::DecodeReleased(*config);
  }

  manifest::Observed observed;
  for (const char* key : {manifest::key::kPipelineConfig, manifest::key::kPipelineCredentials,
                          manifest::key::kPipelineServiceAccount, manifest::key::kPipelineRole,
                          manifest::key::kPipelineRoleBinding, manifest::key::kPipelineClusterRole,
                          manifest::key::kPipelineClusterRoleBinding}) {
    AddObserved(call, key, observed);
  }
  ASSIGN_OR_RETURN(const release::AuditKeys keys, AuditKeysOf(call));
  for (const release::Step& step : release::AllSteps()) {
    input.gates[step.Key()] = FindGate(call, input, step, keys, observed);
  }
  release::PipelineDecision decision = release::Decide(input, call.now);

  call.response.SetResources(ComposePipeline(call.composite, input.spec, decision, call.settings, observed));
  call.response.SetStatus(manifest::PipelineStatusToJson(decision.status));
  for (const release::Event& event : decision.events) call.response.AddEvent(event);
  for (const release::Condition& condition : decision.conditions) call.response.AddCondition(condition);
  call.response.SetTtl(decision.waiting ? call.settings.poll_interval : call.settings.heartbeat);
  return PipelineReport{std::move(decision.releases)};
}

}  // namespace runner
