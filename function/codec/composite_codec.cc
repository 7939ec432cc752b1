#include "function/codec/composite_codec.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "function/base/time.h"

namespace codec {
namespace {

// The status of the condition `type`: "True", "False", "Unknown", or "" where there is none.
std::string ConditionStatus(const StructView& resource, absl::string_view type) {
  const std::optional<ValueView> conditions = resource.Find({"status", "conditions"});
  if (!conditions) return "";
  for (const ValueView& condition : conditions->AsList()) {
    if (condition.AsStruct().String({"type"}) == type)
      return std::string(condition.AsStruct().String({"status"}));
  }
  return "";
}

// The owner reference of the controller; there is at most one.
std::optional<StructView> Controller(const StructView& resource) {
  const std::optional<ValueView> owners = resource.Find({"metadata", "ownerReferences"});
  if (!owners) return std::nullopt;
  for (const ValueView& owner : owners->AsList()) {
    const std::optional<ValueView> controller = owner.AsStruct().Find("controller");
    if (controller && controller->AsBool()) return owner.AsStruct();
  }
  return std::nullopt;
}

bool IsControlledBy(const StructView& resource, const std::string& uid) {
  const std::optional<StructView> controller = Controller(resource);
  return controller && controller->String({"uid"}) == uid;
}

std::string JobImage(const StructView& resource) {
  const std::optional<ValueView> containers = resource.Find({"spec", "template", "spec", "containers"});
  if (!containers) return "";
  for (const ValueView& container : containers->AsList()) {
    return std::string(container.AsStruct().String({"image"}));
  }
  return "";
}

}  // namespace

absl::StatusOr<release::Composite> DecodeComposite(const StructView& xr,
                                                   absl::string_view default_namespace) {
  if (!xr.well_formed()) {
    return absl::InvalidArgumentError("observed.composite.resource: is not a google.protobuf.Struct");
  }
  release::Composite composite;
  composite.kind = std::string(xr.String({"kind"}));
  composite.xr_name = std::string(xr.String({"metadata", "name"}));
  composite.uid = std::string(xr.String({"metadata", "uid"}));
  if (composite.xr_name.empty()) {
    return absl::InvalidArgumentError(
        "observed.composite.resource: has no metadata.name: call this function from a Composition");
  }
  const absl::string_view own_namespace = xr.String({"metadata", "namespace"});
  const absl::string_view claim_namespace = xr.String({"spec", "claimRef", "namespace"});
  const absl::string_view label = xr.String({"metadata", "labels", "crossplane.io/claim-namespace"});
  composite.flavour = own_namespace.empty() ? release::Flavour::kClaims : release::Flavour::kNamespaced;
  for (absl::string_view candidate : {own_namespace, claim_namespace, label, default_namespace}) {
    if (composite.namespace_name.empty()) composite.namespace_name = std::string(candidate);
  }
  // The label claim-name is no help: on a composed gate it is the pipeline's.
  const absl::string_view claim = xr.String({"spec", "claimRef", "name"});
  composite.has_claim = composite.flavour == release::Flavour::kClaims && !claim.empty();
  composite.name = composite.has_claim ? std::string(claim) : composite.xr_name;
  const absl::StatusOr<absl::Time> created = base::ParseTime(xr.String({"metadata", "creationTimestamp"}));
  if (created.ok()) composite.creation_timestamp = *created;
  return composite;
}

manifest::ObservedResource DecodeObserved(const StructView& resource, const release::Composite& composite) {
  return {std::string(resource.String({"metadata", "name"})), IsControlledBy(resource, composite.uid),
          ConditionStatus(resource, "Ready"), JobImage(resource)};
}

std::string ForeignController(const StructView& resource, const release::Composite& composite) {
  const std::optional<StructView> controller = Controller(resource);
  if (!controller || controller->String({"uid"}) == composite.uid) return "";
  return absl::StrCat(controller->String({"kind"}), " ", controller->String({"name"}));
}

std::string OtherController(const StructView& resource, const StructView& pipeline) {
  const std::optional<StructView> controller = Controller(resource);
  if (!controller || IsControllerOf(pipeline, resource)) return "";
  return absl::StrCat(controller->String({"kind"}), " ", controller->String({"name"}));
}

bool IsControllerOf(const StructView& owner, const StructView& resource) {
  const std::optional<StructView> controller = Controller(resource);
  if (!controller) return false;
  // What a claim's XR composed is controlled by the XR, whose uid the claim does not know.
  const absl::string_view kind = owner.String({"kind"});
  const bool is_claim = kind == release::kPipelineClaimKind || kind == release::kGateClaimKind;
  const absl::string_view uid = owner.String({"metadata", "uid"});
  const absl::string_view name =
      is_claim ? owner.String({"spec", "resourceRef", "name"}) : owner.String({"metadata", "name"});
  return controller->String({"name"}) == name &&
         (is_claim || uid.empty() || controller->String({"uid"}) == uid);
}

void IgnoreCrossplaneFields(ObjectReader& spec) {
  spec.IgnoreIf([](absl::string_view key) {
    return key == "crossplane" || key == "claimRef" || key == "resourceRef" || key == "resourceRefs" ||
           absl::StartsWith(key, "composition") || absl::StartsWith(key, "compositeDelete") ||
           absl::StrContains(key, "ConnectionSecret") || key == "publishConnectionDetailsTo";
  });
}

}  // namespace codec
