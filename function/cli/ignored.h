// What it means that an approval is ignored, and what to do about it: docs/gates.md has the same table.
#ifndef FUNCTION_CLI_IGNORED_H_
#define FUNCTION_CLI_IGNORED_H_

#include "absl/strings/string_view.h"

namespace cli {

struct Ignored {
  absl::string_view reason;   // as in status.approvals.ignored
  absl::string_view message;  // a clause: "no rule has this name among its approvers"
  absl::string_view next;     // what to do, in the imperative
};

// One without texts where nobody knows the reason.
Ignored FindIgnored(absl::string_view reason);

}  // namespace cli

#endif  // FUNCTION_CLI_IGNORED_H_
