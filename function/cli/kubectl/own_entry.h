// Putting the user's own entry onto a gate, and nothing else.
#ifndef FUNCTION_CLI_KUBECTL_OWN_ENTRY_H_
#define FUNCTION_CLI_KUBECTL_OWN_ENTRY_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "function/base/json.h"
#include "function/cli/approval_entry.h"
#include "function/cli/kubectl/kubectl.h"
#include "function/cli/kubectl/live_gate.h"

namespace cli {

// kubectl's flag that the gate has to be got with.
inline constexpr char kShowManagedFields[] = "--show-managed-fields";

struct EntryWay {
  // Server-side apply of a manifest that has the entry alone. Else a JSON patch of the entry: where the gate
  // was made by a client-side `kubectl apply`, a server-side one by somebody else hands over all of its
  // fields to them (kubectl's migration), and that is not ours to do.
  bool server_side = true;
  std::string field_manager;
  // The entry is under this very name's hand already, by another kind of write than apply: taking it over
  // takes nothing from anybody.
  bool force = false;
  // Who else has the entry under their hand: an apply that changes it is refused as a conflict.
  std::vector<std::string> other_managers;
};

// `gate`: with its metadata.managedFields. `field_manager`: what the user said; empty: the approver's name,
// or, where that name has more of this gate under its hand, another one of theirs, because an apply gives up
// what its manifest does not have. Error: the name that the user said has more.
absl::StatusOr<EntryWay> PlanEntry(const base::Json& gate, const std::string& approver,
                                   const std::string& field_manager);

// Applies it; `kubectl` looks into the gate's namespace, and the gate is no composite with a claim, whose
// spec is the claim's. Error: a problem; nothing was applied then.
absl::Status ApplyEntry(const Kubectl& kubectl, const LiveGate& gate, const ApprovalEntry& entry,
                        const EntryWay& way);

}  // namespace cli

#endif  // FUNCTION_CLI_KUBECTL_OWN_ENTRY_H_
