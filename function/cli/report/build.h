// From the objects of an export to what the report says.
#ifndef FUNCTION_CLI_REPORT_BUILD_H_
#define FUNCTION_CLI_REPORT_BUILD_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "function/cli/audit_export.h"
#include "function/cli/preview_files.h"
#include "function/cli/report/model.h"

namespace cli::report {

struct BuildOptions {
  std::string namespace_name;  // of cluster-scoped objects without a claim
  Moment now;
  AuditSecrets secrets;
};

struct Built {
  PageView page;
  std::vector<std::string> skipped;   // what is none of ours, one for all: "3 Secret, 1 Deployment"
  std::vector<std::string> problems;  // what is ours and could not be read, a line each
};

// Error: there is no pipeline and no gate in it.
absl::StatusOr<Built> BuildPage(const std::vector<Manifest>& manifests, const BuildOptions& options);

}  // namespace cli::report

#endif  // FUNCTION_CLI_REPORT_BUILD_H_
