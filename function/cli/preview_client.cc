#include "function/cli/preview_client.h"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>

#include "absl/strings/str_cat.h"
#include "proto/run_function.grpc.pb.h"

namespace cli {
namespace {

using apiextensions::fn::proto::v1::FunctionRunnerService;
using apiextensions::fn::proto::v1::RunFunctionRequest;
using apiextensions::fn::proto::v1::RunFunctionResponse;

constexpr std::chrono::seconds kTimeout(10);

}  // namespace

FunctionCaller ServerCaller(const std::string& address) {
  std::shared_ptr<FunctionRunnerService::Stub> stub =
      FunctionRunnerService::NewStub(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
  return [stub, address](const std::string& bytes) -> absl::StatusOr<std::string> {
    RunFunctionRequest request;
    if (!request.ParseFromString(bytes))
      return absl::InternalError("the request is not a RunFunctionRequest");
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kTimeout);
    RunFunctionResponse response;
    const grpc::Status status = stub->RunFunction(&context, request, &response);
    if (!status.ok()) {
      return absl::UnavailableError(absl::StrCat("--server: ", address, ": ", status.error_message(),
                                                 " (is a function serving there with --insecure?)"));
    }
    return response.SerializeAsString();
  };
}

}  // namespace cli
