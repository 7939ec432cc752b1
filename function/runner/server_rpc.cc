#include "function/runner/server_rpc.h"

#include <grpcpp/support/proto_buffer_reader.h>

#include <chrono>
#include <exception>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "function/base/log.h"

namespace runner {
namespace {

// As Go spells them, because the dashboards come from there.
constexpr const char* kCodeNames[] = {
    "OK",       "Canceled",       "Unknown",          "InvalidArgument",   "DeadlineExceeded",
    "NotFound", "AlreadyExists",  "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
    "Aborted",  "OutOfRange",     "Unimplemented",    "Internal",          "Unavailable",
    "DataLoss", "Unauthenticated"};

Metrics::Labels MethodLabels() {
  return {{"grpc_type", "unary"}, {"grpc_service", kServiceName}, {"grpc_method", "RunFunction"}};
}

absl::Status Handle(const Handler& handler, grpc::ByteBuffer request, std::string* response) {
  grpc::ProtoBufferReader reader(&request);
  if (!reader.status().ok()) return absl::InternalError("cannot read the request's bytes");
  try {
    return handler(&reader, request.Length(), response);
  } catch (const std::exception& error) {
    return absl::InternalError(absl::StrCat("the function failed: ", error.what()));
  }
}

// Hands the string to gRPC without a copy.
grpc::ByteBuffer ToByteBuffer(std::string text) {
  auto* owned = new std::string(std::move(text));
  grpc::Slice slice(
      owned->data(), owned->size(), [](void* string) { delete static_cast<std::string*>(string); }, owned);
  return grpc::ByteBuffer(&slice, 1);
}

absl::Status CheckSize(const std::string& response) {
  if (response.size() <= kMaxResponseBytes) return absl::OkStatus();
  return absl::ResourceExhaustedError(absl::StrCat("the response has ", response.size(),
                                                   " bytes, and Crossplane takes ", kMaxResponseBytes,
                                                   " at most: compose fewer or smaller resources"));
}

void LogCall(const grpc::CallbackServerContext& context, std::size_t request_bytes,
             std::size_t response_bytes, const absl::Status& status, absl::Duration took) {
  const auto level = status.ok() ? base::LogLevel::kDebug : base::LogLevel::kError;
  if (!base::LogEnabled(level)) return;
  base::LogFields fields = {{"peer", context.peer()},
                            {"request_bytes", request_bytes},
                            {"response_bytes", response_bytes},
                            {"code", kCodeNames[status.raw_code()]},
                            {"seconds", absl::ToDoubleSeconds(took)}};
  if (!status.ok()) fields.emplace_back("error", std::string(status.message()));
  base::Log(level, "RunFunction", fields);
}

}  // namespace

RpcMetrics::RpcMetrics(Metrics& metrics)
    : started_(metrics.GetCounter("grpc_server_started_total", "Total number of RPCs started on the server.",
                                  MethodLabels())),
      received_(metrics.GetCounter("grpc_server_msg_received_total",
                                   "Total number of RPC stream messages received on the server.",
                                   MethodLabels())),
      sent_(metrics.GetCounter("grpc_server_msg_sent_total",
                               "Total number of gRPC stream messages sent by the server.", MethodLabels())),
      seconds_(metrics.GetHistogram(
          "grpc_server_handling_seconds",
          "Histogram of response latency (seconds) of gRPC that had been application-level "
          "handled by the server.",
          {.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
          MethodLabels())) {
  for (std::size_t code = 0; code < handled_.size(); ++code) {
    Metrics::Labels labels = MethodLabels();
    labels.emplace_back("grpc_code", kCodeNames[code]);
    handled_[code] = &metrics.GetCounter(
        "grpc_server_handled_total",
        "Total number of RPCs completed on the server, regardless of success or failure.", labels);
  }
}

void RpcMetrics::Started() {
  started_.Increment();
  received_.Increment();
}

void RpcMetrics::Handled(grpc::StatusCode code, absl::Duration took) {
  handled_[code]->Increment();
  if (code == grpc::StatusCode::OK) sent_.Increment();
  seconds_.Observe(absl::ToDoubleSeconds(took));
}

grpc::ServerUnaryReactor* RunFunctionService::RunFunction(grpc::CallbackServerContext* context,
                                                          const grpc::ByteBuffer* request,
                                                          grpc::ByteBuffer* response) {
  const auto start = std::chrono::steady_clock::now();
  metrics_.Started();
  spare_threads_.CallBegins();
  std::string text;
  absl::Status status = Handle(handler_, *request, &text);
  if (status.ok()) status = CheckSize(text);
  spare_threads_.CallEnds();
  const absl::Duration took = absl::FromChrono(std::chrono::steady_clock::now() - start);
  LogCall(*context, request->Length(), text.size(), status, took);
  if (status.ok()) *response = ToByteBuffer(std::move(text));
  const auto code = static_cast<grpc::StatusCode>(status.raw_code());
  metrics_.Handled(code, took);
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(grpc::Status(code, std::string(status.message())));
  return reactor;
}

}  // namespace runner
