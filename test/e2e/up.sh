#!/usr/bin/env bash
# Starts etcd, kube-apiserver, kube-controller-manager, an OCI registry, and
# Crossplane core + RBAC manager in private net/mount/pid namespaces, and waits.
set -euo pipefail
. "$(dirname "$0")/env.sh"
. "$E2E/daemons.sh"
[[ ! -e $RUN/ns.pid ]] || { echo "already up? run down.sh first" >&2; exit 1; }
t0=$(now); mkdir -p "$LOG" "$RUN/cache/xpkg" "$RUN/tls"
DATA=$("$E2E/data.sh")
# Name service of the environment: Crossplane dials dns:///<service>.<namespace>:9443.
printf '127.0.0.1 localhost %s.%s\n' "$FUNCTION" "$XP_NS" >"$RUN/hosts"; : >"$RUN/resolv.conf"
# shellcheck disable=SC2016  # the inner shell has its own names
unshare --net --mount --pid --fork --kill-child --mount-proc bash -c '
  ip link set lo up; mount --bind "$0/hosts" /etc/hosts; mount --bind "$0/resolv.conf" /etc/resolv.conf
  touch "$0/ns.ready"; exec sleep infinity' "$RUN" >"$LOG/ns.log" 2>&1 </dev/null &
echo $! >"$RUN/unshare.pid"; disown
wait_for 10 "namespaces" test -e "$RUN/ns.ready"
pgrep -P "$(cat "$RUN/unshare.pid")" >"$RUN/ns.pid"
"$E2E/pki.sh"
# No proxy of the outer machine may be used inside.
unset HTTP_PROXY HTTPS_PROXY http_proxy https_proxy ALL_PROXY all_proxy || true

start_etcd

spawn kube-apiserver "$BIN/kube-apiserver" --etcd-servers=http://127.0.0.1:2379 \
  --bind-address=127.0.0.1 --secure-port=16443 --advertise-address=127.0.0.1 --endpoint-reconciler-type=none \
  --tls-cert-file="$PKI/apiserver.crt" --tls-private-key-file="$PKI/apiserver.key" --client-ca-file="$PKI/ca.crt" \
  --cert-dir="$RUN/apiserver" --authorization-mode=RBAC --anonymous-auth=false \
  --service-account-issuer=https://kubernetes.default.svc --api-audiences=https://kubernetes.default.svc \
  --service-account-key-file="$PKI/sa.pub" --service-account-signing-key-file="$PKI/sa.key" \
  --service-cluster-ip-range=10.96.0.0/16 --allow-privileged=true --profiling=false
wait_for 90 "kube-apiserver /readyz" k get --raw /readyz

spawn kube-controller-manager "$BIN/kube-controller-manager" --kubeconfig="$RUN/kcm.kubeconfig" \
  --bind-address=127.0.0.1 --cert-dir="$RUN/kcm" --leader-elect=false --use-service-account-credentials=true \
  --service-account-private-key-file="$PKI/sa.key" --root-ca-file="$PKI/ca.crt" --profiling=false \
  --controllers=job-controller,garbage-collector-controller,namespace-controller,serviceaccount-controller,root-ca-certificate-publisher-controller,clusterrole-aggregation-controller,ttl-after-finished-controller,pod-garbage-collector-controller

spawn registry "$BIN/crane" registry serve --address "$REGISTRY"

k create namespace "$XP_NS" >/dev/null
# What both Crossplane processes may do is what the chart of this very version grants them, and nothing more.
{
  cat "$E2E/manifests/crossplane.yaml"
  sed -n '/^rules:/,$p' "$DATA/clusterrole.yaml"
  cat "$E2E/manifests/rbac-manager.yaml"
  sed -n '/^rules:/,$p' "$DATA/rbac-manager-clusterrole.yaml"
} | grep -v '{{' | k apply -f - >/dev/null
k apply --server-side -f "$DATA/external-secrets.io_externalsecrets.yaml" >/dev/null
aggregated() { k get clusterrole crossplane -o json | jq -e 'any(.rules[]?; .apiGroups | index("apiextensions.crossplane.io"))'; }
wait_for 30 "aggregated ClusterRole crossplane" aggregated
k -n "$XP_NS" create token crossplane --duration=24h >"$RUN/core.token"
k -n "$XP_NS" create token rbac-manager --duration=24h >"$RUN/rbac.token"

# One-shot initialiser: core CRDs, root CA, client certificate, lock, default runtime config.
core_settings
k -n "$XP_NS" create service externalname crossplane-webhooks --external-name=localhost >/dev/null
s=$(now)
# It does not wait for its CRDs to be served, so the first run may lose the race
# ("no matches for kind Lock"); the kubelet would restart the init container.
tries=0
until KUBECONFIG=$RUN/core.kubeconfig CRDS_PATH=$DATA/crds WEBHOOK_CONFIGS_PATH=$DATA/webhookconfigurations \
  ns "$CORE" core init --debug >>"$LOG/core-init.log" 2>&1; do
  tries=$((tries+1)); [[ $tries -lt 10 ]] || { tail -n 3 "$LOG/core-init.log" >&2; exit 1; }; sleep 1; done
echo "ok $(since "$s")s  crossplane core init (retries: $tries)"
secret_dir crossplane-tls-client "$RUN/tls/client"
secret_dir crossplane-tls-server "$RUN/tls/server"
start_core
KUBECONFIG=$RUN/rbac.kubeconfig spawn rbac "$CORE" rbac start --debug
echo "environment up in $(since "$t0")s"
