#!/usr/bin/env bash
# What happens on a real control plane when things break: the same verdicts, an intact audit trail, nothing lost.
#
# usage: faults.sh namespaced|claims [FAULT...]     on what up.sh and install.sh made
#
# Without a FAULT: in the namespaced flavour those of ALL, in such an order that none has to wait for what the one before it left
# behind; with claims those in which a claim makes a difference, and hung, which is two minutes of waiting. Only by its name:
# outage, which is four.
set -uo pipefail
FLAVOUR=${1:-}
. "$(dirname "$0")/env.sh"
. "$E2E/daemons.sh"
. "$E2E/gates.sh"
. "$E2E/lib.sh"
shift
ALL=(breaker replicas core killed stopped status configmap both schema etcd)
[[ $FLAVOUR == namespaced ]] || ALL=(killed status configmap both hung)
N=faults-$RANDOM # the tenants' namespace
BEFORE=$RUN/faults.json
POLL=4 # seconds, of pending gates here
TENANTS=(opened refused waiting)

verdicts() {
  are $N opened-dev-to-staging=approved refused-dev-to-staging=rejected waiting-dev-to-staging=pending \
    driver-dev-to-staging=approved driver-staging-to-production=pending
}

# One gate of each kind, and a pipeline that drives and is half way.
world() {
  local tenant
  story "before anything breaks ($FLAVOUR)" $N
  settings '{"pollInterval": "'$POLL's"}'
  {
    for tenant in "${TENANTS[@]}"; do
      pipeline $N "$tenant"
      gate $N "$tenant"
    done
    pipeline $N driver '{"artifact_id": "'$A1'", "promotionRules": {"dev_to_staging": "automatic"}}'
  } | create
  approve $N opened-dev-to-staging $A1
  approve $N refused-dev-to-staging $A1 reject
  expect "a gate of each verdict, and a pipeline half way" 90 verdicts
}

# A pipeline and a gate of a fault's own, which is approved in the middle of it. fresh TENANT [PIPELINE-SPEC]
fresh() { { pipeline $N "$1" "${2:-null}"; gate $N "$1"; } | create; }
pending() { expect "$1: pending" 60 is $N "$1-dev-to-staging" pending; }
approved() { expect "$1: approved" "${2:-90}" is $N "$1-dev-to-staging" approved; }
is_not_approved() { ! is $N "$1-dev-to-staging" approved; }
# unready TENANT CONDITION: the composite says False.
unready() {
  local seen
  seen=$(k -n $N get "$(composite $N "$1-dev-to-staging")" -o json |
    jq -r --arg type "$2" '.status.conditions[] | select(.type == $type) | "\(.status): \(.message // "")"')
  echo "$2: $seen"
  [[ $seen == False:* ]]
}
event() { # TENANT TEXT: about the composite
  local seen
  seen=$(k get events -A -o json | jq -r --arg name "$(composite $N "$1-dev-to-staging" | sed 's,.*/,,')" \
    '.items[] | select(.involvedObject.name == $name) | .message')
  echo "$seen"
  grep -q "$2" <<<"$seen"
}
ends() { expect "$1 ends (${2:-TERM})" 0 stop "$@"; }
starts() { # NAME [FLAG...]
  case $1 in
    function*) expect "$1 starts" 0 start_function "$@" ;;
    *) expect "$1 starts" 0 "start_$1" ;;
  esac
}

# A replica that holds the calls which it was sent, and is then killed: whoever called gets no answer.
stall() { kill -STOP "$(daemon "$1")"; }
calls_wait() { # HOST
  local seen
  seen=$(ns ss -tnH state established "sport = :9443" | awk -v host="$1" '$1 > 0 && $3 ~ host "]?:9443$"')
  echo "${seen:-no call waits in $1}"
  [[ -n $seen ]]
}
kill_in_calls() { # NAME HOST
  local process nsenter
  process=$(daemon "$1") nsenter=$(ps -o ppid= -p "$process" | tr -d ' ')
  expect "calls wait in $1" 120 calls_wait "$2"
  kill -KILL "$process"
  kill -CONT "$nsenter" # it stopped along with its child
  expect "$1 is killed" 30 bash -c "! kill -0 $process"
}

# Every check report is an update that costs the gate's circuit breaker tokens: 45 in a second open it, and edits are dropped.
# The breaker stays open for five minutes, and lets one edit through in half a minute. The ttl brings them in.
fault_breaker() {
  local checks i began
  checks=$(jq -nc '[range(45) | "check-\(.)"]')
  fresh breaker '{"promotionPolicies": {"dev_to_staging": {"required_checks": '"$checks"'}}}'
  pending breaker
  report_until_open() {
    local round=$RANDOM$RANDOM
    for i in $(seq 0 44); do
      object "$GATE_KIND" $N breaker-dev-to-staging '{"checks": [{"name": "check-'"$i"'", "state": "success",
        "message": "report '$round'", "artifact_id": "'$A1'"}]}' | by "script-$i"
    done | send 4
    sleep 1
    unready breaker Responsive
  }
  # On a slow machine the breaker gets tokens back faster than reports come in, so that one round is not enough.
  expect "the circuit breaker opens" 180 report_until_open
  began=$(now)
  approve $N breaker-dev-to-staging $A1
  approved breaker
  expect "within a few ttls of $POLL s" 0 awk -v s="$(since "$began")" -v ttl=$POLL 'BEGIN {print s " s"; exit !(s < 5 * ttl)}'
}

# The addresses behind the function's name.
resolves_to() { # HOST...
  { echo "127.0.0.1 localhost"; printf "%s $FUNCTION.$XP_NS\n" "$@"; } >"$RUN/hosts"
}

# Two replicas behind one name; one of them is killed while it holds calls for 20 new gates.
fault_replicas() {
  local i one=127.0.0.1 two=127.0.0.2
  resolves_to $one $two
  ends function
  starts function --address=$one:9443
  starts function-2 --address=$two:9443
  both_are_called() { [[ $(runs $one) -gt 0 && $(runs $two) -gt 0 ]]; }
  expect "both replicas are called" 120 both_are_called
  stall function
  for i in $(seq 20); do pipeline $N "replica-$i"; gate $N "replica-$i"; done | send
  kill_in_calls function $one
  verdicts_of_20() {
    local seen
    seen=$(k -n $N get "$GATES" -o json | jq --arg v "$1" '[.items[] | select((.metadata.name | startswith("replica-")) and .status.gate_status == $v)] | length')
    echo "$seen of 20 are $1"
    [[ $seen == 20 ]]
  }
  expect "20 gates are pending" 120 verdicts_of_20 pending
  for i in $(seq 20); do
    object "$GATE_KIND" $N "replica-$i-dev-to-staging" \
      '{"approvals": [{"approver": "alice@example.org", "decision": "approve", "artifact_id": "'$A1'"}]}' | by alice
  done | send
  expect "20 gates are approved" 120 verdicts_of_20 approved
  resolves_to $one
  ends function-2
  starts function
}

fault_core() {
  ends core KILL
  starts core
  fresh core
  pending core
  ends core KILL
  approve $N core-dev-to-staging $A1
  starts core
  approved core
}

fault_killed() {
  fresh killed
  pending killed
  stall function
  approve $N killed-dev-to-staging $A1
  kill_in_calls function 127.0.0.1
  starts function
  approved killed
}

# One gate is approved, and one made, while no function is there.
fault_stopped() {
  fresh stopped
  pending stopped
  ends function
  approve $N stopped-dev-to-staging $A1
  fresh late
  approve $N late-dev-to-staging $A1
  always "nothing is decided meanwhile" 2 is $N stopped-dev-to-staging pending
  expect "nor about what is new" 0 is $N late-dev-to-staging ''
  starts function
  approved stopped
  approved late
}

gates_of_tenants() { printf '%s-dev-to-staging\n' "${TENANTS[@]}"; }
wipe_status() { # GATE: as somebody with rights on /status would
  local object
  for object in "$(composite $N "$1")" "$GATES/$1"; do
    k -n $N get "$object" -o json | jq 'del(.status, .metadata.resourceVersion)' |
      k replace --subresource=status -f - >/dev/null
  done
}
have_trails() {
  # shellcheck disable=SC2046 # names
  k -n $N get "$GATES" $(gates_of_tenants) -o json | jq -e '[.items[] | .status.audit | length > 0] | all'
}

fault_status() {
  local gate
  for gate in $(gates_of_tenants); do wipe_status "$gate"; done
  expect "every status is back" 60 have_trails
}

delete_configmaps() {
  local gate names=()
  for gate in $(gates_of_tenants); do
    names+=("$gate-gate")
    REPLACED+=(--replaced "ConfigMap/$gate-gate")
  done
  expect "the ConfigMaps are deleted" 0 k -n $N delete configmap "${names[@]}"
}
# shellcheck disable=SC2046 # names
have_configmaps() { k -n $N get configmap $(gates_of_tenants | sed 's/$/-gate/'); }

fault_configmap() {
  delete_configmaps
  expect "every ConfigMap is back" 60 have_configmaps
}

# Both copies gone: the attempt begins anew, with the same start and deadline, and what the spec says counts again.
fault_both() {
  local gate
  ends core KILL
  for gate in $(gates_of_tenants); do
    wipe_status "$gate"
    REPLACED+=(--anew "$gate")
  done
  delete_configmaps
  starts core
  expect "every gate begins anew" 60 have_trails
}

fault_etcd() {
  fresh etcd
  pending etcd
  ends etcd KILL
  starts etcd
  expect "the API server is back" 60 k get --raw /readyz
  # Should it have ended without its API server, a kubelet would start it again.
  daemon core >/dev/null || starts core
  expect "an approval is taken" 60 approve $N etcd-dev-to-staging $A1
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
  expect "the XRD is older than the function" 60 omits approved_artifact_id
  approve $N schema-dev-to-staging $A1
  # An event is all that says so: Crossplane can't write its own conditions then.
  expect "an event says that the status can't be written" 90 event schema "field not declared in schema"
  jq "$status.of_a_newer_version = {type: \"string\"}" "$RUN/xrd.json" | k replace -f - >/dev/null
  expect "the XRD is newer than the function" 60 declares of_a_newer_version
  approved schema
  k replace -f "$RUN/xrd.json" >/dev/null
  expect "the XRD is the packaged one" 60 omits of_a_newer_version
}

# The function is there, and answers nothing.
fault_hung() {
  fresh hung
  pending hung
  stall function
  approve $N hung-dev-to-staging $A1
  # Not the condition: what the call that hung had read is older than the approval, so that its status is not written.
  expect "an event says that nobody answers" 300 event hung "cannot run Function"
  expect "nothing was decided" 0 is $N hung-dev-to-staging pending
  resume_function
  approved hung
}

# Nobody is there for so long that Crossplane says it, and that its gRPC client dials ever more rarely.
fault_outage() {
  fresh outage
  pending outage
  ends function
  approve $N outage-dev-to-staging $A1
  expect "Crossplane says that it cannot reach the function" 400 unready outage Synced
  expect "nothing was decided" 0 is $N outage-dev-to-staging pending
  starts function
  approved outage 180
}

[[ $# -gt 0 ]] || set -- "${ALL[@]}"
world
for fault in "$@"; do
  story "fault: $fault"
  take "$BEFORE" $N
  REPLACED=()
  "fault_$fault"
  expect "the same verdicts as before" 90 verdicts
  expect "nothing is lost" 60 kept "$BEFORE" "${REPLACED[@]}"
done
packaged_settings
summary
