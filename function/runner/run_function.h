// One call of RunFunction: decode → evaluate → compose → encode.
#ifndef FUNCTION_RUNNER_RUN_FUNCTION_H_
#define FUNCTION_RUNNER_RUN_FUNCTION_H_

#include <google/protobuf/io/zero_copy_stream.h>

#include <cstddef>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "function/base/clock.h"
#include "function/runner/report.h"
#include "proto/run_function_lazy.pb.h"

namespace runner {

// The context key that sets the time of a call, for previews and tests: an RFC 3339 time.
inline constexpr char kNowContextKey[] = "platform.zerotouch.dev/now";

struct RunOptions {
  const base::Clock& clock;
  bool clock_from_context = false;  // whether kNowContextKey counts
};

// What a call came to, for logs and metrics.
struct RunSummary {
  std::string kind;  // of the composite; empty where there is none that is known
  std::string namespace_name;
  std::string name;
  std::string uid;
  std::string error;   // the FATAL result's message; empty: none
  bool asked = false;  // for a required resource that the request did not answer: Crossplane drops this
                       // answer and calls again
  // Of the kind that was called for, where there is no error.
  std::optional<GateReport> gate;
  std::optional<PipelineReport> pipeline;
};

// Answers every request: bad input is a FATAL result. What is passed through is moved out of the request.
RunSummary RunFunction(fn::lazy::RunFunctionRequest& request, const RunOptions& options,
                       fn::lazy::RunFunctionResponse& response);

// The same over bytes, as the server has them: `size` of them, more than which no field of the request can
// claim to have. An error: the bytes are no RunFunctionRequest.
absl::Status RunFunctionOnBytes(google::protobuf::io::ZeroCopyInputStream* request, std::size_t size,
                                const RunOptions& options, std::string* response, RunSummary* summary);
absl::Status RunFunctionOnBytes(absl::string_view request, const RunOptions& options, std::string* response,
                                RunSummary* summary);

}  // namespace runner

#endif  // FUNCTION_RUNNER_RUN_FUNCTION_H_
