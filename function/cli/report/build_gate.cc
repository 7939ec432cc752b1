#include "function/cli/report/build_gate.h"

#include <algorithm>

#include "function/base/time.h"
#include "function/cli/preview_object.h"
#include "function/cli/report/build_attempts.h"
#include "function/manifest/status.h"
#include "function/release/attempt.h"
#include "function/release/pipeline.h"

namespace cli::report {
namespace {

using base::Json;

State StateNamed(const std::string& gate_status) {
  const std::optional<release::Verdict> verdict = release::ParseVerdict(gate_status);
  return verdict ? StateOf(*verdict) : State::kUndecided;
}

std::vector<RequirementView> RequirementsOf(const release::GateStatus& status) {
  std::vector<RequirementView> views;
  for (const release::Requirement& requirement : status.requirements) {
    views.push_back({requirement.name, requirement.satisfied, requirement.reason, requirement.message,
                     requirement.next_change});
  }
  return views;
}

ApprovalView& ApprovalOf(const std::string& approver, std::vector<ApprovalView>& views) {
  const auto found = std::find_if(views.begin(), views.end(),
                                  [&](const ApprovalView& view) { return view.approver == approver; });
  if (found != views.end()) return *found;
  views.push_back({approver});
  return views.back();
}

void AddTally(const release::ApprovalTally& tally, std::vector<ApprovalView>& views) {
  for (const release::CountedApproval& counted : tally.counted) {
    ApprovalView& view = ApprovalOf(counted.approver, views);
    view.standing = ApprovalView::Standing::kCounted;
    view.rule = counted.rule;
    view.is_signed = counted.is_signed;
  }
  for (const release::IgnoredApproval& ignored : tally.ignored) {
    // Somebody may have an entry that counts and an override that does not.
    views.push_back({ignored.approver});
    views.back().standing = ApprovalView::Standing::kIgnored;
    views.back().reason = ignored.reason;
  }
}

// What the spec says beside the tally. An eligible reject is in neither list of it.
void AddEntries(const release::GateSpec& spec, State state, std::vector<ApprovalView>& views) {
  for (const release::Approval& entry : spec.approvals) {
    ApprovalView& view = ApprovalOf(entry.approver, views);
    view.decision = std::string(Name(entry.decision));
    view.comment = entry.comment;
    view.is_signed = view.is_signed || !entry.signature.empty();
    if (entry.artifact_id != spec.artifact_id) view.artifact_id = entry.artifact_id;
    const bool rejects = entry.decision == release::Decision::kReject && state == State::kRejected;
    if (rejects && view.standing == ApprovalView::Standing::kNotDecided)
      view.standing = ApprovalView::Standing::kRejects;
  }
}

// An override that does not count is the last one that is ignored.
void NameIgnoredOverride(GateView& view) {
  if (!view.override || view.override->counts) return;
  const auto last = std::find_if(
      view.approvals.rbegin(), view.approvals.rend(),
      [](const ApprovalView& approval) { return approval.standing == ApprovalView::Standing::kIgnored; });
  if (last == view.approvals.rend() || last->approver != view.override->by || !last->decision.empty()) return;
  last->decision = "override";
}

std::vector<CheckView> ChecksOf(const release::GateSpec& spec) {
  std::vector<CheckView> views;
  for (const release::Check& check : spec.checks) {
    views.push_back({check.name, std::string(Name(check.state)), check.message, check.url,
                     check.artifact_id == spec.artifact_id && check.attempt == spec.attempt});
  }
  return views;
}

void FillFromSpec(const release::GateSpec& spec, GateView& view) {
  view.pipeline = spec.pipeline;
  view.requested_by = spec.requested_by;
  view.checks = ChecksOf(spec);
  if (!spec.override) return;
  const std::vector<AttemptView>& attempts = view.attempts;
  view.override =
      OverrideView{spec.override->by, spec.override->reason,
                   !attempts.empty() && attempts[0].overridden_by == spec.override->by,
                   spec.override->artifact_id == spec.artifact_id && spec.override->attempt == spec.attempt};
}

void FillFromStatus(const release::GateStatus& status, GateView& view) {
  view.start = MomentOf(status.created_timestamp);
  view.deadline = MomentOf(status.deadline);
  view.approver = status.approver;
  view.requirements = RequirementsOf(status);
  view.approvals_have = status.approvals.have;
  view.approvals_need = status.approvals.need;
  AddTally(status.approvals, view.approvals);
}

AuditEntryView::Standing StandingOf(const AuditTrail& trail, size_t index) {
  if (index < trail.intact) return AuditEntryView::Standing::kIntact;
  return index == trail.intact ? AuditEntryView::Standing::kBroken : AuditEntryView::Standing::kAfterBroken;
}

AuditTrailView TrailOf(const AuditTrail& trail) {
  AuditTrailView view{trail.name, {}};
  for (size_t i = 0; i < trail.entries.size(); ++i) {
    const release::AuditEntry& entry = trail.entries[i];
    view.entries.push_back({entry.seq, entry.time, entry.actor, entry.action, Describe(entry), entry.hash,
                            StandingOf(trail, i)});
  }
  return view;
}

AuditView AuditOf(const AuditCase& given) {
  AuditView view;
  const AuditReport report = CheckAudit(given);
  for (const AuditFinding& finding : report.findings) {
    if (finding.kind == AuditFinding::Kind::kProved) view.proved.push_back(finding.message);
    if (finding.kind == AuditFinding::Kind::kBroken) view.broken.push_back(finding.message);
    if (finding.kind == AuditFinding::Kind::kNotProved) view.not_proved.push_back(finding.message);
  }
  for (const AuditTrail& trail : report.trails) view.trails.push_back(TrailOf(trail));
  view.standing = given.copies.empty() ? AuditView::Standing::kNone
                  : report.IsIntact()  ? AuditView::Standing::kIntact
                                       : AuditView::Standing::kBroken;
  return view;
}

std::string FirstText(std::initializer_list<std::string> candidates) {
  for (const std::string& candidate : candidates) {
    if (!candidate.empty()) return candidate;
  }
  return "";
}

}  // namespace

Moment MomentOf(absl::Time time) { return time == absl::UnixEpoch() ? Moment() : Moment(time); }

Moment MomentAt(const Json& object, std::initializer_list<absl::string_view> path) {
  const absl::StatusOr<absl::Time> time = base::ParseTime(Text(object, path));
  return time.ok() ? Moment(*time) : Moment();
}

std::vector<ConditionView> ConditionsOf(const Json& object) {
  std::vector<ConditionView> views;
  const Json& conditions = At(object, {"status", "conditions"});
  if (!conditions.is_array()) return views;
  for (const Json& condition : conditions) {
    views.push_back({Text(condition, {"type"}), Text(condition, {"status"}), Text(condition, {"reason"}),
                     Text(condition, {"message"}), MomentAt(condition, {"lastTransitionTime"})});
  }
  return views;
}

GateView BuildGate(const Json& object, const ExportedGate& exported) {
  const AuditCase& audit = exported.audit;
  // The status comes first, and the ConfigMap is as good where that was lost.
  const AuditCopy none;
  const AuditCopy& copy = audit.copies.empty() ? none : audit.copies[0];
  GateView view;
  view.kind = Kind(object);
  view.namespace_name = exported.namespace_name;
  view.name = exported.name;
  view.gate_status = copy.gate_status;
  view.state = StateNamed(copy.gate_status);
  if (audit.spec) {
    view.tenant = audit.spec->tenant;
    view.source = std::string(Name(audit.spec->step.source));
    view.target = std::string(Name(audit.spec->step.target));
    view.artifact_id = audit.spec->artifact_id;
    view.attempt = audit.spec->attempt;
  } else {
    view.tenant = copy.subject.tenant;
    view.source = copy.subject.source;
    view.target = copy.subject.target;
    view.artifact_id = copy.subject.artifact_id;
    view.attempt = copy.subject.attempt;
    view.pipeline =
        FirstText({Text(object, {"data", "pipeline"}), release::DefaultPipelineName(view.tenant)});
    view.requested_by = Text(object, {"data", "requested_by"});
  }
  FillFromStatus(copy.status, view);
  view.attempts = AttemptsOf(copy.status, view.artifact_id, view.attempt, view.state);
  if (!view.attempts.empty() && view.attempts[0].is_current) view.decided = view.attempts[0].end;
  if (audit.spec) {
    FillFromSpec(*audit.spec, view);
    AddEntries(*audit.spec, view.state, view.approvals);
    NameIgnoredOverride(view);
  }
  view.conditions = ConditionsOf(object);
  view.audit = AuditOf(audit);
  return view;
}

GateView BuildUnreadableGate(const Json& object, const std::string& problem) {
  GateView view;
  view.kind = Kind(object);
  view.namespace_name = FirstText({Namespace(object), Text(object, {"spec", "claimRef", "namespace"}),
                                   Text(object, {"metadata", "labels", kClaimNamespaceLabel})});
  view.name = FirstText({Text(object, {"spec", "claimRef", "name"}), Name(object)});
  view.tenant = Text(object, {"spec", "tenant"});
  view.source = Text(object, {"spec", "source_environment"});
  view.target = Text(object, {"spec", "target_environment"});
  view.artifact_id = Text(object, {"spec", "artifact_id"});
  view.pipeline = FirstText({Text(object, {"spec", "pipeline"}), release::DefaultPipelineName(view.tenant)});
  view.requested_by = Text(object, {"spec", "requested_by"});
  view.gate_status = Text(object, {"status", "gate_status"});
  view.state = StateNamed(view.gate_status);
  FillFromStatus(manifest::GateStatusFromJson(At(object, {"status"})).value_or(release::GateStatus()), view);
  view.conditions = ConditionsOf(object);
  view.problem = problem;
  return view;
}

}  // namespace cli::report
