// Everything that a pipeline and a gate are composed of.
#ifndef FUNCTION_MANIFEST_COMPOSE_H_
#define FUNCTION_MANIFEST_COMPOSE_H_

#include <vector>

#include "function/manifest/composed.h"
#include "function/release/composite.h"
#include "function/release/gate.h"
#include "function/release/pipeline.h"
#include "function/release/settings.h"

namespace manifest {

// A binding comes once its role is there: the API server refuses one whose role it can't find.
std::vector<Composed> ComposePipeline(const release::Composite& composite, const release::PipelineSpec& spec,
                                      const release::PipelineDecision& decision,
                                      const release::Settings& settings, const Observed& observed);

std::vector<Composed> ComposeGate(const release::Composite& composite, const release::GateSpec& spec,
                                  const release::GateDecision& decision, const release::Settings& settings,
                                  const Observed& observed);

}  // namespace manifest

#endif  // FUNCTION_MANIFEST_COMPOSE_H_
