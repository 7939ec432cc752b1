// What Crossplane makes of an XR with this function: one reconcile, as its own render engine runs it (core
// v2.4, internal/render/composite), without a cluster. The function is whatever `FunctionCaller` calls.
#ifndef FUNCTION_CLI_PREVIEW_RENDER_H_
#define FUNCTION_CLI_PREVIEW_RENDER_H_

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "function/base/json.h"
#include "function/cli/preview_credentials.h"

namespace cli {

// A serialized RunFunctionRequest in, a serialized RunFunctionResponse out.
using FunctionCaller = std::function<absl::StatusOr<std::string>(const std::string& request)>;

struct RenderInput {
  base::Json xr;
  std::string composition = "preview";  // its name, which the XR will refer to
  std::string step = "release";         // of the Composition's pipeline: where the function is called
  std::optional<base::Json> input;
  std::vector<base::Json> observed;  // composed resources that are there already
  std::vector<base::Json> required;  // whatever else is in the cluster
  Credentials credentials;
  std::optional<absl::Time>
      now;  // for a server with --clock-from-context; absent: the function has a clock itself
};

struct RenderedResource {
  std::string key;
  base::Json object;
  bool ready = false;
};

struct Rendered {
  base::Json xr;                            // with its status; of spec, the references to what is composed
  std::vector<RenderedResource> resources;  // by key
  std::vector<base::Json> deleted;          // observed, ours, and not wanted any more
  std::vector<base::Json> results;          // events, as render.crossplane.io/v1beta1 Result
  // What the function asked for by name, whether it is there or not: apiVersion, kind, metadata's name and
  // namespace. By the function's key for it.
  std::map<std::string, base::Json> wanted;
  absl::Duration ttl;  // until Crossplane calls again; zero: it does not
};

// Error: FailedPrecondition for a FATAL result, in Crossplane's words ("pipeline step … returned a fatal
// result: …"); InvalidArgument for observed resources that Crossplane refuses; what the caller returned.
absl::StatusOr<Rendered> RenderComposite(const RenderInput& input, const FunctionCaller& call);

}  // namespace cli

#endif  // FUNCTION_CLI_PREVIEW_RENDER_H_
