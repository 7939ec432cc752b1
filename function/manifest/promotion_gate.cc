#include "function/manifest/promotion_gate.h"

#include "absl/strings/str_cat.h"
#include "function/manifest/names.h"

namespace manifest {
namespace {

using base::Json;
using release::Composite;
using release::Flavour;

Json ApprovalToJson(const release::Approval& approval) {
  Json json = {{"approver", approval.approver},
               {"decision", std::string(Name(approval.decision))},
               {"artifact_id", approval.artifact_id},
               {"attempt", approval.attempt}};
  if (!approval.comment.empty()) json["comment"] = approval.comment;
  if (!approval.signature.empty()) json["signature"] = approval.signature;
  return json;
}

bool IsClusterScoped(const Composite& pipeline) {
  return pipeline.flavour == Flavour::kClaims && !pipeline.has_claim;
}

}  // namespace

std::string GateKind(const Composite& pipeline) {
  return pipeline.has_claim ? release::kGateClaimKind : release::kGateKind;
}

std::string GateNamespace(const Composite& pipeline) {
  return IsClusterScoped(pipeline) ? "" : pipeline.namespace_name;
}

std::string GateKey(const release::Step& step) { return absl::StrCat("gate-", step.Slug()); }

Json PromotionGate(const Composite& pipeline, const release::PipelineSpec& spec,
                   const release::DrivenGate& gate) {
  Json object = Object(release::kApiVersion, GateKind(pipeline), release::GateName(spec.tenant, gate.step),
                       GateNamespace(pipeline), Labels(pipeline, spec.tenant, "gate"));
  Json& gate_spec = object["spec"];
  gate_spec = {{"tenant", spec.tenant},
               {"artifact_id", gate.artifact_id},
               {"source_environment", std::string(Name(gate.step.source))},
               {"target_environment", std::string(Name(gate.step.target))},
               {"approval_required", gate.approval_required},
               {"pipeline", pipeline.name},
               {"attempt", gate.attempt}};
  if (gate.timeout_hours) gate_spec["timeout_hours"] = *gate.timeout_hours;
  if (!gate.requested_by.empty()) gate_spec["requested_by"] = gate.requested_by;
  for (const release::Approval& approval : gate.approvals)
    gate_spec["approvals"].push_back(ApprovalToJson(approval));
  return object;
}

}  // namespace manifest
