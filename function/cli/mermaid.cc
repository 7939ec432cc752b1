#include "function/cli/mermaid.h"

#include <algorithm>
#include <map>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "function/cli/artifact_text.h"
#include "function/cli/code_points.h"
#include "function/cli/preview_object.h"
#include "function/release/environment.h"

namespace cli {
namespace {

using base::Json;

constexpr char32_t kWordJoiner = 0x2060;  // has no width

// The verdicts, from the worst to the best, with the colours of both the class and the edge. They are read on
// a light page and on a dark one.
struct Style {
  const char* verdict;
  const char* fill;
  const char* stroke;
};
constexpr Style kStyles[] = {{"rejected", "#ffe3e3", "#c92a2a"},
                             {"timeout", "#e9ecef", "#868e96"},
                             {"pending", "#fff3bf", "#e67700"},
                             {"approved", "#d3f9d8", "#2b8a3e"}};

// What neither Mermaid nor the Markdown that it reads labels as gives a meaning to. A colon has one: in
// "style:", in a URL and in the name of an icon.
bool IsPlain(char32_t code) {
  return code < 0x80 && (absl::ascii_isalnum(static_cast<unsigned char>(code)) ||
                         absl::StrContains(" ./,()-", static_cast<char>(code)));
}

// Mermaid looks for some things in nodes after it has decoded entities: "\\n" for a line break, "$$" for a
// formula, "fa:fa-" for an icon, and its own code for entities. What follows must not touch these.
bool BeginsSyntax(char32_t code, absl::string_view rest) {
  constexpr char32_t kEntityStart = 0xfb02;
  constexpr char32_t kEntityEnd = 0xb6;
  return code == '\\' || code == '$' || code == kEntityStart || code == kEntityEnd ||
         (code == ':' && absl::StartsWith(rest, "fa-"));
}

std::string Entity(char32_t code) { return absl::StrCat("#", static_cast<uint32_t>(code), ";"); }

// The lines of a label, in quotes.
std::string Label(const std::vector<std::string>& lines) {
  std::vector<std::string> texts;
  for (const std::string& line : lines) {
    if (!line.empty()) texts.push_back(MermaidText(line));
  }
  return absl::StrCat("\"", absl::StrJoin(texts, "<br/>"), "\"");
}

// The names of what is not satisfied, with the count where it is approvals.
std::string OpenRequirements(const Previewed& gate) {
  const Json& status = At(gate.rendered.xr, {"status"});
  std::vector<std::string> open;
  for (const Json& requirement : At(status, {"requirements"})) {
    if (At(requirement, {"satisfied"}) == true) continue;
    std::string name = Text(requirement, {"name"});
    const Json& need = At(status, {"approvals", "need"});
    if (name == "Approvals" && need.is_number()) {
      absl::StrAppend(&name, " ", At(status, {"approvals", "have"}).dump(), " of ", need.dump());
    }
    open.push_back(std::move(name));
  }
  return absl::StrJoin(open, ", ");
}

std::string GateLabel(const Previewed& gate) {
  const std::string verdict = VerdictOf(gate);
  const std::string artifact = Text(gate.xr, {"spec", "artifact_id"});
  return Label({absl::StrCat(verdict, " ", ShortVersion(artifact)),
                verdict == "approved" ? "" : OpenRequirements(gate)});
}

// The worst verdict of the gates, or "" where there is none.
std::string WorstVerdict(const std::vector<Previewed>& gates) {
  for (const Style& style : kStyles) {
    for (const Previewed& gate : gates) {
      if (VerdictOf(gate) == style.verdict) return style.verdict;
    }
  }
  return "";
}

// Writes subgraphs, and remembers which edges have which verdict: Mermaid styles edges by their number.
class Flowchart {
 public:
  // Nodes and edges of one subgraph. `artifacts`: by environment.
  void AddSubgraph(const std::vector<std::string>& title, const std::vector<std::string>& environments,
                   const std::map<std::string, std::string>& artifacts,
                   const std::vector<PreviewedStep>& steps) {
    const std::string id = absl::StrCat("p", subgraphs_++);
    absl::StrAppend(&out_, "  subgraph ", id, "[", Label(title), "]\n    direction LR\n");
    std::map<std::string, std::string> nodes;
    for (const std::string& environment : environments) {
      nodes[environment] = absl::StrCat(id, "e", nodes.size());
      AddNode(nodes[environment], environment, artifacts, steps);
    }
    for (const PreviewedStep& step : steps) AddEdges(nodes[step.source], nodes[step.target], step);
    absl::StrAppend(&out_, "  end\n");
  }

  // A node on its own.
  void AddRefused(const std::string& title) {
    absl::StrAppend(&out_, "  p", subgraphs_++, "[", Label({title, "is refused"}), "]:::rejected\n");
  }

  std::string Finish() {
    if (subgraphs_ == 0) return "";
    for (const Style& style : kStyles) {
      absl::StrAppend(&out_, "  classDef ", style.verdict, " fill:", style.fill, ",stroke:", style.stroke,
                      ",color:#212529\n");
    }
    for (const Style& style : kStyles) {
      const std::vector<int>& edges = edges_of_[style.verdict];
      if (edges.empty()) continue;
      absl::StrAppend(&out_, "  linkStyle ", absl::StrJoin(edges, ","), " stroke:", style.stroke,
                      ",stroke-width:2px\n");
    }
    return absl::StrCat("flowchart LR\n", out_);
  }

 private:
  void AddNode(const std::string& id, const std::string& environment,
               const std::map<std::string, std::string>& artifacts, const std::vector<PreviewedStep>& steps) {
    const auto artifact = artifacts.find(environment);
    absl::StrAppend(&out_, "    ", id, "[",
                    Label({environment, artifact == artifacts.end() ? "" : ShortArtifact(artifact->second)}),
                    "]");
    std::vector<Previewed> gates;
    for (const PreviewedStep& step : steps) {
      if (step.target == environment) gates.insert(gates.end(), step.gates.begin(), step.gates.end());
    }
    const std::string verdict = WorstVerdict(gates);
    absl::StrAppend(&out_, verdict.empty() ? "" : ":::", verdict, "\n");
  }

  void AddEdges(const std::string& source, const std::string& target, const PreviewedStep& step) {
    for (const Previewed& gate : step.gates) AddEdge(source, "-->", GateLabel(gate), target, VerdictOf(gate));
    if (step.gates.empty()) AddEdge(source, "-.->", Label({"no gate"}), target, "");
  }

  void AddEdge(const std::string& source, absl::string_view arrow, const std::string& label,
               const std::string& target, const std::string& verdict) {
    absl::StrAppend(&out_, "    ", source, " ", arrow, "|", label, "| ", target, "\n");
    edges_of_[verdict].push_back(edges_++);
  }

  std::string out_;
  int subgraphs_ = 0;
  int edges_ = 0;
  std::map<std::string, std::vector<int>> edges_of_;
};

void AddIfNew(const std::string& name, std::vector<std::string>& names) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

void AddPipeline(const PreviewedPipeline& pipeline, Flowchart& chart) {
  std::vector<std::string> environments = pipeline.environments;
  for (const PreviewedStep& step : pipeline.steps) {
    AddIfNew(step.source, environments);
    AddIfNew(step.target, environments);
  }
  std::map<std::string, std::string> artifacts;
  for (const std::string& environment : pipeline.environments) {
    const std::string artifact = ArtifactIn(pipeline, environment);
    artifacts[environment] = artifact.empty() ? "nothing yet" : artifact;
  }
  chart.AddSubgraph({Describe(pipeline.pipeline.given)}, environments, artifacts, pipeline.steps);
}

// The gates that look for the same pipeline, by their steps in the order of progression.
void AddStrays(const StrayGate& first, const std::vector<StrayGate>& strays, Flowchart& chart) {
  std::vector<std::string> environments;
  std::vector<PreviewedStep> steps;
  for (const release::Environment environment : release::kAllEnvironments) {
    for (const StrayGate& stray : strays) {
      if (stray.pipeline != first.pipeline) continue;
      const std::string source = Text(stray.gate.xr, {"spec", "source_environment"});
      const std::string target = Text(stray.gate.xr, {"spec", "target_environment"});
      if (source == Name(environment) || target == Name(environment)) {
        AddIfNew(std::string(Name(environment)), environments);
      }
      if (source == Name(environment)) steps.push_back({source, target, false, {stray.gate}});
    }
  }
  chart.AddSubgraph({Describe(first.pipeline), WhyStray(first)}, environments, {}, steps);
}

}  // namespace

std::string MermaidText(absl::string_view text) {
  std::string out;
  for (absl::string_view rest = absl::StripAsciiWhitespace(text); !rest.empty();) {
    char32_t code = TakeCodePoint(rest);
    if (code < 0x20 || code == 0x7f) code = ' ';
    if (IsInvisible(code)) code = kReplacementCharacter;
    // A list or a heading starts with something else than a letter, and a bare URL with www.
    const bool starts =
        out.empty() && (code >= 0x80 || !absl::ascii_isalpha(static_cast<unsigned char>(code)));
    const bool ends_www = code == '.' && absl::EndsWithIgnoreCase(out, "www");
    if (IsPlain(code) && !starts && !ends_www) {
      out += static_cast<char>(code);
    } else {
      absl::StrAppend(&out, Entity(code));
    }
    if (BeginsSyntax(code, rest)) absl::StrAppend(&out, Entity(kWordJoiner));
  }
  return out;
}

std::string FormatMermaid(const Overview& overview) {
  Flowchart chart;
  for (const PreviewedPipeline& pipeline : overview.pipelines) AddPipeline(pipeline, chart);
  std::vector<Json> missing;
  for (const StrayGate& stray : overview.strays) {
    if (std::find(missing.begin(), missing.end(), stray.pipeline) != missing.end()) continue;
    missing.push_back(stray.pipeline);
    AddStrays(stray, overview.strays, chart);
  }
  for (const RefusedPreview& refused : overview.refused) {
    const bool is_told = std::any_of(missing.begin(), missing.end(), [&](const Json& pipeline) {
      return IsSameObject(pipeline, refused.given);
    });
    if (!is_told) chart.AddRefused(Describe(refused.given));
  }
  return chart.Finish();
}

}  // namespace cli
