#include "function/cli/kubectl/report_cluster.h"

#include <ostream>
#include <sstream>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "function/base/status_macros.h"
#include "function/cli/exit_codes.h"
#include "function/cli/kubectl/exported.h"
#include "function/cli/kubectl/overview.h"
#include "function/cli/preview_object.h"
#include "function/cli/problem.h"

namespace cli {
namespace {

using base::Json;

absl::StatusOr<std::string> Export(const KubectlOptions& options, const ReportClusterOptions& report,
                                   const Console& console) {
  const Kubectl kubectl(console.kubectl, options, console.streams.err);
  ASSIGN_OR_RETURN(std::vector<Json> objects, GetPipelinesAndGates(kubectl, report.all_namespaces));
  if (objects.empty()) {
    return Problem(absl::StatusCode::kNotFound, "there are no pipelines and no gates there",
                   "name the namespace with -n, or take all with -A");
  }
  std::vector<std::string> call = {"get", "configmaps", absl::StrCat("--selector=", kCompositeLabel),
                                   "--output=json"};
  if (report.all_namespaces) call.emplace_back("--all-namespaces");
  RETURN_IF_ERROR(AddConfigMaps(kubectl, call, "ConfigMaps", console, objects));
  return ExportedList(std::move(objects));
}

}  // namespace

int RunReportCluster(const KubectlOptions& kubectl, const ReportClusterOptions& options,
                     const Console& console) {
  if (const absl::Status status = CheckOutput(options.output, {"html", "json"}); !status.ok()) {
    return Fail(console, status);
  }
  const absl::StatusOr<std::string> objects = Export(kubectl, options, console);
  if (!objects.ok()) return Fail(console, objects.status());
  ReportOptions report = options.report;
  const PreviewStreams& streams = console.streams;
  if (options.output == "json") {
    const absl::Status written = WriteReport(report, *objects + "\n", streams);
    return written.ok() ? kExitOk : Fail(console, written);
  }
  std::istringstream in(*objects);
  report.files = {"-"};
  return RunReport(report, {in, streams.out, streams.err, streams.is_terminal, streams.with_color});
}

}  // namespace cli
