// One person's own entry of a gate: what they say, the text that they sign, and the manifest that has only
// that.
#ifndef FUNCTION_CLI_APPROVAL_ENTRY_H_
#define FUNCTION_CLI_APPROVAL_ENTRY_H_

#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "function/base/json.h"
#include "function/cli/gate_file.h"

namespace cli {

inline constexpr char kOverride[] = "override";

// For the artifact and the attempt that the gate is about.
struct ApprovalEntry {
  std::string approver;
  std::string decision = "approve";  // or reject, override
  std::string comment;
  std::string reason;     // of an override
  std::string signature;  // armored; empty: unsigned
};

// The flag --FIELD by the rules that hold for this field in a manifest. An empty one is not there.
absl::Status CheckEntryField(const std::string& field, const std::string& value, bool is_name);

// The text that is signed.
std::string Statement(const GateFile& file, const ApprovalEntry& entry);

// What is about to be signed or applied, for people. The artifact first: it is what the entry is about.
void AnnounceEntry(const GateFile& file, const ApprovalEntry& entry, std::ostream& out);
void AnnounceStatement(absl::string_view statement, std::ostream& out);

// The part of the spec that is the approver's own.
base::Json OwnPart(const GateFile& file, const ApprovalEntry& entry);

// A partial manifest with this part of the spec. It is of the object that people write: of an XR with a
// claim, the claim, which the XR's spec is copied from.
base::Json PartialManifest(const GateFile& file, base::Json spec);

}  // namespace cli

#endif  // FUNCTION_CLI_APPROVAL_ENTRY_H_
