#include "function/release/approval.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "function/release/approval_eligibility.h"
#include "function/release/names.h"
#include "function/release/signature.h"
#include "function/release/slot_matching.h"

namespace release {
namespace {

// An eligible approval. `public_key` is empty where it is not signed.
struct Vote {
  std::string approver;
  std::string public_key;
};

// The rules that count, each once and in one order.
std::vector<ApprovalRule> RulesOf(const GateInput& gate) {
  StepPolicy only_rules;
  only_rules.approvals = gate.policy.approvals;
  std::vector<ApprovalRule> rules = Merge(only_rules, only_rules).approvals;
  for (ApprovalRule& rule : rules) rule.required = std::max(rule.required, 1);
  return rules;
}

bool IsNeeded(const GateInput& gate) {
  return gate.spec.approval_required || gate.policy.approval_required || !gate.policy.approvals.empty();
}

std::vector<const Approval*> Sorted(const std::vector<Approval>& approvals) {
  std::vector<const Approval*> sorted;
  for (const Approval& approval : approvals) sorted.push_back(&approval);
  std::sort(sorted.begin(), sorted.end(), [](const Approval* a, const Approval* b) {
    return std::tie(a->approver, a->artifact_id, a->attempt, a->decision, a->signature) <
           std::tie(b->approver, b->artifact_id, b->attempt, b->decision, b->signature);
  });
  return sorted;
}

// The approvals by one person: by one key, or by one name where it is not signed.
using Person = std::vector<Vote>;

std::vector<Person> People(const std::vector<Vote>& votes) {
  std::vector<Person> people;
  std::map<std::string, size_t> by_key;
  for (const Vote& vote : votes) {
    const size_t next = people.size();
    const size_t index = vote.public_key.empty() ? next : by_key.emplace(vote.public_key, next).first->second;
    if (index == next) people.emplace_back();
    people[index].push_back(vote);
  }
  return people;
}

std::vector<size_t> RulesFor(const Person& person, const std::vector<ApprovalRule>& rules) {
  std::vector<size_t> accepted;
  for (size_t r = 0; r < rules.size(); ++r) {
    if (std::any_of(person.begin(), person.end(),
                    [&](const Vote& vote) { return Accepts(rules[r], vote.approver); })) {
      accepted.push_back(r);
    }
  }
  return accepted;
}

void TallyPerson(const Person& person, const ApprovalRule* rule, ApprovalTally& tally) {
  const auto counted =
      rule == nullptr ? person.end() : std::find_if(person.begin(), person.end(), [&](const Vote& v) {
        return Accepts(*rule, v.approver);
      });
  for (auto vote = person.begin(); vote != person.end(); ++vote) {
    const bool first = vote == person.begin();
    if (vote == counted) {
      tally.counted.push_back({vote->approver, rule->name, !vote->public_key.empty()});
    } else {
      const bool only_not_needed = counted == person.end() && first;
      tally.ignored.push_back(
          {vote->approver, std::string(only_not_needed ? ignored::kNotNeeded : ignored::kSameKey)});
    }
  }
}

// Fills the slots of `rules` with `votes`; returns how many of each rule's slots are filled.
std::vector<int> Fill(const std::vector<ApprovalRule>& rules, const std::vector<Vote>& votes,
                      ApprovalTally& tally) {
  std::vector<int> slots;
  for (const ApprovalRule& rule : rules) slots.push_back(rule.required);
  const std::vector<Person> people = People(votes);
  std::vector<std::vector<size_t>> candidates;
  for (const Person& person : people) candidates.push_back(RulesFor(person, rules));
  const std::vector<std::optional<size_t>> matched = MatchSlots(candidates, slots);
  std::vector<int> filled(rules.size(), 0);
  for (size_t p = 0; p < people.size(); ++p) {
    if (matched[p]) ++filled[*matched[p]];
    TallyPerson(people[p], matched[p] ? &rules[*matched[p]] : nullptr, tally);
  }
  for (size_t r = 0; r < rules.size(); ++r) {
    tally.need += rules[r].required;
    tally.have += filled[r];
  }
  return filled;
}

// `1 by rule "sre" ("carol", "dave")`: who is left to fill the slots of a rule.
std::string MissingBy(const GateInput& gate, const ApprovalRule& rule, int missing,
                      const ApprovalTally& tally) {
  if (rule.name == kAnyoneRule && rule.approvers.empty()) return absl::StrCat(missing, " by anyone");
  std::vector<std::string> left;
  for (const std::string& approver : rule.approvers) {
    const bool counted =
        std::any_of(tally.counted.begin(), tally.counted.end(),
                    [&](const CountedApproval& c) { return c.approver == approver && c.rule == rule.name; });
    const bool requester = gate.policy.forbid_self_approval && approver == gate.spec.requested_by;
    if (!counted && !requester) left.push_back(approver);
  }
  const std::string who = rule.approvers.empty() ? "anyone"
                          : left.empty()         ? "nobody is left"
                                                 : QuotedNames(left);
  return absl::StrCat(missing, " by rule \"", rule.name, "\" (", who, ")");
}

std::string Missing(const GateInput& gate, const std::vector<ApprovalRule>& rules,
                    const std::vector<int>& filled, const ApprovalTally& tally) {
  constexpr size_t kMaxShown = 5;
  std::vector<std::string> parts;
  size_t open = 0;
  for (size_t r = 0; r < rules.size(); ++r) {
    const int missing = rules[r].required - filled[r];
    if (missing > 0 && ++open <= kMaxShown) parts.push_back(MissingBy(gate, rules[r], missing, tally));
  }
  const std::string more = open > kMaxShown ? absl::StrCat(" and ", open - kMaxShown, " more rules") : "";
  return absl::StrCat(absl::StrJoin(parts, ", "), more);
}

void Explain(const GateInput& gate, const std::vector<ApprovalRule>& rules, const std::vector<int>& filled,
             ApprovalCount& count) {
  const ApprovalTally& tally = count.tally;
  const std::string have =
      absl::StrCat(tally.have, " of ", tally.need, tally.need == 1 ? " approval" : " approvals");
  count.satisfied = count.rejected_by.empty() && tally.have == tally.need;
  if (!count.rejected_by.empty()) {
    count.reason = "Rejected";
    count.message = absl::StrCat("rejected by ", QuotedNames(count.rejected_by));
  } else if (!count.needed) {
    count.reason = "NotRequired";
    count.message = "no approval is required";
  } else if (count.satisfied) {
    std::vector<std::string> names;
    for (const CountedApproval& counted : tally.counted) names.push_back(counted.approver);
    count.reason = "Met";
    count.message = absl::StrCat(have, ": ", QuotedNames(names));
  } else if (gate.policy.forbid_self_approval && gate.spec.requested_by.empty()) {
    count.reason = std::string(ignored::kRequesterUnknown);
    count.message =
        "self-approval is forbidden, and nobody can approve while spec.requested_by is empty: set it";
  } else {
    count.reason = "AwaitingApprovals";
    count.message = absl::StrCat(have, ", missing: ", Missing(gate, rules, filled, tally));
  }
}

void CountOverride(const GateInput& gate, const Eligibility& eligibility, ApprovalCount& count) {
  if (!gate.spec.override) return;
  const absl::string_view reason = eligibility.Check(*gate.spec.override);
  if (reason.empty()) {
    count.overridden_by = gate.spec.override->by;
    count.override_reason = gate.spec.override->reason;
  } else {
    count.tally.ignored.push_back({gate.spec.override->by, std::string(reason)});
  }
}

// Sorts out who rejects and what is ignored; the eligible approvals are left.
std::vector<Vote> EligibleVotes(const GateInput& gate, const Eligibility& eligibility, ApprovalCount& count) {
  std::vector<Vote> votes;
  std::set<std::string> seen;
  for (const Approval* approval : Sorted(gate.spec.approvals)) {
    std::string public_key;
    absl::string_view reason = eligibility.Check(*approval, public_key);
    const bool approves = approval->decision == Decision::kApprove;
    if (reason.empty() && approves && !seen.insert(approval->approver).second) reason = ignored::kNotNeeded;
    if (!reason.empty()) {
      count.tally.ignored.push_back({approval->approver, std::string(reason)});
    } else if (!approves) {
      count.rejected_by.push_back(approval->approver);
    } else {
      votes.push_back({approval->approver, std::move(public_key)});
    }
  }
  return votes;
}

}  // namespace

ApprovalCount CountApprovals(const GateInput& gate, absl::Time now) {
  ApprovalCount count;
  count.needed = IsNeeded(gate);
  std::vector<ApprovalRule> rules = RulesOf(gate);
  if (rules.empty() && count.needed) rules.push_back({std::string(kAnyoneRule), {}, 1});

  const Eligibility eligibility(gate, rules, now);
  const std::vector<Vote> votes = EligibleVotes(gate, eligibility, count);
  const std::vector<int> filled = Fill(rules, votes, count.tally);
  const auto by_approver = [](const auto& a, const auto& b) { return a.approver < b.approver; };
  std::stable_sort(count.tally.counted.begin(), count.tally.counted.end(), by_approver);
  std::stable_sort(count.tally.ignored.begin(), count.tally.ignored.end(), by_approver);
  Explain(gate, rules, filled, count);
  CountOverride(gate, eligibility, count);
  return count;
}

absl::Span<const absl::string_view> IgnoredReasons() {
  using namespace ignored;
  static const absl::string_view kReasons[] = {kOtherArtifact,
                                               kOtherAttempt,
                                               kNotAnApprover,
                                               kOverrideNotAllowed,
                                               kRequesterUnknown,
                                               kSelfApproval,
                                               kSignatureMissing,
                                               kSignerNotAllowed,
                                               kSameKey,
                                               kNotNeeded,
                                               Reason(SignatureCheck::kInvalid),
                                               Reason(SignatureCheck::kSignerExpired),
                                               Reason(SignatureCheck::kWrongNamespace)};
  return kReasons;
}

std::string ApprovalStatement(const Subject& subject, absl::string_view decision,
                              absl::string_view approver) {
  return absl::StrCat("release-gate approval v1\n", "namespace: ", subject.namespace_name, "\n",
                      "gate: ", subject.gate, "\n", "tenant: ", subject.tenant, "\n",
                      "artifact: ", subject.artifact_id, "\n", "promotion: ", subject.source, " -> ",
                      subject.target, "\n", "attempt: ", subject.attempt, "\n", "decision: ", decision, "\n",
                      "approver: ", approver, "\n");
}

}  // namespace release
