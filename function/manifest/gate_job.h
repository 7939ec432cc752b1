// The Job of a gate: it ends as the gate ends, so that `kubectl wait job` waits for a verdict.
#ifndef FUNCTION_MANIFEST_GATE_JOB_H_
#define FUNCTION_MANIFEST_GATE_JOB_H_

#include "function/base/json.h"
#include "function/release/composite.h"
#include "function/release/gate.h"
#include "function/release/settings.h"

namespace manifest {

// Exit codes of `gate wait`. All but 0 are final for the Job.
inline constexpr int kWaitApproved = 0;
inline constexpr int kWaitRejected = 1;
inline constexpr int kWaitTimedOut = 2;
inline constexpr int kWaitSuperseded = 3;  // the ConfigMap belongs to another attempt by now

// How long after the deadline Kubernetes itself ends the Job, for when Crossplane is down.
inline constexpr int kJobGraceSeconds = 600;

// `image` is the one of the Job that is already there, if any: a Job's pod template is immutable, so a Job
// that runs keeps its image when the platform upgrades.
base::Json GateJob(const release::Composite& composite, const release::GateSpec& spec,
                   const release::GateStatus& status, const release::Settings& settings,
                   const std::string& image);

}  // namespace manifest

#endif  // FUNCTION_MANIFEST_GATE_JOB_H_
