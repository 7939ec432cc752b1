#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "function/cli/artifact_text.h"
#include "function/cli/report/page_parts.h"
#include "function/cli/report/parts.h"

namespace cli::report {
namespace {

using Standing = ApprovalView::Standing;

// Whether somebody has something to do, or to look at.
bool NeedsAttention(const GateView& gate) {
  return gate.state != State::kApproved || !gate.problem.empty() ||
         gate.audit.standing == AuditView::Standing::kBroken || (gate.override && gate.override->counts);
}

Html Heading(const GateView& gate) {
  Html heading = Join({Name(gate.name), Text(" "), Badge(LookOf(gate.state))});
  if (gate.state == State::kUndecided && !gate.gate_status.empty()) {
    heading.Add(Text(" "));
    heading.Add(Muted(absl::StrCat("gate_status: ", gate.gate_status)));
  }
  if (gate.audit.standing == AuditView::Standing::kBroken) {
    heading.Add(Text(" "));
    heading.Add(Badge(LookOf(AuditView::Standing::kBroken), "audit trail not intact"));
  }
  return heading;
}

// Who was counted so far, or with the verdict.
std::string ApproverTitle(State state) {
  if (state == State::kRejected) return "Rejected by";
  return state == State::kApproved ? "Approved by" : "Approvals so far";
}

Html GateFacts(const GateView& gate, Moment as_of) {
  const bool is_pending = gate.state == State::kPending;
  const auto name_or_none = [](const std::string& name) { return name.empty() ? Html() : Name(name); };
  return Facts({
      {"Artifact", Artifact(gate.artifact_id)},
      {"Step", Text(absl::StrCat(gate.source, " → ", gate.target, ", attempt ", gate.attempt))},
      {"Asked for by", name_or_none(gate.requested_by)},
      {"Started", gate.start ? When(gate.start, as_of) : Html()},
      {"Deadline", gate.deadline ? When(gate.deadline, is_pending ? as_of : Moment()) : Html()},
      {"Decided", gate.decided ? When(gate.decided, as_of) : Html()},
      {ApproverTitle(gate.state), name_or_none(gate.approver)},
  });
}

Html Notice(const Look& look, const std::vector<Html>& content) {
  Html line = Join({Badge(look), Text(" ")});
  for (const Html& part : content) line.Add(part);
  return Element("p", {{"class", "notice"}}, {line});
}

Html Notices(const GateView& gate) {
  Html notices;
  if (!gate.problem.empty()) notices.Add(Notice(LookOf(IncidentView::Kind::kProblem), {Text(gate.problem)}));
  if (gate.audit.standing == AuditView::Standing::kBroken) {
    notices.Add(Notice(LookOf(IncidentView::Kind::kAudit),
                       {Text("What is shown here is not proved: "), Text(gate.audit.broken[0])}));
  }
  // One that was for an earlier artifact stays in the spec; it is among what is ignored.
  if (gate.override && (gate.override->counts || gate.override->is_for_this)) {
    notices.Add(Notice(
        LookOf(IncidentView::Kind::kOverride),
        {Name(gate.override->by),
         Text(gate.override->counts ? " overrode the gate: " : " asks to override, which does not count: "),
         Text(gate.override->reason)}));
  }
  return notices;
}

Html Requirements(const GateView& gate, Moment as_of) {
  std::vector<std::vector<Html>> rows;
  for (const RequirementView& requirement : gate.requirements) {
    const Html name = Join({Icon(LookOfMark(requirement.satisfied)), Text(" "), Text(requirement.name),
                            Spoken(requirement.satisfied ? ": satisfied" : ": not satisfied")});
    Html why = Element("code", {}, {Text(requirement.reason)});
    why.Add(Text(" "));
    why.Add(Text(requirement.message));
    rows.push_back({name, why, When(requirement.next_change, as_of)});
  }
  return Table("Requirements", {{"Requirement", "narrow"}, {"Why", ""}, {"Changes by itself", "time"}}, rows);
}

Html Worth(const ApprovalView& approval) {
  const std::string is_signed = approval.is_signed ? ", signed" : ", not signed";
  switch (approval.standing) {
    case Standing::kCounted:
      return Join({Badge(LookOf(State::kApproved), "counts"),
                   Text(absl::StrCat(" for rule ", approval.rule, is_signed))});
    case Standing::kIgnored:
      return Join({Badge(LookOf(State::kUndecided), "ignored"), Text(" "),
                   Element("code", {}, {Text(approval.reason)})});
    case Standing::kRejects:
      return Join({Badge(LookOf(State::kRejected), "rejects"), Text(is_signed)});
    case Standing::kNotDecided:
      return Join({Badge(LookOf(State::kUndecided), "not looked at"), Text(" since it was written")});
  }
  return Html();
}

Html Approvals(const GateView& gate) {
  std::vector<std::vector<Html>> rows;
  for (const ApprovalView& approval : gate.approvals) {
    Html worth = Worth(approval);
    if (!approval.artifact_id.empty()) {
      worth.Add(Text(" for "));
      worth.Add(Artifact(approval.artifact_id));
    }
    if (!approval.comment.empty()) worth.Add(Element("p", {{"class", "comment"}}, {Name(approval.comment)}));
    const Html decision = approval.decision.empty() ? Muted("not in the spec") : Text(approval.decision);
    rows.push_back({Name(approval.approver), decision, worth});
  }
  const std::string caption = absl::StrCat("Approvals: ", gate.approvals_have, " of ", gate.approvals_need);
  if (rows.empty())
    return gate.approvals_need == 0 ? Html() : Element("p", {{"class", "caption"}}, {Text(caption)});
  return Table(caption, {{"Who", "who"}, {"Decision", "narrow"}, {"What it is worth", ""}}, rows);
}

Look LookOfCheck(const CheckView& check) {
  if (!check.is_for_this) return LookOf(State::kSuperseded);
  if (check.state == "success") return LookOf(State::kApproved);
  return LookOf(check.state == "failure" ? State::kRejected : State::kPending);
}

Html Checks(const GateView& gate) {
  std::vector<std::vector<Html>> rows;
  for (const CheckView& check : gate.checks) {
    Html said = Text(check.message);
    if (!check.url.empty()) {
      if (!check.message.empty()) said.Add(Text(" "));
      said.Add(Link(check.url));
    }
    Html state = Badge(LookOfCheck(check), check.state);
    if (!check.is_for_this) state.Add(Muted(" for another artifact or attempt"));
    rows.push_back({Name(check.name), state, said.empty() ? None() : said});
  }
  return Table("Checks that were reported", {{"Check", "who"}, {"State", ""}, {"What it says", ""}}, rows);
}

Html Attempts(const GateView& gate) {
  std::vector<std::vector<Html>> rows;
  for (const AttemptView& attempt : gate.attempts) {
    Html what = Join(
        {Artifact(ShortArtifact(attempt.artifact_id)),
         Text(absl::StrCat(" attempt ", attempt.number, attempt.is_current ? ", the current one" : ""))});
    Html verdict = Badge(LookOf(attempt.state));
    if (!attempt.approver.empty()) {
      verdict.Add(Text(" by "));
      verdict.Add(Name(attempt.approver));
    }
    if (!attempt.overridden_by.empty()) {
      verdict.Add(Text(" "));
      verdict.Add(Badge(LookOf(IncidentView::Kind::kOverride)));
      verdict.Add(Text(" by "));
      verdict.Add(Name(attempt.overridden_by));
    }
    rows.push_back({what, verdict, When(attempt.start), When(attempt.end)});
  }
  return Table("Attempts, the newest first",
               {{"Artifact", ""}, {"Verdict", ""}, {"Started", "time"}, {"Ended", "time"}}, rows);
}

}  // namespace

Html WriteGate(const GateView& gate, Moment as_of) {
  std::vector<Attribute> attributes = {{"class", "gate"}, {"id", gate.id}};
  if (NeedsAttention(gate)) attributes.push_back({"open", ""});
  const Html conditions =
      gate.conditions.empty()
          ? Html()
          : Fold("h5", Text("Conditions"), WriteConditions(gate.conditions, "the gate"), /*is_open=*/false);
  return Element("details", attributes,
                 {Element("summary", {}, {Element("h4", {}, {Heading(gate)})}),
                  Element("div", {{"class", "inside"}},
                          {GateFacts(gate, as_of), Notices(gate), Requirements(gate, as_of), Approvals(gate),
                           Checks(gate), Attempts(gate), WriteAudit(gate), conditions})});
}

}  // namespace cli::report
