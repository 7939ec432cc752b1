// The objects that calls of the runner are about, as plain as they can be.
#ifndef TEST_UNIT_RUNNER_OBJECTS_H_
#define TEST_UNIT_RUNNER_OBJECTS_H_

#include <string>

#include "absl/time/time.h"
#include "function/base/json.h"
#include "test/support/request.h"

namespace runner {

using base::Json;
using test_support::Answer;
using test_support::Call;
using test_support::Patched;
using test_support::Request;

inline constexpr char kApp[] = "ghcr.io/acme/app:main-abc123";
inline constexpr char kOtherApp[] = "ghcr.io/acme/app:main-def456";
inline constexpr char kUid[] = "11111111-2222-3333-4444-555555555555";

inline const absl::Time kCreated = absl::FromUnixSeconds(1767355200);  // Friday, 2026-01-02T12:00:00Z
inline const absl::Time kNow = kCreated + absl::Minutes(1);

// The gate of tenant "acme" from dev to staging, in namespace "team".
inline Json GateXr() {
  return {{"apiVersion", "platform.zerotouch.dev/v1alpha1"},
          {"kind", "XPromotionGate"},
          {"metadata",
           {{"name", "acme-dev-to-staging"},
            {"namespace", "team"},
            {"uid", kUid},
            {"creationTimestamp", "2026-01-02T12:00:00Z"}}},
          {"spec",
           {{"tenant", "acme"},
            {"artifact_id", kApp},
            {"source_environment", "dev"},
            {"target_environment", "staging"}}}};
}

inline Json PipelineXr() {
  return {{"apiVersion", "platform.zerotouch.dev/v1alpha1"},
          {"kind", "XReleasePipeline"},
          {"metadata",
           {{"name", "acme-pipeline"},
            {"namespace", "team"},
            {"uid", kUid},
            {"creationTimestamp", "2026-01-02T12:00:00Z"}}},
          {"spec", {{"tenant", "acme"}, {"environments", Json::array({"dev", "staging", "production"})}}}};
}

inline Json Approval(const std::string& approver) {
  return {{"approver", approver}, {"decision", "approve"}, {"artifact_id", kApp}};
}

inline Json WithSpec(Json xr, const Json& spec) {
  xr["spec"].merge_patch(spec);
  return xr;
}

// A composed resource as it is observed later: with this XR as its controller.
inline Json AsObserved(Json resource, const std::string& uid = kUid) {
  resource["metadata"]["ownerReferences"] =
      Json::array({Json::object({{"apiVersion", "platform.zerotouch.dev/v1alpha1"},
                                 {"kind", "X"},
                                 {"name", "x"},
                                 {"uid", uid},
                                 {"controller", true}})});
  return resource;
}

// What the next call sees of this one's answer.
inline Json WithStatus(Json xr, const Answer& answer) {
  xr["status"] = answer.Status();
  return xr;
}

}  // namespace runner

#endif  // TEST_UNIT_RUNNER_OBJECTS_H_
