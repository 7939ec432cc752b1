#!/usr/bin/env bash
# Holds package/policy/ against the real API server, both ways: what is refused, and that everything else works on.
# Leaves the policies installed: the stories that stories.sh calls guarded come after it.
#
# usage: policies.sh namespaced|claims
set -uo pipefail
. "$(dirname "$0")/env.sh"
. "$E2E/lib.sh"
. "$E2E/objects.sh"
# shellcheck source=/dev/null
for part in "$E2E"/stories/*.sh; do . "$part"; done
use_flavour "${1:-}"
GATE_NAME=guarded-dev-to-staging
SA() { echo "system:serviceaccount:$NS:$1-release-pipeline-sa"; }

# patch WHO KIND NAME JSON-PATCH [FLAG...]
patch() {
  local who=$1 kind=$2 name=$3 ops=$4
  shift 4
  by "$who" -n "$NS" patch "$kind" "$name" --type=json -p "$ops" "$@"
}
entry_json() { # APPROVER [MORE-JSON]
  jq -nc --arg who "$1" --arg artifact "$A" --argjson more "${2:-null}" \
    '{approver: $who, decision: "approve", artifact_id: $artifact} + ($more // {})'
}
set_entries() { # WHO KIND NAME ENTRY...
  local who=$1 kind=$2 name=$3
  shift 3
  patch "$who" "$kind" "$name" "[{\"op\": \"add\", \"path\": \"/spec/approvals\", \"value\": $(jq -sc . <<<"$*")}]"
}
# in_force: policies are compiled some time after they are written, so wait until one of each refuses.
in_force() {
  denied status by nobody -n "$NS" patch "$GATES" "$GATE_NAME" --subresource=status --type=merge -p '{"status":{"approver":"x"}}' --dry-run=server &&
    denied config by nobody -n "$NS" delete configmap "$GATE_NAME-gate" --dry-run=server &&
    denied approvals set_entries nobody "$GATES" "$GATE_NAME" "$(entry_json somebody)" &&
    denied machinery forge_refs_by nobody --dry-run=server &&
    denied definitions k delete xrd xpromotiongates.platform.zerotouch.dev --dry-run=server
}
denied() { # POLICY COMMAND...
  local policy=$1 seen
  shift
  seen=$("$@" 2>&1) && { echo "$policy: not refused: $seen"; return 1; }
  grep -q "release-$policy.platform.zerotouch.dev" <<<"$seen" || { echo "$seen"; return 1; }
}
forge_refs_by() { # WHO [FLAG...]
  local who=$1 path=/spec/crossplane/resourceRefs
  shift
  [[ $FLAVOUR == namespaced ]] || path=/spec/resourceRefs
  patch "$who" "$COMPOSITE_OF_GATE" "$(composite_of "$GATES" $GATE_NAME)" \
    "[{\"op\": \"replace\", \"path\": \"$path\", \"value\": []}]" "$@"
}

install_policies() {
  story "the policies are installed" "policy-$FLAVOUR"
  pipeline guarded '{"promotionPolicies": {"dev_to_staging": {"required_checks": ["unit"], "override_approvers": ["dana"]}}}'
  gate guarded "$A"
  expect "a gate waits" 30 gate_is $GATE_NAME pending
  expect "its ConfigMap is there" 20 there configmap $GATE_NAME-gate
  expect "kubectl apply -k package/policy" 10 k apply -k "$ROOT/package/policy"
  expect "they are in force" 60 in_force
}

approvals_of() { # KIND NAME MORE-JSON
  local kind=$1 name=$2 more=$3 alice bob
  alice=$(entry_json alice "$more") bob=$(entry_json bob "$more")
  local own='may only add, change or withdraw the entry that bears their own name'
  refuse "$kind: alice adds an entry as bob" "alice $own" set_entries alice "$kind" "$name" "$bob"
  expect "$kind: alice adds her own" 5 set_entries alice "$kind" "$name" "$alice"
  refuse "$kind: bob changes hers" "bob $own" set_entries bob "$kind" "$name" "$(jq -c '.decision = "reject"' <<<"$alice")"
  refuse "$kind: bob withdraws hers" "bob $own" patch bob "$kind" "$name" '[{"op": "remove", "path": "/spec/approvals"}]'
  expect "$kind: bob adds his beside hers" 5 set_entries bob "$kind" "$name" "$alice" "$bob"
  expect "$kind: alice changes hers" 5 set_entries alice "$kind" "$name" "$(jq -c '.comment = "read"' <<<"$alice")" "$bob"
  expect "$kind: somebody else changes another field" 5 patch carol "$kind" "$name" '[{"op": "add", "path": "/spec/requested_by", "value": "carol"}]'
  expect "$kind: bob withdraws his" 5 set_entries bob "$kind" "$name" "$(jq -c '.comment = "read"' <<<"$alice")"
  expect "$kind: alice withdraws hers" 5 patch alice "$kind" "$name" '[{"op": "remove", "path": "/spec/approvals"}]'
}

story_own_name() {
  story "approvals and overrides bear the name of their sender"
  approvals_of "$GATES" $GATE_NAME null
  approvals_of "$PIPELINES" guarded-pipeline '{"target_environment": "staging"}'
  local by_dana
  by_dana=$(jq -nc --arg artifact "$A" '[{op: "add", path: "/spec/override", value: {by: "dana", reason: "INC-1", artifact_id: $artifact}}]')
  local own='may only set or withdraw an override that bears their own name'
  refuse "an override as somebody else" "mallory $own" patch mallory "$GATES" $GATE_NAME "$by_dana"
  expect "an override as oneself" 5 patch dana "$GATES" $GATE_NAME "$by_dana"
  refuse "withdrawing somebody else's" "mallory $own" patch mallory "$GATES" $GATE_NAME '[{"op": "remove", "path": "/spec/override"}]'
  expect "it opens the gate" 30 condition_is "$GATES" $GATE_NAME Approved True/EmergencyOverride
  refuse "a gate that comes with an entry of somebody else" 'own name' create_with mallory alice
  expect "a gate that comes with one's own" 5 create_with alice alice
  k -n "$NS" delete "$GATES" made-dev-to-staging >/dev/null
  refuse "a GitOps controller is nobody special" 'own name' create_with system:serviceaccount:gitops:controller alice
  parameter trusted $'somebody\nsystem:serviceaccount:gitops:controller'
  expect "unless the platform trusts it" 30 create_with system:serviceaccount:gitops:controller alice
  parameter trusted ''
}
create_with() { # WHO APPROVER
  gate_object made "$A" "{\"approvals\": [$(entry_json "$2")]}" | by "$1" create -f -
}
parameter() { # NAME VALUE
  k -n "$XP_NS" patch configmap release-policy --type=merge -p "$(jq -n --arg name "$1" --arg value "$2" '{data: {($name): $value}}')" >/dev/null
}

story_tenant_account() {
  local me other
  story "a tenant's service account writes its own gates and approves nothing"
  me=$(SA guarded) other=$(SA other)
  expect "it reports a check" 5 patch "$me" "$GATES" $GATE_NAME \
    "[{\"op\": \"add\", \"path\": \"/spec/checks\", \"value\": [{\"name\": \"unit\", \"state\": \"success\", \"artifact_id\": \"$A\"}]}]"
  refuse "it approves under its own name" 'approves and overrides nothing' set_entries "$me" "$GATES" $GATE_NAME "$(entry_json "$me")"
  refuse "it overrides" 'approves and overrides nothing|own name' patch "$me" "$GATES" $GATE_NAME "$(jq -nc --arg me "$me" --arg artifact "$A" \
    '[{op: "add", path: "/spec/override", value: {by: $me, reason: "so", artifact_id: $artifact}}]')"
  refuse "another tenant's account, with every right there is" "only writes its own tenant's objects" patch "$other" "$GATES" $GATE_NAME \
    '[{"op": "add", "path": "/spec/requested_by", "value": "other"}]'
  refuse "the same name in another namespace" "only writes its own tenant's objects" patch \
    system:serviceaccount:elsewhere:guarded-release-pipeline-sa "$GATES" $GATE_NAME '[{"op": "add", "path": "/spec/requested_by", "value": "x"}]'
}

story_written_by_crossplane() {
  local config=$GATE_NAME-gate xr only='only Crossplane writes'
  story "status and composed ConfigMaps are Crossplane's"
  xr=$(composite_of "$GATES" $GATE_NAME)
  refuse "a gate's status" "$only" by root -n "$NS" patch "$GATES" $GATE_NAME --subresource=status --type=merge -p '{"status":{"gate_status":"rejected"}}'
  refuse "its composite's status" "$only" by root -n "$NS" patch "$COMPOSITE_OF_GATE" "$xr" --subresource=status --type=merge -p '{"status":{"gate_status":"rejected"}}'
  refuse "a pipeline's status" "$only" by root -n "$NS" patch "$PIPELINES" guarded-pipeline --subresource=status --type=merge -p '{"status":{"current_environment":"production"}}'
  refuse "changing a ConfigMap" "$only" by root -n "$NS" patch configmap $config --type=merge -p '{"data":{"gate_status":"approved"}}'
  refuse "taking its labels away" "$only" by root -n "$NS" label configmap $config app.kubernetes.io/component-
  refuse "deleting it" "$only" by root -n "$NS" delete configmap $config
  refuse "making one that looks like it" "$only" by root -n "$NS" create -f <(k -n "$NS" get configmap $config -o json | jq '.metadata |= {name: "fake", namespace, labels}')
  expect "other ConfigMaps are everybody's" 5 by root -n "$NS" create configmap mine --from-literal=a=b
  refuse "resourceRefs" 'only Crossplane sets them' forge_refs_by root
  refuse "another revision of the Composition" 'only Crossplane sets them|must be Automatic' patch root "$GATES" $GATE_NAME "$(machinery_patch)"
  parameter crossplane system:serviceaccount:elsewhere:crossplane
  expect "Crossplane's name is a parameter" 30 refuses_core
  parameter crossplane "system:serviceaccount:$XP_NS:crossplane"
  expect "and back" 30 accepts_core
}
machinery_patch() {
  local path=/spec/crossplane
  [[ $FLAVOUR == namespaced ]] || path=/spec
  jq -nc --arg path "$path" '[{op: "add", path: ($path + "/compositionUpdatePolicy"), value: "Manual"},
    {op: "add", path: ($path + "/compositionRevisionRef"), value: {name: "older"}}]'
}
core_patches() {
  by "system:serviceaccount:$XP_NS:crossplane" -n "$NS" patch configmap $GATE_NAME-gate --dry-run=server --type=merge -p '{"data":{"x":"y"}}'
}
refuses_core() { ! core_patches; }
accepts_core() { core_patches; }

story_definitions() {
  local object depends='every pipeline and gate depends on it' gc=system:serviceaccount:kube-system:generic-garbage-collector
  story "what the Configuration brought only goes where it says itself that it may"
  for object in xrd/xpromotiongates.platform.zerotouch.dev crd/xpromotiongates.platform.zerotouch.dev composition/xpromotiongates.platform.zerotouch.dev; do
    refuse "$object" "$depends" k delete "$object" --dry-run=server
    refuse "$object, for the garbage collector" "$depends" by "$gc" delete "$object" --dry-run=server
    [[ $object != crd/* ]] || continue
    k annotate "$object" platform.zerotouch.dev/allow-deletion=true >/dev/null
    expect "$object, annotated" 5 k delete "$object" --dry-run=server
    k annotate "$object" platform.zerotouch.dev/allow-deletion- >/dev/null
  done
  expect "a CRD follows its XRD" 5 by "system:serviceaccount:$XP_NS:crossplane" delete crd/xpromotiongates.platform.zerotouch.dev --dry-run=server
  k get composition xpromotiongates.platform.zerotouch.dev -o json | jq '.metadata |= {name: "own"}' | k create -f - >/dev/null
  expect "a Composition of one's own goes as before" 5 k delete composition own
}

story_lives_on() {
  story "what is deleted goes, with its namespace too" "policy-away-$FLAVOUR"
  pipeline leaving "{\"artifact_id\": \"$A\"}"
  expect "everything is there" 40 gate_is leaving-dev-to-staging pending
  k delete namespace "$NS" --wait=false >/dev/null
  expect "the namespace is gone" 90 namespace_gone
}
namespace_gone() { [[ -z $(k get namespace "$NS" --ignore-not-found -o name) ]]; }

install_policies
story_own_name
story_tenant_account
story_written_by_crossplane
story_definitions
story_lives_on
summary
