// What the report says, as plain values: made of parsed objects by build.h, written as HTML by page.h.
//
// Texts are as they were found. Times are those of the export or of --now; nothing asks a clock.
#ifndef FUNCTION_CLI_REPORT_MODEL_H_
#define FUNCTION_CLI_REPORT_MODEL_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace cli::report {

using Moment = std::optional<absl::Time>;

// How a gate or one of its attempts stands.
enum class State {
  kUndecided,   // nothing was decided yet, or what was is not in the export
  kPending,     //
  kApproved,    //
  kRejected,    //
  kTimeout,     //
  kSuperseded,  // another artifact or attempt came before a verdict
};

struct RequirementView {
  std::string name;
  bool satisfied = false;
  std::string reason;
  std::string message;
  Moment next_change;
};

// An approval or a reject, in the spec, in the tally of the status, or in both.
struct ApprovalView {
  enum class Standing { kCounted, kIgnored, kRejects, kNotDecided };
  std::string approver;
  std::string decision;  // approve, reject; empty: it is not in the spec (any more)
  Standing standing = Standing::kNotDecided;
  std::string rule;    // counted: the rule whose slot it fills
  std::string reason;  // ignored: why
  bool is_signed = false;
  std::string comment;
  std::string artifact_id;  // where it is another one than the gate's
};

struct CheckView {
  std::string name;
  std::string state;
  std::string message;
  std::string url;
  bool is_for_this = true;  // for the gate's artifact and attempt
};

struct OverrideView {
  std::string by;
  std::string reason;
  bool counts = false;
  bool is_for_this = false;  // for the gate's artifact and attempt
};

struct AttemptView {
  std::string artifact_id;
  int number = 1;
  State state = State::kUndecided;
  Moment start;
  Moment end;       // of the current one: of its verdict
  Moment deadline;  // of the current one, while it is pending
  std::string approver;
  std::string reason;  // of the verdict
  std::string overridden_by;
  std::string override_reason;
  bool is_current = false;
};

struct ConditionView {
  std::string type;
  std::string status;
  std::string reason;
  std::string message;
  Moment since;
};

struct AuditEntryView {
  enum class Standing { kIntact, kBroken, kAfterBroken };
  int64_t number = 0;
  absl::Time time;
  std::string actor;
  std::string action;
  std::string description;
  std::string hash;
  Standing standing = Standing::kIntact;
};

struct AuditTrailView {
  std::string copy;  // "status", "ConfigMap", "both copies"
  std::vector<AuditEntryView> entries;
};

struct AuditView {
  enum class Standing {
    kIntact,
    kBroken,
    kNone,       // neither a decision nor a trail
    kUnchecked,  // the gate could not be read
  };
  Standing standing = Standing::kUnchecked;
  std::vector<std::string> proved;
  std::vector<std::string> broken;
  std::vector<std::string> not_proved;
  std::vector<AuditTrailView> trails;
};

struct GateView {
  std::string id;
  std::string kind;
  std::string namespace_name;
  std::string name;
  std::string tenant;
  std::string pipeline;  // its name
  std::string source;    // environments
  std::string target;
  std::string artifact_id;
  int attempt = 1;
  std::string requested_by;
  State state = State::kUndecided;
  std::string gate_status;  // as it is written
  Moment start;
  Moment deadline;
  Moment decided;
  std::string approver;
  std::vector<RequirementView> requirements;
  int approvals_have = 0;
  int approvals_need = 0;
  std::vector<ApprovalView> approvals;
  std::vector<CheckView> checks;
  std::optional<OverrideView> override;
  std::vector<AttemptView> attempts;  // newest first
  std::vector<ConditionView> conditions;
  AuditView audit;
  std::string problem;  // why it could not be read whole; empty: it could
};

// What an environment of a pipeline runs.
struct EnvironmentView {
  std::string name;
  std::string artifact_id;
  Moment since;
  std::string copy_artifact_id;  // what the pipeline's ConfigMap says, where that is something else
};

// What ran in an environment for a while.
struct ReleaseView {
  std::string artifact_id;
  std::string environment;
  Moment since;
  Moment until;  // none: it still runs
};

// What the pipeline demands of a step, a line each.
struct DemandView {
  std::string step;  // "dev → staging"
  std::vector<std::string> lines;
};

struct PipelineView {
  std::string id;
  std::string kind;
  std::string namespace_name;
  std::string name;
  std::string tenant;
  bool is_missing = false;  // only its gates are in the export
  std::string releasing;    // spec.artifact_id: what the pipeline drives
  std::string requested_by;
  std::vector<EnvironmentView> environments;  // in the order of promotion
  std::vector<GateView> gates;                // in the order of their steps
  std::vector<ReleaseView> releases;          // oldest first
  std::vector<DemandView> demands;
  std::vector<ConditionView> conditions;
  std::string problem;
};

// A gate in the lists at the top of the page.
struct WaitingView {
  std::string gate_id;
  std::string gate;  // "team/web-dev-to-staging"
  std::string artifact_id;
  Moment deadline;
  std::vector<RequirementView> open;
};

struct IncidentView {
  enum class Kind { kRejected, kTimeout, kOverride, kAudit, kProblem };
  Kind kind = Kind::kProblem;
  Moment time;  // none: it is so now
  std::string target_id;
  std::string about;  // "team/web-dev-to-staging"
  std::string artifact_id;
  std::string text;
};

struct PageView {
  std::vector<std::string> sources;  // files, "standard input"
  std::string generator;             // "function-release-pipeline 0.1.0"
  Moment as_of;
  bool as_of_is_given = false;          // by --now
  std::vector<PipelineView> pipelines;  // by namespace and name
  std::vector<WaitingView> waiting;     // the nearest deadline first
  std::vector<IncidentView> incidents;  // what is so now, and then the newest first
  int older_incidents = 0;              // before the time that incidents are about
  std::vector<std::string> not_shown;   // what of the export is not on the page, and why
};

// How far back incidents go.
inline constexpr int kIncidentDays = 30;

}  // namespace cli::report

#endif  // FUNCTION_CLI_REPORT_MODEL_H_
