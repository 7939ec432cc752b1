# Sourced after env.sh: the daemons that are stopped and started again while the control plane lives.
# shellcheck shell=bash

# Memory is cheaper than time here: a quarter of what these daemons do would be collecting garbage.
export GOGC=400

start_etcd() {
  spawn etcd "$ETCD" --data-dir "$RUN/etcd" --listen-client-urls http://127.0.0.1:2379 \
    --advertise-client-urls http://127.0.0.1:2379 --listen-peer-urls http://127.0.0.1:2380 \
    --initial-advertise-peer-urls http://127.0.0.1:2380 --initial-cluster default=http://127.0.0.1:2380 \
    --unsafe-no-fsync --auto-compaction-retention=1 --log-level=warn
  wait_for 30 "etcd" ns curl -fsS http://127.0.0.1:2379/health
}

# What Crossplane's init and its core are told through the environment.
core_settings() {
  export POD_NAMESPACE=$XP_NS POD_SERVICE_ACCOUNT=crossplane ENABLE_WEBHOOKS=true
  # Port 9443 belongs to the function, so the webhook listens on 9444; the API server
  # reaches it through a Service of type ExternalName.
  export WEBHOOK_SERVICE_NAME=crossplane-webhooks WEBHOOK_SERVICE_NAMESPACE=$XP_NS WEBHOOK_SERVICE_PORT=9444
  export TLS_CA_SECRET_NAME=crossplane-root-ca TLS_SERVER_SECRET_NAME=crossplane-tls-server
  export TLS_CLIENT_SECRET_NAME=crossplane-tls-client
}
# CORE_FLAGS: more flags for it.
start_core() (
  core_settings
  export TLS_CLIENT_CERTS_DIR=$RUN/tls/client TLS_SERVER_CERTS_DIR=$RUN/tls/server KUBECONFIG=$RUN/core.kubeconfig
  spawn core "$CORE" core start --debug --xpkg-cache-dir="$RUN/cache/xpkg" --package-runtime=Deployment \
    --webhook-port=9444 --metrics-port=8090 --health-probe-port=8091 --poll-interval=10m \
    ${CORE_FLAGS:-}
  wait_for 60 "crossplane core /readyz" ns curl -fsS http://127.0.0.1:8091/readyz
)

# start_function NAME [FLAG...]: one replica, as UID 2000, with the certificates of its Service. A second replica has
# --address=127.0.0.2:9443, and so the first one --address=127.0.0.1:9443; its metrics are on port 8081 of the same host.
start_function() {
  local name=$1 host=127.0.0.1 flag environment
  shift
  mapfile -t environment <"$RUN/image.env"
  for flag in "$@"; do
    if [[ $flag == --address=* ]]; then host=${flag#--address=} host=${host%:*}; fi
  done
  # 8080 is taken: here Crossplane's RBAC manager is in the same network namespace.
  spawn "$name" env "${environment[@]}" TLS_SERVER_CERTS_DIR="$RUN/tls/$FUNCTION" \
    setpriv --reuid=2000 --regid=2000 --clear-groups "$RUN/image/function-release-pipeline" --metrics-address="$host:8081" "$@"
  wait_for 30 "$name listens" ns bash -c "exec 3<>/dev/tcp/$host/9443"
}

# The process itself: spawn noted a shell, whose child is nsenter, whose child is the daemon.
daemon() {
  local process child
  process=$(cat "$RUN/$1.pid")
  while child=$(pgrep -P "$process"); do process=$child; done
  [[ $process != "$(cat "$RUN/$1.pid")" ]] && echo "$process"
}
# stop NAME [SIGNAL]: ends a daemon, by default with TERM, and waits until it is gone.
stop() {
  local process
  process=$(daemon "$1")
  kill "-${2:-TERM}" "$process"
  wait_for 30 "$1 is gone (${2:-TERM})" bash -c "! kill -0 $process"
}
