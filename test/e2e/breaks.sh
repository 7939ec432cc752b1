#!/usr/bin/env bash
# What happens when things break, when versions change, and when nothing happens at all: both flavours at the same time, each on
# a control plane of its own, because most of it is waiting.
#
# usage: breaks.sh [namespaced|claims]...   default: both
#
# TOOLS, E2E_IMAGE, E2E_RUN, KEEP   as for run.sh; CORE: another core, see env.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
flavours=("$@")
[[ ${#flavours[@]} -gt 0 ]] || flavours=(namespaced claims)
TOOLS=${TOOLS:-$(script/tools apicheck crane crossplane-cli crossplane-core kube-apiserver kube-controller-manager kubectl kustomize)}
E2E_IMAGE=${E2E_IMAGE:-$PWD/build/packages/runtime.tar}
[[ -e $E2E_IMAGE ]] || script/image --output "$E2E_IMAGE"
base=${E2E_RUN:-$PWD/build/e2e}-breaks
export TOOLS E2E_IMAGE
declare -A faults=(
  [namespaced]="breaker replicas core killed stopped status configmap both etcd schema"
  [claims]="killed status configmap both hung" # what the claim adds; and the one long wait
)

down() { [[ ! -e $1/unshare.pid ]] || E2E_RUN=$1 test/e2e/down.sh || true; }
cleanup() { for flavour in "${flavours[@]}"; do down "$base-$flavour"; done; }
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# step NAME COMMAND...: says how long it took.
step() {
  local began=$SECONDS code=0
  echo "=== $1"
  "${@:2}" || code=$?
  echo "=== $1: $((SECONDS - began)) s"
  return $code
}
# Every suite, also after one that failed.
tell() { # FLAVOUR
  local flavour=$1 code=0
  export E2E_RUN=$base-$flavour
  step "$flavour: up" test/e2e/up.sh && step "$flavour: install" test/e2e/install.sh "$flavour" || return
  # shellcheck disable=SC2086 # a list
  step "$flavour: faults" test/e2e/faults.sh "$flavour" ${faults[$flavour]} || code=1
  [[ $flavour != namespaced ]] || step "$flavour: scale" test/e2e/scale.sh "$flavour" || code=1
  step "$flavour: upgrade" test/e2e/upgrade.sh "$flavour" || code=1
  return $code
}

told=()
for flavour in "${flavours[@]}"; do
  down "$base-$flavour"
  rm -rf "$base-$flavour"
  mkdir -p "$(dirname "$base")"
  tell "$flavour" >"$base-$flavour.log" 2>&1 &
  told+=($!)
done
code=0
for i in "${!flavours[@]}"; do
  wait "${told[i]}" || code=1
  cat "$base-${flavours[i]}.log"
  down "$base-${flavours[i]}"
done
echo "=== in $SECONDS s"
exit $code
