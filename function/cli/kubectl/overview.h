// Pipelines with the gates of their steps, as they are in a cluster.
#ifndef FUNCTION_CLI_KUBECTL_OVERVIEW_H_
#define FUNCTION_CLI_KUBECTL_OVERVIEW_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "function/base/json.h"
#include "function/cli/kubectl/kubectl.h"

namespace cli {

// The gate that leads to an environment. Lenient: what cannot be read is shown as it is.
struct OverviewGate {
  std::string name;
  std::string artifact_id;
  std::string verdict;      // "pending" too where the status is not about this spec
  std::string waits_for;    // "Approvals (0 of 2), Window"
  std::string next_change;  // RFC 3339, or ""
  bool times_out = false;   // with that change
};

struct OverviewEnvironment {
  std::string name;
  std::string artifact_id;  // that runs there
  std::string since;
  std::vector<OverviewGate> gates;  // as a rule one, or none
};

struct OverviewPipeline {
  std::string namespace_name;
  std::string name;
  bool exists = true;  // false: only its gates say that there is one
  std::vector<OverviewEnvironment> environments;
};

// Sorted by namespace and name. `objects`: pipelines and gates; nothing else may be among them.
absl::StatusOr<std::vector<OverviewPipeline>> BuildClusterOverview(const std::vector<base::Json>& objects);

// Pipelines and gates of one namespace, or of all. Error: a problem.
absl::StatusOr<std::vector<base::Json>> GetPipelinesAndGates(const Kubectl& kubectl, bool all_namespaces);

}  // namespace cli

#endif  // FUNCTION_CLI_KUBECTL_OVERVIEW_H_
