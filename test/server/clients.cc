#include "test/server/clients.h"

#include <arpa/inet.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_certificate_verifier.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <future>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace test {
namespace {

constexpr absl::Duration kLimit = absl::Seconds(20);

grpc::ByteBuffer ToBuffer(const std::string& text) {
  const grpc::Slice slice(text);
  return grpc::ByteBuffer(&slice, 1);
}

std::string ToString(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string text;
  if (!buffer.Valid() || !buffer.Dump(&slices).ok()) return text;
  for (const grpc::Slice& slice : slices)
    text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return text;
}

std::shared_ptr<grpc::Channel> Channel(int port, const std::shared_ptr<grpc::ChannelCredentials>& credentials,
                                       bool tls) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(-1);
  // A name that is in the server's certificate: gRPC's server logs an error for any other.
  if (tls) arguments.SetSslTargetNameOverride("f");
  return grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", port), credentials, arguments);
}

int Connect(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval limit{20, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return fd;
  close(fd);
  return -1;
}

void Present(SSL* ssl, const Certificate& client) {
  const runner::X509Ptr certificate = client.Parse();
  SSL_use_certificate(ssl, certificate.get());
  SSL_use_PrivateKey(ssl, client.key.get());
}

std::string PeerPem(SSL* ssl) {
  const runner::X509Ptr peer(SSL_get1_peer_certificate(ssl));
  if (peer == nullptr) return "";
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(bio, peer.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string pem(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  return pem;
}

}  // namespace

std::shared_ptr<grpc::Channel> PlainChannel(int port) {
  return Channel(port, grpc::InsecureChannelCredentials(), /*tls=*/false);
}

std::shared_ptr<grpc::Channel> TlsChannel(int port, const Certificate* client) {
  std::vector<grpc::experimental::IdentityKeyCertPair> pairs;
  if (client != nullptr) pairs.push_back({client->key_pem, client->pem});
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(
      std::make_shared<grpc::experimental::StaticDataCertificateProvider>(HonestPki().ca.pem, pairs));
  options.watch_root_certs();
  if (client != nullptr) options.watch_identity_key_cert_pairs();
  options.set_verify_server_certs(false);
  options.set_check_call_host(false);
  options.set_certificate_verifier(std::make_shared<grpc::experimental::NoOpCertificateVerifier>());
  return Channel(port, grpc::experimental::TlsCredentials(options), /*tls=*/true);
}

Answer Call(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
            const std::string& request) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kLimit));
  const grpc::ByteBuffer sent = ToBuffer(request);
  grpc::ByteBuffer received;
  std::promise<grpc::Status> finished;
  stub.UnaryCall(&context, method, grpc::StubOptions(), &sent, &received,
                 [&finished](grpc::Status status) { finished.set_value(std::move(status)); });
  const grpc::Status status = finished.get_future().get();
  return {status.error_code(), status.error_message(), status.ok() ? ToString(received) : ""};
}

// HealthCheckRequest.service is field 1.
std::string HealthRequest(const std::string& service) {
  return service.empty() ? ""
                         : absl::StrCat("\x0a", std::string(1, static_cast<char>(service.size())), service);
}

// HealthCheckResponse.status is field 1: SERVING is 1, NOT_SERVING 2, SERVICE_UNKNOWN 3.
std::string HealthStatus(const std::string& response) {
  if (response == "\x08\x01") return "SERVING";
  if (response == "\x08\x02") return "NOT_SERVING";
  if (response == "\x08\x03") return "SERVICE_UNKNOWN";
  return "?";
}

std::string Health(const std::shared_ptr<grpc::Channel>& channel, const std::string& service) {
  const Answer answer = Call(channel, "/grpc.health.v1.Health/Check", HealthRequest(service));
  if (answer.code == grpc::StatusCode::NOT_FOUND) return "NOT_FOUND";
  return answer.code == grpc::StatusCode::OK ? "OK " + HealthStatus(answer.bytes) : answer.message;
}

Stream::Stream(const std::shared_ptr<grpc::Channel>& channel, const std::string& method) : stub_(channel) {
  context_.set_deadline(absl::ToChronoTime(absl::Now() + kLimit));
  call_ = stub_.PrepareCall(&context_, method, &queue_);
  call_->StartCall(this);
  Done();
}

Stream::~Stream() {
  context_.TryCancel();
  grpc::Status status;
  call_->Finish(&status, this);
  Done();
  queue_.Shutdown();
}

bool Stream::Done() {
  void* tag = nullptr;
  bool ok = false;
  return queue_.Next(&tag, &ok) && ok;
}

bool Stream::Write(const std::string& message) {
  call_->Write(ToBuffer(message), this);
  return Done();
}

bool Stream::Read(std::string* message) {
  grpc::ByteBuffer buffer;
  call_->Read(&buffer, this);
  if (!Done()) return false;
  *message = ToString(buffer);
  return true;
}

std::string Http(int port, const std::string& request) {
  const int fd = Connect(port);
  if (fd < 0) return "";
  std::string answer;
  if (send(fd, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size())) {
    char buffer[4096];
    for (ssize_t got; (got = recv(fd, buffer, sizeof buffer, 0)) > 0;)
      answer.append(buffer, static_cast<std::size_t>(got));
  }
  close(fd);
  return answer;
}

Handshake ShakeHands(int port, const HandshakeOptions& options) {
  Handshake result;
  const int fd = Connect(port);
  if (fd < 0) return result;
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_security_level(context, 0);
  SSL_CTX_set_min_proto_version(context, 0);
  SSL_CTX_set_max_proto_version(context, options.max_version);
  const unsigned char h2[] = {2, 'h', '2'};
  SSL_CTX_set_alpn_protos(context, h2, sizeof h2);
  SSL* ssl = SSL_new(context);
  if (options.client != nullptr) Present(ssl, *options.client);
  if (options.session != nullptr) SSL_set_session(ssl, options.session.get());
  SSL_set_fd(ssl, fd);
  result.done = SSL_connect(ssl) == 1;
  char byte;
  result.accepted = result.done && SSL_read(ssl, &byte, 1) == 1;
  result.resumed = SSL_session_reused(ssl) == 1;
  result.server_certificate = PeerPem(ssl);
  result.session.reset(SSL_get1_session(ssl), SSL_SESSION_free);
  // A clean end, without which OpenSSL takes the session for unusable.
  SSL_set_quiet_shutdown(ssl, 1);
  SSL_shutdown(ssl);
  SSL_free(ssl);
  SSL_CTX_free(context);
  close(fd);
  return result;
}

}  // namespace test
