#!/usr/bin/env bash
# Runs the commands of the README and of docs/ that need a cluster, page by page, as alice@example.org with every right there
# is. The README comes first, and installs from the packages' own names: Crossplane is told to take them from the registry here.
#
# usage: docs.sh namespaced [PAGE...]     on a control plane where nothing is installed; with pages: where the README was run
set -uo pipefail
. "$(dirname "$0")/env.sh"
TOOLS=$BIN MODE=cluster PROGRAM=$RUN/image/function-release-pipeline
. "$ROOT/test/docs/lib.sh"
[[ ${1:-} == namespaced ]] || { echo "the pages are about the namespaced flavour: docs.sh namespaced" >&2; exit 2; }
shift
image=${E2E_IMAGE:-$ROOT/build/packages/runtime.tar}
HOST=ghcr.io/zerotouch
PAGES=$RUN/pages

publish() { # VERSION
  local packages=$RUN/packages-$1 name
  "$ROOT/script/package" --version "$1" --image "$image" --output "$packages" --tools "$BIN"
  for name in function configuration; do
    ns "$BIN/crossplane-cli" xpkg push -f "$packages/$name.xpkg" "$REGISTRY/${HOST#*/}/$name-release-pipeline:$1"
  done
}

prepare() {
  set -e
  publish v0.1.0
  unpack_image "$image"
  mkdir -p "$PAGES"
  k apply -f - <<END
apiVersion: pkg.crossplane.io/v1beta1
kind: ImageConfig
metadata: {name: registry}
spec:
  matchImages: [{type: Prefix, prefix: $HOST}]
  rewriteImage: {prefix: $REGISTRY/${HOST#*/}}
END
  jq --arg name alice@example.org '.users[0].user += {as: $name, "as-groups": ["system:masters"]}' "$ADMIN" >"$RUN/alice.kubeconfig"
}

# Starts the function when it is there, and reports the deployments of every revision available.
kubelet() {
  local name
  . "$E2E/daemons.sh"
  . "$E2E/kubelet.sh"
  until has_certificate "$FUNCTION" >/dev/null 2>&1; do sleep 0.5; done
  mount_certificate "$FUNCTION"
  # The example's freeze is no matter of the pages.
  start_function function "$(days_out_of_freeze)"
  while sleep 1; do
    for name in $(k -n "$XP_NS" get deployments -o json |
      jq -r --arg function "$FUNCTION-" '.items[] | select(.metadata.name | startswith($function))
        | select(.status.availableReplicas | not) | .metadata.name'); do
      k -n "$XP_NS" patch deployment "$name" --subresource=status --type=merge -p "$(jq -n --arg t "$(date -u +%FT%TZ)" '
        {status: {observedGeneration: 1, replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2,
          conditions: [{type: "Available", status: "True", reason: "LocalProcess", message: "runs as a local process",
            lastTransitionTime: $t, lastUpdateTime: $t}]}}')"
    done
    scale_crossplane
  done
}
# Its core is a process here, and the Deployment of that name (given/cluster/operations.sh makes it) says how many there are.
scale_crossplane() {
  local wanted generation seen
  read -r wanted generation seen < <(k -n "$XP_NS" get deployment crossplane --ignore-not-found \
    -o jsonpath='{.spec.replicas} {.metadata.generation} {.status.observedGeneration}{"\n"}')
  [[ -n ${wanted:-} && $generation != "${seen:-}" ]] || return 0
  if [[ $wanted == 0 ]]; then stop core; else daemon core || start_core; fi
  k -n "$XP_NS" patch deployment crossplane --subresource=status --type=merge -p "{\"status\": {\"observedGeneration\": $generation}}"
}
days_out_of_freeze() {
  local today
  today=$(date -u +%Y%m%d)
  if ((today > 20261215 && today < 20270106)); then echo --clock-offset=-720h; else echo --clock-offset=0s; fi
}

passed=0 failed=0
run() { # PAGE
  local folder said=$RUN/page.said
  folder=$PAGES/$(basename "$1" .md)
  rm -rf "$folder"
  write_page "$1" "$folder"
  ln -s "$ROOT/test/docs/given/cluster-kubectl" "$folder/bin/kubectl"
  ln -s "$BIN/crossplane-cli" "$folder/bin/crossplane"
  ln -s function-release-pipeline "$folder/bin/kubectl-release"
  if run_page "$folder" ns env KUBECONFIG="$RUN/alice.kubeconfig" >"$said" 2>&1; then
    passed=$((passed + $(grep -c '^-- ' "$said")))
    echo "ok $1: $(grep -c '^-- ' "$said") blocks"
    [[ -z ${VERBOSE:-} ]] || cat "$said"
  else
    failed=$((failed + 1))
    echo "FAILED $1: $(grep '^-- ' "$said" | tail -n 1)"
    tail -n 8 "$said"
  fi
}

pages=("$@")
if ((${#pages[@]} == 0)); then
  (prepare) || { echo "0 passed, 1 failed"; exit 1; }
  kubelet >"$LOG/kubelet.log" 2>&1 </dev/null &
  echo $! >"$RUN/kubelet.pid"
  trap 'kill $(cat "$RUN/kubelet.pid")' EXIT
  # Where everything is made anew comes last.
  mapfile -t pages < <(docs pages cluster | grep -v operations; docs pages cluster | grep operations)
fi
for page in "${pages[@]}"; do
  # Earlier, it would be the version that a dependency takes.
  [[ $page != docs/operations.md ]] || publish v0.2.0
  run "$page"
done
echo "$passed passed, $failed failed"
((failed == 0 && passed > 0))
