#include "function/runner/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>

#include <chrono>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "function/base/status_macros.h"
#include "function/base/version.h"
#include "function/runner/memory.h"
#include "function/runner/process_metrics.h"

namespace runner {
namespace {

int Milliseconds(absl::Duration duration) { return static_cast<int>(absl::ToInt64Milliseconds(duration)); }

// A connection whose other end is gone without a word is noticed after both of these.
constexpr absl::Duration kKeepalive = absl::Seconds(60);
constexpr absl::Duration kKeepaliveTimeout = absl::Seconds(20);

void SetLimits(const Limits& limits, grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(limits.max_recv_message_bytes);
  // Near it gRPC lets connections send less at a time, takes no new ones, and ends calls. It does not count
  // everything: for the rest there is the listener.
  builder.SetResourceQuota(
      grpc::ResourceQuota("server").Resize(static_cast<std::size_t>(limits.max_memory_bytes)));
  const std::pair<const char*, int> arguments[] = {
      {GRPC_ARG_MAX_CONCURRENT_STREAMS, limits.max_concurrent_streams},
      {GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, Milliseconds(limits.handshake_timeout)},
      {GRPC_ARG_MAX_CONNECTION_AGE_MS, Milliseconds(limits.max_connection_age)},
      {GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, Milliseconds(limits.call_timeout)},
      {GRPC_ARG_KEEPALIVE_TIME_MS, Milliseconds(kKeepalive)},
      {GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Milliseconds(kKeepaliveTimeout)},
      {GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1},
  };
  for (const auto& [name, value] : arguments) builder.AddChannelArgument(name, value);
}

void SetUpOnce() {
  static const bool done = [] {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    // Debian's Abseil, on which gRPC's locks are, looks for deadlocks whenever one is taken, unless it is
    // told not to.
    absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
    return true;
  }();
  static_cast<void>(done);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options, Handler handler,
                                                      Metrics* metrics) {
  SetUpOnce();
  SetUpHeap();
  metrics
      ->GetGauge("release_function_build_info", "A constant 1, labeled with the version of this program.",
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
  RETURN_IF_ERROR(server->Listen(options));
  return server;
}

absl::Status Server::StartGrpc(const ServerOptions& options) {
  grpc::ServerBuilder builder;
  connections_ = builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
      tls_ != nullptr ? tls_->credentials() : grpc::InsecureServerCredentials());
  builder.RegisterService(&service_);
  SetLimits(options.limits, builder);
  server_ = builder.BuildAndStart();
  if (server_ == nullptr) return absl::UnavailableError("--address: cannot start gRPC");
  server_->GetHealthCheckService()->SetServingStatus(kServiceName, true);
  keep_polling_ = std::make_unique<KeepPolling>(*server_, spare_threads_);
  return absl::OkStatus();
}

absl::Status Server::Listen(const ServerOptions& options) {
  ASSIGN_OR_RETURN(const int fd, ListenTcp("--address", options.address));
  port_ = BoundPort(fd);
  ASSIGN_OR_RETURN(listener_, Listener::Start(fd, options.limits, &metrics_, [this](int accepted) {
                     grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters connection;
                     connection.fd = accepted;
                     connections_->HandleNewConnection(&connection);
                   }));
  return absl::OkStatus();
}

Server::~Server() {
  if (server_ != nullptr) Shutdown(absl::ZeroDuration());
}

void Server::Shutdown(absl::Duration grace) {
  if (listener_ != nullptr) listener_->Stop();
  keep_polling_.reset();
  server_->GetHealthCheckService()->Shutdown();
  server_->Shutdown(absl::ToChronoTime(absl::Now() + grace));
}

void Server::Wait() { server_->Wait(); }

}  // namespace runner
