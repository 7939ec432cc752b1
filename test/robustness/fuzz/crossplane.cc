#include "test/robustness/fuzz/crossplane.h"

#include <utility>

#include "function/base/clock.h"
#include "function/codec/struct_json.h"
#include "test/robustness/fuzz/fuzz.h"

namespace fuzz {
namespace {

using base::Json;

constexpr int kMaxRounds = 5;  // as Crossplane

std::string Text(const Json& object, const char* key) {
  if (!object.is_object()) return "";
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

Json Metadata(const Json& object) {
  if (!object.is_object()) return Json();
  const auto found = object.find("metadata");
  return found != object.end() ? *found : Json();
}

// A composed resource, as it is after Crossplane applied it for this XR.
std::string Applied(const std::string& desired, const Json& xr) {
  absl::StatusOr<Json> object = codec::DecodeStruct(desired);
  Check(object.ok(), "what is composed is a Struct");
  (*object)["metadata"]["ownerReferences"] =
      Json::array({Json::object({{"apiVersion", Text(xr, "apiVersion")},
                                 {"kind", Text(xr, "kind")},
                                 {"name", Text(Metadata(xr), "name")},
                                 {"uid", Text(Metadata(xr), "uid")},
                                 {"controller", true}})});
  return codec::EncodeStruct(*object);
}

}  // namespace

Crossplane::Crossplane(std::vector<Json> objects, Json input, std::string audit_key)
    : objects_(std::move(objects)), input_(std::move(input)), audit_key_(std::move(audit_key)) {}

Json Crossplane::Observed(const std::string& key) const {
  const auto found = observed_.find(key);
  return found == observed_.end() ? Json() : codec::DecodeStruct(found->second).value_or(Json());
}

std::string Crossplane::Request(const Requirements& required) const {
  fn::lazy::RunFunctionRequest request;
  request.mutable_meta()->set_tag("tag");
  request.mutable_meta()->add_capabilities(fn::lazy::CAPABILITY_REQUIRED_RESOURCES);
  request.mutable_observed()->mutable_composite()->set_resource(codec::EncodeStruct(objects_[0]));
  if (input_.is_object()) request.set_input(codec::EncodeStruct(input_));
  for (const auto& [key, bytes] : observed_) {
    (*request.mutable_observed()->mutable_resources())[key].set_resource(bytes);
  }
  for (const auto& [key, wanted] : required) {
    fn::lazy::Resources& found = (*request.mutable_required_resources())[key];
    for (const Json& object : objects_) {
      const Json metadata = Metadata(object);
      const Requirement is{Text(object, "apiVersion"), Text(object, "kind"), Text(metadata, "name"),
                           Text(metadata, "namespace")};
      if (is == wanted) found.add_items()->set_resource(codec::EncodeStruct(object));
    }
  }
  if (!audit_key_.empty()) {
    (*(*request.mutable_credentials())["audit"].mutable_credential_data()->mutable_data())["key"] =
        audit_key_;
  }
  return request.SerializeAsString();
}

Outcome Crossplane::Reconcile(absl::Time now) {
  const base::FixedClock clock(now);
  Requirements required;
  Outcome outcome;
  fn::lazy::RunFunctionResponse response;
  for (int round = 0; round < kMaxRounds; ++round) {
    request_ = Request(required);
    std::string bytes;
    const absl::Status status =
        runner::RunFunctionOnBytes(request_, {clock, false}, &bytes, &outcome.summary);
    Check(status.ok() && response.ParseFromString(bytes), "every request is answered");
    Requirements more;
    for (const auto& [key, selector] : response.requirements().resources()) {
      more[key] = {selector.api_version(), selector.kind(), selector.match_name(), selector.namespace_()};
    }
    if (more == required) break;
    required = std::move(more);
  }
  if (!outcome.summary.error.empty()) return outcome;
  const absl::StatusOr<Json> desired = codec::DecodeStruct(response.desired().composite().resource());
  Check(desired.ok() && desired->contains("status"), "the status is desired");
  outcome.status = (*desired)["status"];
  objects_[0]["status"] = outcome.status;
  for (const auto& [key, resource] : response.desired().resources()) {
    observed_[key] = Applied(resource.resource(), objects_[0]);
  }
  return outcome;
}

std::string VerdictOf(const runner::RunSummary& summary) {
  return summary.gate ? std::string(release::Name(summary.gate->verdict)) : "";
}

}  // namespace fuzz
