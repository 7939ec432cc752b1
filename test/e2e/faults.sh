#!/usr/bin/env bash
# What happens on a real control plane when things break: the same verdicts, an intact audit trail, nothing lost.
#
# usage: up.sh; install.sh FLAVOUR; FLAVOUR=... faults.sh [FAULT...]     (default: all of them, in this order)
set -euo pipefail
. "$(dirname "$0")/env.sh"
. "$E2E/daemons.sh"
. "$E2E/gates.sh"
ALL=(breaker stopped killed late replicas core status configmap both etcd schema)
N=faults-$RANDOM # the tenants' namespace
BEFORE=$RUN/faults.json
POLL=5 # seconds, of pending gates here

verdicts() { is $N opened-dev-to-staging approved && is $N refused-dev-to-staging rejected && is $N waiting-dev-to-staging pending &&
  is $N driver-dev-to-staging approved && is $N driver-staging-to-production pending; }

# One gate of each kind, and a pipeline that drives and is half way.
world() {
  settings '{"pollInterval": "'$POLL's", "heartbeat": "15s"}'
  k create namespace $N >/dev/null 2>&1 || true
  local tenant
  for tenant in opened refused waiting; do
    pipeline $N $tenant | create
    gate $N $tenant | create
  done
  approve $N opened-dev-to-staging $A1
  approve $N refused-dev-to-staging $A1 reject
  pipeline $N driver '{"artifact_id": "'$A1'", "promotionRules": {"dev_to_staging": "automatic"}}' | create
  wait_for 90 "verdicts of the world" verdicts
}

# A fresh pipeline and gate for one fault, in the middle of which it is approved. fresh TENANT [PIPELINE-SPEC]
fresh() {
  pipeline $N "$1" "${2:-null}" | create
  gate $N "$1" | create
}
# After a long outage gRPC dials again within two minutes: hence the limits.
pending() { wait_for 180 "$1 pending" is $N "$1-dev-to-staging" pending; }
approved() { wait_for "${2:-180}" "$1 approved" is $N "$1-dev-to-staging" approved; }
unready() { [[ $(k -n $N get "$GATES" "$1-dev-to-staging" -o jsonpath='{.status.conditions[?(@.type=="'"$2"'")].status}') == False ]]; }

# Every check report is an update that costs the XR's circuit breaker tokens: 45 in a second open it, and the edits are
# dropped. The ttl brings them in.
fault_breaker() {
  local checks i start
  checks=$(jq -nc '[range(45) | "check-\(.)"]')
  fresh breaker '{"promotionPolicies": {"dev_to_staging": {"required_checks": '"$checks"'}}}'
  pending breaker
  for i in $(seq 0 44); do
    object "$GATE_KIND" $N breaker-dev-to-staging \
      '{"checks": [{"name": "check-'"$i"'", "state": "success", "artifact_id": "'$A1'"}]}' | by "script-$i"
  done | send 4
  wait_for 30 "the circuit breaker opened" unready breaker Responsive
  approve $N breaker-dev-to-staging $A1
  start=$(now)
  approved breaker 30
  awk -v s="$(since "$start")" -v p=$POLL 'BEGIN {exit !(s <= 2 * p)}' || fail "took longer than twice the ttl of $POLL s"
}

fault_stopped() {
  fresh stopped
  pending stopped
  stop function
  approve $N stopped-dev-to-staging $A1
  # Crossplane waits for two minutes for a function to come back before it says so.
  wait_for 180 "Crossplane says that it cannot reach the function" unready stopped Synced
  start_function function
  approved stopped
}

fault_killed() {
  fresh killed
  pending killed
  approve $N killed-dev-to-staging $A1 &
  stop function KILL
  wait $!
  start_function function
  approved killed
}

fault_late() {
  stop function
  fresh late
  approve $N late-dev-to-staging $A1
  start_function function
  approved late
}

# Two replicas behind one name; one of them is killed while 20 gates are being made.
fault_replicas() {
  local i start
  stop function
  printf '127.0.0.1 localhost %s.%s\n127.0.0.2 %s.%s\n' "$FUNCTION" "$XP_NS" "$FUNCTION" "$XP_NS" >"$RUN/hosts"
  start_function function --address=127.0.0.1:9443
  start_function function-2 --address=127.0.0.2:9443
  both_are_called() { [[ $(runs) -gt 0 && $(runs 127.0.0.2) -gt 0 ]]; }
  wait_for 120 "both replicas are called" both_are_called
  for i in $(seq 20); do { pipeline $N "replica-$i"; gate $N "replica-$i"; } ; done | create &
  start=$(now)
  stop function KILL
  wait $!
  all_of_them() { [[ $(k -n $N get "$GATES" -o json | jq --arg v "$1" '[.items[] | select((.metadata.name | startswith("replica-")) and .status.gate_status == $v)] | length') == 20 ]]; }
  wait_for 150 "20 gates pending" all_of_them pending
  for i in $(seq 20); do
    object "$GATE_KIND" $N "replica-$i-dev-to-staging" \
      '{"approvals": [{"approver": "alice@example.org", "decision": "approve", "artifact_id": "'$A1'"}]}' | by alice
  done | send
  wait_for 150 "20 gates approved" all_of_them approved
  echo "ok 20 gates made and approved with one of two replicas killed, in $(since "$start") s"
  printf '127.0.0.1 localhost %s.%s\n' "$FUNCTION" "$XP_NS" >"$RUN/hosts"
  stop function-2
  start_function function
  is_called() { [[ $(runs) -gt 0 ]]; }
  wait_for 180 "the function is called again" is_called
}

fault_core() {
  fresh core
  pending core
  stop core KILL
  approve $N core-dev-to-staging $A1
  start_core
  approved core
}

wipe_status() { # GATE: as somebody with rights on /status would
  k -n $N get "$GATES" "$1" -o json | jq 'del(.status)' | k replace --subresource=status -f - >/dev/null
}
has_trail() { k -n $N get "$GATES" "$1" -o json | jq -e '.status.audit | length > 0'; }

fault_status() {
  local gate
  for gate in opened refused waiting; do wipe_status "$gate-dev-to-staging"; done
  for gate in opened refused waiting; do wait_for 180 "status of $gate is back" has_trail "$gate-dev-to-staging"; done
}

fault_configmap() {
  local gate
  for gate in opened refused waiting; do
    k -n $N delete configmap "$gate-dev-to-staging-gate" >/dev/null
    REPLACED+=(--replaced "ConfigMap/$gate-dev-to-staging-gate")
  done
  for gate in opened refused waiting; do
    wait_for 180 "ConfigMap of $gate is back" k -n $N get configmap "$gate-dev-to-staging-gate"
  done
}

# Both copies gone: the attempt begins anew, with the same start and deadline, and what the spec says counts again.
fault_both() {
  local gate
  stop core
  for gate in opened refused waiting; do
    wipe_status "$gate-dev-to-staging"
    k -n $N delete configmap "$gate-dev-to-staging-gate" >/dev/null
    REPLACED+=(--replaced "ConfigMap/$gate-dev-to-staging-gate" --anew "$gate-dev-to-staging")
  done
  start_core
  for gate in opened refused waiting; do wait_for 180 "$gate begins anew" has_trail "$gate-dev-to-staging"; done
}

fault_etcd() {
  fresh etcd
  pending etcd
  stop etcd KILL
  start_etcd
  wait_for 60 "API server is back" k get --raw /readyz
  # Crossplane and the controller manager end where they lose their lease or their API server; a kubelet would restart them.
  daemon core >/dev/null || start_core
  wait_for 60 "approval is taken" approve $N etcd-dev-to-staging $A1
  approved etcd
}

# The function is newer than the XRDs (a status field that they do not declare): every write fails until they come, and
# then nothing is lost. The other way round is no fault at all.
fault_schema() {
  local xrd=xpromotiongates.platform.zerotouch.dev status='.spec.versions[0].schema.openAPIV3Schema.properties.status.properties'
  fresh schema
  pending schema
  k get xrd $xrd -o json | jq "del(.metadata.resourceVersion, .metadata.managedFields, .status)" >"$RUN/xrd.json"
  declares() { k get crd $xrd -o json | jq -e "$status | has(\"$1\")"; }
  omits() { ! declares "$1"; }
  jq "del($status.approved_artifact_id)" "$RUN/xrd.json" | k replace -f - >/dev/null
  wait_for 60 "the XRD is older than the function" omits approved_artifact_id
  approve $N schema-dev-to-staging $A1
  wait_for 180 "Crossplane says that it cannot write the status" unready schema Synced
  jq "$status.of_a_newer_version = {type: \"string\"}" "$RUN/xrd.json" | k replace -f - >/dev/null
  wait_for 60 "the XRD is newer than the function" declares of_a_newer_version
  approved schema
  k replace -f "$RUN/xrd.json" >/dev/null
  wait_for 60 "the XRD is the packaged one" omits of_a_newer_version
}

[[ $# -gt 0 ]] || set -- "${ALL[@]}"
world
for fault in "$@"; do
  echo "== $fault"
  take "$BEFORE" $N
  REPLACED=()
  began=$(now)
  "fault_$fault"
  wait_for 90 "verdicts as before" verdicts
  wait_for 60 "nothing is lost" kept "$BEFORE" "${REPLACED[@]}" || { kept "$BEFORE" "${REPLACED[@]}"; fail "$fault"; }
  kept "$BEFORE" "${REPLACED[@]}"
  echo "== $fault passed in $(since "$began") s"
done
echo "faults passed: $*"
