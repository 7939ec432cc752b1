#include "function/cli/report/attention.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace cli::report {
namespace {

using IncidentKind = IncidentView::Kind;

std::string TitleOf(const std::string& namespace_name, const std::string& name) {
  return namespace_name.empty() ? name : absl::StrCat(namespace_name, "/", name);
}

// What Crossplane or the function says is wrong with an object, beyond a gate that is not open.
bool IsProblem(const ConditionView& condition) {
  if (condition.reason == "InvalidInput" || condition.reason == "GateNotOwned") return true;
  const bool is_about_health = condition.type == "Synced" || condition.type == "Responsive";
  return is_about_health && condition.status == "False";
}

class Looking {
 public:
  explicit Looking(PageView& page) : page_(page) {}

  void Run() {
    for (const PipelineView& pipeline : page_.pipelines) {
      LookAt(pipeline);
      for (const GateView& gate : pipeline.gates) LookAt(gate);
    }
    std::stable_sort(
        page_.waiting.begin(), page_.waiting.end(), [](const WaitingView& a, const WaitingView& b) {
          return a.deadline.value_or(absl::InfiniteFuture()) < b.deadline.value_or(absl::InfiniteFuture());
        });
    std::stable_sort(
        page_.incidents.begin(), page_.incidents.end(), [](const IncidentView& a, const IncidentView& b) {
          return a.time.value_or(absl::InfiniteFuture()) > b.time.value_or(absl::InfiniteFuture());
        });
  }

 private:
  void LookAt(const PipelineView& pipeline) {
    IncidentView incident{
        IncidentKind::kProblem, {}, pipeline.id, TitleOf(pipeline.namespace_name, pipeline.name)};
    AddProblems(pipeline.problem, pipeline.conditions, incident);
    for (const EnvironmentView& environment : pipeline.environments) {
      if (environment.copy_artifact_id.empty()) continue;
      incident.text = absl::StrCat("its status and its ConfigMap do not agree on what ", environment.name,
                                   " runs: ", environment.copy_artifact_id, " by the ConfigMap");
      page_.incidents.push_back(incident);
    }
  }

  void LookAt(const GateView& gate) {
    IncidentView incident{IncidentKind::kProblem, {}, gate.id, TitleOf(gate.namespace_name, gate.name)};
    AddProblems(gate.problem, gate.conditions, incident);
    LookAtAudit(gate, incident);
    for (const AttemptView& attempt : gate.attempts) LookAt(attempt, incident);
    if (gate.state == State::kPending || gate.state == State::kUndecided) AddWaiting(gate, incident.about);
  }

  void AddProblems(const std::string& problem, const std::vector<ConditionView>& conditions,
                   IncidentView incident) {
    if (!problem.empty()) {
      incident.text = absl::StrCat("could not be read: ", problem);
      page_.incidents.push_back(incident);
    }
    for (const ConditionView& condition : conditions) {
      if (!IsProblem(condition)) continue;
      incident.text = absl::StrCat(condition.type, " is ", condition.status, " (", condition.reason,
                                   "): ", condition.message);
      page_.incidents.push_back(incident);
    }
  }

  void LookAtAudit(const GateView& gate, IncidentView incident) {
    incident.kind = IncidentKind::kAudit;
    if (gate.audit.standing == AuditView::Standing::kBroken) {
      incident.text = gate.audit.broken[0];
      page_.incidents.push_back(incident);
      return;
    }
    for (const ConditionView& condition : gate.conditions) {
      if (condition.type != "AuditIntact" || condition.status != "False") continue;
      incident.text = absl::StrCat("the function says AuditIntact is False: ", condition.message);
      page_.incidents.push_back(incident);
    }
  }

  void LookAt(const AttemptView& attempt, IncidentView incident) {
    incident.artifact_id = attempt.artifact_id;
    incident.time = attempt.end;
    if (attempt.state == State::kRejected) {
      incident.kind = IncidentKind::kRejected;
      incident.text = attempt.approver.empty() ? "rejected" : absl::StrCat("rejected by ", attempt.approver);
      AddPast(incident);
    }
    if (attempt.state == State::kTimeout) {
      incident.kind = IncidentKind::kTimeout;
      incident.text = "was not approved in time";
      AddPast(incident);
    }
    if (!attempt.overridden_by.empty()) {
      incident.kind = IncidentKind::kOverride;
      incident.text = absl::StrCat(attempt.overridden_by, " overrode the gate: ", attempt.override_reason);
      AddPast(incident);
    }
  }

  void AddPast(const IncidentView& incident) {
    const bool is_old =
        incident.time && page_.as_of && *page_.as_of - *incident.time > absl::Hours(24 * kIncidentDays);
    if (is_old) {
      ++page_.older_incidents;
    } else {
      page_.incidents.push_back(incident);
    }
  }

  void AddWaiting(const GateView& gate, const std::string& about) {
    WaitingView waiting{gate.id, about, gate.artifact_id, gate.deadline, {}};
    for (const RequirementView& requirement : gate.requirements) {
      if (!requirement.satisfied) waiting.open.push_back(requirement);
    }
    // For whom it waits comes first: the others are for machines and clocks.
    std::stable_partition(waiting.open.begin(), waiting.open.end(),
                          [](const RequirementView& requirement) { return requirement.name == "Approvals"; });
    page_.waiting.push_back(std::move(waiting));
  }

  PageView& page_;
};

}  // namespace

void AddAttention(PageView& page) { Looking(page).Run(); }

}  // namespace cli::report
