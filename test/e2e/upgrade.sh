#!/usr/bin/env bash
# Has gates pending and decided and a pipeline half way under v0.1.0, and upgrades to v0.2.0, of the same sources with
# another image: no verdict, no history and no composed object is lost, and no Job is replaced. Then the Configuration is
# deleted, with the policy that keeps what it brought and, where that loses nothing, without it, and installed again.
#
# usage: upgrade.sh namespaced|claims     on a control plane that up.sh made; installs v0.1.0 where nothing is installed yet
set -uo pipefail
FLAVOUR=${1:-}
. "$(dirname "$0")/env.sh"
. "$E2E/daemons.sh"
. "$E2E/gates.sh"
. "$E2E/lib.sh"
N=upgrade BEFORE=$RUN/upgrade.json
IMAGE=${E2E_IMAGE:-$ROOT/build/packages/runtime.tar}
[[ $FLAVOUR == namespaced ]] && PACKAGE=configuration-release-pipeline || PACKAGE=configuration-claims-release-pipeline

verdicts() {
  are $N opened-dev-to-staging=approved refused-dev-to-staging=rejected waiting-dev-to-staging=pending \
    second-dev-to-staging=pending driver-dev-to-staging=approved driver-staging-to-production=pending
}
image_of() { # GATE: that its Job runs
  local job
  job=$(k -n $N get configmap "$1-gate" -o jsonpath='{.data.job}')
  k -n $N get job "$job" -o jsonpath='{.spec.template.spec.containers[0].image}'
}
job_runs() { # GATE VERSION
  local image
  image=$(image_of "$1")
  echo "the image is $image"
  [[ $image == *:$2 ]]
}
packaged() { k get composition xpromotiongates.platform.zerotouch.dev -o json | jq -e --arg v "$1" '.spec.pipeline[0].input.gateJob.image | endswith($v)'; }
ours() { # the composites of this suite
  k get xpromotiongates,xreleasepipelines -A -o json |
    jq --arg ns $N '[.items[] | select((.metadata.namespace // .spec.claimRef.namespace) == $ns)]'
}
# Every composite has taken the newest revision of its Composition.
on_newest_revision() {
  local newest
  newest=$(k get compositionrevisions -o json | jq -c '[.items | group_by(.metadata.labels["crossplane.io/composition-name"])[]
    | max_by(.spec.revision).metadata.name]')
  ours | jq -e --argjson newest "$newest" '[.[].spec | (.crossplane // .).compositionRevisionRef.name] - $newest == []'
}
# About what nobody may change. A call that Crossplane takes back, as it starts its controller again for a changed XRD, or
# that took too long, is tried again.
no_complaints() {
  local complaints names
  names=$(ours | jq -c '[.[].metadata.name]')
  complaints=$(k get events -A --field-selector type=Warning -o json | jq -r --arg ns $N --argjson names "$names" '.items[] |
    select((.involvedObject.namespace == $ns or (.involvedObject.name | IN($names[]))) and
      (.message | test("immutable|cannot patch|cannot update|conflict") and (test("deadline exceeded|context canceled") | not))) | "\(.involvedObject.kind)/\(.involvedObject.name): \(.message)"')
  echo "$complaints"
  [[ -z $complaints ]]
}
# The same image with a label, so that the second version has another digest, as a build of another version would.
relabel() { # FILE
  ns "$BIN/crane" push "$IMAGE" "$REGISTRY/runtime:1" && ns "$BIN/crane" mutate "$REGISTRY/runtime:1" --label version=v0.2.0 \
    -t "$REGISTRY/runtime:2" && ns "$BIN/crane" pull "$REGISTRY/runtime:2" "$1"
}
healthy() {
  local seen
  seen=$(k get configuration.pkg.crossplane.io release-pipeline -o jsonpath='{.status.conditions[?(@.type=="Healthy")].status}')
  echo "Healthy is '$seen'"
  [[ $seen == True ]]
}
tenant() { { pipeline $N "$1"; gate $N "$1"; } | create; }

story "before the upgrade ($FLAVOUR, $(basename "$CORE"))" $N
if k get configuration.pkg.crossplane.io release-pipeline >/dev/null 2>&1; then
  packaged_settings
else
  expect "v0.1.0 is installed" 0 "$E2E/install.sh" "$FLAVOUR" v0.1.0
fi
for tenant in opened refused waiting second; do tenant $tenant; done
approve $N opened-dev-to-staging $A1
approve $N second-dev-to-staging $A1
approve $N refused-dev-to-staging $A1 reject
pipeline $N driver '{"artifact_id": "'$A1'", "promotionRules": {"dev_to_staging": "automatic"}}' | create
expect "the first attempt is approved" 60 is $N second-dev-to-staging approved
gate $N second | jq -c --arg a $A2 '.spec.artifact_id = $a' | create
expect "gates of each verdict, one with a history, and a pipeline half way" 90 verdicts
echo '{"items": []}' >"$BEFORE"
expect "everything is written" 30 kept "$BEFORE"
take "$BEFORE" $N

story "upgrade with gates pending"
expect "v0.2.0 has another image" 0 relabel "$RUN/runtime-v0.2.0.tar"
expect "v0.2.0 is published" 0 "$E2E/publish.sh" "$FLAVOUR" v0.2.0 "$RUN/runtime-v0.2.0.tar"
# The Configuration asks for its own version of the function, and changes nothing until that is there.
k patch configuration.pkg.crossplane.io release-pipeline --type=merge \
  -p '{"spec": {"package": "'"$REGISTRY/zerotouch/$PACKAGE:v0.2.0"'"}}' >/dev/null
waits_for_function() { k get configurationrevisions -o json | jq -e '[.items[].status.conditions[]? | select(.message // "" | test("incompatible"))] != []'; }
expect "the Configuration waits for its function" 90 waits_for_function
expect "the Compositions do not go ahead of it" 0 packaged v0.1.0
k patch function.pkg.crossplane.io "$FUNCTION" --type=merge -p '{"spec": {"package": "'"$REPOSITORY:v0.2.0"'"}}' >/dev/null
new_revision() { k get functionrevisions -o json | jq -e '[.items[] | select(.spec.desiredState == "Active" and (.spec.image | endswith("v0.2.0")))] | length == 1'; }
expect "a new revision of the function" 90 new_revision
expect "the old function ends" 0 stop function
expect "the new function starts" 0 "$E2E/function.sh"
expect "the Compositions are those of v0.2.0" 120 packaged v0.2.0
expect "the Configuration is healthy" 120 healthy
expect "every composite is on the newest revision" 120 on_newest_revision
expect "the same verdicts as before" 60 verdicts
expect "nothing is lost" 60 kept "$BEFORE"
for tenant in opened refused waiting; do
  expect "$tenant: its Job has the image that it was made with" 0 job_runs $tenant-dev-to-staging v0.1.0
done
expect "no event complains about what can't change" 0 no_complaints

story "life goes on under v0.2.0"
approve $N waiting-dev-to-staging $A1
k -n $N patch "$PIPELINES" driver-pipeline --type=merge -p '{"spec": {"approvals": [{"approver": "alice@example.org",
  "target_environment": "production", "decision": "approve", "artifact_id": "'$A1'"}]}}' >/dev/null
tenant fresh
expect "the gate that was pending is approved" 60 is $N waiting-dev-to-staging approved
expect "the pipeline that was half way goes on" 60 is $N driver-staging-to-production approved
expect "a new gate is pending" 60 is $N fresh-dev-to-staging pending
expect "its Job has the new image" 30 job_runs fresh-dev-to-staging v0.2.0
expect "nothing is lost" 60 kept "$BEFORE"
expect "no event complains about what can't change" 0 no_complaints

works() { # TENANT: a gate of its own is made and approved
  tenant "$1"
  expect "a new gate is pending" 120 is $N "$1-dev-to-staging" pending
  approve $N "$1-dev-to-staging" $A1
  expect "it is approved" 60 is $N "$1-dev-to-staging" approved
}
install_again() {
  k apply -f - >/dev/null <<END
apiVersion: pkg.crossplane.io/v1
kind: Configuration
metadata: {name: release-pipeline}
spec: {package: "$REGISTRY/zerotouch/$PACKAGE:v0.2.0"}
END
  expect "the Configuration is healthy" 120 healthy
  expect "the XRDs are established" 0 k wait --for=condition=Established --timeout=180s xrd --all
}

story "the Configuration is deleted under the policy"
for file in parameters definitions; do k apply -f "$ROOT/package/policy/$file.yaml" >/dev/null; done
refuses_deletion() { ! k delete xrd xpromotiongates.platform.zerotouch.dev --dry-run=server; }
expect "the policy is in force" 60 refuses_deletion
take "$BEFORE" $N
expect "it is deleted" 0 k delete configuration.pkg.crossplane.io release-pipeline
revision_is_gone() { [[ -z $(k get configurationrevisions -o name) ]]; }
expect "its revision is gone" 60 revision_is_gone
works meanwhile
for name in xpromotiongates xreleasepipelines; do
  for kind in xrd composition; do
    k patch "$kind" "$name.platform.zerotouch.dev" --type=json -p '[{"op": "remove", "path": "/metadata/ownerReferences"}]' >/dev/null
  done
done
install_again
works anew
expect "nothing is lost" 60 kept "$BEFORE"
[[ $FLAVOUR == namespaced ]] || { summary; exit; }

# Deleted without it, the Configuration takes its Compositions with it, and the XRDs wait for their composites to go too, which
# Crossplane does not delete while they are in namespaces: nothing is decided any more, and no new Configuration can have
# them. The way back that docs/operations.md describes:
story "the Configuration is deleted without it, and repaired"
k delete -f "$ROOT/package/policy/definitions.yaml" >/dev/null
take "$BEFORE" $N
# Without them, which is so for a moment after every installation, the XRDs would be gone at once, and the CRDs with them.
xrds_have_finalizers() { k get xrd -o json | jq -e '[.items[].metadata.finalizers] | length == 2 and all'; }
expect "the XRDs have their finalizers" 60 xrds_have_finalizers
expect "it is deleted" 0 k delete configuration.pkg.crossplane.io release-pipeline
xrds_are_ending() { k get xrd -o json | jq -e '[.items[].metadata.deletionTimestamp] | length == 2 and all'; }
expect "the XRDs are ending" 60 xrds_are_ending
expect "Crossplane ends" 0 stop core
for name in xpromotiongates xreleasepipelines; do
  k patch crd "$name.platform.zerotouch.dev" --type=json -p '[{"op": "remove", "path": "/metadata/ownerReferences"}]' >/dev/null
  k patch xrd "$name.platform.zerotouch.dev" --type=json -p '[{"op": "remove", "path": "/metadata/finalizers"}]' >/dev/null
done
expect "Crossplane starts" 0 start_core
install_again
works after-all
expect "nothing is lost" 60 kept "$BEFORE"

summary
