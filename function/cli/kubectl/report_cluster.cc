#include "function/cli/kubectl/report_cluster.h"

#include <ostream>
#include <sstream>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "function/base/status_macros.h"
#include "function/cli/exit_codes.h"
#include "function/cli/kubectl/overview.h"
#include "function/cli/preview_object.h"
#include "function/cli/problem.h"

namespace cli {
namespace {

using base::Json;

// The second copies. Those that the user may not read are left out: the page says what is not proved without
// them.
absl::Status AddConfigMaps(const Kubectl& kubectl, bool all_namespaces, const Console& console,
                           std::vector<Json>& objects) {
  std::vector<std::string> call = {"get", "configmaps", absl::StrCat("--selector=", kCompositeLabel),
                                   "--output=json"};
  if (all_namespaces) call.emplace_back("--all-namespaces");
  const absl::StatusOr<Json> answer = kubectl.CallForJson(call);
  if (absl::IsPermissionDenied(answer.status())) {
    console.streams.err << "kubectl release: without the ConfigMaps: " << WrongOf(answer.status())
                        << std::endl;
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(answer.status());
  for (Json& config_map : ItemsOf(*answer)) objects.push_back(std::move(config_map));
  return absl::OkStatus();
}

absl::StatusOr<Json> Export(const KubectlOptions& options, const ReportClusterOptions& report,
                            const Console& console) {
  const Kubectl kubectl(console.kubectl, options, console.streams.err);
  ASSIGN_OR_RETURN(std::vector<Json> objects, GetPipelinesAndGates(kubectl, report.all_namespaces));
  if (objects.empty()) {
    return Problem(absl::StatusCode::kNotFound, "there are no pipelines and no gates there",
                   "name the namespace with -n, or take all with -A");
  }
  RETURN_IF_ERROR(AddConfigMaps(kubectl, report.all_namespaces, console, objects));
  return Json{{"apiVersion", "v1"}, {"kind", "List"}, {"items", std::move(objects)}};
}

}  // namespace

int RunReportCluster(const KubectlOptions& kubectl, const ReportClusterOptions& options,
                     const Console& console) {
  if (const absl::Status status = CheckOutput(options.output, {"html", "json"}); !status.ok()) {
    return Fail(console, status);
  }
  const absl::StatusOr<Json> objects = Export(kubectl, options, console);
  if (!objects.ok()) return Fail(console, objects.status());
  ReportOptions report = options.report;
  const PreviewStreams& streams = console.streams;
  if (options.output == "json") {
    const absl::Status written = WriteReport(report, base::CanonicalJson(*objects) + "\n", streams);
    return written.ok() ? kExitOk : Fail(console, written);
  }
  std::istringstream in(base::CanonicalJson(*objects));
  report.files = {"-"};
  return RunReport(report, {in, streams.out, streams.err, streams.is_terminal, streams.with_color});
}

}  // namespace cli
