package clients

import (
	"crypto/tls"
	"crypto/x509"
	"testing"
	"time"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"tests/fixture"
)

// dialTLS is Crossplane's client: it checks the server's certificate against its CA and shows its own, if it has any.
func dialTLS(t *testing.T, address string, ca fixture.Certificate, own ...fixture.Certificate) *grpc.ClientConn {
	t.Helper()
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca.PEM)
	config := &tls.Config{RootCAs: roots, ServerName: fixture.ServerName, MinVersion: tls.VersionTLS12}
	for _, certificate := range own {
		pair := certificate.ForTLS(t)
		// Certificates would only be shown where the server's list of CAs has their issuer; an impostor shows anything.
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &pair, nil }
	}
	return dial(t, address, grpc.WithTransportCredentials(credentials.NewTLS(config)))
}

func TestMutualTLS(t *testing.T) {
	ca := fixture.NewCA(t)
	stranger := fixture.NewCA(t) // the same names and numbers, another key
	server := ca.Issue(t, x509.ExtKeyUsageServerAuth, nil)
	address := start(t, "--tls-certs-dir", fixture.Secret(t, ca, server))

	expired := func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Second) }
	early := func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Hour) }
	client := ca.Issue(t, x509.ExtKeyUsageClientAuth, nil)
	selfSigned := fixture.Template()
	selfSigned.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	ownKey := fixture.NewKey(t)

	cases := []struct {
		name, reason string
		connection   *grpc.ClientConn
		want         codes.Code
	}{
		{"honest", "Crossplane's own certificate", dialTLS(t, address, ca, client), codes.OK},
		{"none", "whoever has no certificate is not Crossplane", dialTLS(t, address, ca), codes.Unavailable},
		{"another CA", "names prove nothing, the CA's key does",
			dialTLS(t, address, ca, stranger.Issue(t, x509.ExtKeyUsageClientAuth, nil)), codes.Unavailable},
		{"self-signed", "the same subject as the CA does not make it the CA",
			dialTLS(t, address, ca, fixture.Sign(t, selfSigned, fixture.Certificate{Template: selfSigned, Key: ownKey}, ownKey)), codes.Unavailable},
		{"a server's", "another function's certificate is no client's",
			dialTLS(t, address, ca, ca.Issue(t, x509.ExtKeyUsageServerAuth, nil)), codes.Unavailable},
		{"expired", "its time is over",
			dialTLS(t, address, ca, ca.Issue(t, x509.ExtKeyUsageClientAuth, expired)), codes.Unavailable},
		{"not valid yet", "its time has not come",
			dialTLS(t, address, ca, ca.Issue(t, x509.ExtKeyUsageClientAuth, early)), codes.Unavailable},
		{"plain text", "no TLS, no call",
			dial(t, address, grpc.WithTransportCredentials(insecure.NewCredentials())), codes.Unavailable},
		{"suspicious", "Crossplane trusts no server with a certificate of another CA",
			dialTLS(t, address, stranger, client), codes.Unavailable},
		{"honest again", "impostors before do not harm it", dialTLS(t, address, ca, client), codes.OK},
	}
	req := request(t, testCase{
		Name: "mTLS", Composite: "examples/gate-minimal.yaml", Composition: "compositions/namespaced/promotiongate.yaml",
	})
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			response, err := fnv1.NewFunctionRunnerServiceClient(c.connection).RunFunction(within(t), req)
			if status.Code(err) != c.want {
				t.Fatalf("%s: %v, want %v", c.reason, err, c.want)
			}
			if c.want == codes.OK && response.GetMeta().GetTag() != req.GetMeta().GetTag() {
				t.Errorf("tag %q, want %q", response.GetMeta().GetTag(), req.GetMeta().GetTag())
			}
		})
	}
}
