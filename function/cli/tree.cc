#include "function/cli/tree.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "function/cli/preview_object.h"
#include "function/cli/terminal.h"
#include "function/release/composite.h"

namespace cli {
namespace {

using base::Json;

std::string Field(const Json& object, std::initializer_list<absl::string_view> path) {
  return OneLine(Text(object, path));
}

std::string Number(const Json& object, absl::string_view key, int default_value) {
  const Json& value = At(object, {key});
  return value.is_number() ? value.dump() : absl::StrCat(default_value);
}

// The columns of the longest field of this name in a list.
size_t Width(const Json& list, absl::string_view key) {
  size_t width = 0;
  for (const Json& item : list) width = std::max(width, Columns(Field(item, {key})));
  return width;
}

std::string ReasonAndMessage(const Json& item) {
  const std::string message = Field(item, {"message"});
  return absl::StrCat(Field(item, {"reason"}), message.empty() ? "" : ": ", message);
}

TreeNode Requirements(const Paint& paint, const Json& requirements) {
  TreeNode node{"requirements"};
  const size_t width = Width(requirements, "name");
  for (const Json& requirement : requirements) {
    const std::string next = Field(requirement, {"next_change"});
    node.children.push_back(
        {absl::StrCat(paint.Mark(At(requirement, {"satisfied"}) == true), " ",
                      Padded(Field(requirement, {"name"}), width), "  ", ReasonAndMessage(requirement),
                      next.empty() ? "" : paint.Faint(absl::StrCat(" (changes ", next, ")")))});
  }
  return node;
}

TreeNode Approvals(const Paint& paint, const Json& approvals) {
  TreeNode node{
      absl::StrCat("approvals: ", Number(approvals, "have", 0), " of ", Number(approvals, "need", 0))};
  for (const Json& counted : At(approvals, {"counted"})) {
    const std::string rule = Field(counted, {"rule"});
    node.children.push_back({absl::StrCat(paint.Mark(true), " ", Field(counted, {"approver"}),
                                          rule.empty() ? "" : absl::StrCat(" for ", rule),
                                          At(counted, {"signed"}) == true ? ", signed" : ", not signed")});
  }
  for (const Json& ignored : At(approvals, {"ignored"})) {
    node.children.push_back({absl::StrCat(paint.Mark(false), " ", Field(ignored, {"approver"}),
                                          " does not count: ", Field(ignored, {"reason"}))});
  }
  return node;
}

void AddGate(const Paint& paint, const Json& xr, const Json& status, TreeNode& root) {
  const Json& spec = At(xr, {"spec"});
  const std::string verdict = Field(status, {"gate_status"});
  root.children.push_back({absl::StrCat("verdict: ", paint.Verdict(verdict))});
  root.children.push_back({absl::StrCat("artifact: ", Field(spec, {"artifact_id"}))});
  root.children.push_back(
      {absl::StrCat("promotion: ", Field(spec, {"source_environment"}), " → ",
                    Field(spec, {"target_environment"}), ", attempt ", Number(spec, "attempt", 1))});
  root.children.push_back({absl::StrCat("deadline: ", Field(status, {"deadline"}))});
  root.children.push_back(Requirements(paint, At(status, {"requirements"})));
  root.children.push_back(Approvals(paint, At(status, {"approvals"})));
}

TreeNode Environments(const Paint& paint, const Json& environments) {
  TreeNode node{"environments"};
  const size_t width = Width(environments, "name");
  for (const Json& environment : environments) {
    const std::string artifact = Field(environment, {"artifact_id"});
    const std::string since = Field(environment, {"since"});
    const std::string gate = Field(environment, {"gate"});
    const std::string gate_status = Field(environment, {"gate_status"});
    std::string text = absl::StrCat(Padded(Field(environment, {"name"}), width), "  ",
                                    artifact.empty() ? paint.Faint("nothing yet") : artifact);
    if (!since.empty()) absl::StrAppend(&text, ", since ", since);
    if (!gate.empty()) {
      absl::StrAppend(&text, ", gate ", gate, gate_status.empty() ? "" : " ", paint.Verdict(gate_status));
    }
    node.children.push_back({text});
  }
  return node;
}

TreeNode Conditions(const Paint& paint, const Json& conditions) {
  static const std::set<std::string>& crossplanes =
      *new std::set<std::string>{"Ready", "Synced", "Responsive"};
  TreeNode node{"conditions"};
  for (const Json& condition : conditions) {
    if (crossplanes.count(Text(condition, {"type"})) > 0) continue;
    const std::string status = Field(condition, {"status"});
    const std::string painted = status == "True"    ? paint.Good(status)
                                : status == "False" ? paint.Bad(status)
                                                    : paint.Waiting(status);
    node.children.push_back(
        {absl::StrCat(Field(condition, {"type"}), " ", painted, " ", ReasonAndMessage(condition))});
  }
  return node;
}

// Bindings come once their role is there, so that the first call does not have them.
void AddLaterBindings(const Paint& paint, const Rendered& rendered, TreeNode& node) {
  const auto has = [&](absl::string_view kind) {
    return std::any_of(rendered.resources.begin(), rendered.resources.end(),
                       [&](const RenderedResource& resource) { return Kind(resource.object) == kind; });
  };
  for (const char* role : {"Role", "ClusterRole"}) {
    const std::string binding = absl::StrCat(role, "Binding");
    if (has(role) && !has(binding)) {
      node.children.push_back(
          {absl::StrCat("· ", binding, paint.Faint(absl::StrCat(": once its ", role, " is there")))});
    }
  }
}

TreeNode Composed(const Paint& paint, const Rendered& rendered) {
  TreeNode node{"composed (✓ ready, · not yet)"};
  for (const RenderedResource& resource : rendered.resources) {
    node.children.push_back(
        {absl::StrCat(resource.ready ? paint.Good("✓") : "·", " ", OneLine(Describe(resource.object)),
                      paint.Faint("  " + resource.key))});
  }
  AddLaterBindings(paint, rendered, node);
  for (const Json& object : rendered.deleted) {
    node.children.push_back({absl::StrCat(paint.Bad("-"), " ", OneLine(Describe(object)), " is deleted")});
  }
  return node;
}

TreeNode Warnings(const Paint& paint, const Rendered& rendered) {
  TreeNode node{"events"};
  for (const Json& result : rendered.results) {
    if (Text(result, {"severity"}) != "Warning") continue;
    node.children.push_back({absl::StrCat(paint.Bad("Warning"), " ", ReasonAndMessage(result))});
  }
  return node;
}

void AddIfAny(TreeNode child, TreeNode& root) {
  if (!child.children.empty()) root.children.push_back(std::move(child));
}

// `belongs`: the steps of a pipeline, or what there is to say about the pipeline of a gate.
TreeNode PreviewedTree(const Paint& paint, const Previewed& previewed, TreeNode belongs) {
  const Json& xr = previewed.xr;
  const Rendered& rendered = previewed.rendered;
  const Json& status = At(rendered.xr, {"status"});
  TreeNode root{paint.Bold(OneLine(cli::Describe(xr)))};
  if (const Json& claim = At(xr, {"spec", "claimRef"}); claim.is_object()) {
    absl::StrAppend(&root.text, " of claim ", Field(claim, {"kind"}), " ", Field(claim, {"namespace"}), "/",
                    Field(claim, {"name"}));
  }
  if (previewed.is_composed) absl::StrAppend(&root.text, paint.Faint(", composed by the pipeline"));
  if (Kind(xr) == release::kGateKind) {
    if (!belongs.text.empty()) root.children.push_back(std::move(belongs));
    AddGate(paint, xr, status, root);
  } else {
    AddIfAny(Environments(paint, At(status, {"environments"})), root);
    AddIfAny(std::move(belongs), root);
  }
  AddIfAny(Conditions(paint, At(status, {"conditions"})), root);
  AddIfAny(Warnings(paint, rendered), root);
  AddIfAny(Composed(paint, rendered), root);
  if (rendered.ttl > absl::ZeroDuration()) {
    root.children.push_back({absl::StrCat("looked at again after ", absl::FormatDuration(rendered.ttl))});
  }
  return root;
}

TreeNode Steps(const Paint& paint, const PreviewedPipeline& pipeline) {
  TreeNode node{"steps"};
  for (const PreviewedStep& step : pipeline.steps) {
    TreeNode child{absl::StrCat(OneLine(step.source), " → ", OneLine(step.target))};
    if (!step.is_of_pipeline) absl::StrAppend(&child.text, paint.Bad(", no step of this pipeline"));
    if (step.gates.empty()) {
      absl::StrAppend(&child.text,
                      paint.Faint(Drives(pipeline) ? ", no gate yet" : ", no gate among the files"));
    }
    for (const Previewed& gate : step.gates) child.children.push_back(PreviewedTree(paint, gate, {}));
    node.children.push_back(std::move(child));
  }
  return node;
}

void Format(const TreeNode& node, const std::string& indent, std::string& out) {
  for (const TreeNode& child : node.children) {
    const bool is_last = &child == &node.children.back();
    absl::StrAppend(&out, indent, is_last ? "└─ " : "├─ ", child.text, "\n");
    Format(child, indent + (is_last ? "   " : "│  "), out);
  }
}

}  // namespace

std::string FormatTree(const TreeNode& root) {
  std::string out = root.text + "\n";
  Format(root, "", out);
  return out;
}

TreeNode DescribePreviewed(const Previewed& previewed, bool with_color) {
  return PreviewedTree(Paint(with_color), previewed, {});
}

std::vector<TreeNode> DescribeOverview(const Overview& overview, bool with_color) {
  const Paint paint(with_color);
  std::vector<TreeNode> trees;
  for (const PreviewedPipeline& pipeline : overview.pipelines) {
    trees.push_back(PreviewedTree(paint, pipeline.pipeline, Steps(paint, pipeline)));
  }
  for (const StrayGate& stray : overview.strays) {
    const std::string pipeline =
        absl::StrCat("pipeline: ", OneLine(Describe(stray.pipeline)), " ", paint.Bad(WhyStray(stray)));
    trees.push_back(PreviewedTree(paint, stray.gate, {pipeline}));
  }
  for (const RefusedPreview& refused : overview.refused) {
    trees.push_back({paint.Bold(OneLine(Describe(refused.given))),
                     {{absl::StrCat(paint.Bad("✗"), " refused: ", OneLine(refused.message))}}});
  }
  return trees;
}

}  // namespace cli
