// `kubectl release status`: every environment of every pipeline, what runs there, and the gates.
#ifndef FUNCTION_CLI_KUBECTL_STATUS_H_
#define FUNCTION_CLI_KUBECTL_STATUS_H_

#include <string>

#include "function/cli/kubectl/console.h"
#include "function/cli/kubectl/kubectl.h"

namespace cli {

struct StatusOptions {
  std::string pipeline;  // empty: all of them
  bool all_namespaces = false;
  bool watch = false;
  int interval = 2;             // seconds between two looks
  std::string output = "text";  // or json
};

// Exit code: 0, else as Fail says. With `watch` it goes on until kubectl fails or the user ends it.
int RunStatus(const KubectlOptions& kubectl, const StatusOptions& options, const Console& console);

}  // namespace cli

#endif  // FUNCTION_CLI_KUBECTL_STATUS_H_
