// XReleasePipeline.spec and ReleasePipeline.spec (the claim).
#ifndef FUNCTION_CODEC_PIPELINE_CODEC_H_
#define FUNCTION_CODEC_PIPELINE_CODEC_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "function/codec/struct_view.h"
#include "function/release/gate.h"
#include "function/release/pipeline.h"

namespace codec {

// `object`: the whole XR or claim. Errors lead with the field path, "spec.…", all of them in one status.
absl::StatusOr<release::PipelineSpec> DecodePipelineSpec(const StructView& object);

// What was returned before, or an empty status.
release::PipelineStatus DecodePipelineStatus(const StructView& object);

// The keys "released.<environment>" of the pipeline's ConfigMap, by environment.
std::map<std::string, std::string> DecodeReleased(const StructView& config_map);

}  // namespace codec

#endif  // FUNCTION_CODEC_PIPELINE_CODEC_H_
