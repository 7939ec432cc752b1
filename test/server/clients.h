// How the tests talk to a server: gRPC calls, HTTP requests and bare TLS handshakes, over loopback.
#ifndef TEST_SERVER_CLIENTS_H_
#define TEST_SERVER_CLIENTS_H_

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <openssl/ssl.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "test/server/certificates.h"

namespace test {

// Whether `done` came true in time. Each look costs what `done` does: nothing here sleeps.
inline bool Eventually(const std::function<bool()>& done, absl::Duration limit = absl::Seconds(30)) {
  for (const absl::Time end = absl::Now() + limit; absl::Now() < end;) {
    if (done()) return true;
  }
  return false;
}

// A channel with a connection of its own.
std::shared_ptr<grpc::Channel> PlainChannel(int port);
// `client`: what it presents; null: nothing. It takes every server certificate, because what gRPC can check
// (OpenSSL) refuses Crossplane's.
std::shared_ptr<grpc::Channel> TlsChannel(int port, const Certificate* client);

struct Answer {
  grpc::StatusCode code = grpc::StatusCode::UNKNOWN;
  std::string message;
  std::string bytes;
};
// One unary call of any method, with and for raw bytes. Fails within 20 seconds.
Answer Call(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
            const std::string& request);

inline constexpr char kRunFunction[] = "/apiextensions.fn.proto.v1.FunctionRunnerService/RunFunction";

// grpc.health.v1.Health/Check, as the code or the status: "OK SERVING", "OK NOT_SERVING", "NOT_FOUND".
std::string Health(const std::shared_ptr<grpc::Channel>& channel, const std::string& service);
std::string HealthStatus(const std::string& response);
std::string HealthRequest(const std::string& service);

// A stream of raw bytes.
class Stream {
 public:
  Stream(const std::shared_ptr<grpc::Channel>& channel, const std::string& method);
  ~Stream();
  bool Write(const std::string& message);
  // False at the end.
  bool Read(std::string* message);

 private:
  bool Done();

  grpc::GenericStub stub_;
  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call_;
};

// What the server says to these bytes, up to its closing the connection.
std::string Http(int port, const std::string& request);
inline std::string Scrape(int port) {
  return Http(port, "GET /metrics HTTP/1.1\r\nConnection: close\r\n\r\n");
}

struct Handshake {
  bool done = false;
  // The server spoke HTTP/2 after it: the client is in. (TLS 1.3 lets a client finish before the server looks
  // at it.)
  bool accepted = false;
  bool resumed = false;
  // The server's certificate, as PEM.
  std::string server_certificate;
  std::shared_ptr<SSL_SESSION> session;
};
struct HandshakeOptions {
  // Like OpenSSL's TLS1_1_VERSION; at its lowest security level.
  int max_version = TLS1_3_VERSION;
  const Certificate* client = nullptr;
  // To resume.
  std::shared_ptr<SSL_SESSION> session;
};
Handshake ShakeHands(int port, const HandshakeOptions& options);

}  // namespace test

#endif  // TEST_SERVER_CLIENTS_H_
