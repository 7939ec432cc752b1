#!/usr/bin/env bash
# Makes the cluster CA, server and client certificates and kubeconfigs.
set -euo pipefail
. "$(dirname "$0")/env.sh"
mkdir -p "$PKI"; cd "$PKI"
openssl ecparam -name prime256v1 -genkey -noout -out ca.key
openssl req -x509 -new -key ca.key -subj /CN=e2e-ca -days 30 -out ca.crt
openssl genrsa -out sa.key 2048 2>/dev/null; openssl rsa -in sa.key -pubout -out sa.pub 2>/dev/null
cert() { # NAME SUBJECT EXTENSION
  openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"
  openssl req -new -key "$1.key" -subj "$2" -out "$1.csr"
  printf '%s\n' "$3" >"$1.ext"
  openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -extfile "$1.ext" -out "$1.crt" 2>/dev/null; }
cert apiserver /CN=kube-apiserver $'subjectAltName=IP:127.0.0.1,IP:10.96.0.1,DNS:localhost,DNS:kubernetes.default.svc\nextendedKeyUsage=serverAuth'
cert admin /O=system:masters/CN=e2e-admin extendedKeyUsage=clientAuth
cert kcm /CN=system:kube-controller-manager extendedKeyUsage=clientAuth
kubeconf() { # FILE AUTH-JSON
  cat >"$1" <<J
{"apiVersion":"v1","kind":"Config","current-context":"e2e",
 "clusters":[{"name":"e2e","cluster":{"server":"https://127.0.0.1:16443","certificate-authority":"$PKI/ca.crt"}}],
 "users":[{"name":"e2e","user":$2}],
 "contexts":[{"name":"e2e","context":{"cluster":"e2e","user":"e2e"}}]}
J
}
kubeconf "$ADMIN" "{\"client-certificate\":\"$PKI/admin.crt\",\"client-key\":\"$PKI/admin.key\"}"
kubeconf "$RUN/kcm.kubeconfig" "{\"client-certificate\":\"$PKI/kcm.crt\",\"client-key\":\"$PKI/kcm.key\"}"
# Token users for Crossplane: the token files are filled by up.sh.
kubeconf "$RUN/core.kubeconfig" "{\"tokenFile\":\"$RUN/core.token\"}"
kubeconf "$RUN/rbac.kubeconfig" "{\"tokenFile\":\"$RUN/rbac.token\"}"
