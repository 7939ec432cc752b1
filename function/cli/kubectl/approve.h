// `kubectl release approve` and `kubectl release reject`: one person's word on a gate, put there by
// themselves.
#ifndef FUNCTION_CLI_KUBECTL_APPROVE_H_
#define FUNCTION_CLI_KUBECTL_APPROVE_H_

#include <string>

#include "function/cli/kubectl/console.h"
#include "function/cli/kubectl/kubectl.h"

namespace cli {

struct ApproveOptions {
  std::string gate;
  std::string decision = "approve";  // or reject
  std::string approver;              // empty: as the cluster knows the user
  std::string field_manager;         // empty: the approver
  std::string artifact;              // that the gate has to be about; empty: any
  std::string key;                   // to sign with; empty: unsigned
  std::string comment;
  bool yes = false;
  bool print = false;  // the manifest, in place of applying it
  int timeout = 30;    // seconds to wait for the gate to look at the entry; 0: do not
  std::string output;  // text or json, with `print` yaml or json; empty: the first of them
};

// Shows what is about to be signed and applied, asks, signs, applies the user's own entry alone, and says
// what the gate made of it. Exit code: 0 where it counts, or is right and not needed, or was printed; 1 where
// it is ignored or the user said no; 3 where the gate has not looked at it yet; else as Fail says: then
// nothing was applied.
int RunApprove(const KubectlOptions& kubectl, const ApproveOptions& options, const Console& console);

}  // namespace cli

#endif  // FUNCTION_CLI_KUBECTL_APPROVE_H_
