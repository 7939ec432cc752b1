// XPromotionGate.spec and its status, and the pipeline as a gate sees it.
#ifndef FUNCTION_CODEC_GATE_CODEC_H_
#define FUNCTION_CODEC_GATE_CODEC_H_

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "function/codec/struct_view.h"
#include "function/release/gate.h"
#include "function/release/pipeline.h"

namespace codec {

// `object`: the whole XR. Errors lead with the field path, "spec.…", all of them in one status.
absl::StatusOr<release::GateSpec> DecodeGateSpec(const StructView& object);

// What was decided before, from the XR's status or from the gate's ConfigMap.
std::optional<release::GateStatus> DecodeGateStatus(const StructView& object);
std::optional<release::GateStatus> DecodeGateConfigMap(const StructView& config_map);

// Of the status the audit trail alone: what manifest::AuditFromJson makes of it, without the way over JSON.
std::vector<release::AuditEntry> DecodeAudit(const StructView& object);

// A gate as its pipeline sees it: `object` is the gate's XR or claim, or its composed claim; `config_map` is
// empty or what has the name of its ConfigMap, which counts where the gate controls it. What is not this
// tenant's gate of this step does not count. `ours`: the pipeline composed it, and goes on composing it with
// its artifact and attempt, whatever somebody made of its step.
release::GateFacts DecodeGateFacts(const StructView& object, bool ours, const StructView& config_map,
                                   const release::PipelineInput& pipeline, const release::Step& step,
                                   const release::AuditKeys& keys);

}  // namespace codec

#endif  // FUNCTION_CODEC_GATE_CODEC_H_
