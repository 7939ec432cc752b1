// The audit trail of a gate: a hash chain of what happened, bounded by a checkpoint.
//
// The invariant of a trail, which VerifyAudit checks:
//  - the hash of every entry is right, under the key or the previous key;
//  - the first entry is number 1, or it is a Checkpoint; its `prev` is 64 zeros;
//  - every other entry has the next number, and as `prev` the hash of the entry before it. After a checkpoint
//    that is the hash of the last entry that was folded, which the checkpoint records: folding changes no
//    entry that stays.
//
// What the chain shows: an entry that was changed, removed, added or moved, unless everything from there on
// was hashed again, which takes the key; without a key anybody can do that. What it does not show: that the
// end was cut off, since what is left is a trail too, or that both copies were set back to an earlier state.
// One copy that was cut is recovered from the other (Reconcile); a trail that was cut in both shows only to
// those who noted its last hash.
#ifndef FUNCTION_RELEASE_AUDIT_H_
#define FUNCTION_RELEASE_AUDIT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace release {

// `hash` is over the canonical JSON (RFC 8785) of the other fields: SHA-256, or HMAC-SHA-256 where there is a
// key. `prev` is the hash of the entry before; 64 zeros for the first one.
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

// The function credential `audit`: entries are made with `key`; those made with `previous_key` are accepted,
// so that the key can be rotated: as long as a trail has such entries, which nobody hashes again. Both empty:
// plain hashes. With a key, plain hashes are not accepted.
struct AuditKeys {
  std::string key;
  std::string previous_key;
};

// Crossplane copies the trail with every write of status and ConfigMap: 100 entries cost nothing, 1,000 do.
inline constexpr size_t kMaxAuditEntries = 100;

// What the texts of a trail have together: its entries are bounded so that it never has as much, and a
// ConfigMap has a megabyte.
inline constexpr size_t kMaxAuditBytes = 512 * 1024;

inline constexpr absl::string_view kAuditCheckpoint = "Checkpoint";

// The canonical JSON that an entry's hash is over.
std::string AuditText(const AuditEntry& entry);

// The same with the hash: a line of audit.jsonl.
std::string AuditLine(const AuditEntry& entry);

// Appends an entry with the next number, chained and hashed, its time cut to whole seconds. Over
// kMaxAuditEntries the oldest ones fold into the first entry, a Checkpoint: its detail is the canonical JSON
// {"count", "last_hash"}, how many entries are gone (those of an earlier checkpoint too) and the hash of the
// last one; its number and time are those of that one. The trail must be intact: folding hides what is wrong
// in what it folds.
void AppendAudit(std::vector<AuditEntry>& trail, const AuditKeys& keys, absl::Time time,
                 absl::string_view actor, absl::string_view action, absl::string_view detail);

// OK where every hash is right and every entry follows the one before it. The error names the entry.
absl::Status VerifyAudit(const std::vector<AuditEntry>& trail, const AuditKeys& keys);

// Is `a` how `b` was some entries ago (or the same)? Across a fold too: `b` may have folded what `a` still
// has. False where that cannot be told: `a` ends before what `b` still has. Both trails must be intact.
bool IsPrefix(const std::vector<AuditEntry>& a, const std::vector<AuditEntry>& b);

// The trail from its two copies, in status and in the ConfigMap. Where one is missing (empty), the other;
// where one is a prefix of the other, the longer one. An error where one is not intact, or where they tell
// different stories: it says which copy, and which entry.
absl::StatusOr<std::vector<AuditEntry>> Reconcile(const std::vector<AuditEntry>& status_trail,
                                                  const std::vector<AuditEntry>& config_map_trail,
                                                  const AuditKeys& keys);

}  // namespace release

#endif  // FUNCTION_RELEASE_AUDIT_H_
