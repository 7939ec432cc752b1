// The user's own kubectl: their cluster, their name, their rights.
#ifndef FUNCTION_CLI_KUBECTL_KUBECTL_H_
#define FUNCTION_CLI_KUBECTL_KUBECTL_H_

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "function/base/json.h"

namespace cli {

// Which cluster, where in it and as whom: handed on to kubectl. Empty: as kubectl is set up.
struct KubectlOptions {
  std::string namespace_name;
  std::string context;
  std::string kubeconfig;
  std::string cluster;
  std::string user;
  std::string as;
  std::vector<std::string> as_groups;
  std::string request_timeout;
};

class Kubectl {
 public:
  // `program`: its name or path, with first arguments, separated by blanks ("k3s kubectl"). What it has to
  // say on standard error beside its errors goes to `err` at once: a way to sign in, a warning.
  Kubectl(absl::string_view program, const KubectlOptions& options, std::ostream& err);

  // What it prints. Error: a problem in two lines (problem.h).
  absl::StatusOr<std::string> Call(const std::vector<std::string>& arguments,
                                   std::optional<std::string> input = std::nullopt) const;

  // The same for what prints JSON; null where it prints nothing.
  absl::StatusOr<base::Json> CallForJson(const std::vector<std::string>& arguments,
                                         std::optional<std::string> input = std::nullopt) const;

  const KubectlOptions& options() const { return options_; }

 private:
  std::vector<std::string> program_;
  KubectlOptions options_;
  std::vector<std::string> flags_;
  std::ostream& err_;
};

// The objects in an answer: of a List its items, else the one object, or none.
std::vector<base::Json> ItemsOf(const base::Json& answer);

}  // namespace cli

#endif  // FUNCTION_CLI_KUBECTL_KUBECTL_H_
