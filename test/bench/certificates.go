package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"time"

	"google.golang.org/grpc/credentials"
)

const serverName = "function-release-pipeline.crossplane-system"

// Certificates as Crossplane issues them: RSA of 2048 bits, and the same subject and serial number for the CA and its leaves.
type certificates struct {
	folder string // what is mounted into a function
	pool   *x509.CertPool
	own    tls.Certificate
}

func makeCertificates(folder string) *certificates {
	must(os.MkdirAll(folder, 0o700))
	name := pkix.Name{
		CommonName: "Crossplane", Organization: []string{"Crossplane"}, Country: []string{"Earth"}, Province: []string{"Earth"}, Locality: []string{"Earth"},
	}
	template := func() *x509.Certificate {
		return &x509.Certificate{
			SerialNumber: big.NewInt(2022), Subject: name, BasicConstraintsValid: true,
			NotBefore: time.Now().Add(-8784 * time.Hour), NotAfter: time.Now().AddDate(10, 0, 0),
		}
	}
	root := template()
	root.IsCA, root.KeyUsage, root.DNSNames = true, x509.KeyUsageCRLSign|x509.KeyUsageCertSign, []string{"crossplane-root-ca"}
	rootKey := newKey()
	rootPEM := sign(root, root, &rootKey.PublicKey, rootKey)

	issue := func(usage x509.ExtKeyUsage, names ...string) ([]byte, []byte) {
		leaf, key := template(), newKey()
		leaf.KeyUsage = x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment | x509.KeyUsageDataEncipherment
		leaf.ExtKeyUsage, leaf.DNSNames = []x509.ExtKeyUsage{usage}, names
		private := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
		return sign(leaf, root, &key.PublicKey, rootKey), private
	}
	serverPEM, serverKey := issue(x509.ExtKeyUsageServerAuth, "function-release-pipeline", serverName, serverName+".svc")
	for file, content := range map[string][]byte{"ca.crt": rootPEM, "tls.crt": serverPEM, "tls.key": serverKey} {
		must(os.WriteFile(filepath.Join(folder, file), content, 0o600))
	}
	own, err := tls.X509KeyPair(issue(x509.ExtKeyUsageClientAuth, "crossplane.crossplane-system"))
	must(err)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(rootPEM)
	return &certificates{folder: folder, pool: pool, own: own}
}

func newKey() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	must(err)
	return key
}

func sign(leaf, issuer *x509.Certificate, public *rsa.PublicKey, key *rsa.PrivateKey) []byte {
	der, err := x509.CreateCertificate(rand.Reader, leaf, issuer, public, key)
	must(err)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// client is Crossplane's: it checks the server and shows its own certificate.
func (c *certificates) client() credentials.TransportCredentials {
	return credentials.NewTLS(&tls.Config{RootCAs: c.pool, Certificates: []tls.Certificate{c.own}, ServerName: serverName, MinVersion: tls.VersionTLS12})
}
