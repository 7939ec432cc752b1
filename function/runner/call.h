// One call while it is being answered: the request's parts, decoded as far as both kinds need them.
#ifndef FUNCTION_RUNNER_CALL_H_
#define FUNCTION_RUNNER_CALL_H_

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "function/codec/struct_view.h"
#include "function/manifest/composed.h"
#include "function/release/audit.h"
#include "function/release/composite.h"
#include "function/release/settings.h"
#include "function/runner/report.h"
#include "function/runner/response.h"
#include "proto/run_function_lazy.pb.h"

namespace runner {

struct Call {
  const fn::lazy::RunFunctionRequest& request;
  Response& response;
  codec::StructView xr;
  release::Composite composite;
  release::Settings settings;
  absl::Time now;
};

// The observed resource under this key, as it is on the wire. Whether it counts is for manifest::Observed to
// say.
codec::StructView ObservedResource(const Call& call, const std::string& key);

// What is observed under the keys of these resources.
void AddObserved(const Call& call, const std::string& key, manifest::Observed& observed);

// The answer to a required resource: absent, not answered yet; an empty StructView, there is none.
std::optional<codec::StructView> Required(const Call& call, const RequiredResource& required);

// The function credential `audit`; none: no keys. An error: it is there and has no `key`.
absl::StatusOr<release::AuditKeys> AuditKeysOf(const Call& call);

// The ConfigMap of a tenant's pipeline: whoever controls it is the tenant's pipeline.
RequiredResource PipelineConfigOf(const Call& call, const std::string& tenant);

// The ConfigMap of a tenant's gate, the second copy of its audit trail, under a key of the caller's. Where
// there is a key for the trails, nobody needs it: see release::ProvenTrail.
RequiredResource GateConfigOf(const Call& call, const std::string& key, const std::string& tenant,
                              const release::Step& step);

// The two kinds. An error: the message for the FATAL result.
absl::StatusOr<PipelineReport> RunPipeline(const Call& call);
absl::StatusOr<GateReport> RunGate(const Call& call);

}  // namespace runner

#endif  // FUNCTION_RUNNER_CALL_H_
