#include "function/cli/kubectl/why.h"

#include <algorithm>
#include <ostream>

#include "absl/strings/str_cat.h"
#include "function/base/time.h"
#include "function/cli/exit_codes.h"
#include "function/cli/ignored.h"
#include "function/cli/kubectl/live_gate.h"
#include "function/cli/preview_object.h"
#include "function/cli/terminal.h"
#include "function/manifest/status.h"

namespace cli {
namespace {

using base::Json;
using release::Verdict;

int ExitCode(const LiveGate& gate) {
  if (gate.verdict() == Verdict::kPending) return kExitPending;
  return gate.IsOpen() ? kExitOk : kExitNo;
}

class Printer {
 public:
  Printer(const LiveGate& gate, const Console& console)
      : gate_(gate),
        paint_(console.streams.with_color),
        now_(console.clock.Now()),
        out_(console.streams.out) {}

  void Print() {
    out_ << paint_.Bold(Describe(gate_)) << ": " << paint_.Verdict(Name(gate_.verdict())) << "\n";
    PrintSubject();
    if (!gate_.is_decided) {
      PrintUndecided();
      return;
    }
    PrintVerdict();
    out_ << "\n";
    PrintRequirements();
    PrintApprovals();
    PrintNext();
  }

 private:
  void PrintSubject() {
    const release::GateSpec& spec = gate_.spec();
    Field("artifact", spec.artifact_id);
    Field("promotion",
          absl::StrCat(Name(spec.step.source), " → ", Name(spec.step.target), ", attempt ", spec.attempt));
    if (!spec.requested_by.empty()) Field("requested", absl::StrCat("by ", spec.requested_by));
    if (!Text(gate_.file.object, {"metadata", "deletionTimestamp"}).empty()) Field("", "being deleted");
  }

  void PrintUndecided() {
    const std::string artifact = Text(gate_.file.object, {"status", "approved_artifact_id"});
    Field("decided", gate_.status
                         ? absl::StrCat("not yet: what it shows is about what was before",
                                        artifact.empty() ? "" : absl::StrCat(" (", artifact, " is approved)"))
                         : "not yet: Crossplane has not looked at this gate");
  }

  void PrintVerdict() {
    const release::GateStatus& status = *gate_.status;
    switch (status.verdict) {
      case Verdict::kPending:
        Field("deadline", When(status.deadline));
        break;
      case Verdict::kApproved:
        Field("approved",
              absl::StrCat(status.approver.empty() ? "" : absl::StrCat("by ", status.approver, ", "),
                           manifest::FormatOptionalTime(status.approval_timestamp)));
        break;
      case Verdict::kRejected:
        if (!status.approver.empty()) Field("rejected", absl::StrCat("by ", status.approver));
        break;
      case Verdict::kTimeout:
        Field("deadline", base::FormatTime(status.deadline));
        break;
    }
  }

  void PrintRequirements() {
    size_t width = 0;
    for (const release::Requirement& one : gate_.status->requirements)
      width = std::max(width, Columns(OneLine(one.name)));
    for (const release::Requirement& one : gate_.status->requirements) {
      out_ << paint_.Mark(one.satisfied) << " " << Padded(OneLine(one.name), width) << "  "
           << OneLine(one.reason);
      if (!one.message.empty()) out_ << ": " << OneLine(one.message);
      if (one.next_change) out_ << paint_.Faint(absl::StrCat(" (changes ", When(*one.next_change), ")"));
      out_ << "\n";
    }
  }

  void PrintApprovals() {
    const release::ApprovalTally& tally = gate_.status->approvals;
    if (tally.need == 0 && tally.counted.empty() && tally.ignored.empty()) return;
    out_ << "\napprovals: " << tally.have << " of " << tally.need << "\n";
    for (const release::CountedApproval& one : tally.counted) {
      out_ << "  " << paint_.Mark(true) << " " << OneLine(one.approver)
           << (one.rule.empty() ? "" : absl::StrCat(" for ", OneLine(one.rule)))
           << (one.is_signed ? ", signed" : ", not signed") << "\n";
    }
    for (const release::IgnoredApproval& one : tally.ignored) {
      const Ignored ignored = FindIgnored(one.reason);
      out_ << "  " << paint_.Mark(false) << " " << OneLine(one.approver)
           << " is ignored: " << OneLine(one.reason)
           << (ignored.message.empty() ? "" : absl::StrCat(": ", ignored.message)) << "\n";
    }
  }

  void PrintNext() {
    if (const std::optional<absl::Time> next = gate_.NextChange()) {
      const bool times_out = *next == gate_.status->deadline;
      out_ << (times_out ? "\ntimes out: " : "\nchanges by itself: ") << When(*next) << "\n";
    }
    if (gate_.verdict() == Verdict::kRejected || gate_.verdict() == Verdict::kTimeout) {
      out_ << "\nto try again: raise spec.attempt\n";
    }
  }

  void Field(absl::string_view name, absl::string_view value) {
    out_ << "  " << Padded(name, 10) << " " << OneLine(value) << "\n";
  }

  std::string When(absl::Time time) const {
    return absl::StrCat(base::FormatTime(time), ", ", Relative(time, now_));
  }

  const LiveGate& gate_;
  const Paint paint_;
  const absl::Time now_;
  std::ostream& out_;
};

Json ApprovalsJson(const release::ApprovalTally& tally) {
  Json json = manifest::TallyToJson(tally);
  for (Json& one : json["ignored"]) {
    const Ignored ignored = FindIgnored(Text(one, {"reason"}));
    one["message"] = std::string(ignored.message);
    one["next"] = std::string(ignored.next);
  }
  return json;
}

Json ToJson(const LiveGate& gate) {
  const release::GateSpec& spec = gate.spec();
  const release::GateStatus status = gate.is_decided ? *gate.status : release::GateStatus();
  return {{"kind", Kind(gate.file.object)},
          {"namespace", gate.namespace_name()},
          {"gate", gate.name()},
          {"tenant", spec.tenant},
          {"artifact_id", spec.artifact_id},
          {"attempt", spec.attempt},
          {"source_environment", std::string(Name(spec.step.source))},
          {"target_environment", std::string(Name(spec.step.target))},
          {"gate_status", std::string(Name(gate.verdict()))},
          {"open", gate.IsOpen()},
          {"decided", gate.is_decided},
          {"approver", status.approver},
          {"deadline", gate.is_decided ? base::FormatTime(status.deadline) : ""},
          {"next_change", manifest::FormatOptionalTime(gate.NextChange())},
          {"requirements", manifest::RequirementsToJson(status.requirements)},
          {"approvals", ApprovalsJson(status.approvals)}};
}

}  // namespace

int RunWhy(const KubectlOptions& kubectl_options, const WhyOptions& options, const Console& console) {
  if (const absl::Status status = CheckOutput(options.output, {"text", "json"}); !status.ok()) {
    return Fail(console, status);
  }
  const Kubectl kubectl(console.kubectl, kubectl_options, console.streams.err);
  const absl::StatusOr<LiveGate> gate = FindLiveGate(kubectl, options.gate);
  if (!gate.ok()) return Fail(console, gate.status());
  if (options.output == "json") {
    PrintJson(console, ToJson(*gate));
  } else {
    Printer(*gate, console).Print();
  }
  return ExitCode(*gate);
}

}  // namespace cli
