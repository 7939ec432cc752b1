// Which gate or pipeline the user means, and getting it.
#ifndef FUNCTION_CLI_KUBECTL_TARGET_H_
#define FUNCTION_CLI_KUBECTL_TARGET_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "function/base/json.h"
#include "function/cli/kubectl/kubectl.h"

namespace cli {

enum class TargetKind { kGate, kPipeline, kEither };

// What the words on the command line say. Shapes: NAME, KIND/NAME (as kubectl has it, short names too), and
// for gates TENANT/STEP, where the step is its target ("shop/staging") or both ends
// ("shop/dev-to-staging").
struct Target {
  TargetKind kind = TargetKind::kGate;
  std::string resource;            // "xpromotiongates.platform.zerotouch.dev"; empty: what the cluster has
  std::vector<std::string> names;  // any of them
};

// `lead`: the argument's name, which errors lead with. Error: InvalidArgument.
absl::StatusOr<Target> ParseTarget(const std::string& argument, TargetKind wanted, absl::string_view lead);

// The resources of the API as this cluster has them: the claims where it has claims.
struct ApiResources {
  std::string gates;
  std::string pipelines;
};
absl::StatusOr<ApiResources> FindApiResources(const Kubectl& kubectl);

// The one object that is meant; `flags`: more of kubectl's. Error: NotFound, which names the nearest one that
// is there, and InvalidArgument where several can be meant.
absl::StatusOr<base::Json> GetTarget(const Kubectl& kubectl, const Target& target,
                                     const std::vector<std::string>& flags = {});

// Both: reads the words, and gets what they mean.
absl::StatusOr<base::Json> FindGate(const Kubectl& kubectl, const std::string& argument,
                                    const std::vector<std::string>& flags = {});

// kubectl's name of the resource that this object is of.
std::string ResourceOf(const base::Json& object);

bool IsPipeline(const base::Json& object);

// " -n NAMESPACE", for the commands that messages advise; "" where the user did not say one.
std::string NamespaceFlag(const Kubectl& kubectl);

}  // namespace cli

#endif  // FUNCTION_CLI_KUBECTL_TARGET_H_
