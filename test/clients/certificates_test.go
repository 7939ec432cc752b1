package clients

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Certificates as Crossplane 2.4 issues them (internal/initializer): RSA of 2048 bits, every subject and serial number
// the same, its CA's too, no authority key id. That is what makes OpenSSL take a leaf for self-signed.
const serverName = "function-release-pipeline.crossplane-system"

type certificate struct {
	template *x509.Certificate
	key      *rsa.PrivateKey
	pem      []byte
}

func template() *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(2022),
		Subject: pkix.Name{
			CommonName:   "Crossplane",
			Organization: []string{"Crossplane"},
			Country:      []string{"Earth"},
			Province:     []string{"Earth"},
			Locality:     []string{"Earth"},
		},
		NotBefore:             time.Now().Add(-time.Minute),
		NotAfter:              time.Now().AddDate(10, 0, 0),
		BasicConstraintsValid: true,
	}
}

func newKey(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func newCA(t *testing.T) certificate {
	t.Helper()
	ca := template()
	ca.IsCA = true
	ca.KeyUsage = x509.KeyUsageCRLSign | x509.KeyUsageCertSign
	ca.DNSNames = []string{"crossplane-root-ca"}
	key := newKey(t)
	return sign(t, ca, certificate{template: ca, key: key}, key)
}

func (ca certificate) issue(t *testing.T, usage x509.ExtKeyUsage, change func(*x509.Certificate)) certificate {
	t.Helper()
	leaf := template()
	leaf.KeyUsage = x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment | x509.KeyUsageDataEncipherment
	leaf.ExtKeyUsage = []x509.ExtKeyUsage{usage}
	leaf.DNSNames = []string{"function-release-pipeline", serverName, serverName + ".svc"}
	if usage == x509.ExtKeyUsageClientAuth {
		leaf.DNSNames = []string{"crossplane.crossplane-system"}
	}
	if change != nil {
		change(leaf)
	}
	return sign(t, leaf, ca, newKey(t))
}

func sign(t *testing.T, leaf *x509.Certificate, issuer certificate, key *rsa.PrivateKey) certificate {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, leaf, issuer.template, &key.PublicKey, issuer.key)
	if err != nil {
		t.Fatal(err)
	}
	return certificate{leaf, key, encode(t, "CERTIFICATE", der)}
}

func encode(t *testing.T, kind string, der []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := pem.Encode(&out, &pem.Block{Type: kind, Bytes: der}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func (c certificate) keyPEM(t *testing.T) []byte {
	t.Helper()
	return encode(t, "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(c.key))
}

func (c certificate) forTLS(t *testing.T) tls.Certificate {
	t.Helper()
	pair, err := tls.X509KeyPair(c.pem, c.keyPEM(t))
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

// secret is what Crossplane mounts into a function.
func secret(t *testing.T, ca, server certificate) string {
	t.Helper()
	dir := t.TempDir()
	files := map[string][]byte{"ca.crt": ca.pem, "tls.crt": server.pem, "tls.key": server.keyPEM(t)}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
