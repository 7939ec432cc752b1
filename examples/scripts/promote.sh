#!/usr/bin/env bash
# Asks for the promotion of one artifact and waits until its gate has decided. For pipelines without
# spec.artifact_id: one that drives makes its gates itself.
#
# usage: NAMESPACE=deepagents promote.sh TENANT SOURCE TARGET ARTIFACT [ATTEMPT]
#   KIND           XPromotionGate (default), or PromotionGate where the platform offers claims
#   PIPELINE       the pipeline's name (default TENANT-pipeline)
#   REQUESTED_BY   who asks, where the policy forbids to approve one's own request
#   FIELD_MANAGER  the name to apply under (default release-script)
#   POLL           seconds between two looks at whether the gate ended without approval (default 30)
# exit code: 0 approved, 1 rejected, 2 timed out, 3 superseded by another artifact or attempt, 4 anything else
# Rights: create, patch, get, list and watch on the gate TENANT-SOURCE-to-TARGET.
set -euo pipefail

fail() {
  echo "promote.sh: $*" >&2
  exit 4
}
[[ $# -eq 4 || $# -eq 5 ]] || fail "usage: promote.sh TENANT SOURCE TARGET ARTIFACT [ATTEMPT]"
[[ -n ${NAMESPACE:-} ]] || fail "set NAMESPACE to the namespace of the pipeline"
tenant=$1 source=$2 target=$3 artifact=$4 attempt=${5:-1}
kind=${KIND:-XPromotionGate}
requested_by=${REQUESTED_BY:-}
[[ $attempt =~ ^[1-9][0-9]*$ ]] || fail "ATTEMPT is a number from 1"
for word in "$@" "$kind" "$NAMESPACE" "${PIPELINE:-}" "$requested_by"; do
  [[ $word =~ ^[A-Za-z0-9@:/._+-]*$ ]] || fail "\"$word\": use only letters, digits and @ : / . _ + -"
done
gate=$tenant-$source-to-$target

# What the gate's status calls this very attempt: a verdict about another one is not ours.
fields='{"artifact_id":"%s","attempt":%s,"gate":"%s","namespace":"%s"'
fields+=',"source":"%s","target":"%s","tenant":"%s"}'
# shellcheck disable=SC2059  # the format is right above
subject=$(printf "$fields" "$artifact" "$attempt" "$gate" "$NAMESPACE" "$source" "$target" "$tenant" |
  sha256sum | cut -c1-64)

resource=${kind,,}s.platform.zerotouch.dev
wait_for() { # FIELD=VALUE SECONDS
  kubectl wait "$resource/$gate" --namespace "$NAMESPACE" --timeout="$2s" \
    --for="jsonpath={.status.${1%%=*}}=${1#*=}"
}

manifest='{"apiVersion": "platform.zerotouch.dev/v1alpha1", "kind": "'$kind'",
 "metadata": {"name": "'$gate'", "namespace": "'$NAMESPACE'"},
 "spec": {"tenant": "'$tenant'", "pipeline": "'${PIPELINE:-$tenant-pipeline}'", "artifact_id": "'$artifact'",
          "source_environment": "'$source'", "target_environment": "'$target'", "attempt": '$attempt'
          '${requested_by:+", \"requested_by\": \"$requested_by\""}'}}'
kubectl apply --server-side --field-manager "${FIELD_MANAGER:-release-script}" --filename - <<<"$manifest" ||
  fail "gate $gate was not applied"

wait_for "subject=$subject" 120 >/dev/null || fail "gate $gate does not look at this attempt"
while true; do
  wait_for "approved_artifact_id=$artifact" "${POLL:-30}" >/dev/null 2>&1 || true
  state=$(kubectl get "$resource" "$gate" --namespace "$NAMESPACE" \
    --output 'jsonpath={.status.subject} {.status.gate_status}') || fail "gate $gate can't be read"
  case "$state" in
    "$subject approved") echo "$gate: $artifact is approved" && exit 0 ;;
    "$subject rejected") echo "$gate: $artifact was rejected" >&2 && exit 1 ;;
    "$subject timeout") echo "$gate: $artifact was not approved in time" >&2 && exit 2 ;;
    "$subject pending") sleep 1 ;; # no more than one look a second, however fast the wait fails
    *) echo "$gate: $artifact was superseded" >&2 && exit 3 ;;
  esac
done
