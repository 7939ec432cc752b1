#include "function/cli/report/lane.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "function/cli/artifact_text.h"
#include "function/cli/report/svg.h"

namespace cli::report {
namespace {

constexpr int kHeight = 116;
constexpr int kLine = 46;

// The gate that leads to an environment; of several the first.
const GateView* GateTo(const PipelineView& pipeline, const std::string& source, const std::string& target) {
  const auto found = std::find_if(pipeline.gates.begin(), pipeline.gates.end(), [&](const GateView& gate) {
    return gate.source == source && gate.target == target;
  });
  return found == pipeline.gates.end() ? nullptr : &*found;
}

bool IsBroken(const GateView& gate) { return gate.audit.standing == AuditView::Standing::kBroken; }

std::string WhatRuns(const PipelineView& pipeline, const EnvironmentView& environment) {
  if (pipeline.is_missing) return "not in the export";
  return environment.artifact_id.empty() ? "nothing yet" : TinyVersion(environment.artifact_id);
}

Html DrawStation(const PipelineView& pipeline, const EnvironmentView& environment, double x) {
  const bool runs = !environment.artifact_id.empty();
  const Html station = Element("circle", {{"cx", Percent(x)},
                                          {"cy", absl::StrCat(kLine)},
                                          {"r", "9"},
                                          {"class", runs ? "station" : "station empty"}});
  Html drawn =
      Join({station, SvgText(x, kLine + 28, "name", "middle", environment.name),
            SvgText(x, kLine + 46, runs ? "version" : "note", "middle", WhatRuns(pipeline, environment))});
  if (environment.since) {
    const std::string day = absl::FormatTime("since %E4Y-%m-%d", *environment.since, absl::UTCTimeZone());
    drawn.Add(SvgText(x, kLine + 63, "note", "middle", day));
  }
  return drawn;
}

std::string GateWord(const GateView& gate) {
  const Look look = LookOf(gate.state);
  if (gate.state != State::kPending || gate.approvals_need == 0) return std::string(look.word);
  return absl::StrCat(look.word, " ", gate.approvals_have, "/", gate.approvals_need);
}

Html DrawGate(const GateView& gate, double x) {
  Html drawn =
      Join({SvgIcon(x, kLine, LookOf(gate.state)),
            SvgText(x, kLine - 17, "gate " + ClassOf(LookOf(gate.state).tone), "middle", GateWord(gate))});
  if (IsBroken(gate)) drawn.Add(SvgText(x, kLine - 33, "gate bad", "middle", "audit broken"));
  return drawn;
}

std::string DescribeStation(const PipelineView& pipeline, const EnvironmentView& environment) {
  if (pipeline.is_missing) return absl::StrCat("What ", environment.name, " runs is not in the export.");
  if (environment.artifact_id.empty()) return absl::StrCat(environment.name, " runs nothing yet.");
  return absl::StrCat(environment.name, " runs ", ShortVersion(environment.artifact_id),
                      environment.since ? absl::StrCat(" since ", TimeText(*environment.since)) : "", ".");
}

}  // namespace

std::string DescribeLane(const PipelineView& pipeline) {
  std::vector<std::string> sentences;
  for (size_t i = 0; i < pipeline.environments.size(); ++i) {
    const EnvironmentView& environment = pipeline.environments[i];
    const GateView* gate =
        i == 0 ? nullptr : GateTo(pipeline, pipeline.environments[i - 1].name, environment.name);
    if (gate != nullptr) {
      sentences.push_back(absl::StrCat("The gate to ", environment.name, ": ", LookOf(gate->state).word,
                                       IsBroken(*gate) ? ", its audit trail is broken." : "."));
    }
    sentences.push_back(DescribeStation(pipeline, environment));
  }
  return absl::StrJoin(sentences, " ");
}

Html DrawLane(const PipelineView& pipeline) {
  const size_t count = pipeline.environments.size();
  if (count == 0) return Html();
  const auto place = [&](size_t i) { return (static_cast<double>(i) + 0.5) / static_cast<double>(count); };
  Html lines;
  Html spots;
  for (size_t i = 0; i < count; ++i) {
    const EnvironmentView& environment = pipeline.environments[i];
    spots.Add(DrawStation(pipeline, environment, place(i)));
    if (i == 0) continue;
    const GateView* gate = GateTo(pipeline, pipeline.environments[i - 1].name, environment.name);
    const bool is_open = gate == nullptr ? !environment.artifact_id.empty() : gate->state == State::kApproved;
    lines.Add(SvgLine(place(i - 1), kLine, place(i), kLine, is_open ? "track" : "track shut"));
    if (gate != nullptr) spots.Add(DrawGate(*gate, (place(i - 1) + place(i)) / 2));
  }
  return Drawing("lane", kHeight, DescribeLane(pipeline), {lines, spots});
}

}  // namespace cli::report
