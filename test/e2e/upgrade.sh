#!/usr/bin/env bash
# Installs v0.1.0, has gates pending and decided and a pipeline half way, and upgrades to v0.2.0, of the same sources with
# another image: no verdict, no history and no composed object is lost, and no Job is replaced.
#
# usage: up.sh; FLAVOUR=namespaced|claims upgrade.sh     (a control plane on which nothing is installed yet)
set -euo pipefail
. "$(dirname "$0")/env.sh"
. "$E2E/daemons.sh"
. "$E2E/gates.sh"
N=upgrade BEFORE=$RUN/upgrade.json
IMAGE=${E2E_IMAGE:-$ROOT/build/packages/runtime.tar}
[[ $FLAVOUR == namespaced ]] && PACKAGE=configuration-release-pipeline || PACKAGE=configuration-claims-release-pipeline

verdicts() { is $N opened-dev-to-staging approved && is $N refused-dev-to-staging rejected && is $N waiting-dev-to-staging pending &&
  is $N driver-dev-to-staging approved && is $N driver-staging-to-production pending; }
image_of() { # GATE: that its Job runs
  local job
  job=$(k -n $N get configmap "$1-gate" -o jsonpath='{.data.job}')
  k -n $N get job "$job" -o jsonpath='{.spec.template.spec.containers[0].image}'
}
packaged() { k get composition xpromotiongates.platform.zerotouch.dev -o json | jq -e --arg v "$1" '.spec.pipeline[0].input.gateJob.image | endswith($v)'; }
# Every composite has taken the newest revision of its Composition.
on_newest_revision() {
  local newest
  newest=$(k get compositionrevisions -o json | jq -c '[.items | group_by(.metadata.labels["crossplane.io/composition-name"])[]
    | max_by(.spec.revision).metadata.name]')
  k get xpromotiongates,xreleasepipelines -A -o json |
    jq -e --argjson newest "$newest" '[.items[].spec | (.crossplane // .).compositionRevisionRef.name] - $newest == []'
}
no_complaints() { # about what nobody may change
  local complaints
  complaints=$(k get events -A --field-selector type=Warning -o json |
    jq -r '.items[] | select(.message | test("immutable|cannot patch|cannot update|conflict")) | "\(.involvedObject.kind)/\(.involvedObject.name): \(.message)"')
  [[ -z $complaints ]] || fail "warning events: $complaints"
}
# The same image with a label, so that the second version has another digest, as a build of another version would.
relabel() { # FILE
  ns "$BIN/crane" push "$IMAGE" "$REGISTRY/runtime:1" >/dev/null 2>&1
  ns "$BIN/crane" mutate "$REGISTRY/runtime:1" --label version=v0.2.0 -t "$REGISTRY/runtime:2" >/dev/null 2>&1
  ns "$BIN/crane" pull "$REGISTRY/runtime:2" "$1"
}

"$E2E/install.sh" "$FLAVOUR" v0.1.0
k create namespace $N >/dev/null
for tenant in opened refused waiting; do
  pipeline $N $tenant | create
  gate $N $tenant | create
done
approve $N opened-dev-to-staging $A1
approve $N refused-dev-to-staging $A1 reject
pipeline $N driver '{"artifact_id": "'$A1'", "promotionRules": {"dev_to_staging": "automatic"}}' | create
wait_for 120 "verdicts under v0.1.0" verdicts
echo '{"items": []}' >"$BEFORE"
wait_for 30 "everything is written" kept "$BEFORE"
take "$BEFORE" $N

relabel "$RUN/runtime-v0.2.0.tar"
"$E2E/publish.sh" "$FLAVOUR" v0.2.0 "$RUN/runtime-v0.2.0.tar"
upgrade_configuration() {
  k patch configuration.pkg.crossplane.io release-pipeline --type=merge \
    -p '{"spec": {"package": "'"$REGISTRY/zerotouch/$PACKAGE:v0.2.0"'"}}' >/dev/null
}
upgrade_function() {
  k patch function.pkg.crossplane.io "$FUNCTION" --type=merge -p '{"spec": {"package": "'"$REPOSITORY:v0.2.0"'"}}' >/dev/null
  new_revision() { k get functionrevisions -o json | jq -e '[.items[] | select(.spec.desiredState == "Active" and (.spec.image | endswith("v0.2.0")))] | length == 1'; }
  wait_for 90 "new revision of the function" new_revision
  stop function
  "$E2E/function.sh"
}
# The Configuration asks for its own version of the function, and changes nothing until that is there.
waits_for_function() { k get configurationrevisions -o json | jq -e '[.items[].status.conditions[]? | select(.message // "" | test("incompatible"))] != []'; }
upgrade_configuration
wait_for 90 "the Configuration waits for its function" waits_for_function
packaged v0.1.0 >/dev/null || fail "the Compositions went ahead of the function"
upgrade_function
wait_for 120 "Compositions of v0.2.0" packaged v0.2.0
k wait --for=condition=Healthy --timeout=120s configuration.pkg.crossplane.io/release-pipeline
wait_for 120 "every composite on the newest revision" on_newest_revision
wait_for 60 "verdicts as before" verdicts
wait_for 60 "nothing is lost" kept "$BEFORE"
kept "$BEFORE"
for gate in opened refused waiting; do
  [[ $(image_of $gate-dev-to-staging) == *:v0.1.0 ]] || fail "$gate: its Job has another image: $(image_of $gate-dev-to-staging)"
done
no_complaints

# Life goes on: what was pending can be approved, what is new runs the new image.
approve $N waiting-dev-to-staging $A1
wait_for 90 "the gate that was pending is approved" is $N waiting-dev-to-staging approved
k -n $N patch "$PIPELINES" driver-pipeline --type=merge -p '{"spec": {"approvals": [{"approver": "alice@example.org",
  "target_environment": "production", "decision": "approve", "artifact_id": "'$A1'"}]}}' >/dev/null
wait_for 120 "the pipeline that was half way goes on" is $N driver-staging-to-production approved
pipeline $N fresh | create
gate $N fresh | create
wait_for 90 "new gate" is $N fresh-dev-to-staging pending
[[ $(image_of fresh-dev-to-staging) == *:v0.2.0 ]] || fail "a new gate's Job has the image $(image_of fresh-dev-to-staging)"
wait_for 60 "nothing is lost at the end" kept "$BEFORE"
no_complaints
echo "upgrade passed ($FLAVOUR, $(basename "$CORE"))"

# Deleted and installed again.
works() { # TENANT: a gate of its own is made and approved
  pipeline $N "$1" | create
  gate $N "$1" | create
  wait_for 120 "$1: new gate" is $N "$1-dev-to-staging" pending
  approve $N "$1-dev-to-staging" $A1
  wait_for 120 "$1: approved" is $N "$1-dev-to-staging" approved
}
install_again() {
  k apply -f - >/dev/null <<EOF
apiVersion: pkg.crossplane.io/v1
kind: Configuration
metadata: {name: release-pipeline}
spec: {package: "$REGISTRY/zerotouch/$PACKAGE:v0.2.0"}
EOF
  k wait --for=condition=Healthy --timeout=120s configuration.pkg.crossplane.io/release-pipeline
  k wait --for=condition=Established --timeout=60s xrd --all >/dev/null
}
# Deleted, the Configuration takes its Compositions with it, and the XRDs wait for their composites to go too: nothing is decided any more, and no
# new Configuration can have them. The way back that docs/operations.md describes:
take "$BEFORE" $N
k delete configuration.pkg.crossplane.io release-pipeline
xrds_are_ending() { k get xrd -o json | jq -e '[.items[].metadata.deletionTimestamp] | all'; }
wait_for 60 "the XRDs are ending" xrds_are_ending
stop core
for name in xpromotiongates xreleasepipelines; do
  for crd in $(k get crds -o json | jq -r --arg xrd "$name.platform.zerotouch.dev" '.items[].metadata | select(.ownerReferences[]?.name == $xrd).name'); do
    k patch crd "$crd" --type=json -p '[{"op": "remove", "path": "/metadata/ownerReferences"}]' >/dev/null
  done
  k patch xrd "$name.platform.zerotouch.dev" --type=json -p '[{"op": "remove", "path": "/metadata/finalizers"}]' >/dev/null
done
start_core
install_again
works after-all
wait_for 60 "nothing is lost by deleting and repairing" kept "$BEFORE"

# With --cascade=orphan everything stays as it is.
take "$BEFORE" $N
k delete configuration.pkg.crossplane.io release-pipeline --cascade=orphan
kept "$BEFORE"
install_again
works again
wait_for 60 "nothing is lost by deleting with --cascade=orphan" kept "$BEFORE"
echo "reinstallation passed ($FLAVOUR, $(basename "$CORE"))"
