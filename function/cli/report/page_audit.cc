#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "function/cli/report/page_parts.h"
#include "function/cli/report/parts.h"

namespace cli::report {
namespace {

constexpr size_t kHashDigits = 12;  // the last hash is told in full among the findings

Look LookOf(AuditEntryView::Standing standing) {
  switch (standing) {
    case AuditEntryView::Standing::kIntact:
      return report::LookOf(AuditView::Standing::kIntact);
    case AuditEntryView::Standing::kBroken:
      return {"broken", Tone::kBad, report::LookOf(AuditView::Standing::kBroken).icon};
    case AuditEntryView::Standing::kAfterBroken:
      return {"after a broken one", Tone::kWaiting, report::LookOf(State::kUndecided).icon};
  }
  return {};
}

Html Findings(absl::string_view title, const Look& look, const std::vector<std::string>& findings) {
  if (findings.empty()) return Html();
  Html list;
  for (const std::string& finding : findings) {
    list.Add(Element("li", {}, {Icon(look), Text(" "), Text(finding)}));
  }
  return Join(
      {Element("p", {{"class", "caption"}}, {Text(title)}), Element("ul", {{"class", "findings"}}, {list})});
}

Html Trail(const AuditTrailView& trail) {
  std::vector<std::vector<Html>> rows;
  for (const AuditEntryView& entry : trail.entries) {
    const Look look = LookOf(entry.standing);
    rows.push_back({Join({Icon(look), Text(" "), Text(absl::StrCat(entry.number)),
                          Spoken(absl::StrCat(", ", std::string(look.word)))}),
                    WhenExactly(entry.time),
                    Join({Element("strong", {}, {Text(entry.action)}), Text(" "), Name(entry.actor),
                          Text(": "), Text(entry.description), Text(" "),
                          Span("hash", {Text(entry.hash.substr(0, kHashDigits))})})});
  }
  return Table(
      absl::StrCat("Audit trail, ", trail.copy),
      {{"Entry", "number"}, {"Time", "time"}, {"What happened, and the first digits of its hash", ""}}, rows);
}

}  // namespace

Html WriteAudit(const GateView& gate) {
  const AuditView& audit = gate.audit;
  const Look look = report::LookOf(audit.standing);
  size_t entries = 0;
  for (const AuditTrailView& trail : audit.trails) entries += trail.entries.size();
  Html heading = Join({Text("Audit trail "), Badge(look), Text(" ")});
  if (entries > 0) heading.Add(Muted(entries == 1 ? "1 entry" : absl::StrCat(entries, " entries")));
  Html content = Join(
      {Findings("What is not as it should be", report::LookOf(AuditView::Standing::kBroken), audit.broken),
       Findings("What is proved", report::LookOf(AuditView::Standing::kIntact), audit.proved),
       Findings("What is not proved", report::LookOf(State::kUndecided), audit.not_proved)});
  for (const AuditTrailView& trail : audit.trails) content.Add(Trail(trail));
  return Fold("h5", heading, content, audit.standing == AuditView::Standing::kBroken);
}

}  // namespace cli::report
