// `kubectl release why`: what a gate waits for.
#ifndef FUNCTION_CLI_KUBECTL_WHY_H_
#define FUNCTION_CLI_KUBECTL_WHY_H_

#include <string>

#include "function/cli/kubectl/console.h"
#include "function/cli/kubectl/kubectl.h"

namespace cli {

struct WhyOptions {
  std::string gate;
  std::string output = "text";  // or json
};

// Exit code: 0 open, 1 closed for good (rejected, timed out), 3 pending, else as Fail says.
int RunWhy(const KubectlOptions& kubectl, const WhyOptions& options, const Console& console);

}  // namespace cli

#endif  // FUNCTION_CLI_KUBECTL_WHY_H_
