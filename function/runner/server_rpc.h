// The gRPC service over raw bytes: takes the request as it came off the wire, counts it, and answers with
// what the handler wrote. Knows nothing of what is in a request.
#ifndef FUNCTION_RUNNER_SERVER_RPC_H_
#define FUNCTION_RUNNER_SERVER_RPC_H_

#include <google/protobuf/io/zero_copy_stream.h>
#include <grpcpp/grpcpp.h>

#include <array>
#include <cstddef>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "function/runner/metrics.h"
#include "function/runner/spare_threads.h"
#include "proto/run_function.grpc.pb.h"

namespace runner {

// Serves one call: a serialized RunFunctionRequest of `size` bytes in (valid during the call only), a
// serialized RunFunctionResponse out. The request comes in the pieces that it was received in: a megabyte is
// not joined before it is parsed. Called concurrently. A non-OK status becomes the gRPC status, and
// `response` is then dropped.
using Handler = std::function<absl::Status(google::protobuf::io::ZeroCopyInputStream* request,
                                           std::size_t size, std::string* response)>;

// Crossplane's client keeps Go's default receive limit: what is bigger would fail there, with less of a
// message.
inline constexpr std::size_t kMaxResponseBytes = 4 * 1024 * 1024;

inline constexpr char kServiceName[] = "apiextensions.fn.proto.v1.FunctionRunnerService";

// The grpc_server_* metrics under the names and labels that gRPC dashboards know, all of them there from the
// start.
class RpcMetrics {
 public:
  explicit RpcMetrics(Metrics& metrics);
  void Started();
  void Handled(grpc::StatusCode code, absl::Duration took);

 private:
  Counter& started_;
  Counter& received_;
  Counter& sent_;
  Histogram& seconds_;
  std::array<Counter*, grpc::StatusCode::UNAUTHENTICATED + 1> handled_;
};

using RawService = apiextensions::fn::proto::v1::FunctionRunnerService::WithRawCallbackMethod_RunFunction<
    apiextensions::fn::proto::v1::FunctionRunnerService::Service>;

class RunFunctionService final : public RawService {
 public:
  RunFunctionService(Handler handler, Metrics& metrics, SpareThreads& spare_threads)
      : handler_(std::move(handler)), metrics_(metrics), spare_threads_(spare_threads) {}

  grpc::ServerUnaryReactor* RunFunction(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                        grpc::ByteBuffer* response) override;

 private:
  const Handler handler_;
  RpcMetrics metrics_;
  SpareThreads& spare_threads_;
};

}  // namespace runner

#endif  // FUNCTION_RUNNER_SERVER_RPC_H_
