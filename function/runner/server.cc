#include "function/runner/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <unistd.h>

#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "function/base/status_macros.h"
#include "function/base/version.h"
#include "function/runner/process_metrics.h"

namespace runner {
namespace {

// gRPC says only that it failed: this finds out why, and says it in one line.
absl::Status CheckFree(const Address& address) {
  ASSIGN_OR_RETURN(const int fd, ListenTcp("--address", address));
  close(fd);
  return absl::OkStatus();
}

void SetUpOnce() {
  static const bool done = [] {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    return true;
  }();
  static_cast<void>(done);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options, Handler handler,
                                                      Metrics* metrics) {
  SetUpOnce();
  metrics
      ->GetGauge("release_function_build_info",
                 "A constant 1, labeled with the version of this program.",
                 {{"version", std::string(base::Version())}})
      .Set(1);
  AddProcessMetrics(*metrics);
  std::unique_ptr<Server> server(new Server(std::move(handler), *metrics));
  if (options.tls_certs_dir) {
    ASSIGN_OR_RETURN(server->tls_,
                     TlsCredentials::Create(*options.tls_certs_dir, options.tls_refresh, metrics));
  }
  if (options.metrics_address) {
    ASSIGN_OR_RETURN(server->metrics_server_, MetricsServer::Start(*options.metrics_address, metrics));
  }
  RETURN_IF_ERROR(server->StartGrpc(options));
  return server;
}

absl::Status Server::StartGrpc(const ServerOptions& options) {
  RETURN_IF_ERROR(CheckFree(options.address));
  grpc::ServerBuilder builder;
  builder.AddListeningPort(FormatAddress(options.address),
                           tls_ != nullptr ? tls_->credentials() : grpc::InsecureServerCredentials(), &port_);
  builder.RegisterService(&service_);
  builder.SetMaxReceiveMessageSize(options.max_recv_message_bytes);
  // Two servers on one port would each get half of the calls.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  server_ = builder.BuildAndStart();
  if (server_ == nullptr || port_ == 0) {
    return absl::UnavailableError(
        absl::StrCat("--address: cannot serve on ", FormatAddress(options.address)));
  }
  server_->GetHealthCheckService()->SetServingStatus(kServiceName, true);
  return absl::OkStatus();
}

Server::~Server() {
  if (server_ != nullptr) Shutdown(absl::ZeroDuration());
}

void Server::Shutdown(absl::Duration grace) {
  server_->GetHealthCheckService()->Shutdown();
  server_->Shutdown(absl::ToChronoTime(absl::Now() + grace));
}

void Server::Wait() { server_->Wait(); }

}  // namespace runner
