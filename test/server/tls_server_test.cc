// The server with mTLS, over real connections.
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <atomic>
#include <string>

#include "test/catch.h"
#include "test/server/certs_folder.h"
#include "test/server/clients.h"
#include "test/server/running.h"

namespace {

using grpc::StatusCode;
using test::Certificate;
using test::CertificateSpec;
using test::CertsFolder;
using test::HonestPki;
using test::kRunFunction;
using test::OtherPki;
using test::Running;

runner::ServerOptions TlsOptions(const CertsFolder& folder) {
  auto options = test::LoopbackOptions();
  options.tls_certs_dir = folder.path();
  return options;
}

StatusCode CallWith(int port, const Certificate* client) {
  return test::Call(test::TlsChannel(port, client), kRunFunction, "x").code;
}

runner::Counter& Refusals(Running& server) {
  return server.metrics().GetCounter("release_function_tls_refused_clients_total", "");
}

template <typename Change>
Certificate Client(Change change) {
  CertificateSpec spec;
  change(spec);
  return test::Issue(spec, &HonestPki().ca);
}

TEST_CASE("Crossplane gets in, impostors don't") {
  const CertsFolder folder(test::PkiFiles(HonestPki()));
  std::atomic<int> calls{0};
  Running server(
      [&calls](absl::string_view, std::string*) {
        ++calls;
        return absl::OkStatus();
      },
      TlsOptions(folder));
  const Certificate expired = Client([](CertificateSpec& s) { s.not_after = absl::Now() - absl::Hours(1); });
  const Certificate early = Client([](CertificateSpec& s) { s.not_before = absl::Now() + absl::Hours(1); });
  const Certificate no_usage = Client([](CertificateSpec& s) { s.extended_key_usage.clear(); });
  const Certificate self_signed = test::Issue(CertificateSpec(), nullptr);
  struct Case {
    std::string name;
    std::string reason;
    const Certificate* client;
    StatusCode want;
    // Found by our verifier rather than by TLS itself.
    std::uint64_t refusals;
  };
  const Case cases[] = {
      {"Crossplane", "issued by our CA", &HonestPki().client, StatusCode::OK, 0},
      {"nobody", "a certificate is required", nullptr, StatusCode::UNAVAILABLE, 0},
      {"another CA of the same name", "anybody can make one", &OtherPki().client, StatusCode::UNAVAILABLE, 1},
      {"self-signed", "bears the CA's name too", &self_signed, StatusCode::UNAVAILABLE, 1},
      {"expired", "its time is over", &expired, StatusCode::UNAVAILABLE, 1},
      {"not valid yet", "its time has not come", &early, StatusCode::UNAVAILABLE, 1},
      {"without clientAuth", "no usage is not every usage", &no_usage, StatusCode::UNAVAILABLE, 1},
      {"the server's own", "a function must not call other functions", &HonestPki().server,
       StatusCode::UNAVAILABLE, 1},
      {"the CA's own", "a CA is no client", &HonestPki().ca, StatusCode::UNAVAILABLE, 1},
  };
  for (const Case& c : cases) {
    INFO(c.name << ": " << c.reason);
    const int calls_before = calls;
    const std::uint64_t refusals_before = Refusals(server).value();
    CHECK(CallWith(server->port(), c.client) == c.want);
    CHECK(calls - calls_before == (c.want == StatusCode::OK ? 1 : 0));
    CHECK((Refusals(server).value() > refusals_before) == (c.refusals > 0));
  }
  // After all of them.
  CHECK(CallWith(server->port(), &HonestPki().client) == StatusCode::OK);
}

TEST_CASE("TLS 1.2 and 1.3 are spoken, nothing older and nothing plain") {
  const CertsFolder folder(test::PkiFiles(HonestPki()));
  Running server(test::Echo, TlsOptions(folder));
  const int port = server->port();
  CHECK(test::ShakeHands(port, {TLS1_3_VERSION, &HonestPki().client, nullptr}).accepted);
  CHECK(test::ShakeHands(port, {TLS1_2_VERSION, &HonestPki().client, nullptr}).accepted);
  CHECK_FALSE(test::ShakeHands(port, {TLS1_1_VERSION, &HonestPki().client, nullptr}).done);
  CHECK(test::Call(test::PlainChannel(port), kRunFunction, "x").code == StatusCode::UNAVAILABLE);
  CHECK(test::Http(port, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").find("HTTP") == std::string::npos);
  CHECK(CallWith(port, &HonestPki().client) == StatusCode::OK);
}

TEST_CASE("Changed certificates are taken over without a restart") {
  CertsFolder folder(test::PkiFiles(HonestPki()));
  Running server(test::Echo, TlsOptions(folder));
  const int port = server->port();
  const auto served = [&] {
    return test::ShakeHands(port, {TLS1_3_VERSION, &OtherPki().client, nullptr}).server_certificate;
  };
  REQUIRE(served() == HonestPki().server.pem);
  const test::Handshake old_session = test::ShakeHands(port, {TLS1_2_VERSION, &HonestPki().client, nullptr});
  REQUIRE(old_session.accepted);

  folder.Swap(test::PkiFiles(OtherPki()));
  CHECK(test::Eventually([&] { return CallWith(port, &OtherPki().client) == StatusCode::OK; }));
  CHECK(test::Eventually([&] { return served() == OtherPki().server.pem; }));
  CHECK(CallWith(port, &HonestPki().client) == StatusCode::UNAVAILABLE);
  // A session from before the change must not be a way around it.
  CHECK_FALSE(test::ShakeHands(port, {TLS1_2_VERSION, &HonestPki().client, old_session.session}).accepted);
}

TEST_CASE("A resumed session is verified like a new one") {
  CertsFolder folder(test::PkiFiles(HonestPki()));
  Running server(test::Echo, TlsOptions(folder));
  const int port = server->port();
  const test::Handshake first = test::ShakeHands(port, {TLS1_2_VERSION, &HonestPki().client, nullptr});
  REQUIRE(first.accepted);
  CHECK(test::ShakeHands(port, {TLS1_2_VERSION, &HonestPki().client, first.session}).resumed);
  const test::Handshake impostor = test::ShakeHands(port, {TLS1_2_VERSION, &OtherPki().client, nullptr});
  CHECK_FALSE(impostor.accepted);
  CHECK_FALSE(test::ShakeHands(port, {TLS1_2_VERSION, &OtherPki().client, impostor.session}).accepted);
  // The server keeps its key pair and so its sessions; only the CA changes.
  test::FileTexts files = test::PkiFiles(HonestPki());
  files["ca.crt"] = OtherPki().ca.pem;
  folder.Swap(files);
  REQUIRE(test::Eventually([&] { return CallWith(port, &OtherPki().client) == StatusCode::OK; }));
  const test::Handshake again = test::ShakeHands(port, {TLS1_2_VERSION, &HonestPki().client, first.session});
  CHECK(again.resumed);
  CHECK_FALSE(again.accepted);
}

TEST_CASE("A broken update is not taken over, and the next good one is") {
  struct Case {
    std::string name;
    std::string reason;
    std::string file;
    std::string text;
  };
  const Case cases[] = {
      {"half-written certificate", "the writer was interrupted", "tls.crt",
       OtherPki().server.pem.substr(0, 500)},
      {"empty key", "the writer has begun", "tls.key", ""},
      {"another key", "not the certificate's: the pair is half there", "tls.key", OtherPki().server.key_pem},
      {"garbage CA", "nobody would get in any more", "ca.crt", "garbage"},
      {"half-written second CA", "one of two is not what was meant", "ca.crt",
       OtherPki().ca.pem + OtherPki().ca.pem.substr(0, 300)},
  };
  for (const Case& c : cases) {
    INFO(c.name << ": " << c.reason);
    CertsFolder folder(test::PkiFiles(HonestPki()));
    Running server(test::Echo, TlsOptions(folder));
    const runner::Counter& failures =
        server.metrics().GetCounter("release_function_tls_reload_failures_total", "");
    folder.Write(c.file, c.text);
    REQUIRE(test::Eventually([&] { return failures.value() >= 2; }));
    CHECK(CallWith(server->port(), &HonestPki().client) == StatusCode::OK);
    folder.Swap(test::PkiFiles(OtherPki()));
    CHECK(test::Eventually([&] { return CallWith(server->port(), &OtherPki().client) == StatusCode::OK; }));
  }
}

TEST_CASE("A server whose certificates are missing or broken does not start") {
  const test::FileTexts good = test::PkiFiles(HonestPki());
  struct Case {
    std::string name;
    std::string reason;
    std::string file;
    std::string text;
    std::string want;
  };
  const Case cases[] = {
      {"no PEM", "a file of another kind", "tls.crt", "garbage", "tls.crt: holds no PEM certificate"},
      {"empty certificate", "", "tls.crt", "", "tls.crt: holds no PEM certificate"},
      {"broken certificate", "PEM around something else", "tls.crt",
       "-----BEGIN CERTIFICATE-----\nZ2FyYmFnZQ==\n-----END CERTIFICATE-----\n",
       "tls.crt: certificate 1 is broken"},
      {"cut chain", "a second certificate that does not end", "tls.crt",
       good.at("tls.crt") + good.at("ca.crt").substr(0, 99), "tls.crt: certificate 2 is broken"},
      {"garbage key", "", "tls.key", "garbage", "tls.key: holds no PEM private key without a pass phrase"},
      {"another key", "a key that fits no certificate here", "tls.key", OtherPki().server.key_pem,
       "tls.key: is not the key of tls.crt"},
      {"garbage CA", "", "ca.crt", "garbage", "ca.crt: holds no PEM certificate"},
      {"a key as CA", "files confused", "ca.crt", good.at("tls.key"), "ca.crt: holds no PEM certificate"},
  };
  for (const Case& c : cases) {
    INFO(c.name << ": " << c.reason);
    CertsFolder folder(good);
    folder.Write(c.file, c.text);
    runner::Metrics metrics;
    const auto server = runner::Server::Start(TlsOptions(folder), test::Whole(test::Echo), &metrics);
    CHECK(server.status().ToString() ==
          "FAILED_PRECONDITION: --tls-certs-dir: " + folder.path() + "/" + c.want);
  }
}

TEST_CASE("A server whose certificates cannot be read does not start") {
  for (const std::string missing : {"tls.crt", "tls.key", "ca.crt"}) {
    test::FileTexts files = test::PkiFiles(HonestPki());
    files.erase(missing);
    const CertsFolder folder(files);
    runner::Metrics metrics;
    CHECK(runner::Server::Start(TlsOptions(folder), test::Whole(test::Echo), &metrics).status().message() ==
          "--tls-certs-dir: cannot read " + folder.path() + "/" + missing + ": No such file or directory");
  }
  auto options = test::LoopbackOptions();
  options.tls_certs_dir = "/nowhere";
  runner::Metrics metrics;
  CHECK(runner::Server::Start(options, test::Whole(test::Echo), &metrics).status().message() ==
        "--tls-certs-dir: cannot open /nowhere: No such file or directory");
}

TEST_CASE("The certificates' expiry is a metric") {
  CertificateSpec spec = test::ServerSpec();
  spec.not_after = absl::FromUnixSeconds(4'000'000'000);
  const Certificate server_certificate = test::Issue(spec, &HonestPki().ca);
  test::FileTexts files = test::PkiFiles(HonestPki());
  files["tls.crt"] = server_certificate.pem;
  files["tls.key"] = server_certificate.key_pem;
  const CertsFolder folder(files);
  Running server(test::Echo, TlsOptions(folder));
  const std::string scrape = test::Scrape(server->metrics_port());
  const std::string name = "release_function_certificate_expiry_timestamp_seconds";
  CHECK(scrape.find("\n" + name + "{file=\"tls.crt\"} 4000000000\n") != std::string::npos);
  CHECK(scrape.find("\n" + name + "{file=\"ca.crt\"} 4102444800\n") != std::string::npos);
}

TEST_CASE("Plain files do as well as the kubelet's links, and so does a PKCS#8 key") {
  test::FileTexts files = test::PkiFiles(HonestPki());
  BIO* bio = BIO_new(BIO_s_mem());
  REQUIRE(PEM_write_bio_PKCS8PrivateKey(bio, HonestPki().server.key.get(), nullptr, nullptr, 0, nullptr,
                                        nullptr) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  files["tls.key"].assign(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  const CertsFolder folder(files);
  std::filesystem::remove(folder.path() + "/..data");
  for (const auto& [name, text] : files) {
    std::filesystem::remove(folder.path() + "/" + name);
    std::ofstream(folder.path() + "/" + name) << text;
  }
  Running server(test::Echo, TlsOptions(folder));
  CHECK(CallWith(server->port(), &HonestPki().client) == StatusCode::OK);
}

}  // namespace
