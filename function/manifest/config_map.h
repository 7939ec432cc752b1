// The ConfigMaps that scripts and GitOps engines read.
#ifndef FUNCTION_MANIFEST_CONFIG_MAP_H_
#define FUNCTION_MANIFEST_CONFIG_MAP_H_

#include "function/base/json.h"
#include "function/release/composite.h"
#include "function/release/gate.h"
#include "function/release/pipeline.h"

namespace manifest {

// The pipeline's configuration: JSON for those who parse it, flat keys for a shell.
base::Json PipelineConfigMap(const release::Composite& composite, const release::PipelineSpec& spec,
                             const release::PipelineStatus& status);

// Every leaf of the gate's spec and status under its own name, `job`, and the lists as JSON documents.
base::Json GateConfigMap(const release::Composite& composite, const release::GateSpec& spec,
                         const release::GateDecision& decision);

}  // namespace manifest

#endif  // FUNCTION_MANIFEST_CONFIG_MAP_H_
