#include "function/cli/preview.h"

#include <istream>
#include <ostream>

#include "absl/strings/str_cat.h"
#include "function/base/clock.h"
#include "function/base/status_macros.h"
#include "function/base/time.h"
#include "function/cli/exit_codes.h"
#include "function/cli/preview_client.h"
#include "function/cli/preview_files.h"
#include "function/cli/preview_object.h"
#include "function/cli/preview_render.h"
#include "function/cli/tree.h"
#include "function/cli/yaml.h"
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
    ASSIGN_OR_RETURN(std::vector<Manifest> more, ReadManifests(path, in));
    manifests.insert(manifests.end(), more.begin(), more.end());
  }
  ASSIGN_OR_RETURN(preview.files, SortManifests(manifests));
  ASSIGN_OR_RETURN(preview.observed, ReadObjects(options.observed_resources, in));
  ASSIGN_OR_RETURN(preview.required, ReadObjects(options.required_resources, in));
  ASSIGN_OR_RETURN(preview.input, ReadInput(options, preview.files, in));
  return preview;
}

RenderInput ToRenderInput(const Preview& preview, const PreviewComposite& composite) {
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
  input.required.insert(input.required.end(), preview.required.begin(), preview.required.end());
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

std::vector<Json> Documents(const PreviewOptions& options, const Json& xr, const Rendered& rendered) {
  std::vector<Json> documents = {rendered.xr};
  if (options.include_full_xr) {
    documents[0] = xr;
    MergeObject(documents[0], rendered.xr);
  }
  for (const RenderedResource& resource : rendered.resources) documents.push_back(resource.object);
  if (options.include_function_results) {
    documents.insert(documents.end(), rendered.results.begin(), rendered.results.end());
  }
  return documents;
}

// Collects what is previewed and prints it in one of the formats.
class Printer {
 public:
  Printer(const PreviewOptions& options, const PreviewStreams& streams)
      : options_(options), streams_(streams) {
    format_ = !options.output.empty() ? options.output : streams.is_terminal ? "tree" : "yaml";
  }

  void Print(const Json& xr, const Rendered& rendered) {
    if (format_ == "tree") {
      if (count_++ > 0) streams_.out << "\n";
      streams_.out << FormatTree(DescribeRendering(xr, rendered, streams_.with_color));
      return;
    }
    for (Json& document : Documents(options_, xr, rendered)) {
      if (format_ == "json") {
        list_.push_back(std::move(document));
      } else {
        streams_.out << "---\n" << ToYaml(document);
      }
    }
  }

  void Finish() {
    if (format_ != "json") return;
    const Json list = {{"apiVersion", "v1"}, {"kind", "List"}, {"items", list_}};
    streams_.out << list.dump(2, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace) << "\n";
  }

 private:
  const PreviewOptions& options_;
  const PreviewStreams& streams_;
  std::string format_;
  Json list_ = Json::array();
  int count_ = 0;
};

int Fail(std::ostream& err, absl::string_view message, int code) {
  err << "function-release-pipeline: " << message << std::endl;
  return code;
}

}  // namespace

void AddPreview(CLI::App& app, PreviewOptions& options) {
  app.footer(
      "Example: what a gate needs still, and what Crossplane would create for it and its pipeline\n"
      "  function-release-pipeline preview pipeline.yaml gate.yaml -o tree");
  app.add_option(
         "files", options.files,
         "Manifests (YAML or JSON; a file, a folder, or - for standard input): pipelines and gates or their\n"
         "claims, and the Compositions or the Input that they go with")
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
  app.add_option("-o,--output", options.output, "yaml, json or tree; default: tree on a terminal, else yaml")
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
  if (!output.empty() && output != "yaml" && output != "json" && output != "tree") {
    return Fail(streams.err, absl::StrCat("-o: \"", output, "\" is none of yaml, json and tree"), kExitUsage);
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
  Printer printer(options, streams);
  int code = kExitOk;
  for (const PreviewComposite& composite : preview->files.composites) {
    const absl::StatusOr<Rendered> rendered = RenderComposite(ToRenderInput(*preview, composite), call);
    if (rendered.ok()) {
      printer.Print(composite.xr, *rendered);
    } else {
      const std::string message = absl::StrCat(Describe(composite.given), ": ", rendered.status().message());
      code = Fail(streams.err, message, kExitFailure);
    }
  }
  printer.Finish();
  return code;
}

}  // namespace cli
