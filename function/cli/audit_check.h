// What can be proved of a gate's audit trail from its exported copies.
#ifndef FUNCTION_CLI_AUDIT_CHECK_H_
#define FUNCTION_CLI_AUDIT_CHECK_H_

#include <optional>
#include <string>
#include <vector>

#include "function/release/audit.h"
#include "function/release/gate.h"

namespace cli {

// One of the two places where the gate's state is kept, with what stands beside the trail there.
struct AuditCopy {
  std::string name;          // "status", "ConfigMap"
  release::Subject subject;  // of the spec that this copy lies beside
  std::string gate_status;   // as it is written
  release::GateStatus status;
};

struct AuditCase {
  std::vector<AuditCopy> copies;  // status, ConfigMap, or one of them
  release::AuditKeys keys;
  // For the signatures of the approvals that the trail says were signed.
  std::optional<std::string> allowed_signers;
  std::optional<release::GateSpec> spec;
};

struct AuditFinding {
  enum class Kind { kProved, kBroken, kNotProved };
  Kind kind = Kind::kProved;
  std::string message;
};

struct AuditTrail {
  std::string name;
  std::vector<release::AuditEntry> entries;
  size_t intact = 0;  // how many from the first one on
};

struct AuditReport {
  std::vector<AuditTrail> trails;  // one where all copies agree; else each that is there
  std::vector<AuditFinding> findings;
  std::string last_hash;  // for those who note it elsewhere; empty where the trail is not intact

  bool IsIntact() const;
};

// Nothing is taken for granted: a copy that shows a verdict without a trail that says so is broken.
AuditReport CheckAudit(const AuditCase& given);

}  // namespace cli

#endif  // FUNCTION_CLI_AUDIT_CHECK_H_
