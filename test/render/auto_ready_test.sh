#!/usr/bin/env bash
# A Composition with function-auto-ready before and after this function, through the real `crossplane composition render`:
# our resources, our status and our readiness come out as without it.
#
# usage: test/render/auto_ready_test.sh   (BINARY: default build/function-release-pipeline; TOOLS, AUTO_READY: folders with
#                                          the real tools; default: what script/tools builds)
set -euo pipefail
cd "$(dirname "$(realpath "$0")")/../.."

BINARY=$(realpath "${BINARY:-build/function-release-pipeline}")
TOOLS=${TOOLS:-$(script/tools apicheck crossplane-cli crossplane-core kustomize)}
AUTO_READY=${AUTO_READY:-$(script/tools function-auto-ready)}
work=$(mktemp -d)
pids=()
cleanup() {
  [[ ${#pids[@]} -eq 0 ]] || kill "${pids[@]}" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT
json() { "$TOOLS/apicheck" json "$@"; }

: >"$work/ours.log"
"$BINARY" --insecure --clock-from-context --address 127.0.0.1:0 --metrics-address= 2>>"$work/ours.log" &
pids+=($!)
for _ in {1..100}; do
  ours=$(sed -n 's/.*"msg":"serving".*"address":"\([^"]*\)".*/\1/p' "$work/ours.log")
  [[ -z $ours ]] || break
  sleep 0.1
done
# It does not say which port it was given: ask the system for one of its listening sockets.
"$AUTO_READY/function-auto-ready" --insecure --address=127.0.0.1:0 --debug 2>"$work/theirs.log" &
theirs_pid=$!
pids+=("$theirs_pid")
listening() {
  local inode
  for inode in $(readlink "/proc/$theirs_pid/fd/"* 2>/dev/null | sed -n 's/^socket:\[\(.*\)\]$/\1/p'); do
    awk -v inode="$inode" '$4 == "0A" && $10 == inode && $2 ~ /^0100007F:/ {sub(/.*:/, "", $2); print "0x" $2}' /proc/net/tcp
  done
}
for _ in {1..100}; do
  port=$(listening | head -n 1)
  [[ -z $port ]] || break
  sleep 0.1
done
[[ -n $port ]] || { cat "$work/theirs.log" >&2; exit 1; }
theirs=127.0.0.1:$((port))

function_manifest() { # NAME TARGET
  jq -nc --arg n "$1" --arg t "$2" '{apiVersion: "pkg.crossplane.io/v1", kind: "Function", metadata: {name: $n, annotations: {
    "render.crossplane.io/runtime": "Development", "render.crossplane.io/runtime-development-target": $t}}, spec: {package: "example.org/\($n):v1"}}'
}
{ function_manifest zerotouch-function-release-pipeline "$ours"; echo ---; function_manifest auto-ready "$theirs"; } >"$work/functions.yaml"
kustomize() { "$TOOLS/kustomize" build compositions/namespaced >"$work/all.yaml"; json "$work/all.yaml"; }
render() { # STEPS-FILTER KIND MANIFEST [FLAG...]
  kustomize | jq --arg kind "$2" "select(.spec.compositeTypeRef.kind == \$kind) | .spec.pipeline |= ($1)" >"$work/composition.json"
  timeout 60 "$TOOLS/crossplane-cli" composition render "$3" "$work/composition.json" "$work/functions.yaml" \
    --crossplane-binary "$TOOLS/crossplane-core" --context-values 'platform.zerotouch.dev/now="2026-11-02T10:00:00Z"' "${@:4}" >"$work/out.yaml"
  json "$work/out.yaml" | jq -S -c . | LC_ALL=C sort
}
auto='{"step": "auto-ready-\(.)", "functionRef": {"name": "auto-ready"}}'
failed=0
check() { # NAME KIND MANIFEST [FLAG...]
  local name=$1
  shift
  render . "$@" >"$work/alone"
  render "[(1 | $auto)] + . + [(2 | $auto)]" "$@" >"$work/together"
  if [[ -s $work/alone ]] && diff "$work/alone" "$work/together" >"$work/diff"; then
    echo "ok $name"
  else
    echo "FAIL: $name"; cut -c1-1200 "$work/diff" | head -n 20; failed=1
  fi
}
# What was composed becomes what is observed: ready, but for the ExternalSecret, which nobody has synchronised.
observed() { # FILE
  jq -c 'select(.kind as $k | ["XReleasePipeline", "XPromotionGate"] | index($k) | not)' "$work/together" | sed 's/^/---\n/' >"$1"
}
pipeline=(XReleasePipeline examples/deepagents-runtime-pipeline-claim.yaml)
# Without one render says that it was created just now, which no two calls agree on.
json examples/promotion-gate-example.yaml | jq '.metadata.creationTimestamp = "2026-11-02T09:00:00Z"' >"$work/gate.yaml"
gate=(XPromotionGate "$work/gate.yaml" -e examples/deepagents-runtime-pipeline-claim.yaml)
check "pipeline, nothing observed" "${pipeline[@]}"
observed "$work/observed-pipeline.yaml"
check "pipeline, some of it not ready" "${pipeline[@]}" -o "$work/observed-pipeline.yaml"
check "gate, nothing observed" "${gate[@]}"
observed "$work/observed-gate.yaml"
check "gate, all of it observed" "${gate[@]}" -o "$work/observed-gate.yaml"
grep -q 'Running Function' "$work/theirs.log" || { echo "FAIL: function-auto-ready was never called"; cat "$work/theirs.log"; failed=1; }
exit $failed
