#include "function/cli/approval_verify.h"

#include <algorithm>
#include <ostream>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "function/base/clock.h"
#include "function/base/status_macros.h"
#include "function/base/time.h"
#include "function/cli/exit_codes.h"
#include "function/cli/ignored.h"
#include "function/cli/problem.h"
#include "function/cli/terminal.h"
#include "function/release/approval.h"
#include "function/release/signature.h"

namespace cli {
namespace {

using base::Json;

// What became of one entry.
struct Line {
  std::string approver;
  std::string decision;
  bool counted = false;
  bool is_signed = false;  // with a valid signature
  std::string rule;        // that a counted approval fills
  std::string reason;      // why it is ignored
  std::string message;
};

struct Report {
  std::vector<Line> lines;
  int have = 0;
  int need = 0;
  bool sufficient = false;
  std::string message;
  std::vector<std::string> notes;
};

std::string WhyIgnored(absl::string_view reason, const std::string& artifact_id, int attempt,
                       const release::GateInput& gate) {
  if (reason == release::ignored::kOtherArtifact) {
    return absl::StrCat("it is for ", artifact_id, ", and the gate is about ", gate.spec.artifact_id);
  }
  if (reason == release::ignored::kOtherAttempt) {
    return absl::StrCat("it is for attempt ", attempt, ", and the gate is at attempt ", gate.spec.attempt);
  }
  const bool no_signers = !gate.trust.allowed_signers || gate.trust.allowed_signers->empty();
  if (reason == release::ignored::kSignerNotAllowed && no_signers) {
    return "no allowed signers are known: give --allowed-signers, or --pipeline or --input with them";
  }
  const Ignored ignored = FindIgnored(reason);
  return absl::StrCat(ignored.message, ignored.next.empty() ? "" : ": ", ignored.next);
}

Line DescribeApproval(const release::Approval& approval, const release::ApprovalCount& count,
                      const std::vector<release::IgnoredApproval>& ignored, const release::GateInput& gate) {
  Line line{approval.approver, std::string(Name(approval.decision))};
  const auto is_this = [&](const auto& entry) { return entry.approver == approval.approver; };
  const auto why = std::find_if(ignored.begin(), ignored.end(), is_this);
  if (why != ignored.end()) {
    line.reason = why->reason;
    line.message = WhyIgnored(why->reason, approval.artifact_id, approval.attempt, gate);
    return line;
  }
  line.counted = true;
  line.is_signed = !approval.signature.empty();  // one that is there and wrong would be ignored
  const auto counted = std::find_if(count.tally.counted.begin(), count.tally.counted.end(), is_this);
  if (counted != count.tally.counted.end()) line.rule = counted->rule;
  line.message = line.rule.empty() ? "closes the gate" : absl::StrCat("counts for rule \"", line.rule, "\"");
  return line;
}

Line DescribeOverride(const release::Override& override, const release::ApprovalCount& count,
                      absl::string_view reason, const release::GateInput& gate) {
  Line line{override.by, "override"};
  line.counted = !count.overridden_by.empty();
  line.is_signed = line.counted && !override.signature.empty();
  line.reason = std::string(reason);
  line.message = line.counted ? absl::StrCat("waives Checks, Soak, Window and Approvals: ", override.reason)
                              : WhyIgnored(reason, override.artifact_id, override.attempt, gate);
  return line;
}

Report Verify(const release::GateInput& gate, absl::Time now) {
  const release::ApprovalCount count = release::CountApprovals(gate, now);
  Report report;
  std::vector<release::IgnoredApproval> ignored = count.tally.ignored;
  std::string override_reason;
  if (gate.spec.override && count.overridden_by.empty() && !ignored.empty()) {
    override_reason = ignored.back().reason;
    ignored.pop_back();
  }
  for (const release::Approval& approval : gate.spec.approvals) {
    report.lines.push_back(DescribeApproval(approval, count, ignored, gate));
  }
  if (gate.spec.override) {
    report.lines.push_back(DescribeOverride(*gate.spec.override, count, override_reason, gate));
  }
  report.have = count.tally.have;
  report.need = count.tally.need;
  report.message = count.message;
  report.sufficient = count.satisfied;
  if (!count.overridden_by.empty() && count.rejected_by.empty()) {
    report.sufficient = true;
    report.message = absl::StrCat("overridden by \"", count.overridden_by, "\" (", count.message, ")");
  }
  return report;
}

std::string SubjectLine(const release::GateInput& gate) {
  return absl::StrCat("gate ", gate.namespace_name, "/", gate.name, ": ", gate.spec.artifact_id, ", ",
                      Name(gate.spec.step.source), " -> ", Name(gate.spec.step.target), ", attempt ",
                      gate.spec.attempt);
}

void PrintText(const release::GateInput& gate, const Report& report, const PreviewStreams& streams) {
  const Marks marks(streams.with_color);
  size_t width = 0;
  for (const Line& line : report.lines) width = std::max(width, Columns(OneLine(line.approver)));
  streams.out << SubjectLine(gate) << "\n";
  for (const Line& line : report.lines) {
    const std::string what = line.counted ? (line.is_signed ? "signed" : "not signed") : line.reason;
    streams.out << (line.counted ? marks.Good() : marks.Bad()) << " " << Padded(OneLine(line.approver), width)
                << "  " << Padded(line.decision, 8) << "  " << what << ": " << OneLine(line.message) << "\n";
  }
  for (const std::string& note : report.notes) streams.out << marks.Note() << " " << note << "\n";
  streams.out << (report.sufficient ? "sufficient: " : "not sufficient: ") << OneLine(report.message) << "\n";
}

void PrintJson(const release::GateInput& gate, const Report& report, std::ostream& out) {
  Json lines = Json::array();
  for (const Line& line : report.lines) {
    lines.push_back({{"approver", line.approver},
                     {"decision", line.decision},
                     {"counted", line.counted},
                     {"signed", line.is_signed},
                     {"rule", line.rule},
                     {"reason", line.reason},
                     {"message", line.message}});
  }
  const Json json = {{"namespace", gate.namespace_name},
                     {"gate", gate.name},
                     {"artifact_id", gate.spec.artifact_id},
                     {"attempt", gate.spec.attempt},
                     {"sufficient", report.sufficient},
                     {"message", report.message},
                     {"have", report.have},
                     {"need", report.need},
                     {"approvals", std::move(lines)},
                     {"notes", report.notes}};
  out << json.dump(2, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace) << "\n";
}

absl::StatusOr<GateFile> Read(const ApprovalVerifyOptions& options, std::istream& in) {
  if (options.output != "text" && options.output != "json") {
    return absl::InvalidArgumentError(absl::StrCat("-o: \"", options.output, "\" is none of text, json"));
  }
  ASSIGN_OR_RETURN(GateFile file, ReadGateFile(options.gate, in));
  RETURN_IF_ERROR(AddPolicies(options.pipeline, options.input, in, file));
  if (!options.allowed_signers.empty()) {
    ASSIGN_OR_RETURN(file.gate.trust.allowed_signers, ReadAllowedSigners(options.allowed_signers));
  }
  return file;
}

absl::StatusOr<absl::Time> TimeOf(const std::string& now) {
  if (now.empty()) return base::SystemClock().Now();
  absl::StatusOr<absl::Time> time = base::ParseTime(now);
  if (time.ok()) return time;
  return absl::InvalidArgumentError(absl::StrCat("--now: ", time.status().message()));
}

// What the answer leaves out.
std::vector<std::string> Notes(const ApprovalVerifyOptions& options, const GateFile& file) {
  std::vector<std::string> notes;
  if (options.pipeline.empty() && !file.is_pipeline) {
    notes.push_back("without --pipeline: the pipeline's rules and signers are not known here");
  }
  if (options.input.empty()) notes.push_back("without --input: what the platform demands is not known here");
  return notes;
}

}  // namespace

int RunApprovalVerify(const ApprovalVerifyOptions& options, const PreviewStreams& streams) {
  const absl::StatusOr<absl::Time> now = TimeOf(options.now);
  const absl::StatusOr<GateFile> file = Read(options, streams.in);
  for (const absl::Status& status : {now.status(), file.status()}) {
    if (status.ok()) continue;
    SayError(streams.err, status.message());
    return kExitUnreadable;
  }
  Report report = Verify(file->gate, *now);
  report.notes = Notes(options, *file);
  if (options.output == "json") {
    PrintJson(file->gate, report, streams.out);
  } else {
    PrintText(file->gate, report, streams);
  }
  return report.sufficient ? kExitOk : kExitFailure;
}

}  // namespace cli
