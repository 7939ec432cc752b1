#include "function/cli/preview_render.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "function/base/status_macros.h"
#include "function/base/time.h"
#include "function/cli/preview_fetch.h"
#include "function/cli/preview_object.h"
#include "function/codec/struct_json.h"
#include "function/codec/struct_view.h"
#include "function/runner/run_function.h"

namespace cli {
namespace {

using base::Json;
using fn::lazy::RunFunctionRequest;
using fn::lazy::RunFunctionResponse;

using ByKey = std::map<std::string, Json>;

// The schema of XRs that have no namespace is that of claims (LegacyCluster): it has Crossplane's fields
// right in spec, the other one below spec.crossplane.
bool IsLegacy(const Json& xr) { return Namespace(xr).empty(); }

// Sets a field of Crossplane's own. A spec that is no object stays as it is: the function has something to
// say there.
void SetCrossplaneField(Json& xr, const char* name, Json value) {
  Json& spec = xr["spec"];
  if (spec.is_null()) spec = Json::object();
  if (!spec.is_object()) return;
  if (IsLegacy(xr)) {
    spec[name] = std::move(value);
  } else if (spec["crossplane"].is_object() || spec["crossplane"].is_null()) {
    spec["crossplane"][name] = std::move(value);
  }
}

// Of an object, as resourceRefs have it. Namespaced XRs compose in their own namespace only, so that it is
// left out.
Json ReferenceTo(const Json& object, bool with_namespace) {
  Json reference = {{"apiVersion", ApiVersion(object)}, {"kind", Kind(object)}, {"name", Name(object)}};
  if (with_namespace && !Namespace(object).empty()) reference["namespace"] = Namespace(object);
  return reference;
}

absl::Status CheckObserved(const Json& xr, const std::vector<Json>& observed) {
  for (const Json& object : observed) {
    const Json& controller = ControllerOf(object);
    if (controller.is_object() && Text(controller, {"uid"}) != Text(xr, {"metadata", "uid"})) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--observed-resources: ", Describe(object), ": its controller (metadata.ownerReferences) is not ",
          "this XR, whose uid is ", Text(xr, {"metadata", "uid"})));
    }
    if (!Namespace(xr).empty() && Namespace(object) != Namespace(xr)) {
      return absl::InvalidArgumentError(absl::StrCat("--observed-resources: ", Describe(object),
                                                     ": is not in the XR's namespace ", Namespace(xr)));
    }
    if (Text(object, {"metadata", "annotations", kResourceNameAnnotation}).empty()) {
      return absl::InvalidArgumentError(absl::StrCat("--observed-resources: ", Describe(object),
                                                     ": has no annotation ", kResourceNameAnnotation,
                                                     ", which says what it was composed as"));
    }
  }
  return absl::OkStatus();
}

// The conditions that are in a status, as Crossplane reads them.
Json Conditions(const Json& status) {
  Json conditions = Json::array();
  for (const Json& found : At(status, {"conditions"})) {
    Json condition = Condition(Text(found, {"type"}), Text(found, {"status"}), Text(found, {"reason"}),
                               Text(found, {"message"}));
    const Json& generation = At(found, {"observedGeneration"});
    if (generation.is_number() && generation != 0) condition["observedGeneration"] = generation;
    conditions.push_back(std::move(condition));
  }
  return conditions;
}

// The XR as the function gets to see it.
Json PrepareXr(const RenderInput& input) {
  Json xr = input.xr;
  Json& metadata = xr["metadata"];
  if (Text(metadata, {"uid"}).empty()) metadata["uid"] = RenderUid(xr);
  metadata["resourceVersion"] = "999";
  if (!input.observed.empty()) {
    Json references = Json::array();
    for (const Json& object : input.observed) references.push_back(ReferenceTo(object, IsLegacy(xr)));
    SetCrossplaneField(xr, "resourceRefs", std::move(references));
  }
  SetCrossplaneField(xr, "compositionRef", Json::object({{"name", input.composition}}));
  if (!metadata["labels"].is_object()) metadata["labels"] = Json::object();
  if (Text(metadata, {"labels", kCompositeLabel}).empty()) metadata["labels"][kCompositeLabel] = Name(xr);

  Json responsive = Condition("Responsive", "True", "WatchCircuitClosed");
  const Json& generation = At(xr, {"metadata", "generation"});
  if (generation.is_number() && generation != 0) responsive["observedGeneration"] = generation;
  if (!xr["status"].is_object()) xr["status"] = Json::object();
  Json conditions = Conditions(xr["status"]);
  SetCondition(conditions, responsive);
  xr["status"]["conditions"] = std::move(conditions);
  return xr;
}

RunFunctionRequest BuildRequest(const RenderInput& input, const Json& xr, const ByKey& observed) {
  RunFunctionRequest request;
  for (fn::lazy::Capability capability :
       {fn::lazy::CAPABILITY_CAPABILITIES, fn::lazy::CAPABILITY_REQUIRED_RESOURCES,
        fn::lazy::CAPABILITY_CREDENTIALS, fn::lazy::CAPABILITY_CONDITIONS,
        fn::lazy::CAPABILITY_REQUIRED_SCHEMAS}) {
    request.mutable_meta()->add_capabilities(capability);
  }
  fn::lazy::State& state = *request.mutable_observed();
  state.mutable_composite()->set_resource(codec::EncodeStruct(xr));
  for (const auto& [key, object] : observed)
    (*state.mutable_resources())[key].set_resource(codec::EncodeStruct(object));
  request.mutable_desired();
  if (input.input) request.set_input(codec::EncodeStruct(*input.input));
  for (const auto& [name, data] : input.credentials) {
    auto& given = *(*request.mutable_credentials())[name].mutable_credential_data()->mutable_data();
    given.insert(data.begin(), data.end());
  }
  Json context = Json::object();
  if (input.now) context[runner::kNowContextKey] = base::FormatTime(*input.now);
  request.set_context(codec::EncodeStruct(context));
  return request;
}

// What Crossplane adds to everything it composes.
void AddMetadata(Json& object, const std::string& key, const Json& xr, const ByKey& observed) {
  Json& metadata = object["metadata"];
  if (const auto found = observed.find(key); found != observed.end()) {
    metadata["name"] = Name(found->second);
    metadata.erase("namespace");
    if (!Namespace(found->second).empty()) metadata["namespace"] = Namespace(found->second);
  }
  if (!Namespace(xr).empty()) metadata["namespace"] = Namespace(xr);
  metadata["annotations"][kResourceNameAnnotation] = key;
  const Json& labels = At(xr, {"metadata", "labels"});
  metadata["labels"][kCompositeLabel] = labels[kCompositeLabel];
  if (!Text(labels, {kClaimNameLabel}).empty() && !Text(labels, {kClaimNamespaceLabel}).empty()) {
    for (const char* label : {kClaimNameLabel, kClaimNamespaceLabel})
      metadata["labels"][label] = labels[label];
  }
  metadata["ownerReferences"].push_back({{"apiVersion", ApiVersion(xr)},
                                         {"kind", Kind(xr)},
                                         {"name", Name(xr)},
                                         {"uid", Text(xr, {"metadata", "uid"})},
                                         {"controller", true},
                                         {"blockOwnerDeletion", true}});
}

absl::Status ReadResources(const RunFunctionResponse& response, const Json& xr, const ByKey& observed,
                           Rendered& rendered) {
  for (const auto& [key, resource] : response.desired().resources()) {
    ASSIGN_OR_RETURN(Json object, codec::DecodeStruct(resource.resource()));
    AddMetadata(object, key, xr, observed);
    rendered.resources.push_back({key, std::move(object), resource.ready() == fn::lazy::READY_TRUE});
  }
  std::sort(rendered.resources.begin(), rendered.resources.end(),
            [](const RenderedResource& a, const RenderedResource& b) { return a.key < b.key; });
  for (const auto& [key, object] : observed) {
    if (!response.desired().resources().contains(key) && ControllerOf(object).is_object()) {
      rendered.deleted.push_back(object);
    }
  }
  return absl::OkStatus();
}

Json ResourceRefs(const Rendered& rendered, const Json& xr) {
  std::vector<Json> references;
  for (const RenderedResource& resource : rendered.resources) {
    references.push_back(ReferenceTo(resource.object, IsLegacy(xr)));
  }
  std::sort(references.begin(), references.end(), [](const Json& a, const Json& b) {
    const auto order = [](const Json& reference) {
      return absl::StrCat(ApiVersion(reference), Kind(reference), Text(reference, {"name"}),
                          Text(reference, {"namespace"}));
    };
    return order(a) < order(b);
  });
  return references;
}

const char* StatusText(fn::lazy::Status status) {
  if (status == fn::lazy::STATUS_CONDITION_TRUE) return "True";
  return status == fn::lazy::STATUS_CONDITION_FALSE ? "False" : "Unknown";
}

// The first three and how many more, as Crossplane says it.
std::string Shorten(const std::vector<std::string>& names) {
  constexpr size_t kShown = 3;
  if (names.size() <= kShown) return absl::StrJoin(names, ", ");
  return absl::StrCat(absl::StrJoin(names.begin(), names.begin() + kShown, ", "), ", and ",
                      names.size() - kShown, " more");
}

Json ReadyCondition(const RunFunctionResponse& response, const Rendered& rendered) {
  const Json available = Condition("Ready", "True", "Available");
  switch (response.desired().composite().ready()) {
    case fn::lazy::READY_TRUE:
      return available;
    case fn::lazy::READY_FALSE:
      return Condition("Ready", "False", "Creating");
    default:
      break;
  }
  std::vector<std::string> unready;
  for (const RenderedResource& resource : rendered.resources) {
    if (!resource.ready) unready.push_back(resource.key);
  }
  if (unready.empty()) return available;
  return Condition("Ready", "False", "Creating", absl::StrCat("Unready resources: ", Shorten(unready)));
}

void SetConditions(const RunFunctionResponse& response, const Rendered& rendered, const Json& xr,
                   Json& status) {
  Json conditions = At(xr, {"status", "conditions"});
  Json claim_types = Json::array();
  for (const fn::lazy::Condition& condition : response.conditions()) {
    SetCondition(conditions, Condition(condition.type(), StatusText(condition.status()), condition.reason(),
                                       condition.message()));
    if (condition.target() == fn::lazy::TARGET_COMPOSITE_AND_CLAIM) claim_types.push_back(condition.type());
  }
  SetCondition(conditions, Condition("Synced", "True", "ReconcileSuccess"));
  SetCondition(conditions, ReadyCondition(response, rendered));
  status["conditions"] = std::move(conditions);
  if (IsLegacy(xr) && !claim_types.empty()) status["claimConditionTypes"] = std::move(claim_types);
}

// Where a reconcile changes nothing about the status, the last thing that Crossplane writes to an XR is
// something else, and that is what its render prints: the XR with the label that it just got, or the status
// as the function returned it.
void UndoIfUnchanged(const Json& given, const Json& xr, const Json& desired_status, Json& rendered) {
  if (!At(given, {"status"}).is_object()) return;
  Json before = given["status"];
  before["conditions"] = Conditions(before);
  if (before != rendered["status"]) return;
  if (Text(given, {"metadata", "labels", kCompositeLabel}).empty()) {
    rendered = xr;
    return;
  }
  rendered["status"] = desired_status;
  rendered["status"]["conditions"] = At(xr, {"status", "conditions"});
}

Json Result(absl::string_view severity, absl::string_view reason, absl::string_view message) {
  return {{"apiVersion", "render.crossplane.io/v1beta1"},
          {"kind", "Result"},
          {"severity", std::string(severity)},
          {"reason", std::string(reason)},
          {"message", std::string(message)}};
}

void AddResults(const RenderInput& input, const RunFunctionResponse& response, Rendered& rendered) {
  constexpr char kDefaultReason[] = "ComposeResources";
  rendered.results.push_back(
      Result("Normal", "SelectComposition", "Successfully selected composition: " + input.composition));
  for (const fn::lazy::Result& result : response.results()) {
    rendered.results.push_back(
        Result(result.severity() == fn::lazy::SEVERITY_NORMAL ? "Normal" : "Warning",
               result.reason().empty() ? kDefaultReason : result.reason(),
               absl::StrCat("Pipeline step \"", input.step, "\": ", result.message())));
  }
  for (const RenderedResource& resource : rendered.resources) {
    if (resource.ready) continue;
    rendered.results.push_back(Result(
        "Normal", kDefaultReason, absl::StrCat("Composed resource \"", resource.key, "\" is not yet ready")));
  }
}

std::map<std::string, Json> Wanted(const RunFunctionResponse& response) {
  std::map<std::string, Json> wanted;
  for (const auto& [key, selector] : response.requirements().resources()) {
    if (selector.match_case() != fn::lazy::ResourceSelector::kMatchName) continue;
    Json& object = wanted[key];
    object = {{"apiVersion", selector.api_version()},
              {"kind", selector.kind()},
              {"metadata", Json::object({{"name", selector.match_name()}})}};
    if (!selector.namespace_().empty()) object["metadata"]["namespace"] = selector.namespace_();
  }
  return wanted;
}

absl::Status CheckFatal(const RenderInput& input, const RunFunctionResponse& response) {
  for (const fn::lazy::Result& result : response.results()) {
    if (result.severity() != fn::lazy::SEVERITY_FATAL) continue;
    return absl::FailedPreconditionError(
        absl::StrCat("pipeline step \"", input.step, "\" returned a fatal result: ", result.message()));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Rendered> RenderComposite(const RenderInput& input, const FunctionCaller& call) {
  const Json xr = PrepareXr(input);
  RETURN_IF_ERROR(CheckObserved(xr, input.observed));
  ByKey observed;
  for (const Json& object : input.observed) {
    observed[Text(object, {"metadata", "annotations", kResourceNameAnnotation})] = object;
  }
  std::vector<Json> cluster = {xr};
  cluster.insert(cluster.end(), input.observed.begin(), input.observed.end());
  cluster.insert(cluster.end(), input.required.begin(), input.required.end());
  ASSIGN_OR_RETURN(const RunFunctionResponse response,
                   CallUntilSettled(BuildRequest(input, xr, observed), cluster, call));
  RETURN_IF_ERROR(CheckFatal(input, response));

  Rendered rendered;
  RETURN_IF_ERROR(ReadResources(response, xr, observed, rendered));
  ASSIGN_OR_RETURN(const Json desired, codec::DecodeStruct(response.desired().composite().resource()));
  rendered.xr = {
      {"apiVersion", ApiVersion(xr)}, {"kind", Kind(xr)}, {"metadata", Json::object({{"name", Name(xr)}})}};
  if (!Namespace(xr).empty()) rendered.xr["metadata"]["namespace"] = Namespace(xr);
  SetCrossplaneField(rendered.xr, "resourceRefs", ResourceRefs(rendered, xr));
  const Json& status = At(desired, {"status"});
  rendered.xr["status"] = status.is_object() ? status : Json::object();
  SetConditions(response, rendered, xr, rendered.xr["status"]);
  UndoIfUnchanged(input.xr, xr, status.is_object() ? status : Json::object(), rendered.xr);
  AddResults(input, response, rendered);
  rendered.wanted = Wanted(response);
  rendered.ttl =
      absl::Seconds(response.meta().ttl().seconds()) + absl::Nanoseconds(response.meta().ttl().nanos());
  return rendered;
}

}  // namespace cli
