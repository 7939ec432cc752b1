# Sourced after env.sh: what a kubelet would do for a function that Crossplane installed.
# shellcheck shell=bash

active_revision() { # FUNCTION
  k get functionrevisions -l pkg.crossplane.io/package="$1" -o json |
    jq -er '[.items[] | select(.spec.desiredState == "Active")][0].metadata.name'
}
has_certificate() { k -n "$XP_NS" get secret "$1-tls-server" -o json | jq -e '.data["tls.crt"]'; }
# Writes the serving certificate that Crossplane issued to where the function's process finds it.
mount_certificate() { # FUNCTION
  wait_for 60 "serving certificate of $1" has_certificate "$1"
  secret_dir "$1-tls-server" "$RUN/tls/$1"
  chown -R 2000:2000 "$RUN/tls/$1"
}
report_available() { # FUNCTION
  local revision
  wait_for 60 "active revision of $1" active_revision "$1"
  revision=$(active_revision "$1")
  wait_for 60 "deployment $revision" k -n "$XP_NS" get deployment "$revision"
  k -n "$XP_NS" patch deployment "$revision" --subresource=status --type=merge -p "$(jq -n --arg t "$(date -u +%FT%TZ)" '
    {status: {observedGeneration: 1, replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1,
      conditions: [{type: "Available", status: "True", reason: "LocalProcess", message: "runs as a local process",
        lastTransitionTime: $t, lastUpdateTime: $t}]}}')" >/dev/null
  k wait --for=condition=Healthy --timeout=180s "function.pkg.crossplane.io/$1"
}
