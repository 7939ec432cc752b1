// What is previewed, in the cluster that its files imagine.
#ifndef FUNCTION_CLI_PREVIEW_CLUSTER_H_
#define FUNCTION_CLI_PREVIEW_CLUSTER_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "function/base/json.h"
#include "function/cli/preview_credentials.h"
#include "function/cli/preview_files.h"
#include "function/cli/preview_overview.h"
#include "function/cli/preview_render.h"

namespace cli {

// Everything that is asked for, read and checked.
struct Preview {
  PreviewFiles files;
  std::vector<base::Json> observed;
  std::vector<base::Json> required;
  std::map<std::string, Credentials> credentials;  // by the XR's kind
  std::optional<base::Json> input;                 // in place of the Compositions'
  std::optional<absl::Time> now;
};

// What came of it, in the order of the files.
struct PreviewOutcome {
  std::vector<Previewed> previewed;
  std::vector<RefusedPreview> refused;
};

// One reconcile of each, as `crossplane composition render` does it: it sees the others as they are in the
// files.
PreviewOutcome RenderEach(const Preview& preview, const FunctionCaller& call);

// Reconciles all of them, and the gates that they compose, until nothing changes any more at this moment:
// pipelines see the verdicts of their gates, and gates what their pipelines become.
PreviewOutcome RenderSettled(const Preview& preview, const FunctionCaller& call);

}  // namespace cli

#endif  // FUNCTION_CLI_PREVIEW_CLUSTER_H_
