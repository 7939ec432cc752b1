// The reconcile of one XR.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "function/base/sha256.h"
#include "function/base/status_macros.h"
#include "function/base/time.h"
#include "function/codec/struct_json.h"
#include "function/release/settings.h"
#include "function/runner/run_function.h"
#include "test/support/cluster.h"

namespace test {
namespace {

using base::Json;
using fn::lazy::RunFunctionRequest;
using fn::lazy::RunFunctionResponse;

constexpr char kNameAnnotation[] = "crossplane.io/composition-resource-name";
constexpr char kXrManager[] = "apiextensions.crossplane.io/composite";
constexpr int kMaxRounds = 5;

bool SameRequirements(const fn::lazy::Requirements& a, const fn::lazy::Requirements& b) {
  if (a.resources().size() != b.resources().size()) return false;
  return std::all_of(a.resources().begin(), a.resources().end(), [&](const auto& entry) {
    const auto other = b.resources().find(entry.first);
    return other != b.resources().end() &&
           entry.second.SerializeAsString() == other->second.SerializeAsString();
  });
}

const fn::lazy::Result* FatalOf(const RunFunctionResponse& response) {
  for (const fn::lazy::Result& result : response.results()) {
    if (result.severity() == fn::lazy::SEVERITY_FATAL) return &result;
  }
  return nullptr;
}

bool IsNamespaced(const Json& xr) { return xr["metadata"].contains("namespace"); }

Json Identity(const Json& xr) {
  Json metadata = {{"name", xr["metadata"]["name"]}};
  if (IsNamespaced(xr)) metadata["namespace"] = xr["metadata"]["namespace"];
  return {{"apiVersion", xr["apiVersion"]}, {"kind", xr["kind"]}, {"metadata", std::move(metadata)}};
}

Json OwnerReference(const Json& xr) {
  return {{"apiVersion", xr["apiVersion"]}, {"kind", xr["kind"]}, {"name", xr["metadata"]["name"]},
          {"uid", xr["metadata"]["uid"]},   {"controller", true}, {"blockOwnerDeletion", true}};
}

const char* ToText(fn::lazy::Status status) {
  switch (status) {
    case fn::lazy::STATUS_CONDITION_TRUE:
      return "True";
    case fn::lazy::STATUS_CONDITION_FALSE:
      return "False";
    default:
      return "Unknown";
  }
}

void SetCondition(Json& conditions, Json condition, absl::Time now) {
  for (Json& old : conditions) {
    if (old["type"] != condition["type"]) continue;
    condition["lastTransitionTime"] =
        old["status"] == condition["status"] ? old["lastTransitionTime"] : Json(base::FormatTime(now));
    old = std::move(condition);
    return;
  }
  condition["lastTransitionTime"] = base::FormatTime(now);
  conditions.push_back(std::move(condition));
}

bool IsPaused(const Json& xr) {
  return xr["metadata"].value("annotations", Json::object()).value("crossplane.io/paused", "") == "true";
}

}  // namespace

void Cluster::ReconcileXr(const Ref& ref) {
  const ObjectPtr xr = api_.Get(ref);
  if (!xr) {
    due_.erase(ref);
    requirements_.erase(ref);
    return;
  }
  if (IsPaused(*xr)) return;
  const absl::StatusOr<Moment> moment = Compose(xr, calls_[ref]);
  if (!moment.ok()) {
    errors_[ref] = std::string(moment.status().message());
    return;
  }
  const int64_t version = api_.version();
  Write(ref, *moment);
  if (recorder_ && api_.version() != version) recorder_(ref, *moment);
}

absl::StatusOr<Moment> Cluster::Ask(const Ref& xr) const {
  const ObjectPtr object = api_.Get(xr);
  if (!object) return absl::NotFoundError(absl::StrCat(ToString(xr), " not found"));
  int calls = 0;
  return Compose(object, calls);
}

void Cluster::Write(const Ref& ref, const Moment& moment) {
  const RunFunctionResponse& response = moment.answer;
  requirements_[ref] = response.requirements();
  due_.erase(ref);
  if (response.meta().has_ttl()) due_[ref] = Now() + absl::Seconds(response.meta().ttl().seconds());
  const fn::lazy::Result* fatal = FatalOf(response);
  const absl::Status outcome =
      fatal != nullptr ? absl::InvalidArgumentError(fatal->message()) : WriteAll(ref, moment);
  errors_[ref] = std::string(outcome.message());
  WriteConditions(ref, response, outcome);
  RecordEvents(ref, response);
}

// What the XR's references point at, but for what another object controls.
std::map<std::string, ObjectPtr> Cluster::Observe(const Json& xr) const {
  const Json& spec = xr["spec"];
  const Json refs = IsNamespaced(xr)
                        ? spec.value("crossplane", Json::object()).value("resourceRefs", Json::array())
                        : spec.value("resourceRefs", Json::array());
  std::map<std::string, ObjectPtr> observed;
  for (const Json& ref : refs) {
    const std::string namespace_name =
        IsNamespaced(xr) ? xr["metadata"]["namespace"].get<std::string>() : ref.value("namespace", "");
    const ObjectPtr object = api_.Get({ref["apiVersion"], ref["kind"], namespace_name, ref["name"]});
    if (!object) continue;
    const std::string controller = ControllerOf(*object);
    if (!controller.empty() && controller != xr["metadata"]["uid"]) continue;
    const std::string key =
        (*object)["metadata"].value("annotations", Json::object()).value(kNameAnnotation, "");
    if (!key.empty()) observed[key] = object;
  }
  return observed;
}

RunFunctionRequest Cluster::RequestFor(const Json& xr,
                                       const std::map<std::string, ObjectPtr>& observed) const {
  RunFunctionRequest request;
  request.mutable_meta()->set_tag("tag");
  for (const auto capability : {fn::lazy::CAPABILITY_CAPABILITIES, fn::lazy::CAPABILITY_REQUIRED_RESOURCES,
                                fn::lazy::CAPABILITY_CREDENTIALS, fn::lazy::CAPABILITY_CONDITIONS}) {
    request.mutable_meta()->add_capabilities(capability);
  }
  request.mutable_observed()->mutable_composite()->set_resource(codec::EncodeStruct(xr));
  for (const auto& [key, object] : observed) {
    (*request.mutable_observed()->mutable_resources())[key].set_resource(codec::EncodeStruct(*object));
  }
  Json input = options_.input;
  input["apiVersion"] = release::kInputApiVersion;
  input["kind"] = release::kInputKind;
  request.set_input(codec::EncodeStruct(input));
  if (!options_.audit_key.empty()) {
    (*(*request.mutable_credentials())["audit"].mutable_credential_data()->mutable_data())["key"] =
        options_.audit_key;
  }
  return request;
}

// A key that is there and empty: there is no such object.
void Cluster::Answer(const fn::lazy::Requirements& requirements, RunFunctionRequest& request,
                     Moment& moment) const {
  request.clear_required_resources();
  moment.required.clear();
  if (!options_.answers_required) return;
  for (const auto& [key, selector] : requirements.resources()) {
    fn::lazy::Resources& answer = (*request.mutable_required_resources())[key];
    const ObjectPtr object =
        api_.Get({selector.api_version(), selector.kind(), selector.namespace_(), selector.match_name()});
    if (!object) continue;
    answer.add_items()->set_resource(codec::EncodeStruct(*object));
    moment.required.push_back(object);
  }
}

absl::StatusOr<RunFunctionResponse> Cluster::Call(RunFunctionRequest request) const {
  std::string bytes;
  runner::RunSummary summary;
  RETURN_IF_ERROR(runner::RunFunctionOnBytes(request.SerializeAsString(), {clock_}, &bytes, &summary));
  RunFunctionResponse response;
  if (!response.ParseFromString(bytes)) return absl::InternalError("the answer is no RunFunctionResponse");
  return response;
}

absl::StatusOr<Moment> Cluster::Compose(const ObjectPtr& xr, int& calls) const {
  Moment moment{Now(), xr, Observe(*xr), {}, {}};
  RunFunctionRequest request = RequestFor(*xr, moment.observed);
  fn::lazy::Requirements last;
  for (int round = 0; round < kMaxRounds; ++round) {
    ++calls;
    ASSIGN_OR_RETURN(moment.answer, Call(request));
    const bool settled = SameRequirements(last, moment.answer.requirements());
    if (settled || FatalOf(moment.answer) != nullptr) return moment;
    last = moment.answer.requirements();
    Answer(last, request, moment);
  }
  return absl::FailedPreconditionError("requirements did not stabilize");
}

absl::Status Cluster::WriteAll(const Ref& ref, const Moment& moment) {
  const Json& xr = *moment.xr;
  Desired desired;
  for (const auto& [key, resource] : moment.answer.desired().resources()) {
    ASSIGN_OR_RETURN(desired.resources[key], codec::DecodeStruct(resource.resource()));
  }
  ASSIGN_OR_RETURN(const Json composite, codec::DecodeStruct(moment.answer.desired().composite().resource()));
  desired.status = composite.value("status", Json::object());
  for (const auto& [key, object] : moment.observed) {
    if (desired.resources.count(key) == 0 && ControllerOf(*object) == xr["metadata"]["uid"])
      api_.Delete(RefOf(*object));
  }
  RETURN_IF_ERROR(WriteRefs(xr, desired));
  for (const auto& [key, object] : desired.resources) RETURN_IF_ERROR(WriteComposed(xr, key, object));
  return WriteStatus(ref, xr, desired.status);
}

absl::Status Cluster::WriteRefs(const Json& xr, const Desired& desired) {
  Json refs = Json::array();
  for (const auto& [key, object] : desired.resources) {
    Json ref = {
        {"apiVersion", object["apiVersion"]}, {"kind", object["kind"]}, {"name", object["metadata"]["name"]}};
    if (!IsNamespaced(xr) && object["metadata"].contains("namespace"))
      ref["namespace"] = object["metadata"]["namespace"];
    refs.push_back(std::move(ref));
  }
  Json patch = Identity(xr);
  (IsNamespaced(xr) ? patch["spec"]["crossplane"] : patch["spec"])["resourceRefs"] = std::move(refs);
  return api_.Apply(patch, kXrManager, /*force=*/true);
}

absl::Status Cluster::WriteComposed(const Json& xr, const std::string& key, Json object) {
  const Ref ref = RefOf(object);
  if (IsNamespaced(xr) && ref.namespace_name != xr["metadata"]["namespace"]) {
    return absl::InvalidArgumentError(absl::StrCat("cannot compose ", ToString(ref),
                                                   ": a namespaced XR composes in its own namespace only"));
  }
  const ObjectPtr there = api_.Get(ref);
  const std::string controller = there ? ControllerOf(*there) : "";
  if (!controller.empty() && controller != xr["metadata"]["uid"]) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot apply ", ToString(ref), ": another object is its controller: ", controller));
  }
  Json& metadata = object["metadata"];
  metadata["ownerReferences"] = Json::array({OwnerReference(xr)});
  metadata["annotations"][kNameAnnotation] = key;
  metadata["labels"]["crossplane.io/composite"] = xr["metadata"]["name"];
  for (const char* label : {"crossplane.io/claim-name", "crossplane.io/claim-namespace"}) {
    const Json labels = xr["metadata"].value("labels", Json::object());
    if (labels.contains(label)) metadata["labels"][label] = labels[label];
  }
  const std::string manager =
      absl::StrCat("apiextensions.crossplane.io/composed/",
                   base::Sha256Hex(xr["metadata"]["uid"].get<std::string>()).substr(0, 16));
  return api_.Apply(object, manager, /*force=*/true);
}

// Full intent: what was returned before and is not now goes.
absl::Status Cluster::WriteStatus(const Ref& ref, const Json& xr, const Json& status) {
  if (discard_status_of_.erase(ref) > 0) return absl::UnavailableError("the status write failed");
  Json patch = Identity(xr);
  patch["status"] = status;
  return api_.Apply(patch, absl::StrCat(kXrManager, "#status"), /*force=*/true);
}

// The second update: conditions of the answer, and what an error makes of the others.
void Cluster::WriteConditions(const Ref& ref, const RunFunctionResponse& response,
                              const absl::Status& outcome) {
  ObjectPtr xr = api_.Get(ref);
  if (!xr) return;
  static const Json& none = *new Json(Json::object());
  const Json& status = xr->contains("status") ? (*xr)["status"] : none;
  Json conditions = status.value("conditions", Json::array());
  Json claim_types = status.value("claimConditionTypes", Json::array());
  if (!outcome.ok()) {
    for (Json& condition : conditions) {
      if (condition["type"] != "Synced") condition["status"] = "Unknown";
    }
  }
  for (const fn::lazy::Condition& condition : response.conditions()) {
    if (!outcome.ok() && FatalOf(response) == nullptr) break;
    SetCondition(conditions,
                 {{"type", condition.type()},
                  {"status", ToText(condition.status())},
                  {"reason", condition.reason()},
                  {"message", condition.message()}},
                 Now());
    const bool on_claim = condition.target() == fn::lazy::TARGET_COMPOSITE_AND_CLAIM;
    if (on_claim && std::count(claim_types.begin(), claim_types.end(), condition.type()) == 0) {
      claim_types.push_back(condition.type());
    }
  }
  SetCondition(conditions,
               {{"type", "Synced"},
                {"status", outcome.ok() ? "True" : "False"},
                {"reason", outcome.ok() ? "ReconcileSuccess" : "ReconcileError"},
                {"message", std::string(outcome.message())}},
               Now());
  Json patch = Identity(*xr);
  patch["status"] = {{"conditions", std::move(conditions)}, {"claimConditionTypes", std::move(claim_types)}};
  const absl::Status written = api_.Apply(patch, "crossplane#conditions", /*force=*/true);
  if (!written.ok()) errors_[ref] = std::string(written.message());
}

void Cluster::RecordEvents(const Ref& ref, const RunFunctionResponse& response) {
  for (const fn::lazy::Result& result : response.results()) {
    const bool normal = result.severity() == fn::lazy::SEVERITY_NORMAL;
    events_.push_back({ref, normal ? "Normal" : "Warning", result.reason(), result.message()});
  }
}

}  // namespace test
