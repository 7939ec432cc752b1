#include "function/cli/report/page.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "function/cli/report/html.h"
#include "function/cli/report/page_parts.h"
#include "function/cli/report/parts.h"

namespace cli::report {
namespace {

// What of a pipeline there is to see to most.
Look WorstOf(const PipelineView& pipeline) {
  const auto has = [&](const auto& is) {
    return std::any_of(pipeline.gates.begin(), pipeline.gates.end(), is);
  };
  if (has([](const GateView& gate) { return gate.audit.standing == AuditView::Standing::kBroken; }))
    return LookOf(AuditView::Standing::kBroken);
  for (const State state : {State::kRejected, State::kTimeout, State::kPending, State::kApproved}) {
    if (has([=](const GateView& gate) { return gate.state == state; })) return LookOf(state);
  }
  return LookOf(State::kUndecided);
}

std::string TitleOf(const PipelineView& pipeline) {
  return pipeline.namespace_name.empty() ? pipeline.name
                                         : absl::StrCat(pipeline.namespace_name, "/", pipeline.name);
}

Html Head(const PageView& page) {
  const std::string policy = absl::StrCat("default-src 'none'; style-src ", StyleSheetHash(),
                                          "; base-uri 'none'; form-action 'none'");
  const std::string title =
      page.as_of ? absl::StrCat("Release report, ", TimeText(*page.as_of)) : "Release report";
  return Element("head", {},
                 {Element("meta", {{"charset", "utf-8"}}),
                  Element("meta", {{"http-equiv", "Content-Security-Policy"}, {"content", policy}}),
                  Element("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}}),
                  Element("meta", {{"name", "color-scheme"}, {"content", "light dark"}}),
                  Element("meta", {{"name", "referrer"}, {"content", "no-referrer"}}),
                  Element("meta", {{"name", "generator"}, {"content", page.generator}}),
                  Element("title", {}, {Text(title)}), StyleSheet()});
}

Html AsOf(const PageView& page) {
  if (!page.as_of) return Text("There is no time in the export.");
  return Join({Text("As of "), When(page.as_of),
               Text(page.as_of_is_given ? "." : ", the newest time in the export.")});
}

Html Header(const PageView& page) {
  return Element(
      "header", {},
      {Element("h1", {}, {Text("Release report")}), Element("p", {{"class", "lead"}}, {AsOf(page)})});
}

// Only where there is something to choose from.
Html Contents(const PageView& page) {
  if (page.pipelines.size() < 3) return Html();
  Html list;
  for (const PipelineView& pipeline : page.pipelines) {
    const Look look = WorstOf(pipeline);
    Html item = Join({Icon(look), Text(" "), Jump(pipeline.id, Name(TitleOf(pipeline)))});
    if (!pipeline.gates.empty()) item.Add(Spoken(absl::StrCat(", ", std::string(look.word))));
    list.Add(Element("li", {}, {item}));
  }
  return Element("nav", {{"aria-label", "Pipelines"}}, {Element("ul", {}, {list})});
}

Html Footer(const PageView& page) {
  Html footer = Element(
      "p", {},
      {Text("Made by "), Text(page.generator), Text(" from "), Name(absl::StrJoin(page.sources, ", ")),
       Text(". It shows what the export says; what of it is proved is said with each audit trail.")});
  if (!page.not_shown.empty()) {
    Html list;
    for (const std::string& line : page.not_shown) list.Add(Element("li", {}, {Text(line)}));
    footer.Add(Element("p", {}, {Text("In the export, but not on this page:")}));
    footer.Add(Element("ul", {}, {list}));
  }
  return Element("footer", {}, {footer});
}

}  // namespace

std::string WritePage(const PageView& page) {
  Html pipelines = Element("h2", {{"id", "pipelines"}}, {Text("Pipelines")});
  for (const PipelineView& pipeline : page.pipelines) pipelines.Add(WritePipeline(pipeline, page.as_of));
  const Html main =
      Element("main", {{"id", "main"}, {"tabindex", "-1"}},
              {WriteOverview(page), Element("section", {{"aria-labelledby", "pipelines"}}, {pipelines})});
  const Html skip = Element("div", {{"class", "skip"}}, {Jump("main", Text("Skip to the report"))});
  const Html body = Element("body", {}, {skip, Header(page), Contents(page), main, Footer(page)});
  return Document(Element("html", {{"lang", "en"}}, {Head(page), body}));
}

}  // namespace cli::report
