// A gate: what must hold before one artifact takes one step, and the decision whether it does.
#ifndef FUNCTION_RELEASE_GATE_H_
#define FUNCTION_RELEASE_GATE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "function/release/audit.h"
#include "function/release/environment.h"
#include "function/release/event.h"
#include "function/release/policy.h"

namespace release {

enum class Verdict { kPending, kApproved, kRejected, kTimeout };
absl::string_view Name(Verdict verdict);
std::optional<Verdict> ParseVerdict(absl::string_view name);

enum class Decision { kApprove, kReject };
absl::string_view Name(Decision decision);

enum class CheckState { kPending, kSuccess, kFailure };
absl::string_view Name(CheckState state);

// Approvals, checks and overrides say which artifact and attempt they are for, and count for no other.
struct Approval {
  std::string approver;
  Decision decision = Decision::kApprove;
  std::string artifact_id;
  int attempt = 1;
  std::string comment;
  std::string signature;  // armored SSHSIG; empty: unsigned
};

struct Check {
  std::string name;
  CheckState state = CheckState::kPending;
  std::string artifact_id;
  int attempt = 1;
  std::string message;
  std::string url;
};

struct Override {
  std::string by;
  std::string reason;
  std::string artifact_id;
  int attempt = 1;
  std::string signature;
};

// XPromotionGate.spec with its defaults filled in.
struct GateSpec {
  std::string tenant;
  std::string artifact_id;
  Step step;
  bool approval_required = true;
  int timeout_hours = 24;
  std::string pipeline;  // name; never empty: "<tenant>-pipeline" by default
  int attempt = 1;
  std::string requested_by;
  std::vector<Approval> approvals;  // unique by approver
  std::vector<Check> checks;        // unique by name
  std::optional<Override> override;
};

// What a verdict is about. Its hash tells one attempt from every other one, anywhere.
struct Subject {
  std::string namespace_name;
  std::string gate;
  std::string tenant;
  std::string artifact_id;
  std::string source;
  std::string target;
  int attempt = 1;

  // Hex SHA-256 of the canonical JSON of the seven fields.
  std::string Hash() const;
};

// One condition of a gate and how it stands. `message` says what there is and what it takes.
struct Requirement {
  std::string name;
  bool satisfied = false;
  std::string reason;  // CamelCase
  std::string message;
  std::optional<absl::Time> next_change;  // when time alone changes it

  friend bool operator==(const Requirement&, const Requirement&) = default;
};

struct CountedApproval {
  std::string approver;
  std::string rule;
  bool is_signed = false;
};

struct IgnoredApproval {
  std::string approver;
  std::string reason;
};

struct ApprovalTally {
  int have = 0;
  int need = 0;
  std::vector<CountedApproval> counted;
  std::vector<IgnoredApproval> ignored;
};

// An attempt that ended or was superseded.
struct PastAttempt {
  std::string artifact_id;
  int attempt = 1;
  std::string verdict;  // a Verdict's name; "pending": superseded
  absl::Time time;
};

// The longest approver, which can be several, and the longest name or reason, in characters, as in the XRDs.
inline constexpr size_t kMaxApprover = 16384;
inline constexpr size_t kMaxName = 253;

// XPromotionGate.status, but for the conditions.
struct GateStatus {
  Verdict verdict = Verdict::kPending;
  std::string subject;  // Subject::Hash()
  std::string approver;
  std::optional<absl::Time> approval_timestamp;
  absl::Time created_timestamp;  // the attempt's start
  absl::Time deadline;
  std::string approved_artifact_id;  // empty unless this very artifact is approved
  std::vector<Requirement> requirements;
  ApprovalTally approvals;
  std::vector<AuditEntry> audit;
  std::vector<PastAttempt> history;  // oldest first, at most kMaxHistory
};

inline constexpr size_t kMaxHistory = 50;
inline constexpr int kMaxTimeoutHours = 168;  // spec.timeout_hours, as in the XRDs
inline constexpr int kMaxAttempt = 1000000;   // spec.attempt, as in the XRDs

// How the pipeline that the gate belongs to was found.
struct PipelineFacts {
  enum class State {
    kUnknown,  // asked for, not answered yet
    kNotFound,
    kInvalid,      // found, but its spec is not valid: `problem` says why
    kNotInCharge,  // found, but another one is the tenant's pipeline here: `problem` says which
    kFound,
  };
  State state = State::kUnknown;
  std::string problem;
  std::string tenant;
  std::vector<Environment> environments;
  std::string registry;
  std::string releasing;  // spec.artifact_id: the one artifact whose gates may open; empty: the pipeline does
                          // not drive
  // Beyond the first environment, what the source environment runs and since when: where the pipeline's
  // status and the audit trail of the gate that leads there say the same.
  std::string source_artifact_id;
  std::optional<absl::Time> source_since;
};

// Everything a decision depends on, but for the time.
struct GateInput {
  std::string namespace_name;
  std::string name;  // the claim's where there is one
  std::optional<absl::Time> creation_timestamp;
  GateSpec spec;
  StepPolicy policy;  // platform and pipeline, merged
  StepTrust trust;
  PipelineFacts pipeline;
  // What was decided before, in its two copies: the status, and the gate's ConfigMap.
  std::optional<GateStatus> previous;
  std::optional<GateStatus> config_map;
  AuditKeys audit_keys;
  std::string first_requested_by;  // who asked when the attempt began; Decide fills it in
};

Subject SubjectOf(const GateInput& input);

struct GateDecision {
  GateStatus status;
  std::vector<Event> events;  // transitions only
  std::vector<Condition> conditions;
  // The trail for the ConfigMap: status.audit, but for a broken trail, of which each copy is left as it was
  // found.
  std::vector<AuditEntry> config_map_audit;
  std::vector<PastAttempt> config_map_history;  // likewise
  size_t new_entries = 0;    // how many of the last ones in status.audit this very decision made
  bool audit_broke = false;  // this very decision found the trail broken
  // When the next thing happens by itself: deadline, window edge, end of soak. None once the verdict is
  // final.
  std::optional<absl::Time> next_change;
};

// The requirement that a gate with a broken audit trail shows, beside the others.
inline constexpr absl::string_view kAuditRequirement = "Audit";

// The name that the gate of a step must bear: there is one gate a step.
std::string GateName(absl::string_view tenant, const Step& step);

// Pure: the same input and time give the same decision.
GateDecision Decide(const GateInput& input, absl::Time now);

}  // namespace release

#endif  // FUNCTION_RELEASE_GATE_H_
