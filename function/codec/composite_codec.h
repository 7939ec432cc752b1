// The XR itself: identity, place, what is observed under its keys.
#ifndef FUNCTION_CODEC_COMPOSITE_CODEC_H_
#define FUNCTION_CODEC_COMPOSITE_CODEC_H_

#include <string>

#include "absl/status/statusor.h"
#include "function/codec/object_reader.h"
#include "function/codec/struct_view.h"
#include "function/manifest/composed.h"
#include "function/release/composite.h"

namespace codec {

// The field of every status that is Crossplane's, and says nothing to us.
inline constexpr absl::string_view kConditions = "conditions";

// `default_namespace`: for a cluster-scoped XR without a claim. The error leads with "observed.composite".
absl::StatusOr<release::Composite> DecodeComposite(const StructView& xr, absl::string_view default_namespace);

// What readiness and immutability need to know of an observed composed resource.
manifest::ObservedResource DecodeObserved(const StructView& resource, const release::Composite& composite);

// The name of the controller in metadata.ownerReferences, or "" where there is none or it is this XR.
std::string ForeignController(const StructView& resource, const release::Composite& composite);

// The same for a pipeline, namespaced or a claim, as somebody else sees it: the name of the one that controls
// the resource instead of it.
std::string OtherController(const StructView& resource, const StructView& pipeline);

// Whether this XR, or the one of this claim, controls the resource. False for a resource that is not there.
bool IsControllerOf(const StructView& owner, const StructView& resource);

// Marks the fields that Crossplane itself keeps in an XR's or a claim's spec as known.
void IgnoreCrossplaneFields(ObjectReader& spec);

}  // namespace codec

#endif  // FUNCTION_CODEC_COMPOSITE_CODEC_H_
