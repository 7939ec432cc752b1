// The composite resource (XR) of a call: who it is and where it lives.
#ifndef FUNCTION_RELEASE_COMPOSITE_H_
#define FUNCTION_RELEASE_COMPOSITE_H_

#include <optional>
#include <string>

#include "absl/time/time.h"

namespace release {

inline constexpr char kApiGroup[] = "platform.zerotouch.dev";
inline constexpr char kApiVersion[] = "platform.zerotouch.dev/v1alpha1";
inline constexpr char kPipelineKind[] = "XReleasePipeline";
inline constexpr char kGateKind[] = "XPromotionGate";
inline constexpr char kPipelineClaimKind[] = "ReleasePipeline";
inline constexpr char kGateClaimKind[] = "PromotionGate";

// The two flavours of the API: a namespaced XR, or a cluster-scoped XR with (or without) a claim.
enum class Flavour { kNamespaced, kClaims };

struct Composite {
  std::string kind;
  Flavour flavour = Flavour::kNamespaced;
  std::string xr_name;         // metadata.name of the XR
  std::string name;            // the claim's name where there is a claim, else the XR's: the name people know
  std::string namespace_name;  // where everything composed goes
  std::string uid;             // empty only where there is no API server (render, preview)
  std::optional<absl::Time> creation_timestamp;
  bool has_claim = false;
};

}  // namespace release

#endif  // FUNCTION_RELEASE_COMPOSITE_H_
