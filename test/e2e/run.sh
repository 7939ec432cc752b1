#!/usr/bin/env bash
# Everything that is told on a real control plane, in both flavours: up, install, stories, policies, rights, down.
#
# usage: run.sh [namespaced|claims]...   default: both
#
# TOOLS       a folder with the tools (default: what script/tools builds)
# E2E_IMAGE   the function's image as docker-archive (default: build/packages/runtime.tar, which script/image makes)
# E2E_RUN     where it runs (default: build/e2e); KEEP=1 keeps logs and data afterwards
set -euo pipefail
cd "$(dirname "$0")/../.."
flavours=("$@")
[[ ${#flavours[@]} -gt 0 ]] || flavours=(namespaced claims)

[[ $(id -u) == 0 ]] || { echo "run.sh: needs root, for namespaces of its own and to play the kubelet" >&2; exit 1; }
command -v etcd >/dev/null || { echo "etcd: not found; install the packages of script/dependencies/test.txt" >&2; exit 1; }
TOOLS=${TOOLS:-$(script/tools apicheck crane crossplane-cli crossplane-core gitops-health kube-apiserver kube-controller-manager kube-state-metrics kubectl kustomize)}
E2E_IMAGE=${E2E_IMAGE:-$PWD/build/packages/runtime.tar}
[[ -e $E2E_IMAGE ]] || script/image --output "$E2E_IMAGE"
base=${E2E_RUN:-$PWD/build/e2e}
export TOOLS E2E_IMAGE

# What is up goes down, whatever happens: down.sh ends exactly the process that holds this run's namespaces.
cleanup() {
  [[ ! -e ${E2E_RUN:-}/unshare.pid ]] || test/e2e/down.sh || true
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

timings=() failed=()
# step NAME COMMAND...: times it. A suite that fails does not keep the others from telling theirs.
step() {
  local name=$1 began=$SECONDS verdict=ok
  shift
  echo "=== $name"
  "$@" || { verdict=FAILED; failed+=("$name"); }
  timings+=("$(printf '%5d s  %-6s %s' "$((SECONDS - began))" "$verdict" "$name")")
  [[ $verdict == ok ]]
}

for flavour in "${flavours[@]}"; do
  export E2E_RUN=$base-$flavour
  cleanup
  rm -rf "$E2E_RUN"
  if step "$flavour: up" test/e2e/up.sh && step "$flavour: install" test/e2e/install.sh "$flavour"; then
    step "$flavour: stories" test/e2e/stories.sh "$flavour" || true
    # The claims flavour has every right of the other one, and its own.
    [[ $flavour != claims ]] || step "$flavour: rights" test/e2e/rights.sh "$flavour" || true
    step "$flavour: policies" test/e2e/policies.sh "$flavour" || true
  fi
  step "$flavour: down" test/e2e/down.sh || true
done

printf '%s\n' "${timings[@]}"
if [[ ${#failed[@]} -gt 0 ]]; then
  printf 'FAILED: %s\n' "${failed[@]}"
  exit 1
fi
