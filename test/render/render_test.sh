#!/usr/bin/env bash
# Holds `preview` against the real `crossplane composition render`: the same manifests, the same time, and every
# document has to be the same, byte by byte after sorting; what one refuses, both refuse in the same words. Each case
# runs three times: Crossplane's CLI with this server, preview by itself, and preview with the server.
#
# usage: test/render/render_test.sh     (BINARY: default build/function-release-pipeline;
#                                         TOOLS: the folder with the real tools; default: what script/tools builds)
set -euo pipefail
cd "$(dirname "$(realpath "$0")")/../.."

NOW=2026-11-02T10:00:00Z
. test/render/lib.sh

# same NAME FLAVOUR XR ARGS...: `crossplane composition render` and preview take these arguments alike. With claims the
# real one is given the XRD, which tells it to treat the XR as it treats those with claims.
same() {
  local name=$1 flavour=$2 xr=$3 kind composition real_only=()
  shift 3
  kind=$(json "$xr" | jq -r .kind)
  composition=$work/composition-$flavour-$kind.json
  [[ $flavour == namespaced ]] || real_only=(--xrd "$work/xrd-claims-$kind.json")
  real "$xr" "$composition" "${real_only[@]}" "$@"
  preview "$name" "$xr" "$composition" "$@"
  preview "$name, by the server" "$xr" "$composition" --server "$address" "$@"
}

# The XR that a cluster would have after the first rendering: with what is in the output as its status, and everything
# composed there already.
settle() { # FLAVOUR XR PREFIX [ARGS...]: writes PREFIX-xr.json and PREFIX-observed.yaml
  local flavour=$1 xr=$2 prefix=$3 kind
  shift 3
  kind=$(json "$xr" | jq -r .kind)
  "$BINARY" preview "$xr" "$work/composition-$flavour-$kind.json" --now "$NOW" -o json -x "$@" >"$prefix.json"
  jq --arg kind "$kind" '.items[] | select(.kind == $kind)' "$prefix.json" | jq -s '.[0]' >"$prefix-xr.json"
  # crossplane reads streams of YAML documents, not of JSON.
  jq -c '.items[1:][] | if .kind == "ExternalSecret" then .status.conditions = [{type: "Ready", status: "True"}] else . end' \
    "$prefix.json" | sed 'i ---' >"$prefix-observed.yaml"
}

# The XR of a claim, spelled out as Crossplane makes it.
xr_of() { # CLAIM
  "$BINARY" preview "$1" --now "$NOW" -o json -x | jq '.items[0] | del(.status) | del(.spec.resourceRefs)'
}

test_examples() {
  local file full=(--include-full-xr --include-function-results)
  for file in examples/*.yaml; do
    same "$file" namespaced "$file"
    same "$file with all that can be printed" namespaced "$file" "${full[@]}"
  done
  same "a gate with its pipeline" namespaced examples/promotion-gate-example.yaml \
    --required-resources examples/deepagents-runtime-pipeline-claim.yaml "${full[@]}"
  same "the plainest gate with its pipeline" namespaced examples/gate-minimal.yaml \
    --required-resources examples/pipeline-minimal.yaml "${full[@]}"
  for file in examples/claims/*.yaml; do
    xr_of "$file" >"$work/claim-xr.json"
    # Not --include-full-xr: with --xrd, crossplane fills in the XRD's defaults first, as an API server does.
    same "the XR of $file" claims "$work/claim-xr.json" --include-function-results
    same "the XR of $file, with the other claim" claims "$work/claim-xr.json" --include-function-results \
      --required-resources examples/claims/gate.yaml --required-resources examples/claims/pipeline.yaml
  done
}

# preview takes the claim itself, and finds it under the name that it gives its XR.
test_claim_itself() {
  local file kind
  for file in examples/claims/*.yaml; do
    xr_of "$file" >"$work/claim-xr.json"
    kind=$(jq -r .kind "$work/claim-xr.json")
    real "$work/claim-xr.json" "$work/composition-claims-$kind.json" --xrd "$work/xrd-claims-$kind.json"
    preview "$file itself" "$file" "$work/composition-claims-$kind.json"
  done
}

test_settled() {
  local name flavour xr required more
  while read -r name flavour xr required; do
    more=(--include-function-results)
    if [[ $flavour == namespaced ]]; then
      more+=(--include-full-xr)
    else
      xr_of "$xr" >"$work/$name-claim.json"
      xr=$work/$name-claim.json
    fi
    settle "$flavour" "$xr" "$work/$name" --required-resources "$required"
    same "$name again, with everything there" "$flavour" "$work/$name-xr.json" \
      --observed-resources "$work/$name-observed.yaml" --required-resources "$required" "${more[@]}"
    jq 'del(.status.audit, .status.approver)' "$work/$name-xr.json" >"$work/$name-lost.json"
    same "$name again, with a status that was cut" "$flavour" "$work/$name-lost.json" \
      --observed-resources "$work/$name-observed.yaml" "${more[@]}"
    jq '.metadata.generation = 7 | .metadata.labels.team = "blue" | .metadata.uid = "0d6ad1a2-1111-4222-8333-444455556666"' \
      "$work/$name-xr.json" >"$work/$name-other.json"
    same "$name with a uid, so that it does not control what is there" "$flavour" "$work/$name-other.json" \
      --observed-resources "$work/$name-observed.yaml" "${more[@]}"
    sed 's/"crossplane.io\/composition-resource-name":"[^"]*"/"crossplane.io\/composition-resource-name":"old"/' \
      "$work/$name-observed.yaml" | tail -n 2 >"$work/old.yaml"
    same "$name with something that is not wanted any more" "$flavour" "$work/$name-xr.json" \
      --observed-resources "$work/old.yaml" "${more[@]}"
    jq -c 'del(.metadata.annotations)' <(json "$work/old.yaml") >"$work/anonymous.yaml"
    same "$name with something anonymous" "$flavour" "$work/$name-xr.json" --observed-resources "$work/anonymous.yaml"
  done <<'END'
pipeline namespaced examples/deepagents-runtime-pipeline-claim.yaml examples/promotion-gate-example.yaml
driving namespaced examples/pipeline-driving.yaml examples/gate-minimal.yaml
gate namespaced examples/promotion-gate-example.yaml examples/deepagents-runtime-pipeline-claim.yaml
minimal-gate namespaced examples/gate-minimal.yaml examples/pipeline-minimal.yaml
claimed-pipeline claims examples/claims/pipeline.yaml examples/claims/gate.yaml
claimed-gate claims examples/claims/gate.yaml examples/claims/pipeline.yaml
END
}

# Every case of the tables of test/api, the good and the bad ones; and what no schema would let through to a function.
test_cases() {
  local kind table object name
  while read -r kind table; do
    json "test/api/cases/$table.yaml" >"$work/table"
    while read -r object; do
      printf '%s\n' "$object" >"$work/case.json"
      name=$(jq -r .metadata.name "$work/case.json")
      same "$table $name" namespaced "$work/case.json"
    done < <(jq -L test/api 'include "lib"; objects($kind; "valid", "invalid")' -c --arg kind "$kind" "$work/table")
  done <<'END'
XPromotionGate gate
XReleasePipeline pipeline
END
  json test/render/cases.yaml >"$work/cases"
  while read -r object; do
    jq .object <<<"$object" >"$work/case.json"
    same "$(jq -r .name <<<"$object")" namespaced "$work/case.json" --include-full-xr
  done <"$work/cases"
}

make_inputs
start_server
test_examples
test_claim_itself
test_settled
test_cases
echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
