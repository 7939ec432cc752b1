#include "function/cli/report.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <istream>
#include <memory>
#include <ostream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "function/base/status_macros.h"
#include "function/base/time.h"
#include "function/base/version.h"
#include "function/cli/audit_export.h"
#include "function/cli/exit_codes.h"
#include "function/cli/preview_files.h"
#include "function/cli/problem.h"
#include "function/cli/report/build.h"
#include "function/cli/report/page.h"

namespace cli {
namespace {

constexpr char kExport[] =
    "give what `kubectl get xreleasepipelines,xpromotiongates,configmaps -A -o yaml` prints, whole";

// What is wrong with what was given, and what to do about it.
absl::Status Wrong(absl::string_view what, absl::string_view advice) {
  return Problem(absl::StatusCode::kInvalidArgument, what, advice);
}

std::string SourceName(const std::string& path) { return path == "-" ? "standard input" : path; }

// An export that ends too early has lost its last lines, and kind comes after items there.
bool IsCutOff(absl::string_view message) { return absl::StrContains(message, ": kind: is missing"); }

absl::StatusOr<std::vector<Manifest>> Read(const ReportOptions& options, std::istream& in) {
  std::vector<Manifest> manifests;
  for (const std::string& path : options.files) {
    absl::StatusOr<std::vector<Manifest>> more = ReadManifests(path, in);
    if (!more.ok()) {
      const std::string message(more.status().message());
      if (absl::IsNotFound(more.status()))
        return Wrong(message, "check the name, or give - for standard input");
      return Wrong(IsCutOff(message) ? absl::StrCat(message, ": the export seems to be cut off") : message,
                   kExport);
    }
    for (Manifest& manifest : *more) manifests.push_back(std::move(manifest));
  }
  return manifests;
}

absl::StatusOr<report::BuildOptions> ReadOptions(const ReportOptions& options) {
  report::BuildOptions build;
  build.namespace_name = options.namespace_name;
  if (!options.now.empty()) {
    const absl::StatusOr<absl::Time> now = base::ParseTime(options.now);
    if (!now.ok()) {
      return Wrong(absl::StrCat("--now: ", now.status().message()),
                   "leave it out for the newest time in the export");
    }
    build.now = *now;
  }
  absl::StatusOr<AuditSecrets> secrets =
      ReadAuditSecrets({options.key_file, options.previous_key_file, options.allowed_signers});
  if (!secrets.ok()) {
    return Wrong(secrets.status().message(),
                 "leave it out, and the report says what is not verified for that");
  }
  build.secrets = *std::move(secrets);
  return build;
}

absl::StatusOr<report::Built> Build(const ReportOptions& options, std::istream& in) {
  ASSIGN_OR_RETURN(const report::BuildOptions build, ReadOptions(options));
  ASSIGN_OR_RETURN(const std::vector<Manifest> manifests, Read(options, in));
  absl::StatusOr<report::Built> built = report::BuildPage(manifests, build);
  if (!built.ok()) {
    return Wrong(absl::StrCat(SourceName(options.files[0]), ": ", built.status().message()), kExport);
  }
  for (const std::string& path : options.files) built->page.sources.push_back(SourceName(path));
  built->page.generator = absl::StrCat("function-release-pipeline ", base::Version());
  return built;
}

int Fail(const absl::Status& problem, std::ostream& err) {
  SayError(err, WrongOf(problem));
  SayError(err, NextOf(problem));
  return kExitUsage;
}

void AddOptions(CLI::App& app, ReportOptions& options) {
  app.add_option(
         "files", options.files,
         "What kubectl get -o yaml or -o json prints of pipelines and gates (or their claims), and of their "
         "ConfigMaps, which have the second copy of the audit trails; a file, a folder, or - for standard "
         "input")
      ->required()
      ->type_name("FILE");
  app.add_option("--output", options.output, "Where to write the page (the default: standard output)")
      ->type_name("FILE");
  app.add_option("--now", options.now,
                 "The time that the page is as of (the default: the newest time in the export)")
      ->type_name("TIME");
  app.add_option("-n,--namespace", options.namespace_name,
                 "Where objects are that are cluster-scoped and have no claim")
      ->type_name("NAME");
  AddProofOptions(app, options);
  app.footer(
      "Exit code: 0 the page is whole, whatever it says; 1 something in the export could not be shown;\n"
      "2 there is no page.\n"
      "Example:\n"
      "  kubectl get xreleasepipelines,xpromotiongates,configmaps -A -o yaml |\n"
      "    function-release-pipeline report - --output report.html");
}

}  // namespace

void AddProofOptions(CLI::App& app, ReportOptions& options) {
  app.add_option("--key-file,--audit-key", options.key_file,
                 "The key of the function's credential `audit`, byte by byte")
      ->type_name("FILE");
  app.add_option("--previous-key-file", options.previous_key_file,
                 "Its previous-key, while it is being rotated")
      ->type_name("FILE");
  app.add_option("--allowed-signers", options.allowed_signers,
                 "Check the signatures of what the trails say was signed, as of then")
      ->type_name("FILE");
}

absl::Status WriteReport(const ReportOptions& options, const std::string& text,
                         const PreviewStreams& streams) {
  if (options.output.empty()) {
    streams.out << text;
    return absl::OkStatus();
  }
  errno = 0;
  std::ofstream file(options.output, std::ios::binary | std::ios::trunc);
  if (file << text && file.flush()) return absl::OkStatus();
  return Wrong(absl::StrCat("--output: ", options.output, ": cannot be written: ", std::strerror(errno)),
               "give another file, or leave it out for standard output");
}

int RunReport(const ReportOptions& options, const PreviewStreams& streams) {
  const absl::StatusOr<report::Built> built = Build(options, streams.in);
  if (!built.ok()) return Fail(built.status(), streams.err);
  if (!built->skipped.empty()) {
    SayError(streams.err, absl::StrCat("skipped, as they are no pipelines and no gates: ",
                                       absl::StrJoin(built->skipped, ", ")));
  }
  for (const std::string& problem : built->problems) SayError(streams.err, problem);
  const absl::Status written = WriteReport(options, report::WritePage(built->page), streams);
  if (!written.ok()) return Fail(written, streams.err);
  return built->problems.empty() ? kExitOk : kExitFailure;
}

void AddReportCommand(Program& program, const std::function<PreviewStreams()>& streams) {
  const auto options = std::make_shared<ReportOptions>();
  program.AddCommand(
      "report", "Make one HTML page of exported pipelines and gates",
      [=](CLI::App& app) { AddOptions(app, *options); }, [=] { return RunReport(*options, streams()); });
}

}  // namespace cli
