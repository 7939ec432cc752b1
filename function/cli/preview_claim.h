// Claims, as Crossplane binds them to an XR.
#ifndef FUNCTION_CLI_PREVIEW_CLAIM_H_
#define FUNCTION_CLI_PREVIEW_CLAIM_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "function/base/json.h"

namespace cli {

// "XPromotionGate" of "PromotionGate"; "" for what is no claim of ours.
std::string XrKindOfClaim(absl::string_view kind);

// The cluster-scoped XR that Crossplane makes of a claim: `spec.resourceRef` names it, or else it is the
// claim's name with a suffix, which is random in a cluster and always the same here. Error: a claim without a
// namespace.
absl::StatusOr<base::Json> XrOfClaim(const base::Json& claim);

// The claim as Crossplane leaves it: it names its XR.
base::Json BoundClaim(base::Json claim, const base::Json& xr);

}  // namespace cli

#endif  // FUNCTION_CLI_PREVIEW_CLAIM_H_
