#!/usr/bin/env bash
# Reports one check to a gate: as one entry of spec.checks, under a field manager of its own, so that several
# scripts report side by side.
#
# usage: NAMESPACE=deepagents report-check.sh GATE NAME pending|success|failure ARTIFACT [ATTEMPT]
#   KIND     XPromotionGate (default), or PromotionGate where the platform offers claims
#   MESSAGE  a sentence for people
#   URL      where the run is to be seen
# Rights: patch on the gate.
set -euo pipefail

usage='usage: report-check.sh GATE NAME pending|success|failure ARTIFACT [ATTEMPT]'
gate=${1:?$usage} name=${2:?$usage} state=${3:?$usage} artifact=${4:?$usage} attempt=${5:-1}
namespace=${NAMESPACE:?set NAMESPACE to the namespace of the gate}
[[ $attempt =~ ^[0-9]+$ ]] || { echo "$usage" >&2 && exit 1; }

json() { # TEXT → a JSON string; what JSON can't hold as it is becomes a space
  local text=${1//[[:cntrl:]]/ }
  text=${text//\\/\\\\}
  printf '"%s"' "${text//\"/\\\"}"
}

more=
[[ -z ${MESSAGE:-} ]] || more+=", \"message\": $(json "$MESSAGE")"
[[ -z ${URL:-} ]] || more+=", \"url\": $(json "$URL")"

kubectl apply --server-side --field-manager "check-${name//[^A-Za-z0-9._-]/-}" --filename - <<MANIFEST
{"apiVersion": "platform.zerotouch.dev/v1alpha1", "kind": $(json "${KIND:-XPromotionGate}"),
 "metadata": {"name": $(json "$gate"), "namespace": $(json "$namespace")},
 "spec": {"checks": [{"name": $(json "$name"), "state": $(json "$state"), "artifact_id": $(json "$artifact"),
                      "attempt": $attempt$more}]}}
MANIFEST
