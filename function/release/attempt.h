// An attempt as the audit trail tells it: the trail is what a verdict is read from, never the status beside
// it.
#ifndef FUNCTION_RELEASE_ATTEMPT_H_
#define FUNCTION_RELEASE_ATTEMPT_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "function/release/audit.h"
#include "function/release/gate.h"

namespace release {

namespace action {
inline constexpr absl::string_view kAttemptStarted = "AttemptStarted";
inline constexpr absl::string_view kApprovedBy = "ApprovedBy";
inline constexpr absl::string_view kRejectedBy = "RejectedBy";
inline constexpr absl::string_view kApprovalIgnored = "ApprovalIgnored";
inline constexpr absl::string_view kCheckReported = "CheckReported";
inline constexpr absl::string_view kOverridden = "Overridden";
inline constexpr absl::string_view kGateApproved = "GateApproved";
inline constexpr absl::string_view kGateRejected = "GateRejected";
inline constexpr absl::string_view kGateTimedOut = "GateTimedOut";
inline constexpr absl::string_view kSuperseded = "Superseded";
}  // namespace action

// The actor of entries that nobody but the gate itself made.
inline constexpr absl::string_view kGateActor = "gate";

// In the detail of an ApprovalIgnored that is about an override.
inline constexpr absl::string_view kOverrideEntry = "override";

// How many entries of one attempt, beside its start and its verdict, are recorded: with kMaxAuditEntries this
// keeps the start of the current attempt from ever folding into a checkpoint.
inline constexpr size_t kMaxNotesPerAttempt = 80;

struct Attempt {
  std::string subject;
  std::string artifact_id;
  int number = 1;
  absl::Time start;
  std::string requested_by;  // as it was at the start
  std::string history_hash;  // HistoryHash of status.history while this attempt is the current one
  Verdict verdict = Verdict::kPending;
  absl::Time verdict_time;
  std::string approver;           // with the verdict
  std::string reason;             // with the verdict: the reason of the condition Approved
  std::string shown_hash;         // ShownHash of what the verdict came with
  std::vector<AuditEntry> notes;  // between start and verdict
};

// The last attempt in the trail. None where the trail is empty or does not have a start.
std::optional<Attempt> LastAttempt(const std::vector<AuditEntry>& trail);

// The last approved artifact in the trail, of whatever attempt, and the first of its approvals that no
// approval of another artifact came after.
struct LastApproved {
  std::string artifact_id;
  absl::Time time;
};
// `gate`: the subject of any of its attempts. An approval that another gate's trail brought along does not
// count.
std::optional<LastApproved> LastApproval(const std::vector<AuditEntry>& trail, Subject gate);

std::string HistoryHash(const std::vector<PastAttempt>& history);

// Over the requirements, the approvals and the deadline of a status: what people are shown beside the
// verdict.
std::string ShownHash(const GateStatus& status);

// The details of entries, as canonical JSON.
std::string AttemptStartedDetail(const Attempt& attempt, absl::string_view broken_hash);
std::string VerdictDetail(const Attempt& attempt);

// What the detail of an entry says: the `reason`, empty where it has none; whether an approval was signed.
std::string ReasonOf(const AuditEntry& entry);
bool IsSigned(const AuditEntry& entry);

// The action that ends an attempt with this verdict.
absl::string_view VerdictAction(Verdict verdict);

// What an entry says, as a sentence for people.
std::string Describe(const AuditEntry& entry);

}  // namespace release

#endif  // FUNCTION_RELEASE_ATTEMPT_H_
