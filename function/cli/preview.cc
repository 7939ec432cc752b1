#include "function/cli/preview.h"

#include <algorithm>
#include <filesystem>
#include <istream>
#include <ostream>

#include "absl/strings/str_cat.h"
#include "function/base/clock.h"
#include "function/base/status_macros.h"
#include "function/base/time.h"
#include "function/cli/exit_codes.h"
#include "function/cli/mermaid.h"
#include "function/cli/preview_claim.h"
#include "function/cli/preview_client.h"
#include "function/cli/preview_files.h"
#include "function/cli/preview_object.h"
#include "function/cli/preview_overview.h"
#include "function/cli/preview_render.h"
#include "function/cli/tree.h"
#include "function/cli/yaml.h"
#include "function/release/composite.h"
#include "function/runner/run_function.h"

namespace cli {
namespace {

using base::Json;

// Everything that is asked for, read and checked.
struct Preview {
  PreviewFiles files;
  std::vector<Json> observed;
  std::vector<Json> required;
  std::optional<Json> input;
  std::optional<absl::Time> now;
};

absl::StatusOr<std::vector<Json>> ReadObjects(const std::vector<std::string>& paths, std::istream& in) {
  std::vector<Json> objects;
  for (const std::string& path : paths) {
    ASSIGN_OR_RETURN(std::vector<Manifest> manifests, ReadManifests(path, in));
    for (Manifest& manifest : manifests) objects.push_back(std::move(manifest.object));
  }
  return objects;
}

absl::StatusOr<std::optional<Json>> ReadInput(const PreviewOptions& options, const PreviewFiles& files,
                                              std::istream& in) {
  if (options.input.empty()) return files.input;
  if (files.input)
    return absl::InvalidArgumentError("--input: there is an Input among the files too: give one of them");
  ASSIGN_OR_RETURN(std::vector<Json> objects, ReadObjects({options.input}, in));
  if (objects.size() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("--input: ", options.input, " has ", objects.size(), " manifests, but an Input is one"));
  }
  return std::optional<Json>(std::move(objects[0]));
}

absl::StatusOr<Preview> ReadPreview(const PreviewOptions& options, std::istream& in) {
  Preview preview;
  std::vector<Manifest> manifests;
  for (const std::string& path : options.files) {
    std::error_code not_there;
    const bool is_folder = std::filesystem::is_directory(path, not_there);
    ASSIGN_OR_RETURN(std::vector<Manifest> more,
                     is_folder ? ReadManifestsBelow(path) : ReadManifests(path, in));
    manifests.insert(manifests.end(), more.begin(), more.end());
  }
  ASSIGN_OR_RETURN(preview.files, SortManifests(manifests));
  ASSIGN_OR_RETURN(preview.observed, ReadObjects(options.observed_resources, in));
  ASSIGN_OR_RETURN(preview.required, ReadObjects(options.required_resources, in));
  ASSIGN_OR_RETURN(preview.input, ReadInput(options, preview.files, in));
  return preview;
}

// `reconciled`: objects of the files as they become.
RenderInput ToRenderInput(const Preview& preview, const PreviewComposite& composite,
                          const std::vector<Json>& reconciled = {}) {
  RenderInput input;
  input.xr = composite.xr;
  if (const auto step = preview.files.steps.find(Kind(composite.xr)); step != preview.files.steps.end()) {
    input.composition = step->second.composition;
    input.step = step->second.step;
    input.input = step->second.input;
  }
  if (preview.input) input.input = preview.input;
  input.observed = preview.observed;
  // The others that are previewed are in the same imagined cluster; what is required explicitly counts over
  // them.
  for (const PreviewComposite& other : preview.files.composites) {
    if (&other == &composite) continue;
    input.required.push_back(other.given);
    if (other.xr != other.given) input.required.push_back(other.xr);
  }
  for (const std::vector<Json>& more : {reconciled, preview.required}) {
    input.required.insert(input.required.end(), more.begin(), more.end());
  }
  input.now = preview.now;
  return input;
}

// The function itself, in this process: the same code that answers Crossplane.
FunctionCaller InProcess(const base::Clock& clock) {
  return [&clock](const std::string& request) -> absl::StatusOr<std::string> {
    std::string response;
    runner::RunSummary summary;
    RETURN_IF_ERROR(runner::RunFunctionOnBytes(request, {clock}, &response, &summary));
    return response;
  };
}

std::vector<Json> Documents(const PreviewOptions& options, const Previewed& previewed) {
  const Rendered& rendered = previewed.rendered;
  std::vector<Json> documents = {rendered.xr};
  if (options.include_full_xr) {
    documents[0] = previewed.xr;
    MergeObject(documents[0], rendered.xr);
  }
  for (const RenderedResource& resource : rendered.resources) documents.push_back(resource.object);
  if (options.include_function_results) {
    documents.insert(documents.end(), rendered.results.begin(), rendered.results.end());
  }
  return documents;
}

void PrintYaml(const std::vector<Json>& documents, std::ostream& out) {
  for (const Json& document : documents) out << "---\n" << ToYaml(document);
}

void PrintJson(const std::vector<Json>& documents, std::ostream& out) {
  const Json list = {{"apiVersion", "v1"}, {"kind", "List"}, {"items", documents}};
  out << list.dump(2, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace) << "\n";
}

void PrintTrees(const std::vector<TreeNode>& trees, std::ostream& out) {
  for (const TreeNode& tree : trees) out << (&tree == &trees.front() ? "" : "\n") << FormatTree(tree);
}

int Fail(std::ostream& err, absl::string_view message, int code) {
  err << "function-release-pipeline: " << message << std::endl;
  return code;
}

// What came of everything that was asked for.
struct Outcome {
  std::vector<Previewed> previewed;
  std::vector<Json> refused;
};

void RenderOne(const RenderInput& input, Previewed previewed, const FunctionCaller& call, std::ostream& err,
               Outcome& outcome) {
  absl::StatusOr<Rendered> rendered = RenderComposite(input, call);
  if (rendered.ok()) {
    previewed.rendered = *std::move(rendered);
    outcome.previewed.push_back(std::move(previewed));
    return;
  }
  Fail(err, absl::StrCat(Describe(previewed.given), ": ", rendered.status().message()), kExitFailure);
  outcome.refused.push_back(previewed.given);
}

Outcome RenderAll(const Preview& preview, const FunctionCaller& call, std::ostream& err) {
  Outcome outcome;
  for (const PreviewComposite& composite : preview.files.composites) {
    RenderOne(ToRenderInput(preview, composite), {composite.given, composite.xr}, call, err, outcome);
  }
  return outcome;
}

bool IsGateOrClaim(const Json& object) {
  return ApiVersion(object) == release::kApiVersion &&
         (Kind(object) == release::kGateKind || Kind(object) == release::kGateClaimKind);
}

bool IsAmongFiles(const Preview& preview, const Json& object) {
  const std::vector<PreviewComposite>& composites = preview.files.composites;
  return std::any_of(composites.begin(), composites.end(), [&](const PreviewComposite& composite) {
    return IsSameObject(composite.given, object);
  });
}

// The gate that a pipeline composes, on top of what it is in the cluster already.
Json ComposedGate(const Preview& preview, const Json& desired) {
  Json gate = desired;
  for (const Json& observed : preview.observed) {
    if (!IsSameObject(observed, desired)) continue;
    gate = observed;
    MergeObject(gate, desired);
  }
  return gate;
}

// Previews the gates that a pipeline composes in turn: they see it as it is once it is reconciled. What is
// observed is the pipeline's, not theirs.
void RenderComposedGates(const Preview& preview, const Previewed& pipeline, const FunctionCaller& call,
                         std::ostream& err, Outcome& outcome) {
  std::vector<Json> reconciled = {pipeline.given, pipeline.xr};
  for (Json& object : reconciled) object["status"] = At(pipeline.rendered.xr, {"status"});
  for (const RenderedResource& resource : pipeline.rendered.resources) {
    if (!IsGateOrClaim(resource.object) || IsAmongFiles(preview, resource.object)) continue;
    const Json object = ComposedGate(preview, resource.object);
    const absl::StatusOr<Json> xr = XrKindOfClaim(Kind(object)).empty() ? object : XrOfClaim(object);
    if (!xr.ok()) continue;
    RenderInput input = ToRenderInput(preview, {*xr, object, ""}, reconciled);
    input.observed.clear();
    RenderOne(input, {object, *xr, {}, /*is_composed=*/true}, call, err, outcome);
  }
}

void PrintOverview(const std::string& format, const Outcome& outcome, const PreviewStreams& streams) {
  const Overview overview = BuildOverview(outcome.previewed, outcome.refused);
  if (format == "mermaid") {
    streams.out << FormatMermaid(overview);
  } else {
    PrintTrees(DescribeOverview(overview, streams.with_color), streams.out);
  }
}

// Previews and prints. The exit code.
int PreviewAll(const PreviewOptions& options, const Preview& preview, const FunctionCaller& call,
               const PreviewStreams& streams) {
  const std::string format = !options.output.empty() ? options.output : streams.is_terminal ? "tree" : "yaml";
  Outcome outcome = RenderAll(preview, call, streams.err);
  if (format == "tree" || format == "mermaid") {
    const std::vector<Previewed> in_files = outcome.previewed;
    for (const Previewed& one : in_files) RenderComposedGates(preview, one, call, streams.err, outcome);
    PrintOverview(format, outcome, streams);
  } else {
    std::vector<Json> documents;
    for (const Previewed& one : outcome.previewed) {
      const std::vector<Json> more = Documents(options, one);
      documents.insert(documents.end(), more.begin(), more.end());
    }
    format == "json" ? PrintJson(documents, streams.out) : PrintYaml(documents, streams.out);
  }
  return outcome.refused.empty() ? kExitOk : kExitFailure;
}

}  // namespace

void AddPreview(CLI::App& app, PreviewOptions& options) {
  app.footer(
      "Example: what a gate needs still, and what Crossplane would create for it and its pipeline\n"
      "  function-release-pipeline preview pipeline.yaml gate.yaml -o tree\n"
      "Example: every pipeline and gate below a folder as a flowchart, for a README or a merge request\n"
      "  function-release-pipeline preview deploy/ -o mermaid");
  app.add_option(
         "files", options.files,
         "Manifests (YAML or JSON; a file, - for standard input, or a folder, of which all that matters here "
         "is read): pipelines and gates or their claims, and the Compositions or the Input that they go with")
      ->required()
      ->type_name("FILE");
  app.add_option("-O,--observed-resources", options.observed_resources,
                 "Composed resources that are there already: a file or folder; repeatable")
      ->type_name("PATH")
      ->allow_extra_args(false);
  app.add_option("-e,--required-resources", options.required_resources,
                 "Other objects in the cluster, as the gate's pipeline: a file or folder; repeatable")
      ->type_name("PATH")
      ->allow_extra_args(false);
  app.add_option("--input", options.input, "The function's Input, in place of a Composition's")
      ->type_name("PATH");
  app.add_option("--now", options.now, "The time it is (RFC 3339); default: the clock's")->type_name("TIME");
  app.add_option("-o,--output", options.output,
                 "yaml, json, tree or mermaid; default: tree on a terminal, else yaml")
      ->type_name("FORMAT");
  app.add_option(
         "--server", options.server,
         "Ask the function that serves there without TLS (--now counts with its --clock-from-context)")
      ->type_name("HOST:PORT");
  app.add_flag("-x,--include-full-xr", options.include_full_xr,
               "Print the composite's own spec and metadata too");
  app.add_flag("-r,--include-function-results", options.include_function_results,
               "Print what would become events too, as objects of kind Result");
}

int RunPreview(const PreviewOptions& options, const PreviewStreams& streams) {
  const std::string& output = options.output;
  if (!output.empty() && output != "yaml" && output != "json" && output != "tree" && output != "mermaid") {
    return Fail(streams.err, absl::StrCat("-o: \"", output, "\" is none of yaml, json, tree and mermaid"),
                kExitUsage);
  }
  std::optional<absl::Time> now;
  if (!options.now.empty()) {
    const absl::StatusOr<absl::Time> time = base::ParseTime(options.now);
    if (!time.ok()) return Fail(streams.err, absl::StrCat("--now: ", time.status().message()), kExitUsage);
    now = *time;
  }
  absl::StatusOr<Preview> preview = ReadPreview(options, streams.in);
  if (!preview.ok()) return Fail(streams.err, preview.status().message(), kExitFailure);
  preview->now = now;

  // One time for the whole preview.
  const base::FixedClock clock(now.value_or(base::SystemClock().Now()));
  const FunctionCaller call = options.server.empty() ? InProcess(clock) : ServerCaller(options.server);
  return PreviewAll(options, *preview, call, streams);
}

}  // namespace cli
