# Sourced by every script of this folder: where things are, and how to run something inside the control plane.
# shellcheck shell=bash disable=SC2034
E2E=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(cd "$E2E/../.." && pwd)
BIN=${TOOLS:-$ROOT/.cache/tools/bin}
RUN=${E2E_RUN:-$ROOT/build/e2e}
LOG=$RUN/log PKI=$RUN/pki
XP_NS=crossplane-system
REGISTRY=127.0.0.1:5000
REPOSITORY=$REGISTRY/zerotouch/function-release-pipeline
FUNCTION=zerotouch-function-release-pipeline # what Crossplane calls a function from that repository
ETCD=${ETCD:-/usr/bin/etcd}
CORE=${CORE:-crossplane-core} # or crossplane-core-2.3, or the path of another one
[[ $CORE == */* ]] || CORE=$BIN/$CORE
ADMIN=$RUN/admin.kubeconfig

# Runs a command inside the private net, mount and pid namespaces of this control plane.
ns() { nsenter -t "$(cat "$RUN/ns.pid")" -n -m -p --wdns="$PWD" -- "$@"; }
# One that is gone in a moment collects no garbage. The cache of its own: kubectl names it after the server's address, which every control plane here has.
k() { GOGC=off GOMAXPROCS=1 ns "$BIN/kubectl" --cache-dir="$RUN/cache/kubectl" --kubeconfig "$ADMIN" "$@"; }
# spawn NAME COMMAND...: starts a daemon inside the namespaces; its log is $LOG/NAME.log.
spawn() {
  local name=$1
  shift
  ns setsid "$@" >>"$LOG/$name.log" 2>&1 </dev/null &
  echo $! >"$RUN/$name.pid"
  disown
}
now() { date +%s.%N; }
since() { awk -v a="$1" -v b="$(now)" 'BEGIN{printf "%.1f", b-a}'; }
# wait_for SECONDS WHAT COMMAND...: polls the command until it succeeds; for 180 s at the least, which only a failure takes,
# however busy the machine is.
wait_for() {
  local limit=$(($1 < 180 ? 180 : $1)) what=$2 start
  shift 2
  start=$(now)
  until "$@" >/dev/null 2>&1; do
    if awk -v a="$start" -v b="$(now)" -v l="$limit" 'BEGIN{exit !(b-a>l)}'; then
      echo "TIMEOUT after ${limit} s: $what" >&2
      return 1
    fi
    sleep 0.3
  done
  echo "ok $(since "$start") s  $what"
}
# secret_dir SECRET FOLDER: writes the TLS files of a secret of Crossplane's namespace.
secret_dir() {
  local file
  mkdir -p "$2"
  for file in ca.crt tls.crt tls.key; do
    k -n "$XP_NS" get secret "$1" -o json | jq -er --arg f "$file" '.data[$f]' | base64 -d >"$2/$file"
  done
}
# unpack_image IMAGE: its files into $RUN/image, and its environment, a variable a line, into $RUN/image.env.
unpack_image() {
  local layer
  rm -rf "$RUN/image" "$RUN/layers"
  mkdir -p "$RUN/image" "$RUN/layers"
  tar -xf "$1" -C "$RUN/layers"
  for layer in $(jq -r '.[0].Layers[]' "$RUN/layers/manifest.json"); do tar -xf "$RUN/layers/$layer" -C "$RUN/image"; done
  jq -r '.config.Env[]?' "$RUN/layers/$(jq -r '.[0].Config' "$RUN/layers/manifest.json")" >"$RUN/image.env"
  chmod 755 "$RUN" "$RUN/image"
}
