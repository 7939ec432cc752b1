// A call for an XReleasePipeline.
#include "absl/strings/str_cat.h"
#include "function/base/status_macros.h"
#include "function/codec/pipeline_codec.h"
#include "function/manifest/compose.h"
#include "function/manifest/names.h"
#include "function/manifest/status.h"
#include "function/release/pipeline.h"
#include "function/runner/call.h"

namespace runner {

absl::StatusOr<std::string> RunPipeline(const Call& call) {
  ASSIGN_OR_RETURN(const release::PipelineSpec spec, codec::DecodePipelineSpec(call.xr));
  const release::PipelineDecision decision =
      release::Decide({call.composite.namespace_name, call.composite.name, spec, codec::DecodePipelineStatus(call.xr)});

  manifest::Observed observed;
  for (const char* key :
       {manifest::key::kPipelineConfig, manifest::key::kPipelineCredentials, manifest::key::kPipelineServiceAccount,
        manifest::key::kPipelineRole, manifest::key::kPipelineRoleBinding, manifest::key::kPipelineClusterRole,
        manifest::key::kPipelineClusterRoleBinding}) {
    AddObserved(call, key, observed);
  }
  call.response.SetResources(ComposePipeline(call.composite, spec, decision.status, call.settings, observed));
  call.response.SetStatus(manifest::PipelineStatusToJson(decision.status));
  for (const release::Condition& condition : decision.conditions) call.response.AddCondition(condition);
  call.response.SetTtl(call.settings.heartbeat);
  return "";
}

}  // namespace runner
