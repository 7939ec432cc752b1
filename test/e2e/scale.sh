#!/usr/bin/env bash
# How it behaves with many gates: how long until all are settled, what an edit of all of them costs, what is called when
# nothing happens, and what the function takes for it. Prints a table.
#
# usage: up.sh; install.sh FLAVOUR; FLAVOUR=... scale.sh [GATES [DRIVING [IDLE-SECONDS]]]    (default 50 10 60)
#
# DRIVING pipelines compose two gates each, of which the first opens by itself. The other gates are made by hand; since a
# tenant has one gate a step, each has a pipeline of its own.
set -euo pipefail
. "$(dirname "$0")/env.sh"
. "$E2E/daemons.sh"
. "$E2E/gates.sh"
GATE_COUNT=${1:-50} DRIVING=${2:-10} IDLE=${3:-60}
BY_HAND=$((GATE_COUNT - 2 * DRIVING))
POLL=60 HEARTBEAT=600 # as the packages have them
N=scale-$RANDOM BEFORE=$RUN/scale.json

count() { # VERDICT
  k -n $N get "$GATES" -o json | jq --arg v "$1" '[.items[] | select(.status.gate_status == $v)] | length'
}
all_are() { [[ $(count "$1") == "$2" ]]; }
process_field() { # FIELD OF /proc/PID/status
  awk -v f="$1:" '$1 == f {print $2}' "/proc/$(daemon "$2")/status"
}
# CPU seconds of a daemon so far.
cpu() { awk -v hz="$(getconf CLK_TCK)" '{sub(/.*\) /, ""); print ($12 + $13) / hz}' "/proc/$(daemon "$1")/stat"; }
row() { printf '| %-58s | %12s |\n' "$1" "$2"; }
calc() { awk "BEGIN {printf \"%.$1f\", $2}"; }
handling() { # the time that the function itself took so far, in seconds
  ns curl -fsS 127.0.0.1:8081/metrics | awk '/^grpc_server_handling_seconds_sum/ {print $NF}'
}
mark() { calls=$(runs) start=$(now) function_cpu=$(cpu function) core_cpu=$(cpu core) handling=$(handling); }
# report UNITS WHAT: what has been spent since mark.
report() {
  local seconds made
  seconds=$(since "$start") made=$(($(runs) - calls))
  row "$2: time (s)" "$seconds"
  row "$2: calls" "$made"
  row "$2: calls for each" "$(calc 1 "$made / $1")"
  row "$2: CPU of the function (ms for each)" "$(calc 2 "($(cpu function) - $function_cpu) * 1000 / $1")"
  row "$2: CPU of Crossplane's core (ms for each)" "$(calc 0 "($(cpu core) - $core_cpu) * 1000 / $1")"
  row "$2: time inside the function (ms a call)" "$(calc 2 "($(handling) - $handling) * 1000 / $made")"
}
idle() { # WHAT
  mark
  sleep "$IDLE" # what is measured is that nothing happens
  row "$1: calls a minute" "$(calc 0 "($(runs) - $calls) * 60 / $IDLE")"
}

settings '{"pollInterval": "'$POLL's", "heartbeat": "'$HEARTBEAT's"}'
k create namespace $N >/dev/null
row "what" "measured"
row "---" "---:"
row "gates" "$GATE_COUNT"
row "pipelines" "$((BY_HAND + DRIVING))"
row "pipelines that drive" "$DRIVING"

mark
{
  for i in $(seq "$BY_HAND"); do pipeline $N "team-$i"; done
  for i in $(seq "$DRIVING"); do
    pipeline $N "driver-$i" '{"artifact_id": "'$A1'", "promotionRules": {"dev_to_staging": "automatic"}}'
  done
  for i in $(seq "$BY_HAND"); do gate $N "team-$i"; done
} | send
settled() { all_are approved "$DRIVING" && all_are pending $((BY_HAND + DRIVING)); }
wait_for 900 "every gate has its first verdict" settled >&2
report "$GATE_COUNT" "all settled"
take "$BEFORE" $N
idle "$((BY_HAND + DRIVING)) pending, nothing happens"

mark
for i in $(seq "$BY_HAND"); do
  object "$GATE_KIND" $N "team-$i-dev-to-staging" \
    '{"approvals": [{"approver": "alice@example.org", "decision": "approve", "artifact_id": "'$A1'"}]}' | by alice
done | send
wait_for 900 "every gate made by hand is approved" all_are approved $((BY_HAND + DRIVING)) >&2
report "$BY_HAND" "an approval of every gate made by hand"
idle "$DRIVING pending, nothing happens"

row "function: threads" "$(process_field Threads function)"
row "function: RSS (MiB)" "$(calc 1 "$(process_field VmRSS function) / 1024")"
row "function: highest RSS (MiB)" "$(calc 1 "$(process_field VmHWM function) / 1024")"
row "Crossplane's core: RSS (MiB)" "$(calc 0 "$(process_field VmRSS core) / 1024")"
wait_for 60 "nothing is lost" kept "$BEFORE" >&2
