// Calls a function until it has what it requires, as Crossplane does.
#ifndef FUNCTION_CLI_PREVIEW_FETCH_H_
#define FUNCTION_CLI_PREVIEW_FETCH_H_

#include <vector>

#include "absl/status/statusor.h"
#include "function/base/json.h"
#include "function/cli/preview_render.h"
#include "proto/run_function_lazy.pb.h"

namespace cli {

// `cluster`: what requirements are looked up in; of two versions of one object the later counts. A FATAL
// result is a response like any other. Error: the requirements still change after five rounds, or the
// caller's.
absl::StatusOr<fn::lazy::RunFunctionResponse> CallUntilSettled(fn::lazy::RunFunctionRequest request,
                                                               const std::vector<base::Json>& cluster,
                                                               const FunctionCaller& call);

}  // namespace cli

#endif  // FUNCTION_CLI_PREVIEW_FETCH_H_
