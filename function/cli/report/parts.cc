#include "function/cli/report/parts.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "function/base/time.h"

namespace cli::report {
namespace {

// Drawings of 16 by 16. Each has a shape of its own, so that it is known without its colour.
constexpr char kCheck[] = "M4.3 8.4 7 11l4.8-5.8";
constexpr char kCross[] = "M5.2 5.2l5.6 5.6M10.8 5.2l-5.6 5.6";
constexpr char kClock[] = "M8 4.2V8l2.6 1.9";
constexpr char kDots[] = "M4.6 8h.01M8 8h.01M11.4 8h.01";
constexpr char kNext[] = "M4.2 8h7M8.4 5l3 3-3 3";
constexpr char kDash[] = "M5 8h6";
constexpr char kBolt[] = "M8.8 3.8 5.2 8.8h2.6l-.6 3.4 3.6-5H8.2z";
constexpr char kExclamation[] = "M8 4.2v4.6M8 11.6h.01";

// What a cell is about stands in its column's head, which narrow windows have no room for.
Html Cell(const Column& column, const Html& content, bool is_header) {
  const bool is_none = content.markup() == None().markup();
  const std::string class_name = is_none ? column.class_name + " none" : column.class_name;
  if (is_header)
    return Element("th", {{"scope", "row"}, {"role", "rowheader"}, {"class", class_name}}, {content});
  return Element("td", {{"role", "cell"}, {"class", class_name}, {"data-label", column.title}}, {content});
}

std::string FormatIn(absl::string_view format, absl::Time time) {
  return absl::FormatTime(format, time, absl::UTCTimeZone());
}

Html TimeElement(absl::Time time, absl::string_view text) {
  return Element("time", {{"datetime", base::FormatTime(time)}}, {Text(text)});
}

}  // namespace

Look LookOf(State state) {
  switch (state) {
    case State::kUndecided:
      return {"not decided yet", Tone::kNeutral, kDash};
    case State::kPending:
      return {"waiting", Tone::kWaiting, kDots};
    case State::kApproved:
      return {"approved", Tone::kGood, kCheck};
    case State::kRejected:
      return {"rejected", Tone::kBad, kCross};
    case State::kTimeout:
      return {"timed out", Tone::kOver, kClock};
    case State::kSuperseded:
      return {"superseded", Tone::kNeutral, kNext};
  }
  return {};
}

Look LookOf(IncidentView::Kind kind) {
  switch (kind) {
    case IncidentView::Kind::kRejected:
      return LookOf(State::kRejected);
    case IncidentView::Kind::kTimeout:
      return LookOf(State::kTimeout);
    case IncidentView::Kind::kOverride:
      return {"override", Tone::kSpecial, kBolt};
    case IncidentView::Kind::kAudit:
      return {"audit", Tone::kBad, kExclamation};
    case IncidentView::Kind::kProblem:
      return {"problem", Tone::kBad, kExclamation};
  }
  return {};
}

Look LookOf(AuditView::Standing standing) {
  switch (standing) {
    case AuditView::Standing::kIntact:
      return {"intact", Tone::kGood, kCheck};
    case AuditView::Standing::kBroken:
      return {"not intact", Tone::kBad, kExclamation};
    case AuditView::Standing::kNone:
      return {"nothing decided, no trail", Tone::kNeutral, kDash};
    case AuditView::Standing::kUnchecked:
      return {"not checked", Tone::kBad, kExclamation};
  }
  return {};
}

Look LookOfMark(bool is_good) {
  return is_good ? Look{"yes", Tone::kGood, kCheck} : Look{"no", Tone::kBad, kCross};
}

std::string ClassOf(Tone tone) {
  switch (tone) {
    case Tone::kNeutral:
      return "neutral";
    case Tone::kGood:
      return "good";
    case Tone::kWaiting:
      return "waiting";
    case Tone::kBad:
      return "bad";
    case Tone::kOver:
      return "over";
    case Tone::kSpecial:
      return "special";
  }
  return "";
}

Html Icon(const Look& look) {
  return Element("svg",
                 {{"class", "icon " + ClassOf(look.tone)},
                  {"viewBox", "0 0 16 16"},
                  {"width", "16"},
                  {"height", "16"},
                  {"aria-hidden", "true"},
                  {"focusable", "false"}},
                 {Element("circle", {{"cx", "8"}, {"cy", "8"}, {"r", "7"}}),
                  Element("path", {{"d", std::string(look.icon)}})});
}

Html Badge(const Look& look) { return Badge(look, look.word); }

Html Badge(const Look& look, absl::string_view word) {
  return Span("badge " + ClassOf(look.tone), {Icon(look), Text(word)});
}

std::string TimeText(absl::Time time) { return FormatIn("%E4Y-%m-%d %H:%M UTC", time); }

Html When(Moment time) { return time ? TimeElement(*time, TimeText(*time)) : None(); }

Html None() { return Muted("–"); }

Html When(Moment time, Moment as_of) {
  if (!time || !as_of) return When(time);
  return Join({When(time), Muted(absl::StrCat(" (", Distance(*time, *as_of), ")"))});
}

Html WhenAgo(absl::Time time, Moment as_of) {
  return as_of ? TimeElement(time, Distance(time, *as_of)) : When(time);
}

Html WhenExactly(absl::Time time) { return TimeElement(time, FormatIn("%E4Y-%m-%d %H:%M:%S UTC", time)); }

std::string Distance(absl::Time time, absl::Time as_of) {
  const absl::Duration distance = time - as_of;
  const absl::Duration length = std::max(distance, -distance);
  if (length < absl::Minutes(1)) return "at that time";
  const int64_t days = length / absl::Hours(24);
  const int64_t hours = length / absl::Hours(1);
  const int64_t minutes = length / absl::Minutes(1);
  const std::string text = days >= 2    ? absl::StrCat(days, " d")
                           : hours >= 2 ? absl::StrCat(hours, " h")
                                        : absl::StrCat(minutes, " min");
  return distance > absl::ZeroDuration() ? absl::StrCat("in ", text) : absl::StrCat(text, " ago");
}

Html Name(absl::string_view name) { return Element("bdi", {}, {Text(name)}); }

Html Artifact(absl::string_view artifact) { return Element("code", {}, {Text(artifact)}); }

Html Span(absl::string_view class_name, const std::vector<Html>& children) {
  return Element("span", {{"class", std::string(class_name)}}, children);
}

Html Muted(absl::string_view text) { return Span("muted", {Text(text)}); }

Html Spoken(absl::string_view text) { return Span("spoken", {Text(text)}); }

// Roles say what the elements are, because on narrow windows the style sheet makes blocks of them, and some
// browsers then forget that they were a table.
Html Table(absl::string_view caption, const std::vector<Column>& columns,
           const std::vector<std::vector<Html>>& rows) {
  if (rows.empty()) return Html();
  Html head;
  for (const Column& column : columns) {
    head.Add(Element("th", {{"scope", "col"}, {"role", "columnheader"}, {"class", column.class_name}},
                     {Text(column.title)}));
  }
  Html body;
  for (const std::vector<Html>& row : rows) {
    Html cells;
    for (size_t i = 0; i < row.size(); ++i) cells.Add(Cell(columns[i], row[i], i == 0));
    body.Add(Element("tr", {{"role", "row"}}, {cells}));
  }
  return Element("table", {{"role", "table"}},
                 {Element("caption", {}, {Text(caption)}),
                  Element("thead", {{"role", "rowgroup"}}, {Element("tr", {{"role", "row"}}, {head})}),
                  Element("tbody", {{"role", "rowgroup"}}, {body})});
}

Html Facts(const std::vector<Fact>& facts) {
  Html list;
  for (const Fact& fact : facts) {
    if (fact.value.empty()) continue;
    list.Add(Element("div", {}, {Element("dt", {}, {Text(fact.name)}), Element("dd", {}, {fact.value})}));
  }
  return list.empty() ? list : Element("dl", {{"class", "facts"}}, {list});
}

std::string Count(size_t count, absl::string_view noun) {
  return absl::StrCat(count, " ", noun, count == 1 ? "" : "s");
}

}  // namespace cli::report
