#!/usr/bin/env bash
# Plays the kubelet for the installed Function: takes the serving certificate that Crossplane issued for it, starts the
# binary out of the image as UID 2000, and reports its Deployment available.
#
# usage: function.sh [FLAG...]   flags for the function beside those that its image has
set -euo pipefail
. "$(dirname "$0")/env.sh"
. "$E2E/daemons.sh"
active_revision() {
  k get functionrevisions -l pkg.crossplane.io/package="$FUNCTION" -o json |
    jq -er '[.items[] | select(.spec.desiredState == "Active")][0].metadata.name'
}
has_certificate() { k -n "$XP_NS" get secret "$FUNCTION-tls-server" -o json | jq -e '.data["tls.crt"]'; }

wait_for 60 "active revision of $FUNCTION" active_revision
wait_for 60 "serving certificate of $FUNCTION" has_certificate
secret_dir "$FUNCTION-tls-server" "$RUN/tls/$FUNCTION"
chown -R 2000:2000 "$RUN/tls/$FUNCTION"
start_function function "$@"
revision=$(active_revision)
wait_for 60 "deployment $revision" k -n "$XP_NS" get deployment "$revision"
stamp=$(date -u +%FT%TZ)
k -n "$XP_NS" patch deployment "$revision" --subresource=status --type=merge -p "$(jq -n --arg t "$stamp" '
  {status: {observedGeneration: 1, replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1,
    conditions: [{type: "Available", status: "True", reason: "LocalProcess", message: "runs as a local process",
      lastTransitionTime: $t, lastUpdateTime: $t}]}}')" >/dev/null
k wait --for=condition=Healthy --timeout=60s "function.pkg.crossplane.io/$FUNCTION"
