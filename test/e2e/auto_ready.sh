#!/usr/bin/env bash
# function-auto-ready, installed as a package of its own, before and after ours in both Compositions: pipelines and gates
# are decided, and become Ready, as they are without it.
#
# usage: auto_ready.sh namespaced|claims
set -uo pipefail
. "$(dirname "$0")/env.sh"
. "$E2E/daemons.sh"
. "$E2E/kubelet.sh"
. "$E2E/lib.sh"
. "$E2E/objects.sh"
# shellcheck source=/dev/null
for part in "$E2E"/stories/*.sh; do . "$part"; done
use_flavour "${1:-}"
OTHER=crossplane-contrib-function-auto-ready
OTHER_HOST=127.0.0.3

install_other() {
  local module root=$RUN/auto-ready package=$REGISTRY/crossplane-contrib/function-auto-ready:v0.6.0
  module=$(cd "$ROOT/test/tools-auto-ready" && GOTOOLCHAIN=local go list -m -f '{{.Dir}}' github.com/crossplane/function-auto-ready) &&
    mkdir -p "$root" && tar -C "$(dirname "$(realpath "$BIN/function-auto-ready")")" --dereference \
    --transform 's|.*|function|' -cf "$root/layer.tar" "$(basename "$(realpath "$BIN/function-auto-ready")")" &&
    "$BIN/crane" append -f "$root/layer.tar" -t auto-ready:v0.6.0 -o "$root/image.tar" &&
    "$BIN/crossplane-cli" xpkg build -f "$module/package" -e "$module/example" -o "$root/auto-ready.xpkg" --embed-runtime-image-tarball="$root/image.tar" &&
    ns "$BIN/crossplane-cli" xpkg push -f "$root/auto-ready.xpkg" "$package" &&
    k apply -f - <<<"{\"apiVersion\": \"pkg.crossplane.io/v1\", \"kind\": \"Function\", \"metadata\": {\"name\": \"$OTHER\"},
      \"spec\": {\"package\": \"$package\"}}" &&
    printf '%s %s.%s\n' "$OTHER_HOST" "$OTHER" "$XP_NS" >>"$RUN/hosts" &&
    mount_certificate "$OTHER" &&
    # Ours listens everywhere otherwise.
    stop function && start_function function --address=127.0.0.1:9443 &&
    TLS_SERVER_CERTS_DIR=$RUN/tls/$OTHER spawn auto-ready setpriv --reuid=2000 --regid=2000 --clear-groups \
      "$BIN/function-auto-ready" --address="$OTHER_HOST:9443" --debug &&
    wait_for 30 "$OTHER listens" ns bash -c "exec 3<>/dev/tcp/$OTHER_HOST/9443" &&
    report_available "$OTHER"
}
# Steps of a Composition: before and after ours.
surround() {
  local name
  pause_configuration
  for name in xreleasepipelines xpromotiongates; do
    k patch composition "$name.platform.zerotouch.dev" --type=json -p "$(jq -n --arg other "$OTHER" '
      [{step: "before", functionRef: {name: $other}}, {step: "after", functionRef: {name: $other}}] as [$before, $after]
      | [{op: "add", path: "/spec/pipeline/0", value: $before}, {op: "add", path: "/spec/pipeline/-", value: $after}]')" >/dev/null || return
  done
}
alone() {
  local name
  for name in xreleasepipelines xpromotiongates; do
    k patch composition "$name.platform.zerotouch.dev" --type=json \
      -p '[{"op": "remove", "path": "/spec/pipeline/2"}, {"op": "remove", "path": "/spec/pipeline/0"}]' || return
  done
}
ready_is() { # KIND NAME STATUS
  is "$1" "$2" '{.status.conditions[?(@.type=="Ready")].status}' "$3"
}
calls_of_other() {
  local calls
  calls=$(grep -c 'Running Function' "$LOG/auto-ready.log")
  echo "$calls calls"
  ((calls >= $1))
}

story "function-auto-ready is installed beside ours"
expect "from a package" 0 install_other
expect "before and after ours in both Compositions" 0 surround

story "a pipeline and its gates, with function-auto-ready before and after" "auto-ready-$FLAVOUR"
pipeline auto "{\"artifact_id\": \"$A\"}"
expect "the gate waits" 30 gate_is auto-dev-to-staging pending
expect "the other function was called twice for each" 10 calls_of_other 4
expect "the gate is Ready: its ConfigMap and its Job are there" 30 ready_is "$GATES" auto-dev-to-staging True
always "the pipeline is not, without its credentials" 3 ready_is "$PIPELINES" auto-pipeline False
secret_is_synchronized auto-release-pipeline-credentials
expect "with them it is" 30 poking "$PIPELINES" auto-pipeline ready_is "$PIPELINES" auto-pipeline True
decide auto-dev-to-staging alice approve "$A"
expect "approved" 30 gate_is auto-dev-to-staging approved
expect "the pipeline follows" 30 is "$PIPELINES" auto-pipeline '{.status.current_environment}' staging
expect "with the next gate" 30 gate_is auto-staging-to-production pending
expect "it stays Ready" 30 ready_is "$PIPELINES" auto-pipeline True
k -n "$NS" delete "$PIPELINES" auto-pipeline --wait=false >/dev/null
expect "what is deleted goes" 60 gone "$GATES" auto-dev-to-staging
expect "the Compositions are ours alone again" 0 alone
summary
