// What `kubectl release audit` and `report` get from a cluster: the objects, and the second copies of their
// audit trails.
#ifndef FUNCTION_CLI_KUBECTL_EXPORTED_H_
#define FUNCTION_CLI_KUBECTL_EXPORTED_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "function/base/json.h"
#include "function/cli/kubectl/console.h"
#include "function/cli/kubectl/kubectl.h"

namespace cli {

// Adds the ConfigMaps that `call` gets. Those that the user may not read are left out, with a line on
// standard error that names them as `what`: what is made of the objects says what is not proved without them.
absl::Status AddConfigMaps(const Kubectl& kubectl, const std::vector<std::string>& call,
                           absl::string_view what, const Console& console, std::vector<base::Json>& objects);

// As `kubectl get -o json` prints several objects.
std::string ExportedList(std::vector<base::Json> objects);

}  // namespace cli

#endif  // FUNCTION_CLI_KUBECTL_EXPORTED_H_
