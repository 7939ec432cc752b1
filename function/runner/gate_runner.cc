// A call for an XPromotionGate.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "function/base/status_macros.h"
#include "function/codec/composite_codec.h"
#include "function/codec/gate_codec.h"
#include "function/codec/pipeline_codec.h"
#include "function/manifest/compose.h"
#include "function/manifest/names.h"
#include "function/manifest/promotion_gate.h"
#include "function/manifest/status.h"
#include "function/release/gate.h"
#include "function/release/pipeline.h"
#include "function/runner/call.h"

namespace runner {
namespace {

using release::Flavour;
using release::PipelineFacts;

constexpr release::Step kIntoStaging{release::Environment::kDev, release::Environment::kStaging};

// A gate with a claim belongs to a pipeline with a claim. Without one, both are cluster-scoped in the claims
// flavour.
RequiredResource PipelineOf(const Call& call, const release::GateSpec& spec) {
  const release::Composite& composite = call.composite;
  const bool is_namespaced = composite.flavour == Flavour::kNamespaced || composite.has_claim;
  return {"pipeline", release::kApiVersion,
          composite.has_claim ? release::kPipelineClaimKind : release::kPipelineKind, spec.pipeline,
          is_namespaced ? composite.namespace_name : ""};
}

// The gate that leads to the source environment, whose audit trail proves what is there: there is one step
// into staging, and none into dev.
std::optional<RequiredResource> SourceGateOf(const Call& call, const release::GateSpec& spec) {
  if (spec.step.source != kIntoStaging.target) return std::nullopt;
  return RequiredResource{"source-gate", release::kApiVersion, manifest::GateKind(call.composite),
                          release::GateName(spec.tenant, kIntoStaging),
                          manifest::GateNamespace(call.composite)};
}

RequiredResource SourceGateConfigOf(const Call& call, const release::GateSpec& spec) {
  return GateConfigOf(call, "source-gate-config", spec.tenant, kIntoStaging);
}

// All at once, although a gate may not need all of it: every round of questions is another call.
void AskForAll(const Call& call, const release::GateSpec& spec, const release::AuditKeys& keys) {
  call.response.Require(PipelineOf(call, spec));
  call.response.Require(PipelineConfigOf(call, spec.tenant));
  const std::optional<RequiredResource> gate = SourceGateOf(call, spec);
  if (!gate) return;
  call.response.Require(*gate);
  if (keys.key.empty()) call.response.Require(SourceGateConfigOf(call, spec));
}

// What the source environment runs, where the pipeline's status and the gate's trail agree: whoever can write
// statuses opens nothing.
void ReadSource(const Call& call, const codec::StructView& pipeline, const release::PipelineSpec& spec,
                release::GateInput& input) {
  const std::optional<RequiredResource> required = SourceGateOf(call, input.spec);
  const std::optional<codec::StructView> gate = required ? Required(call, *required) : std::nullopt;
  if (!gate || gate->wire().empty()) return;
  const release::PipelineInput context{call.composite.namespace_name, input.spec.pipeline, spec};
  const codec::StructView config =
      Required(call, SourceGateConfigOf(call, input.spec)).value_or(codec::StructView());
  const release::GateFacts facts =
      codec::DecodeGateFacts(*gate, /*ours=*/false, config, context, kIntoStaging, input.audit_keys);
  for (const release::EnvironmentStatus& environment : codec::DecodePipelineStatus(pipeline).environments) {
    if (environment.name != Name(input.spec.step.source) || environment.artifact_id.empty() ||
        environment.artifact_id != facts.approved_artifact_id) {
      continue;
    }
    input.pipeline.source_artifact_id = environment.artifact_id;
    input.pipeline.source_since = facts.approved_since;
  }
}

// The pipeline that made the tenant's configuration is the one in charge; any other one could bring laxer
// policies.
std::string OtherInCharge(const Call& call, const codec::StructView& pipeline, const std::string& tenant) {
  const std::optional<codec::StructView> found = Required(call, PipelineConfigOf(call, tenant));
  return found ? codec::OtherController(*found, pipeline) : "";
}

// Reads the pipeline into what the gate has to know of it, and merges both sides' policies for the step.
void ReadPipeline(const Call& call, release::GateInput& input) {
  const std::string step = input.spec.step.Key();
  const release::StepFloor floor = PlatformFloor(call.settings.policy, call.settings.trust, input.spec.step);
  input.policy = floor.policy;
  input.trust = floor.trust;
  const std::optional<codec::StructView> object = Required(call, PipelineOf(call, input.spec));
  if (!object) return;
  if (object->wire().empty()) {
    input.pipeline.state = PipelineFacts::State::kNotFound;
    return;
  }
  absl::StatusOr<release::PipelineSpec> pipeline = codec::DecodePipelineSpec(*object);
  if (!pipeline.ok()) {
    input.pipeline.state = PipelineFacts::State::kInvalid;
    input.pipeline.problem = std::string(pipeline.status().message());
    return;
  }
  const std::string other = OtherInCharge(call, *object, input.spec.tenant);
  input.pipeline.state = other.empty() ? PipelineFacts::State::kFound : PipelineFacts::State::kNotInCharge;
  input.pipeline.problem = other;
  input.pipeline.tenant = pipeline->tenant;
  input.pipeline.environments = pipeline->environments;
  input.pipeline.registry = pipeline->registry;
  input.pipeline.releasing = pipeline->artifact_id;
  ReadSource(call, *object, *pipeline, input);
  input.policy = Merge(input.policy, pipeline->policies.at(step));
  input.trust = Prefer(input.trust, pipeline->trust.at(step));
}

// Converges on the next change in spite of the jitter that Crossplane adds to a ttl.
absl::Duration Ttl(const Call& call, const release::GateDecision& decision) {
  if (decision.status.verdict != release::Verdict::kPending) return call.settings.heartbeat;
  const absl::Duration poll = call.settings.poll_interval;
  if (!decision.next_change) return poll;
  const absl::Duration half = (*decision.next_change - call.now) / 2;
  return std::clamp(half, absl::Seconds(1), std::max(poll, absl::Seconds(1)));
}

GateReport ReportOf(const release::GateSpec& spec, const release::GateDecision& decision) {
  const release::GateStatus& status = decision.status;
  GateReport report{spec.step, status.verdict, status.subject, status.created_timestamp};
  for (const release::Requirement& requirement : status.requirements) {
    const bool waits = status.verdict == release::Verdict::kPending && !requirement.satisfied;
    if (waits) report.waiting_for.push_back(requirement.name);
  }
  report.new_entries.assign(status.audit.end() - static_cast<std::ptrdiff_t>(decision.new_entries),
                            status.audit.end());
  report.audit_broke = decision.audit_broke;
  return report;
}

}  // namespace

absl::StatusOr<GateReport> RunGate(const Call& call) {
  release::GateInput input;
  ASSIGN_OR_RETURN(input.spec, codec::DecodeGateSpec(call.xr));
  const release::GateSpec& spec = input.spec;
  input.namespace_name = call.composite.namespace_name;
  input.name = call.composite.name;
  input.creation_timestamp = call.composite.creation_timestamp;
  ASSIGN_OR_RETURN(input.audit_keys, AuditKeysOf(call));
  AskForAll(call, spec, input.audit_keys);
  ReadPipeline(call, input);

  manifest::Observed observed;
  AddObserved(call, manifest::key::kGateConfig, observed);
  input.previous = codec::DecodeGateStatus(call.xr);
  if (observed.Find(manifest::key::kGateConfig, manifest::GateConfigName(spec.tenant, spec.step)) !=
      nullptr) {
    input.config_map = codec::DecodeGateConfigMap(ObservedResource(call, manifest::key::kGateConfig));
  }
  const release::GateDecision decision = Decide(input, call.now);
  AddObserved(call, manifest::GateJobKey(decision.status.subject), observed);

  call.response.SetResources(ComposeGate(call.composite, spec, decision, call.settings, observed));
  call.response.SetStatus(manifest::GateStatusToJson(decision.status));
  for (const release::Event& event : decision.events) call.response.AddEvent(event);
  for (const release::Condition& condition : decision.conditions) call.response.AddCondition(condition);
  call.response.SetTtl(Ttl(call, decision));
  return ReportOf(spec, decision);
}

}  // namespace runner
