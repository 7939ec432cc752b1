#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "function/cli/report/lane.h"
#include "function/cli/report/page_parts.h"
#include "function/cli/report/parts.h"
#include "function/cli/report/timeline.h"

namespace cli::report {
namespace {

Html Heading(const PipelineView& pipeline) {
  Html title = Join({Muted(pipeline.namespace_name.empty() ? "" : absl::StrCat(pipeline.namespace_name, "/")),
                     Name(pipeline.name)});
  return Element("h3", {{"id", pipeline.id + "-title"}}, {title});
}

Html Subtitle(const PipelineView& pipeline) {
  if (pipeline.is_missing) {
    return Element("p", {{"class", "sub"}},
                   {Text("This pipeline is not in the export; only gates of it are.")});
  }
  Html text = Join({Text("Tenant "), Name(pipeline.tenant)});
  if (!pipeline.releasing.empty()) {
    text.Add(Text(", releasing "));
    text.Add(Artifact(pipeline.releasing));
    if (!pipeline.requested_by.empty()) {
      text.Add(Text(", asked for by "));
      text.Add(Name(pipeline.requested_by));
    }
  }
  return Element("p", {{"class", "sub"}}, {text});
}

Html Problem(const std::string& text) {
  if (text.empty()) return Html();
  return Element("p", {{"class", "notice"}},
                 {Badge(LookOf(IncidentView::Kind::kProblem)), Text(" "), Text(text)});
}

Html WhatRuns(const PipelineView& pipeline, Moment as_of) {
  // The lane says as much where there is nothing.
  const bool is_empty = std::all_of(
      pipeline.environments.begin(), pipeline.environments.end(), [](const EnvironmentView& environment) {
        return environment.artifact_id.empty() && environment.copy_artifact_id.empty();
      });
  if (is_empty) return Html();
  std::vector<std::vector<Html>> rows;
  for (const EnvironmentView& environment : pipeline.environments) {
    Html artifact =
        environment.artifact_id.empty() ? Muted("nothing yet") : Artifact(environment.artifact_id);
    if (!environment.copy_artifact_id.empty()) {
      artifact.Add(Element("p", {{"class", "notice"}},
                           {Badge(LookOf(IncidentView::Kind::kProblem)), Text(" the ConfigMap says "),
                            Artifact(environment.copy_artifact_id)}));
    }
    rows.push_back({Text(environment.name), artifact, When(environment.since, as_of)});
  }
  return Table("What runs where", {{"Environment", "narrow"}, {"Artifact", ""}, {"Since", "time"}}, rows);
}

Html Releases(const PipelineView& pipeline) {
  std::vector<std::vector<Html>> rows;
  for (auto release = pipeline.releases.rbegin(); release != pipeline.releases.rend(); ++release) {
    rows.push_back({Artifact(release->artifact_id), Text(release->environment), When(release->since),
                    release->until ? When(release->until) : Text("still runs")});
  }
  return Table("What ran where, the newest first",
               {{"Artifact", ""}, {"Environment", "narrow"}, {"From", "time"}, {"Until", "time"}}, rows);
}

Html Timeline(const PipelineView& pipeline, Moment as_of) {
  const Html drawing = DrawTimeline(pipeline, as_of);
  const Html releases = Releases(pipeline);
  if (drawing.empty() && releases.empty()) return Html();
  Html content = drawing;
  if (!releases.empty()) content.Add(Fold("h5", Text("Releases as a table"), releases, /*is_open=*/false));
  return Join({Element("h4", {}, {Text("Timeline")}), content});
}

Html Demands(const PipelineView& pipeline) {
  if (pipeline.demands.empty()) return Html();
  Html list;
  for (const DemandView& demand : pipeline.demands) {
    Html lines;
    for (const std::string& line : demand.lines) lines.Add(Element("li", {}, {Text(line)}));
    list.Add(
        Element("div", {},
                {Element("dt", {}, {Text(demand.step)}), Element("dd", {}, {Element("ul", {}, {lines})})}));
  }
  const Html note = Element(
      "p", {{"class", "foot"}},
      {Text("The platform may demand more: that is in its Compositions, which are not in the export.")});
  return Fold("h4", Text("What the pipeline demands"),
              Join({Element("dl", {{"class", "demands"}}, {list}), note}), /*is_open=*/false);
}

}  // namespace

Html Fold(ElementName level, const Html& heading, const Html& content, bool is_open) {
  std::vector<Attribute> attributes = {{"class", "fold"}};
  if (is_open) attributes.push_back({"open", ""});
  return Element("details", attributes, {Element("summary", {}, {Element(level, {}, {heading})}), content});
}

Html WriteConditions(const std::vector<ConditionView>& conditions, absl::string_view of) {
  std::vector<std::vector<Html>> rows;
  for (const ConditionView& condition : conditions) {
    Html why = Element("code", {}, {Text(condition.reason)});
    if (!condition.message.empty()) {
      why.Add(Text(" "));
      why.Add(Text(condition.message));
    }
    rows.push_back({Text(condition.type), Text(condition.status), why, When(condition.since)});
  }
  return Table(absl::StrCat("Conditions of ", of),
               {{"Condition", "narrow"}, {"Status", "narrow"}, {"Why", ""}, {"Since", "time"}}, rows);
}

Html WritePipeline(const PipelineView& pipeline, Moment as_of) {
  Html content = Join({Heading(pipeline), Subtitle(pipeline), Problem(pipeline.problem), DrawLane(pipeline),
                       WhatRuns(pipeline, as_of)});
  for (const GateView& gate : pipeline.gates) content.Add(WriteGate(gate, as_of));
  content.Add(Timeline(pipeline, as_of));
  content.Add(Demands(pipeline));
  if (!pipeline.conditions.empty()) {
    content.Add(Fold("h4", Text("Conditions"), WriteConditions(pipeline.conditions, "the pipeline"), false));
  }
  return Element("section",
                 {{"class", "pipeline"}, {"id", pipeline.id}, {"aria-labelledby", pipeline.id + "-title"}},
                 {content});
}

}  // namespace cli::report
