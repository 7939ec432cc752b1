#include "function/cli/kubectl/approve.h"

#include <algorithm>
#include <istream>
#include <optional>
#include <ostream>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "function/base/status_macros.h"
#include "function/cli/approval_entry.h"
#include "function/cli/exit_codes.h"
#include "function/cli/kubectl/live_gate.h"
#include "function/cli/kubectl/own_entry.h"
#include "function/cli/kubectl/read_back.h"
#include "function/cli/kubectl/target.h"
#include "function/cli/preview_object.h"
#include "function/cli/problem.h"
#include "function/cli/ssh_keygen.h"
#include "function/cli/terminal.h"
#include "function/cli/yaml.h"
#include "function/release/approval.h"

namespace cli {
namespace {

using base::Json;
using release::Verdict;

// A gate looks at an entry within a second, or some on a cluster that is busy; where what it says of it stays
// the same for this long, it means the new one. To say of the new one what was true of the one before would
// be worse than to keep somebody waiting who is ignored a second time.
constexpr absl::Duration kSettled = absl::Seconds(15);
constexpr absl::Duration kBetweenLooks = absl::Milliseconds(300);

absl::Status Wrong(absl::string_view wrong, absl::string_view next) {
  return Problem(absl::StatusCode::kInvalidArgument, wrong, next);
}

absl::Status CheckOptions(const ApproveOptions& options) {
  RETURN_IF_ERROR(CheckOutput(options.output, options.print ? std::vector<std::string>{"yaml", "json"}
                                                            : std::vector<std::string>{"text", "json"}));
  RETURN_IF_ERROR(CheckEntryField("comment", options.comment, /*is_name=*/false));
  RETURN_IF_ERROR(CheckEntryField("as-approver", options.approver, /*is_name=*/true));
  if (options.timeout < 0) return Wrong("--timeout: must not be negative", "give seconds, or 0 not to wait");
  return absl::OkStatus();
}

// The name that the cluster knows the user by.
absl::StatusOr<std::string> AskWhoAmI(const Kubectl& kubectl) {
  const absl::StatusOr<Json> answer = kubectl.CallForJson({"auth", "whoami", "--output=json"});
  if (absl::IsUnavailable(answer.status()) || absl::IsUnauthenticated(answer.status()))
    return answer.status();
  const std::string name = answer.ok() ? Text(*answer, {"status", "userInfo", "username"}) : "";
  if (!name.empty()) return name;
  return Problem(absl::StatusCode::kFailedPrecondition,
                 absl::StrCat("the cluster does not say who you are",
                              answer.ok() ? "" : absl::StrCat(": ", WrongOf(answer.status()))),
                 "give your name with --as-approver (kubectl auth whoami takes kubectl 1.28 or newer)");
}

// In the namespace of the gate, whatever the user's is.
Kubectl InPlace(const Kubectl& kubectl, const LiveGate& gate, const Console& console) {
  KubectlOptions options = kubectl.options();
  options.namespace_name = gate.namespace_name();
  return Kubectl(console.kubectl, options, console.streams.err);
}

// What people write: of a composite with a claim, the claim.
absl::StatusOr<LiveGate> FindWritable(const Kubectl& kubectl, const std::string& name,
                                      const Console& console) {
  ASSIGN_OR_RETURN(LiveGate gate, FindLiveGate(kubectl, name, {kShowManagedFields}));
  if (!gate.file.composite.has_claim) return gate;
  const std::string claim = absl::StrCat(absl::AsciiStrToLower(release::kGateClaimKind), "/", gate.name());
  return FindLiveGate(InPlace(kubectl, gate, console), claim, {kShowManagedFields});
}

absl::Status CheckGate(const LiveGate& gate, const ApproveOptions& options) {
  const std::string name = release::GateName(gate.spec().tenant, gate.spec().step);
  if (gate.name() != name) {
    return Problem(
        absl::StatusCode::kFailedPrecondition,
        absl::StrCat(Describe(gate), " cannot open: the gate of its step is named ", name),
        absl::StrCat("look at that one: kubectl release why ", name, " -n ", gate.namespace_name()));
  }
  if (!options.artifact.empty() && options.artifact != gate.spec().artifact_id) {
    return Problem(absl::StatusCode::kFailedPrecondition,
                   absl::StrCat("--artifact: ", Describe(gate), " is about ", gate.spec().artifact_id,
                                ", and not about ", options.artifact),
                   absl::StrCat("look at it again: kubectl release why ", AsArguments(gate)));
  }
  return absl::OkStatus();
}

bool Agrees(Verdict verdict, const std::string& decision) {
  return verdict == (decision == "reject" ? Verdict::kRejected : Verdict::kApproved);
}

std::string OpenRequirements(const LiveGate& gate) {
  std::vector<std::string> open;
  for (const release::Requirement& one : gate.status->requirements) {
    if (!one.satisfied) open.push_back(absl::StrCat(OneLine(one.name), " (", OneLine(one.reason), ")"));
  }
  return absl::StrJoin(open, ", ");
}

std::string Is(Verdict verdict) {
  return verdict == Verdict::kTimeout ? "has timed out" : absl::StrCat("is ", Name(verdict));
}

std::string Standing(const LiveGate& gate) {
  if (!gate.is_decided) return "has not looked at this artifact and attempt yet";
  const std::string open = gate.verdict() == Verdict::kPending ? OpenRequirements(gate) : "";
  return absl::StrCat(Is(gate.verdict()), open.empty() ? "" : ", and waits for ", open);
}

// One run of the command.
class Approving {
 public:
  Approving(const Kubectl& kubectl, const ApproveOptions& options, const Console& console, LiveGate gate)
      : kubectl_(InPlace(kubectl, gate, console)),
        options_(options),
        console_(console),
        streams_(console.streams),
        paint_(console.streams.with_color),
        gate_(std::move(gate)) {
    entry_.decision = options.decision;
    entry_.comment = options.comment;
  }

  int Run() {
    if (gate_.verdict() != Verdict::kPending) return EndAsFinal();
    if (const absl::Status status = Prepare(); !status.ok()) return Fail(console_, status);
    Show();
    if (MustAsk() && !Ask()) {
      streams_.err << "nothing was " << (options_.print ? "signed" : "applied") << std::endl;
      return kExitNo;
    }
    if (const absl::Status status = Sign(); !status.ok()) return Fail(console_, status, kExitNoAnswer);
    return options_.print ? Print() : Apply();
  }

 private:
  int EndAsFinal() {
    const bool agrees = Agrees(gate_.verdict(), options_.decision);
    const absl::string_view next = agrees ? "nothing: it is as you want it"
                                   : gate_.verdict() == Verdict::kApproved
                                       ? "stop what its approval let through, and release another artifact"
                                       : "raise spec.attempt to try again";
    return Fail(console_,
                Problem(absl::StatusCode::kFailedPrecondition,
                        absl::StrCat(Describe(gate_), " ", Is(gate_.verdict()),
                                     " already, for good: ", gate_.spec().artifact_id),
                        next),
                agrees ? kExitOk : kExitNo);
  }

  absl::Status Prepare() {
    RETURN_IF_ERROR(CheckGate(gate_, options_));
    entry_.approver = options_.approver;
    if (entry_.approver.empty()) {
      ASSIGN_OR_RETURN(entry_.approver, AskWhoAmI(kubectl_));
    }
    ASSIGN_OR_RETURN(way_, PlanEntry(gate_.file.object, entry_.approver, options_.field_manager));
    if (!MustAsk() || console_.can_ask) return absl::OkStatus();
    return Wrong("there is no terminal to ask you on",
                 absl::StrCat("give --yes, and with it --artifact ", gate_.spec().artifact_id,
                              ", so that it is about no other one"));
  }

  void Show() {
    AnnounceEntry(gate_.file, entry_, streams_.err);
    streams_.err << "  the gate " << Standing(gate_) << "\n";
    if (!entry_.comment.empty()) streams_.err << "  comment: " << OneLine(entry_.comment) << "\n";
    if (options_.key.empty()) {
      streams_.err << "  not signed (--sign KEY signs it)" << std::endl;
    } else {
      AnnounceStatement(Statement(gate_.file, entry_), streams_.err);
    }
  }

  bool MustAsk() const { return !options_.yes && (!options_.print || !options_.key.empty()); }

  bool Ask() {
    streams_.err << (options_.decision == "reject" ? "Reject this artifact, for good?"
                                                   : "Approve this artifact?")
                 << " [y/N] " << std::flush;
    std::string answer;
    if (!std::getline(streams_.in, answer)) streams_.err << "\n";
    absl::AsciiStrToLower(&answer);
    absl::StripAsciiWhitespace(&answer);
    return answer == "y" || answer == "yes";
  }

  absl::Status Sign() {
    if (options_.key.empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(entry_.signature,
                     SignWithSshKeygen("--sign", options_.key, Statement(gate_.file, entry_)));
    return absl::OkStatus();
  }

  int Print() {
    const Json manifest = PartialManifest(gate_.file, OwnPart(gate_.file, entry_));
    if (options_.output == "json") {
      PrintJson(console_, manifest);
    } else {
      streams_.out << ToYaml(manifest);
    }
    streams_.err << "commit it where " << Describe(gate_) << " is kept: it is an item of spec.approvals"
                 << std::endl;
    return kExitOk;
  }

  int Apply() {
    if (const absl::Status status = ApplyEntry(kubectl_, gate_, entry_, way_); !status.ok())
      return Fail(console_, status);
    LiveGate now = gate_;
    const Outcome outcome = WaitForOutcome(now);
    if (options_.output == "json") {
      PrintJson(console_, ToJson(outcome, now));
    } else {
      PrintText(outcome, now);
    }
    return ExitCode(outcome, now);
  }

  absl::StatusOr<LiveGate> Look() const {
    const Target target{TargetKind::kGate, ResourceOf(gate_.file.object), {Name(gate_.file.object)}};
    ASSIGN_OR_RETURN(const Json object, GetTarget(kubectl_, target));
    return ReadLiveGate(object, gate_.namespace_name());
  }

  // Whether the very entry was there before, so that nothing about it will change.
  bool WasThere() const {
    const Json part = OwnPart(gate_.file, entry_)["approvals"][0];
    const Json& approvals = At(gate_.file.object, {"spec", "approvals"});
    return approvals.is_array() && std::find(approvals.begin(), approvals.end(), part) != approvals.end();
  }

  // Leaves the gate as it was last seen in `now`.
  Outcome WaitForOutcome(LiveGate& now) {
    const absl::Time start = console_.clock.Now();
    const std::optional<Outcome> before =
        WasThere() ? std::nullopt : std::optional<Outcome>(OutcomeOf(gate_, gate_, entry_));
    for (;;) {
      absl::StatusOr<LiveGate> seen = Look();
      if (!seen.ok()) return Unseen(seen.status());
      now = *std::move(seen);
      const Outcome outcome = OutcomeOf(gate_, now, entry_);
      const absl::Duration passed = console_.clock.Now() - start;
      const bool is_new = outcome != before || passed >= kSettled;
      if (outcome.kind != Outcome::Kind::kUndecided && is_new) return outcome;
      if (passed >= absl::Seconds(options_.timeout)) return Undecided();
      console_.sleep(kBetweenLooks);
    }
  }

  Outcome Undecided() const {
    Outcome outcome;
    outcome.message = "the gate has not looked at it yet";
    outcome.next = absl::StrCat("kubectl release why ", AsArguments(gate_));
    return outcome;
  }

  Outcome Unseen(const absl::Status& status) const {
    Outcome outcome;
    outcome.message = absl::StrCat("what became of it is not known: ", WrongOf(status));
    outcome.next = std::string(NextOf(status));
    return outcome;
  }

  bool IsGood(const Outcome& outcome, const LiveGate& now) const {
    switch (outcome.kind) {
      case Outcome::Kind::kCounted:
        return true;
      case Outcome::Kind::kIgnored:
        return outcome.reason == release::ignored::kNotNeeded;
      case Outcome::Kind::kLate:
        return Agrees(now.verdict(), entry_.decision);
      case Outcome::Kind::kMoved:
      case Outcome::Kind::kUndecided:
        break;
    }
    return false;
  }

  int ExitCode(const Outcome& outcome, const LiveGate& now) const {
    if (outcome.kind == Outcome::Kind::kUndecided) return kExitPending;
    return IsGood(outcome, now) ? kExitOk : kExitNo;
  }

  static absl::string_view NameOf(Outcome::Kind kind) {
    switch (kind) {
      case Outcome::Kind::kCounted:
        return "counted";
      case Outcome::Kind::kIgnored:
        return "ignored";
      case Outcome::Kind::kLate:
        return "late";
      case Outcome::Kind::kMoved:
        return "moved";
      case Outcome::Kind::kUndecided:
        break;
    }
    return "undecided";
  }

  std::string Sentence(const Outcome& outcome) const {
    switch (outcome.kind) {
      case Outcome::Kind::kCounted:
        return absl::StrCat("counted",
                            outcome.rule.empty() ? "" : absl::StrCat(" for rule \"", outcome.rule, "\""),
                            options_.decision == "reject" ? ""
                            : outcome.is_signed           ? ", signed"
                                                          : ", not signed");
      case Outcome::Kind::kIgnored:
        return absl::StrCat("ignored: ", outcome.reason, outcome.message.empty() ? "" : ": ",
                            outcome.message);
      case Outcome::Kind::kLate:
      case Outcome::Kind::kMoved:
        return absl::StrCat("does not count: ", outcome.message);
      case Outcome::Kind::kUndecided:
        break;
    }
    return absl::StrCat("applied: ", outcome.message);
  }

  void PrintText(const Outcome& outcome, const LiveGate& now) {
    const bool is_open_question = outcome.kind == Outcome::Kind::kUndecided;
    streams_.out << (is_open_question ? paint_.Waiting("?") : paint_.Mark(IsGood(outcome, now))) << " "
                 << OneLine(Sentence(outcome)) << "\n";
    if (!is_open_question) streams_.out << "  " << Describe(now) << " " << OneLine(Standing(now)) << "\n";
    if (!outcome.next.empty()) streams_.out << "  next: " << OneLine(outcome.next) << "\n";
  }

  Json ToJson(const Outcome& outcome, const LiveGate& now) const {
    return {{"kind", Kind(gate_.file.object)},
            {"namespace", gate_.namespace_name()},
            {"gate", gate_.name()},
            {"artifact_id", gate_.spec().artifact_id},
            {"attempt", gate_.spec().attempt},
            {"decision", entry_.decision},
            {"approver", entry_.approver},
            {"signed", !entry_.signature.empty()},
            {"field_manager", way_.field_manager},
            {"outcome", std::string(NameOf(outcome.kind))},
            {"rule", outcome.rule},
            {"reason", outcome.reason},
            {"message", outcome.message},
            {"next", outcome.next},
            {"gate_status", std::string(Name(now.verdict()))}};
  }

  const Kubectl kubectl_;
  const ApproveOptions& options_;
  const Console& console_;
  const PreviewStreams& streams_;
  const Paint paint_;
  const LiveGate gate_;
  ApprovalEntry entry_;
  EntryWay way_;
};

}  // namespace

int RunApprove(const KubectlOptions& kubectl_options, const ApproveOptions& given, const Console& console) {
  ApproveOptions options = given;
  if (options.output.empty()) options.output = options.print ? "yaml" : "text";
  if (const absl::Status status = CheckOptions(options); !status.ok()) return Fail(console, status);
  const Kubectl kubectl(console.kubectl, kubectl_options, console.streams.err);
  absl::StatusOr<LiveGate> gate = FindWritable(kubectl, options.gate, console);
  if (!gate.ok()) return Fail(console, gate.status());
  return Approving(kubectl, options, console, *std::move(gate)).Run();
}

}  // namespace cli
