// The gate that a pipeline composes when it drives: an XPromotionGate, or the claim PromotionGate.
#ifndef FUNCTION_MANIFEST_PROMOTION_GATE_H_
#define FUNCTION_MANIFEST_PROMOTION_GATE_H_

#include <string>

#include "function/base/json.h"
#include "function/release/composite.h"
#include "function/release/pipeline.h"

namespace manifest {

// The kind and the namespace of this pipeline's gates. A pipeline with a claim has gates with claims; one
// without, in the claims flavour, is cluster-scoped and so are its gates.
std::string GateKind(const release::Composite& pipeline);
std::string GateNamespace(const release::Composite& pipeline);

// "gate-dev-to-staging": the key by which Crossplane knows the gate of a step.
std::string GateKey(const release::Step& step);

base::Json PromotionGate(const release::Composite& pipeline, const release::PipelineSpec& spec,
                         const release::DrivenGate& gate);

}  // namespace manifest

#endif  // FUNCTION_MANIFEST_PROMOTION_GATE_H_
