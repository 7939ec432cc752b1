// `kubectl release report`: `report` over what the cluster has of pipelines and gates.
#ifndef FUNCTION_CLI_KUBECTL_REPORT_CLUSTER_H_
#define FUNCTION_CLI_KUBECTL_REPORT_CLUSTER_H_

#include <string>

#include "function/cli/kubectl/console.h"
#include "function/cli/kubectl/kubectl.h"
#include "function/cli/report.h"

namespace cli {

struct ReportClusterOptions {
  bool all_namespaces = false;
  std::string output = "html";  // or json: what the page is made of
  ReportOptions report;         // but for the files and the namespace
};

// Gets pipelines, gates and their ConfigMaps, and writes the page. Exit code: as RunReport, else as Fail
// says.
int RunReportCluster(const KubectlOptions& kubectl, const ReportClusterOptions& options,
                     const Console& console);

}  // namespace cli

#endif  // FUNCTION_CLI_KUBECTL_REPORT_CLUSTER_H_
