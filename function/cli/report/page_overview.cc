#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "function/cli/artifact_text.h"
#include "function/cli/report/page_parts.h"
#include "function/cli/report/parts.h"

namespace cli::report {
namespace {

// How many of a list are shown before the rest is folded.
constexpr size_t kShown = 8;

template <typename Is>
size_t CountGates(const PageView& page, Is is) {
  size_t count = 0;
  for (const PipelineView& pipeline : page.pipelines) {
    count += static_cast<size_t>(std::count_if(pipeline.gates.begin(), pipeline.gates.end(), is));
  }
  return count;
}

size_t CountAudits(const PageView& page, AuditView::Standing standing) {
  return CountGates(page, [=](const GateView& gate) { return gate.audit.standing == standing; });
}

size_t CountIncidents(const PageView& page, IncidentView::Kind kind) {
  return static_cast<size_t>(
      std::count_if(page.incidents.begin(), page.incidents.end(),
                    [=](const IncidentView& incident) { return incident.kind == kind; }));
}

Html Tile(const Look& look, size_t count, absl::string_view what) {
  const Look shown = count == 0 ? Look{look.word, Tone::kNeutral, look.icon} : look;
  return Element("li", {{"class", count == 0 ? "none" : ""}},
                 {Icon(shown), Span("count", {Text(absl::StrCat(count))}), Text(" "), Text(what)});
}

Html Tiles(const PageView& page) {
  using Kind = IncidentView::Kind;
  const size_t pipelines = page.pipelines.size();
  const size_t gates = CountGates(page, [](const GateView&) { return true; });
  const size_t broken =
      CountAudits(page, AuditView::Standing::kBroken) + CountAudits(page, AuditView::Standing::kUnchecked);
  const size_t intact = CountAudits(page, AuditView::Standing::kIntact);
  const size_t closed = CountIncidents(page, Kind::kRejected) + CountIncidents(page, Kind::kTimeout);
  const size_t overrides = CountIncidents(page, Kind::kOverride);
  Html tiles = Join({
      Tile({"", Tone::kNeutral, LookOf(State::kSuperseded).icon}, pipelines,
           absl::StrCat(pipelines == 1 ? "pipeline, " : "pipelines, ", Count(gates, "gate"))),
      Tile(LookOf(State::kPending), page.waiting.size(),
           page.waiting.size() == 1 ? "gate waits" : "gates wait"),
      Tile(LookOf(State::kRejected), closed, "rejected or timed out"),
      Tile(LookOf(Kind::kOverride), overrides, overrides == 1 ? "override" : "overrides"),
      broken > 0 ? Tile(LookOf(AuditView::Standing::kBroken), broken,
                        absl::StrCat(broken == 1 ? "audit trail" : "audit trails", " broken or unread, ",
                                     intact, " intact"))
                 : Tile(LookOf(AuditView::Standing::kIntact), intact,
                        intact == 1 ? "audit trail intact" : "audit trails intact"),
  });
  return Element("ul", {{"class", "tiles"}}, {tiles});
}

// The first ones, and the rest folded.
Html ShortList(const std::vector<Html>& items, absl::string_view class_name, absl::string_view what) {
  const auto list = [&](size_t from, size_t to) {
    Html all;
    for (size_t i = from; i < to; ++i) all.Add(items[i]);
    return Element("ul", {{"class", std::string(class_name)}}, {all});
  };
  const size_t shown = std::min(items.size(), kShown);
  Html result = list(0, shown);
  if (items.size() > shown) {
    const std::string more = absl::StrCat(items.size() - shown, " more ", what);
    result.Add(Element("details", {}, {Element("summary", {}, {Text(more)}), list(shown, items.size())}));
  }
  return result;
}

Html Open(const RequirementView& requirement, Moment as_of) {
  Html text = Join({Element("strong", {}, {Text(requirement.name)}), Text(": "),
                    Text(requirement.message.empty() ? requirement.reason : requirement.message)});
  if (requirement.next_change) {
    text.Add(Text(" — changes by itself "));
    text.Add(WhenAgo(*requirement.next_change, as_of));
  }
  return Element("li", {}, {text});
}

Html Waiting(const WaitingView& waiting, Moment as_of) {
  Html open;
  for (const RequirementView& requirement : waiting.open) open.Add(Open(requirement, as_of));
  const Html why =
      open.empty() ? Element("p", {}, {Text("Nothing was decided yet.")}) : Element("ul", {}, {open});
  Html foot;
  if (waiting.deadline) {
    const bool is_over = as_of && *waiting.deadline <= *as_of;
    foot = Element("p", {{"class", "foot"}},
                   {Text(is_over ? "Its deadline was " : "Until "), When(waiting.deadline, as_of)});
  }
  return Element(
      "li", {},
      {Element("p", {{"class", "what"}},
               {Icon(LookOf(State::kPending)), Text(" "), Jump(waiting.gate_id, Name(waiting.gate)),
                Text(" "), Artifact(ShortVersion(waiting.artifact_id))}),
       why, foot});
}

Html Incident(const IncidentView& incident, Moment as_of) {
  Html what = Join({Badge(LookOf(incident.kind)), Text(" "), Jump(incident.target_id, Name(incident.about))});
  if (!incident.artifact_id.empty()) {
    what.Add(Text(" "));
    what.Add(Artifact(ShortVersion(incident.artifact_id)));
  }
  Html item = Join({Element("p", {{"class", "what"}}, {what}), Element("p", {}, {Text(incident.text)})});
  if (incident.time) item.Add(Element("p", {{"class", "foot"}}, {When(incident.time, as_of)}));
  return Element("li", {}, {item});
}

Html Box(absl::string_view id, absl::string_view title, const Html& content) {
  return Element("section", {{"class", "box"}, {"aria-labelledby", std::string(id)}},
                 {Element("h2", {{"id", std::string(id)}}, {Text(title)}), content});
}

Html WaitingBox(const PageView& page) {
  std::vector<Html> items;
  for (const WaitingView& waiting : page.waiting) items.push_back(Waiting(waiting, page.as_of));
  return Box("waiting", "Waiting",
             items.empty() ? Element("p", {{"class", "calm"}}, {Text("No gate waits.")})
                           : ShortList(items, "cards", "wait"));
}

Html IncidentBox(const PageView& page) {
  std::vector<Html> items;
  for (const IncidentView& incident : page.incidents) items.push_back(Incident(incident, page.as_of));
  Html content = items.empty()
                     ? Element("p", {{"class", "calm"}},
                               {Text(absl::StrCat("Nothing in the last ", kIncidentDays, " days."))})
                     : ShortList(items, "cards", "went wrong");
  if (page.older_incidents > 0) {
    content.Add(Element("p", {{"class", "foot"}},
                        {Text(absl::StrCat(page.older_incidents, " before the last ", kIncidentDays,
                                           " days: see the attempts of the gates below."))}));
  }
  return Box("wrong", "Went wrong lately", content);
}

}  // namespace

Html WriteOverview(const PageView& page) {
  return Element("section", {{"class", "overview"}, {"aria-label", "At a glance"}},
                 {Tiles(page), Element("div", {{"class", "boxes"}}, {WaitingBox(page), IncidentBox(page)})});
}

}  // namespace cli::report
