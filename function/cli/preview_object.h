// Kubernetes objects as JSON, and the parts of them that Crossplane fills in.
#ifndef FUNCTION_CLI_PREVIEW_OBJECT_H_
#define FUNCTION_CLI_PREVIEW_OBJECT_H_

#include <initializer_list>
#include <string>

#include "absl/strings/string_view.h"
#include "function/base/json.h"

namespace cli {

inline constexpr char kCompositeLabel[] = "crossplane.io/composite";
inline constexpr char kClaimNameLabel[] = "crossplane.io/claim-name";
inline constexpr char kClaimNamespaceLabel[] = "crossplane.io/claim-namespace";
inline constexpr char kResourceNameAnnotation[] = "crossplane.io/composition-resource-name";

// The text at the path, or "" where there is none.
std::string Text(const base::Json& object, std::initializer_list<absl::string_view> path);

// The value at the path, or null.
const base::Json& At(const base::Json& object, std::initializer_list<absl::string_view> path);

std::string ApiVersion(const base::Json& object);
std::string Kind(const base::Json& object);
std::string Name(const base::Json& object);
std::string Namespace(const base::Json& object);

// "XPromotionGate shop/checkout-dev-to-production", for people.
std::string Describe(const base::Json& object);

// The same kind and version, namespace and name: the same object for an API server.
bool IsSameObject(const base::Json& a, const base::Json& b);

// The controller among the owners, or null.
const base::Json& ControllerOf(const base::Json& object);

// The uid that Crossplane's render engine gives to an XR that has none: the same for the same kind, namespace
// and name.
std::string RenderUid(const base::Json& xr);

// A condition as Crossplane stores it. Renderings have one time in all of them, so that they can be compared.
base::Json Condition(absl::string_view type, absl::string_view status, absl::string_view reason,
                     absl::string_view message = "");

// Puts the condition into the place of the one of its type, else at the end. One that says the same already
// stays.
void SetCondition(base::Json& conditions, const base::Json& condition);

// `changes` laid over `object`: objects merge, all else replaces, lists too, as in `crossplane render -x`.
void MergeObject(base::Json& object, const base::Json& changes);

}  // namespace cli

#endif  // FUNCTION_CLI_PREVIEW_OBJECT_H_
