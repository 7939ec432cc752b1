// `kubectl release history`: the attempts of a gate, or what ran where in a pipeline.
#ifndef FUNCTION_CLI_KUBECTL_HISTORY_H_
#define FUNCTION_CLI_KUBECTL_HISTORY_H_

#include <string>

#include "function/cli/kubectl/console.h"
#include "function/cli/kubectl/kubectl.h"

namespace cli {

struct HistoryOptions {
  std::string name;             // of a gate or a pipeline
  std::string output = "text";  // or json
};

// The latest first. Exit code: 0, else as Fail says.
int RunHistory(const KubectlOptions& kubectl, const HistoryOptions& options, const Console& console);

}  // namespace cli

#endif  // FUNCTION_CLI_KUBECTL_HISTORY_H_
