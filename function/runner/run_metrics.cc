#include "function/runner/run_metrics.h"

#include <optional>

#include "absl/hash/hash.h"
#include "function/release/approval.h"
#include "function/release/attempt.h"
#include "function/release/composite.h"
#include "function/release/requirement.h"

namespace runner {
namespace {

namespace action = release::action;
using release::Verdict;

constexpr char kOther[] = "other";
constexpr char kOk[] = "ok", kAsked[] = "asked", kInvalid[] = "invalid";

// As many transitions as a replica remembers, to count none of them twice: some 200 KB.
constexpr std::size_t kRemembered = 4096;

// From ten seconds, for gates that need nobody, to the longest timeout there is.
const std::vector<double>& VerdictBounds() {
  static const std::vector<double>& bounds = *new std::vector<double>{
      10, 60, 300, 900, 1800, 3600, 7200, 14400, 28800, 43200, 86400, 172800, 259200, 604800};
  return bounds;
}

std::optional<Verdict> VerdictOf(absl::string_view entry_action) {
  for (const Verdict verdict : {Verdict::kApproved, Verdict::kRejected, Verdict::kTimeout}) {
    if (entry_action == release::VerdictAction(verdict)) return verdict;
  }
  return std::nullopt;
}

Metrics::Labels StepLabel(const std::string& step) { return {{"step", step}}; }

}  // namespace

Counter& RunMetrics::Find(const Counters& counters, absl::string_view value) {
  for (const auto& [name, counter] : counters) {
    if (name == value) return *counter;
  }
  return *counters.back().second;
}

RunMetrics::StepCounters RunMetrics::MakeStep(Metrics& metrics, const std::string& step) {
  StepCounters made;
  made.attempts =
      &metrics.GetCounter("release_gate_attempts_total",
                          "Attempts that began: a new artifact, or a higher attempt.", StepLabel(step));
  made.superseded =
      &metrics.GetCounter("release_gate_superseded_total",
                          "Attempts that another one replaced before there was a verdict.", StepLabel(step));
  made.overrides =
      &metrics.GetCounter("release_gate_overrides_total", "Gates that an override opened.", StepLabel(step));
  for (const bool is_signed : {false, true}) {
    made.approvals[is_signed] =
        &metrics.GetCounter("release_gate_approvals_total", "Approvals that were counted.",
                            {{"step", step}, {"signed", is_signed ? "true" : "false"}});
  }
  for (const Verdict verdict : {Verdict::kApproved, Verdict::kRejected, Verdict::kTimeout}) {
    const Metrics::Labels labels = {{"step", step}, {"verdict", std::string(Name(verdict))}};
    made.verdicts[verdict] =
        &metrics.GetCounter("release_gate_verdicts_total", "Verdicts that gates came to.", labels);
    made.seconds[verdict] =
        &metrics.GetHistogram("release_gate_time_to_verdict_seconds",
                              "Time from the start of an attempt to its verdict.", VerdictBounds(), labels);
  }
  return made;
}

RunMetrics::RunMetrics(Metrics& metrics)
    : audit_broken_(
          metrics.GetCounter("release_gate_audit_broken_total", "Audit trails that were found broken.")),
      counted_(kRemembered) {
  for (const char* kind : {release::kPipelineKind, release::kGateKind, kOther}) {
    for (const char* outcome : {kOk, kAsked, kInvalid}) {
      runs_[kind].emplace_back(outcome, &metrics.GetCounter("release_function_runs_total",
                                                            "Calls of the function, by composite kind.",
                                                            {{"kind", kind}, {"outcome", outcome}}));
    }
  }
  for (const Verdict verdict :
       {Verdict::kPending, Verdict::kApproved, Verdict::kRejected, Verdict::kTimeout}) {
    const std::string name(Name(verdict));
    evaluations_.emplace_back(
        name, &metrics.GetCounter("release_gate_evaluations_total",
                                  "Looks at gates, by how the gate stood afterwards.", {{"verdict", name}}));
  }
  const auto waiting = [&](const std::string& requirement) {
    waiting_.emplace_back(requirement,
                          &metrics.GetCounter("release_gate_waiting_evaluations_total",
                                              "Looks at pending gates that a requirement kept closed.",
                                              {{"requirement", requirement}}));
  };
  for (const release::RequirementEntry& entry : release::Requirements()) waiting(std::string(entry.name));
  waiting(std::string(release::kAuditRequirement));
  waiting(kOther);
  const auto ignored = [&](const std::string& reason) {
    ignored_.emplace_back(reason, &metrics.GetCounter("release_gate_ignored_entries_total",
                                                      "Approvals, rejects and overrides that did not count.",
                                                      {{"reason", reason}}));
  };
  for (const absl::string_view reason : release::IgnoredReasons()) ignored(std::string(reason));
  ignored(kOther);
  for (const release::Step& step : release::AllSteps()) {
    steps_.emplace(step.Key(), MakeStep(metrics, step.Key()));
  }
  for (const release::Environment environment : release::kAllEnvironments) {
    const std::string name(Name(environment));
    releases_.emplace_back(name, &metrics.GetCounter("release_pipeline_releases_total",
                                                     "Artifacts that came into an environment of a pipeline.",
                                                     {{"environment", name}}));
  }
}

void RunMetrics::Count(const RunSummary& summary) {
  const auto runs = runs_.find(summary.kind.empty() ? kOther : summary.kind);
  const Counters& outcomes = runs != runs_.end() ? runs->second : runs_.at(kOther);
  Find(outcomes, !summary.error.empty() ? kInvalid : summary.asked ? kAsked : kOk).Increment();
  if (!summary.error.empty() || summary.asked) return;
  if (summary.gate) {
    CountEvaluation(*summary.gate);
    CountTransitions(summary, *summary.gate);
  }
  if (summary.pipeline) CountReleases(summary);
}

void RunMetrics::CountEvaluation(const GateReport& gate) {
  Find(evaluations_, Name(gate.verdict)).Increment();
  for (const std::string& requirement : gate.waiting_for) Find(waiting_, requirement).Increment();
}

void RunMetrics::CountTransitions(const RunSummary& summary, const GateReport& gate) {
  for (const release::AuditEntry& entry : gate.new_entries) {
    const auto what = std::tie(summary.uid, summary.namespace_name, gate.subject, entry.action, entry.seq);
    if (counted_.Insert(absl::HashOf(what))) CountEntry(gate, entry);
  }
  if (gate.audit_broke) {
    const auto what = std::tie(summary.uid, summary.namespace_name, gate.subject);
    if (counted_.Insert(absl::HashOf(what))) audit_broken_.Increment();
  }
}

void RunMetrics::CountEntry(const GateReport& gate, const release::AuditEntry& entry) {
  const StepCounters& step = steps_.at(gate.step.Key());
  if (const std::optional<Verdict> verdict = VerdictOf(entry.action)) {
    step.verdicts.at(*verdict)->Increment();
    step.seconds.at(*verdict)->Observe(absl::ToDoubleSeconds(entry.time - gate.attempt_start));
  } else if (entry.action == action::kAttemptStarted) {
    step.attempts->Increment();
  } else if (entry.action == action::kSuperseded) {
    step.superseded->Increment();
  } else if (entry.action == action::kOverridden) {
    step.overrides->Increment();
  } else if (entry.action == action::kApprovedBy) {
    step.approvals[release::IsSigned(entry)]->Increment();
  } else if (entry.action == action::kApprovalIgnored) {
    Find(ignored_, release::ReasonOf(entry)).Increment();
  }
}

void RunMetrics::CountReleases(const RunSummary& summary) {
  for (const release::EnvironmentStatus& release : summary.pipeline->releases) {
    const auto what =
        std::make_tuple(summary.uid, summary.namespace_name, summary.name, release.name, release.artifact_id,
                        absl::ToUnixSeconds(release.since.value_or(absl::InfinitePast())));
    if (counted_.Insert(absl::HashOf(what))) Find(releases_, release.name).Increment();
  }
}

}  // namespace runner
