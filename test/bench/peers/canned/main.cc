// The limit: a server on the callback API of the same gRPC that answers every call with what is in a file.
// What a function costs beyond it is the function's own.
//
// usage: canned_server ADDRESS FILE [CERTIFICATES]
#include <grpcpp/grpcpp.h>
#include <signal.h>

#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>

#include "absl/time/time.h"
#include "function/runner/metrics.h"
#include "function/runner/tls.h"
#include "proto/run_function.grpc.pb.h"

namespace {

using Service = apiextensions::fn::proto::v1::FunctionRunnerService;

class CannedService final : public Service::WithRawCallbackMethod_RunFunction<Service::Service> {
 public:
  explicit CannedService(const std::string& answer) : answer_(answer) {}

  grpc::ServerUnaryReactor* RunFunction(grpc::CallbackServerContext* context, const grpc::ByteBuffer*,
                                        grpc::ByteBuffer* response) override {
    *response = grpc::ByteBuffer(&answer_, 1);
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

 private:
  grpc::Slice answer_;
};

int Fail(const std::string& what) {
  std::cerr << "canned_server: " << what << std::endl;
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return Fail("usage: canned_server ADDRESS FILE [CERTIFICATES]");
  std::ifstream file(argv[2], std::ios::binary);
  std::ostringstream answer;
  answer << file.rdbuf();
  if (!file) return Fail(std::string(argv[2]) + ": cannot be read");

  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  runner::Metrics metrics;
  std::unique_ptr<runner::TlsCredentials> tls;
  if (argc > 3) {
    auto created = runner::TlsCredentials::Create(argv[3], absl::Minutes(10), &metrics);
    if (!created.ok()) return Fail(std::string(created.status().message()));
    tls = *std::move(created);
  }
  CannedService service(answer.str());
  grpc::ServerBuilder builder;
  builder.AddListeningPort(argv[1], tls != nullptr ? tls->credentials() : grpc::InsecureServerCredentials());
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return Fail(std::string(argv[1]) + ": cannot be served on");
  int signal = 0;
  sigwait(&signals, &signal);
  server->Shutdown();
  return 0;
}
