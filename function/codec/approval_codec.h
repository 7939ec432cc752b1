// Approvals, as gates and pipelines have them.
#ifndef FUNCTION_CODEC_APPROVAL_CODEC_H_
#define FUNCTION_CODEC_APPROVAL_CODEC_H_

#include <vector>

#include "function/codec/object_reader.h"
#include "function/release/gate.h"
#include "function/release/pipeline.h"

namespace codec {

// `approvals` of a gate: unique by approver.
std::vector<release::Approval> ReadApprovals(ObjectReader& spec);

// `approvals` of a pipeline: unique by approver and target environment.
std::vector<release::PipelineApproval> ReadPipelineApprovals(ObjectReader& spec);

}  // namespace codec

#endif  // FUNCTION_CODEC_APPROVAL_CODEC_H_
