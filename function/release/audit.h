// The audit trail of a gate: a hash chain of what happened, bounded by a checkpoint.
#ifndef FUNCTION_RELEASE_AUDIT_H_
#define FUNCTION_RELEASE_AUDIT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace release {

// `hash` is over the canonical JSON (RFC 8785) of the other fields: SHA-256, or HMAC-SHA-256 where there is a key.
// `prev` is the hash of the entry before; 64 zeros for the first one.
struct AuditEntry {
  int64_t seq = 1;
  absl::Time time;
  std::string actor;
  std::string action;
  std::string detail;
  std::string prev;
  std::string hash;

  friend bool operator==(const AuditEntry&, const AuditEntry&) = default;
};

// The function credential `audit`: entries are made with `key`; those made with `previous_key` are accepted, so that
// the key can be rotated. Both empty: plain hashes.
struct AuditKeys {
  std::string key;
  std::string previous_key;
};

// Crossplane copies the trail with every write of status and ConfigMap: 100 entries cost nothing, 1,000 do.
inline constexpr size_t kMaxAuditEntries = 100;

inline constexpr absl::string_view kAuditCheckpoint = "Checkpoint";

// The canonical JSON that an entry's hash is over.
std::string AuditText(const AuditEntry& entry);

// Appends an entry with the next number, chained and hashed. Over kMaxAuditEntries the oldest ones fold into the
// first entry, a Checkpoint that says how many they were and what the last one's hash was.
void AppendAudit(std::vector<AuditEntry>& trail, const AuditKeys& keys, absl::Time time, absl::string_view actor,
                 absl::string_view action, absl::string_view detail);

// Both copies of a trail made one: a missing one is taken from the other, of two of which one continues the other the
// longer. The error says which copy was altered and where.
absl::StatusOr<std::vector<AuditEntry>> ReconcileAudit(const std::vector<AuditEntry>& status,
                                                       const std::vector<AuditEntry>& config_map,
                                                       const AuditKeys& keys);

// OK where every hash is right and every entry follows the one before it. The error names the entry.
absl::Status VerifyAudit(const std::vector<AuditEntry>& trail, const AuditKeys& keys);

}  // namespace release

#endif  // FUNCTION_RELEASE_AUDIT_H_
