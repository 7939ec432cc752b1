#include "function/release/pipeline.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "function/release/attempt.h"

namespace release {
namespace {

const GateFacts& FactsOf(const PipelineInput& input, const Step& step) {
  static const GateFacts& unknown = *new GateFacts();
  const auto found = input.gates.find(step.Key());
  return found == input.gates.end() ? unknown : found->second;
}

const EnvironmentStatus* FindEnvironment(const PipelineStatus& status, absl::string_view name) {
  for (const EnvironmentStatus& environment : status.environments) {
    if (environment.name == name) return &environment;
  }
  return nullptr;
}

// One decision in the making.
class Deciding {
 public:
  Deciding(const PipelineInput& input, absl::Time now)
      : input_(input), spec_(input.spec), steps_(StepsOf(input.spec.environments)), now_(now) {}

  PipelineDecision Run() {
    FillEnvironments();
    FillHistory();
    FillCurrent();
    if (Drives()) {
      DriveSteps();
    }
    KeepGates();
    AddConditions();
    AddEvents();
    return std::move(decision_);
  }

 private:
  bool Drives() const { return !spec_.artifact_id.empty(); }
  PipelineStatus& status() { return decision_.status; }

  // Whether the gate of a step approved what the pipeline releases now. A gate that somebody else made is
  // followed, whatever attempt it is at.
  bool IsApproved(const GateFacts& gate) const {
    return gate.exists && gate.verdict == Verdict::kApproved && gate.artifact_id == spec_.artifact_id &&
           (!gate.ours || gate.attempt >= spec_.attempt);
  }

  void FillEnvironments() {
    status().pipeline_id = absl::StrCat(input_.namespace_name, "/", input_.name);
    for (size_t i = 0; i < spec_.environments.size(); ++i) {
      const std::string name(Name(spec_.environments[i]));
      EnvironmentStatus environment = Remembered(name);
      i == 0 ? EnterFirst(environment) : EnterThroughGate(environment, steps_[i - 1]);
      status().environments.push_back(std::move(environment));
    }
  }

  // What the status had before, for where no gate tells: it was deleted, or its trail is broken or folded.
  // Whoever may edit the status can write anything there, so that it counts only where the ConfigMap has the
  // same.
  EnvironmentStatus Remembered(const std::string& name) const {
    EnvironmentStatus remembered;
    remembered.name = name;
    const EnvironmentStatus* before = FindEnvironment(input_.previous, name);
    if (before == nullptr) return remembered;
    if (input_.released) {
      const auto copy = input_.released->find(name);
      if (before->artifact_id != (copy == input_.released->end() ? "" : copy->second)) return remembered;
    }
    remembered.artifact_id = before->artifact_id;
    if (before->since) remembered.since = std::min(*before->since, now_);
    return remembered;
  }

  // An artifact is in the first environment as soon as the pipeline drives it, or somebody opens a gate for
  // it.
  void EnterFirst(EnvironmentStatus& environment) {
    if (Drives()) {
      Enter(environment, spec_.artifact_id, now_);
    } else if (!steps_.empty()) {
      const GateFacts& gate = FactsOf(input_, steps_[0]);
      if (!gate.artifact_id.empty()) Enter(environment, gate.artifact_id, gate.attempt_start.value_or(now_));
    }
  }

  void EnterThroughGate(EnvironmentStatus& environment, const Step& step) {
    const GateFacts& gate = FactsOf(input_, step);
    environment.gate = gate.exists ? GateName(spec_.tenant, step) : "";
    environment.gate_status = gate.exists ? std::string(Name(gate.verdict)) : "";
    if (gate.approved_artifact_id.empty()) return;
    environment.artifact_id = gate.approved_artifact_id;
    environment.since = gate.approved_since;
  }

  static void Enter(EnvironmentStatus& environment, const std::string& artifact_id, absl::Time since) {
    if (environment.artifact_id == artifact_id && environment.since) return;
    environment.artifact_id = artifact_id;
    environment.since = since;
  }

  // What an environment ran before, until it expires.
  void FillHistory() {
    std::vector<ReleaseRecord>& history = status().history;
    history = input_.previous.history;
    for (const EnvironmentStatus& before : input_.previous.environments) {
      const EnvironmentStatus* after = FindEnvironment(status(), before.name);
      if (before.artifact_id.empty() || (after != nullptr && after->artifact_id == before.artifact_id))
        continue;
      history.push_back({before.artifact_id, before.name, before.since, now_, std::nullopt});
    }
    for (ReleaseRecord& record : history) {
      // Ours all have an end in the past. Without one, an expiry would move with the time and never settle.
      record.until = std::min(record.until.value_or(now_), now_);
      record.expires = *record.until + absl::Hours(24) * spec_.retention_days;
    }
    history.erase(std::remove_if(history.begin(), history.end(),
                                 [&](const ReleaseRecord& record) { return *record.expires <= now_; }),
                  history.end());
    if (history.size() > kMaxReleases) history.erase(history.begin(), history.end() - kMaxReleases);
  }

  // Driving: how far the artifact has come. Else: the furthest environment that runs anything.
  void FillCurrent() {
    status().artifact_id = spec_.artifact_id;
    for (const EnvironmentStatus& environment : status().environments) {
      if (environment.artifact_id.empty() || (Drives() && environment.artifact_id != spec_.artifact_id))
        continue;
      status().current_environment = environment.name;
      status().artifact_id = environment.artifact_id;
    }
  }

  // Composes the gate of each step in turn, up to the first one that is not approved.
  void DriveSteps() {
    for (const Step& step : steps_) {
      const GateFacts& gate = FactsOf(input_, step);
      if (gate.exists && !gate.ours) {
        if (unowned_gate_.empty()) unowned_gate_ = GateName(spec_.tenant, step);
      } else if (gate.known) {
        decision_.gates.push_back(GateFor(step, spec_.artifact_id, std::max(spec_.attempt, gate.attempt)));
      }
      if (!IsApproved(gate)) {
        stopped_at_ = step;
        return;
      }
    }
  }

  // A gate that was made stays, or its audit trail would go with it: with the artifact that it is about.
  void KeepGates() {
    for (const Step& step : AllSteps()) {
      const GateFacts& gate = FactsOf(input_, step);
      const bool composed = std::any_of(decision_.gates.begin(), decision_.gates.end(),
                                        [&](const DrivenGate& other) { return other.step == step; });
      if (gate.exists && gate.ours && !composed) {
        decision_.gates.push_back(GateFor(step, gate.artifact_id, std::max(1, gate.attempt)));
      }
    }
  }

  DrivenGate GateFor(const Step& step, const std::string& artifact_id, int attempt) const {
    DrivenGate driven{step, artifact_id, attempt};
    const auto rule = spec_.rules.find(step.Key());
    driven.approval_required = rule == spec_.rules.end() || rule->second == PromotionRule::kManual;
    const auto policy = spec_.policies.find(step.Key());
    if (policy != spec_.policies.end()) driven.timeout_hours = policy->second.timeout_hours;
    driven.requested_by = spec_.requested_by;
    const std::vector<std::string>& foreign = FactsOf(input_, step).foreign_approvers;
    for (const PipelineApproval& entry : spec_.approvals) {
      const bool is_theirs =
          std::find(foreign.begin(), foreign.end(), entry.approval.approver) != foreign.end();
      if (entry.target == step.target && !is_theirs) driven.approvals.push_back(entry.approval);
    }
    return driven;
  }

  // The first step whose gate waits, where nobody drives.
  const Step* PendingStep() const {
    for (const Step& step : steps_) {
      const GateFacts& gate = FactsOf(input_, step);
      if (gate.exists && gate.verdict == Verdict::kPending) return &step;
    }
    return nullptr;
  }

  Condition Promoting() const {
    const auto condition = [](Condition::Status status, absl::string_view reason, std::string message) {
      return Condition{"Promoting", status, std::string(reason), std::move(message)};
    };
    if (!unowned_gate_.empty()) {
      return condition(Condition::Status::kFalse, "GateNotOwned",
                       absl::StrCat("gate ", unowned_gate_,
                                    " was made by somebody else: this pipeline follows it; "
                                    "delete it to let the pipeline drive"));
    }
    if (!Drives()) {
      const Step* pending = PendingStep();
      if (pending == nullptr)
        return condition(Condition::Status::kFalse, "NothingToPromote", "no gate is pending");
      return condition(Condition::Status::kTrue, "GatePending",
                       absl::StrCat("gate ", GateName(spec_.tenant, *pending), " is pending"));
    }
    if (!stopped_at_) return condition(Condition::Status::kFalse, "Released", "every gate is approved");
    const GateFacts& gate = FactsOf(input_, *stopped_at_);
    const std::string name = GateName(spec_.tenant, *stopped_at_);
    const bool is_about_it = gate.artifact_id == spec_.artifact_id && gate.attempt >= spec_.attempt;
    if (is_about_it && (gate.verdict == Verdict::kRejected || gate.verdict == Verdict::kTimeout)) {
      return condition(Condition::Status::kFalse,
                       gate.verdict == Verdict::kRejected ? "GateRejected" : "GateTimedOut",
                       absl::StrCat("gate ", name, ": ", Name(gate.verdict),
                                    "; set another artifact_id, or raise attempt to try again"));
    }
    return condition(Condition::Status::kTrue, "GatePending", absl::StrCat("gate ", name, " is pending"));
  }

  Condition Released() {
    const EnvironmentStatus& last = status().environments.back();
    const bool released = !last.artifact_id.empty() && last.artifact_id == status().artifact_id;
    if (released) {
      return {"Released", Condition::Status::kTrue, "InLastEnvironment",
              absl::StrCat(last.artifact_id, " is in ", last.name)};
    }
    if (status().artifact_id.empty())
      return {"Released", Condition::Status::kFalse, "NoArtifact", "nothing is released"};
    return {"Released", Condition::Status::kFalse, "NotInLastEnvironment",
            absl::StrCat(status().artifact_id, " is not in ", last.name, " yet")};
  }

  void AddConditions() {
    Condition promoting = Promoting();
    decision_.waiting = promoting.status == Condition::Status::kTrue || PendingStep() != nullptr;
    decision_.conditions = {std::move(promoting), Released()};
  }

  void AddEvents() {
    for (const EnvironmentStatus& after : status().environments) {
      const EnvironmentStatus* before = FindEnvironment(input_.previous, after.name);
      if (after.artifact_id.empty() || (before != nullptr && before->artifact_id == after.artifact_id))
        continue;
      decision_.events.push_back({Event::Severity::kNormal, "ArtifactReleased",
                                  absl::StrCat(after.artifact_id, " is in ", after.name)});
      decision_.releases.push_back(after);
    }
  }

  const PipelineInput& input_;
  const PipelineSpec& spec_;
  const std::vector<Step> steps_;
  const absl::Time now_;
  PipelineDecision decision_;
  std::optional<Step> stopped_at_;
  std::string unowned_gate_;
};

}  // namespace

absl::string_view Name(PromotionRule rule) { return rule == PromotionRule::kManual ? "manual" : "automatic"; }

PipelineDecision Decide(const PipelineInput& input, absl::Time now) {
  return Deciding(input, absl::FromUnixSeconds(absl::ToUnixSeconds(now))).Run();
}

void AddProvenFacts(const std::vector<AuditEntry>& trail, const Subject& subject, GateFacts& facts) {
  if (const std::optional<LastApproved> approved = LastApproval(trail, subject)) {
    facts.approved_artifact_id = approved->artifact_id;
    facts.approved_since = approved->time;
  }
  const std::optional<Attempt> attempt = LastAttempt(trail);
  if (!attempt || attempt->subject != subject.Hash()) return;
  facts.attempt_start = attempt->start;
  facts.verdict = attempt->verdict;
}

std::string DefaultPipelineName(absl::string_view tenant) { return absl::StrCat(tenant, "-pipeline"); }

}  // namespace release
