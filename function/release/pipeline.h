// A release pipeline: a tenant's environments and how an artifact moves through them.
#ifndef FUNCTION_RELEASE_PIPELINE_H_
#define FUNCTION_RELEASE_PIPELINE_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "function/release/environment.h"
#include "function/release/gate.h"
#include "function/release/policy.h"

namespace release {

enum class PromotionRule { kManual, kAutomatic };
absl::string_view Name(PromotionRule rule);

// An approval for the gate of one target environment.
struct PipelineApproval {
  Environment target = Environment::kStaging;
  Approval approval;
};

// XReleasePipeline.spec with its defaults filled in.
struct PipelineSpec {
  std::string tenant;
  std::vector<Environment> environments;       // in progression order
  std::map<std::string, PromotionRule> rules;  // by Step::Key(): every step of this pipeline
  std::string registry = "ghcr.io";
  int retention_days = 30;
  std::string validation_mode = "preview";
  std::string bootstrap_mode = "preview";
  std::string artifact_id;  // empty: the pipeline does not drive
  std::string requested_by;
  int attempt = 1;
  std::vector<PipelineApproval> approvals;
  std::map<std::string, StepPolicy> policies;  // by Step::Key(); the freezes are in each
  std::map<std::string, StepTrust> trust;      // by Step::Key()
};

// What an environment of a pipeline runs, and the gate that leads to it.
struct EnvironmentStatus {
  std::string name;
  std::string artifact_id;
  std::optional<absl::Time> since;
  std::string gate;
  std::string gate_status;
};

struct ReleaseRecord {
  std::string artifact_id;
  std::string environment;
  std::optional<absl::Time> since;
  std::optional<absl::Time> until;
  std::optional<absl::Time> expires;
};

// XReleasePipeline.status, but for the conditions.
struct PipelineStatus {
  std::string pipeline_id;
  std::string current_environment;  // the furthest one that runs something
  std::string artifact_id;          // what it runs
  std::vector<EnvironmentStatus> environments;
  std::vector<ReleaseRecord> history;
};

inline constexpr size_t kMaxReleases = 50;  // in status.history

// The gate of a step as the pipeline sees it. What counts of it is what its audit trail proves.
struct GateFacts {
  bool known = false;  // asked for and answered; before, nobody may compose it
  bool exists = false;
  bool ours = false;  // this pipeline composed it
  std::string artifact_id;
  int attempt = 0;
  Verdict verdict = Verdict::kPending;         // of this artifact and attempt
  std::optional<absl::Time> attempt_start;     // none before the gate has seen this artifact and attempt
  std::string approved_artifact_id;            // the last one that it approved, in whatever attempt
  absl::Time approved_since;                   // since when without another one in between
  std::vector<std::string> foreign_approvers;  // whose entries are under another field manager's hand
};

// Adds what a gate's audit trail (see ProvenTrail) says of this subject, and of others of the same gate.
void AddProvenFacts(const std::vector<AuditEntry>& trail, const Subject& subject, GateFacts& facts);

struct PipelineInput {
  std::string namespace_name;
  std::string name;  // the claim's where there is one
  PipelineSpec spec;
  PipelineStatus previous;
  // What the ConfigMap has in each environment, by its name: a second copy of what no gate can tell any more.
  // None where there is no ConfigMap of this pipeline.
  std::optional<std::map<std::string, std::string>> released;
  std::map<std::string, GateFacts> gates;  // by Step::Key()
};

// A gate to compose.
struct DrivenGate {
  Step step;
  std::string artifact_id;
  int attempt = 1;
  bool approval_required = true;
  std::optional<int> timeout_hours;
  std::string requested_by;
  std::vector<Approval> approvals;
};

struct PipelineDecision {
  PipelineStatus status;
  std::vector<DrivenGate> gates;
  std::vector<Event> events;  // transitions only
  std::vector<Condition> conditions;
  bool waiting = false;                     // for a gate
  std::vector<EnvironmentStatus> releases;  // the environments that run another artifact than before
};

// Pure: the same input and time give the same decision.
PipelineDecision Decide(const PipelineInput& input, absl::Time now);

// The name under which gates look for the pipeline of a tenant, unless they name another one.
std::string DefaultPipelineName(absl::string_view tenant);

}  // namespace release

#endif  // FUNCTION_RELEASE_PIPELINE_H_
