#include "function/cli/preview_claim.h"

#include "absl/strings/str_cat.h"
#include "function/base/sha256.h"
#include "function/cli/preview_object.h"
#include "function/release/composite.h"

namespace cli {
namespace {

using base::Json;

// What Crossplane keeps on a claim alone.
constexpr const char* kClaimFields[] = {"resourceRef", "compositeDeletePolicy", "publishConnectionDetailsTo",
                                        "writeConnectionSecretToRef"};

std::string XrName(const Json& claim) {
  const std::string bound = Text(claim, {"spec", "resourceRef", "name"});
  if (!bound.empty()) return bound;
  const std::string identity = absl::StrCat(Kind(claim), "/", Namespace(claim), "/", Name(claim));
  return absl::StrCat(Name(claim), "-", base::Sha256Hex(identity).substr(0, 5));
}

Json XrMetadata(const Json& claim) {
  const std::string name = XrName(claim);
  Json metadata = {{"name", name}};
  for (const char* field : {"labels", "annotations", "creationTimestamp"}) {
    const Json& value = At(claim, {"metadata", field});
    if (!value.is_null()) metadata[field] = value;
  }
  if (!metadata["labels"].is_object()) metadata["labels"] = Json::object();
  metadata["labels"].update(
      {{kCompositeLabel, name}, {kClaimNameLabel, Name(claim)}, {kClaimNamespaceLabel, Namespace(claim)}});
  return metadata;
}

}  // namespace

std::string XrKindOfClaim(absl::string_view kind) {
  if (kind == release::kPipelineClaimKind) return release::kPipelineKind;
  if (kind == release::kGateClaimKind) return release::kGateKind;
  return "";
}

absl::StatusOr<Json> XrOfClaim(const Json& claim) {
  if (Namespace(claim).empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(Describe(claim), ": metadata.namespace: is missing: a claim lives in a namespace"));
  }
  Json xr = {{"apiVersion", ApiVersion(claim)},
             {"kind", XrKindOfClaim(Kind(claim))},
             {"metadata", XrMetadata(claim)}};
  xr["spec"] = At(claim, {"spec"});
  if (xr["spec"].is_null()) xr["spec"] = Json::object();
  if (xr["spec"].is_object()) {
    for (const char* field : kClaimFields) xr["spec"].erase(field);
    xr["spec"]["claimRef"] = {{"apiVersion", ApiVersion(claim)},
                              {"kind", Kind(claim)},
                              {"name", Name(claim)},
                              {"namespace", Namespace(claim)}};
  }
  // What Crossplane copied to the claim from the XR, but for the conditions, which are the claim's own.
  const Json& status = At(claim, {"status"});
  if (status.is_object()) {
    xr["status"] = status;
    xr["status"].erase("conditions");
  }
  return xr;
}

Json BoundClaim(Json claim, const Json& xr) {
  Json& spec = claim["spec"];
  if (!spec.is_object() && !spec.is_null()) return claim;  // what is wrong with it is said of the XR
  spec["resourceRef"] = {{"apiVersion", ApiVersion(xr)}, {"kind", Kind(xr)}, {"name", Name(xr)}};
  return claim;
}

}  // namespace cli
