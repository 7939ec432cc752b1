// The function's server: gRPC with health and reflection, mTLS or none, and metrics over HTTP.
//   auto server = runner::Server::Start(options, handler, &metrics);
//   (*server)->Shutdown(absl::Seconds(4));
#ifndef FUNCTION_RUNNER_SERVER_H_
#define FUNCTION_RUNNER_SERVER_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "function/runner/address.h"
#include "function/runner/keep_polling.h"
#include "function/runner/limits.h"
#include "function/runner/listener.h"
#include "function/runner/metrics.h"
#include "function/runner/metrics_server.h"
#include "function/runner/server_rpc.h"
#include "function/runner/spare_threads.h"
#include "function/runner/tls.h"

namespace runner {

struct ServerOptions {
  Address address{"::", 9443};
  // Absent: no metrics server.
  std::optional<Address> metrics_address;
  // A folder with tls.crt, tls.key and ca.crt. Absent: plaintext, for everybody who reaches the port.
  std::optional<std::string> tls_certs_dir;
  // How often the certificates are looked at.
  absl::Duration tls_refresh = absl::Seconds(10);
  Limits limits;
};

class Server {
 public:
  // Serves when it returns. Errors lead with the flag that is to blame: InvalidArgument for a value that is
  // wrong in itself, anything else for what this machine does not have or allow. `metrics` must outlive the
  // server.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerOptions& options, Handler handler,
                                                       Metrics* metrics);
  // Like Shutdown(0), if that was not called.
  ~Server();

  int port() const { return port_; }
  // 0 without a metrics server.
  int metrics_port() const { return metrics_server_ == nullptr ? 0 : metrics_server_->port(); }

  // Says NOT_SERVING, takes no new calls, lets those in flight finish, and cancels what is left after
  // `grace`. Returns when all are done. Metrics are served until the server is destroyed.
  void Shutdown(absl::Duration grace);
  // Until Shutdown was called and is through.
  void Wait();

 private:
  Server(Handler handler, Metrics& metrics)
      : metrics_(metrics), service_(std::move(handler), metrics, *spare_threads_) {}
  absl::Status StartGrpc(const ServerOptions& options);
  absl::Status Listen(const ServerOptions& options);

  Metrics& metrics_;
  const std::shared_ptr<SpareThreads> spare_threads_ = std::make_shared<SpareThreads>();
  RunFunctionService service_;
  std::unique_ptr<TlsCredentials> tls_;
  std::unique_ptr<MetricsServer> metrics_server_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<KeepPolling> keep_polling_;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> connections_;
  std::unique_ptr<Listener> listener_;
  int port_ = 0;
};

}  // namespace runner

#endif  // FUNCTION_RUNNER_SERVER_H_
