#include "function/cli/preview.h"

#include <filesystem>
#include <istream>
#include <ostream>

#include "absl/strings/str_cat.h"
#include "function/base/clock.h"
#include "function/base/status_macros.h"
#include "function/base/time.h"
#include "function/cli/exit_codes.h"
#include "function/cli/mermaid.h"
#include "function/cli/preview_client.h"
#include "function/cli/preview_cluster.h"
#include "function/cli/preview_credentials.h"
#include "function/cli/preview_files.h"
#include "function/cli/preview_object.h"
#include "function/cli/preview_overview.h"
#include "function/cli/preview_render.h"
#include "function/cli/problem.h"
#include "function/cli/tree.h"
#include "function/cli/yaml.h"
#include "function/runner/run_function.h"

namespace cli {
namespace {

using base::Json;

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

absl::StatusOr<std::map<std::string, Credentials>> ReadCredentials(const PreviewOptions& options,
                                                                   const PreviewFiles& files,
                                                                   std::istream& in) {
  std::map<std::string, Credentials> credentials;
  if (options.function_credentials.empty()) return credentials;
  ASSIGN_OR_RETURN(const std::vector<Json> secrets, ReadObjects({options.function_credentials}, in));
  bool any = false;
  for (const auto& [kind, step] : files.steps) {
    ASSIGN_OR_RETURN(credentials[kind], ResolveCredentials(step.credentials, secrets));
    any = any || !credentials[kind].empty();
  }
  if (any) return credentials;
  return absl::InvalidArgumentError(
      "--function-credentials: none of its Secrets is one that a Composition among the files names in "
      "spec.pipeline[].credentials: give the Composition too");
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
  ASSIGN_OR_RETURN(preview.credentials, ReadCredentials(options, preview.files, in));
  ASSIGN_OR_RETURN(preview.input, ReadInput(options, preview.files, in));
  return preview;
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
  SayError(err, message);
  return code;
}

// Where a file says it, and of what.
void SayRefused(const std::vector<RefusedPreview>& refused, std::ostream& err) {
  for (const RefusedPreview& one : refused) {
    const std::string where = one.source.empty() ? "" : absl::StrCat(one.source, ": ");
    SayError(err, absl::StrCat(where, Describe(one.given), ": ", one.message));
  }
}

void PrintOverview(const std::string& format, const PreviewOutcome& outcome, const PreviewStreams& streams) {
  const Overview overview = BuildOverview(outcome.previewed, outcome.refused);
  if (format == "mermaid") {
    streams.out << FormatMermaid(overview);
  } else {
    PrintTrees(DescribeOverview(overview, streams.with_color), streams.out);
  }
}

void PrintDocuments(const PreviewOptions& options, const std::string& format, const PreviewOutcome& outcome,
                    std::ostream& out) {
  std::vector<Json> documents;
  for (const Previewed& one : outcome.previewed) {
    const std::vector<Json> more = Documents(options, one);
    documents.insert(documents.end(), more.begin(), more.end());
  }
  format == "json" ? PrintJson(documents, out) : PrintYaml(documents, out);
}

// Crossplane calls no function whose credentials it does not find. Offline the key of the audit trail is
// mostly somebody else's, so that this is only said.
void WarnOfMissingCredentials(const Preview& preview, std::ostream& err) {
  for (const auto& [kind, step] : preview.files.steps) {
    const auto given = preview.credentials.find(kind);
    for (const CredentialSource& source : step.credentials) {
      if (given != preview.credentials.end() && given->second.count(source.name) > 0) continue;
      SayError(err, absl::StrCat("warning: ", step.source, ": Composition ", step.composition,
                                 " wants the credential ", source.name, " of Secret ",
                                 source.secret_namespace, "/", source.secret_name,
                                 ": previewed without it; --function-credentials gives it"));
    }
  }
}

// Previews and prints. The exit code. What is printed for machines is what one reconcile makes of each;
// people are shown where it leads.
int PreviewAll(const PreviewOptions& options, const Preview& preview, const FunctionCaller& call,
               const PreviewStreams& streams) {
  const std::string format = !options.output.empty() ? options.output : streams.is_terminal ? "tree" : "yaml";
  const bool for_people = format == "tree" || format == "mermaid";
  const PreviewOutcome outcome = for_people ? RenderSettled(preview, call) : RenderEach(preview, call);
  SayRefused(outcome.refused, streams.err);
  if (for_people) {
    PrintOverview(format, outcome, streams);
  } else {
    PrintDocuments(options, format, outcome, streams.out);
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
  app.add_option("--function-credentials", options.function_credentials,
                 "Secrets with the function's credentials: a file or folder")
      ->type_name("PATH");
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
  WarnOfMissingCredentials(*preview, streams.err);

  // One time for the whole preview.
  const base::FixedClock clock(now.value_or(base::SystemClock().Now()));
  const FunctionCaller call = options.server.empty() ? InProcess(clock) : ServerCaller(options.server);
  return PreviewAll(options, *preview, call, streams);
}

}  // namespace cli
