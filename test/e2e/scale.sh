#!/usr/bin/env bash
# How it behaves with many gates: how long until all are settled, what an approval of all of them costs, what is called when
# nothing happens, and what the function takes for it. Prints a table, and holds the calls against what they may be: nothing
# goes round in circles, and where nothing happens only the ttl calls.
#
# usage: scale.sh namespaced|claims [GATES [DRIVING [IDLE [POLL HEARTBEAT]]]]    on what up.sh and install.sh made
#
# GATES      how many gates; every pipeline has two (default 40)
# DRIVING    pipelines that compose their gates, of which the first opens by itself (default 10); the other pipelines follow
#            gates that are made by hand
# IDLE       for how many seconds nothing happens, twice: with gates pending, and with final ones (default 20)
# POLL, HEARTBEAT   the Input's pollInterval and heartbeat, in seconds (default: half of IDLE)
set -uo pipefail
FLAVOUR=${1:-}
. "$(dirname "$0")/env.sh"
. "$E2E/daemons.sh"
. "$E2E/gates.sh"
. "$E2E/lib.sh"
GATE_COUNT=${2:-40} DRIVING=${3:-10} IDLE=${4:-20}
POLL=${5:-$((IDLE / 2))} HEARTBEAT=${6:-$((IDLE / 2))}
FOLLOWED=$(((GATE_COUNT - 2 * DRIVING) / 2))
N=scale-$RANDOM BEFORE=$RUN/scale.json TABLE=$RUN/scale.md
# An older core does not remember what a function required: it asks, and then calls again with the answer.
[[ $(basename "$CORE") == *-2.3 ]] && CALLS_A_RUN=2 || CALLS_A_RUN=1
# What a gate and its half of a pipeline may cost until they are settled, and what an approval may.
SETTLING=30 APPROVING=20

# The verdicts of all gates, one a line: as the API server prints them, without the objects, which would cost more than what
# is measured.
verdicts() {
  ns curl -fsS --cacert "$PKI/ca.crt" --cert "$PKI/admin.crt" --key "$PKI/admin.key" \
    -H 'Accept: application/json;as=Table;v=v1;g=meta.k8s.io' \
    "https://127.0.0.1:16443/apis/platform.zerotouch.dev/v1alpha1/namespaces/$N/${GATES%%.*}?includeObject=None" |
    jq -r '([.columnDefinitions[].name | ascii_downcase] | index("status")) as $i | .rows[].cells[$i]'
}
all_are() { # APPROVED PENDING
  local seen approved pending
  seen=$(verdicts) approved=$(grep -c approved <<<"$seen") pending=$(grep -c pending <<<"$seen")
  echo "$approved approved, $pending pending"
  [[ "$approved $pending" == "$1 $2" ]]
}
process_field() { # FIELD DAEMON: of /proc/PID/status
  awk -v f="$1:" '$1 == f {print $2}' "/proc/$(daemon "$2")/status"
}
# CPU seconds of a daemon so far.
cpu() { awk -v hz="$(getconf CLK_TCK)" '{sub(/.*\) /, ""); print ($12 + $13) / hz}' "/proc/$(daemon "$1")/stat"; }
calc() { awk "BEGIN {printf \"%.$1f\", $2}"; }
row() { printf '| %-62s | %12s |\n' "$1" "$2" | tee -a "$TABLE"; }
handling() { # the time that the function itself took so far, in seconds
  ns curl -fsS 127.0.0.1:8081/metrics | awk '/^grpc_server_handling_seconds_sum/ {print $NF}'
}
mark() { calls=$(runs) start=$(now) function_cpu=$(cpu function) core_cpu=$(cpu core) handling=$(handling); }
# spent GATES WHAT BOUND: what has been spent since mark; the calls for each gate are within the bound.
spent() {
  local seconds made each
  seconds=$(since "$start") made=$(($(runs) - calls)) each=$(calc 1 "$made / $1")
  row "$2: seconds" "$seconds"
  row "$2: calls for each gate" "$each"
  row "$2: CPU of the function, ms for each gate" "$(calc 2 "($(cpu function) - $function_cpu) * 1000 / $1")"
  row "$2: CPU of Crossplane's core, ms for each gate" "$(calc 0 "($(cpu core) - $core_cpu) * 1000 / $1")"
  row "$2: time inside the function, ms a call" "$(calc 2 "($(handling) - $handling) * 1000 / $made")"
  expect "$2 costs at most $(($3 * CALLS_A_RUN)) calls for each gate" 0 at_most "$each" $(($3 * CALLS_A_RUN))
}
at_most() {
  echo "$1, wanted at most $2"
  awk -v a="$1" -v b="$2" 'BEGIN {exit !(a <= b)}'
}
# Calls in a second, where so many objects are polled and so many have the heartbeat.
by_ttl() { calc 4 "$CALLS_A_RUN * ($1 / $POLL + $2 / $HEARTBEAT)"; }
# quiet WHAT POLLED FINAL: nothing happens, and only the ttl calls. Objects that were settled at the same time are called at the
# same time too, hence the margin.
quiet() {
  local made seconds expected
  expect "everything is quiet" 300 is_quiet "$(by_ttl "$2" "$3")"
  mark
  sleep "$IDLE" # what is measured is that nothing happens
  made=$(($(runs) - calls)) seconds=$(since "$start")
  expected=$(calc 0 "$seconds * $(by_ttl "$2" "$3")")
  row "$1: calls a minute" "$(calc 0 "$made * 60 / $seconds")"
  row "$1: that the ttls alone would make" "$(calc 0 "$expected * 60 / $seconds")"
  row "$1: CPU of the function, ms a minute" "$(calc 0 "($(cpu function) - $function_cpu) * 60000 / $seconds")"
  row "$1: CPU of Crossplane's core, ms a minute" "$(calc 0 "($(cpu core) - $core_cpu) * 60000 / $seconds")"
  expect "only the ttl calls: $made in $seconds s" 0 is_about "$made" "$expected"
}
is_about() {
  echo "$1, wanted about $2"
  awk -v a="$1" -v b="$2" 'BEGIN {exit !(a >= 0.6 * b && a <= 1.3 * b)}'
}
# What was set off by the last change has ended: in the time of a ttl, in which there may be a lull, not many more calls than
# the ttls make.
is_quiet() { # CALLS A SECOND
  local before made
  before=$(runs)
  sleep "$POLL"
  made=$(($(runs) - before))
  echo "$made calls in $POLL s, the ttls make $1 a second"
  awk -v made="$made" -v ttls="$1" -v time="$POLL" 'BEGIN {exit !(made <= 1.3 * ttls * time)}'
}

story "$GATE_COUNT gates ($FLAVOUR, $(basename "$CORE"))" $N
: >"$TABLE"
settings '{"pollInterval": "'"$POLL"'s", "heartbeat": "'"$HEARTBEAT"'s"}'
row "what" "measured"
row "---" "---:"
row "gates" "$((2 * (DRIVING + FOLLOWED)))"
row "pipelines" "$((DRIVING + FOLLOWED))"
row "pipelines that drive" "$DRIVING"

{
  for i in $(seq "$FOLLOWED"); do pipeline $N "team-$i"; done
  for i in $(seq "$DRIVING"); do
    pipeline $N "driver-$i" '{"artifact_id": "'$A1'", "promotionRules": {"dev_to_staging": "automatic"}}'
  done
  for i in $(seq "$FOLLOWED"); do
    gate $N "team-$i"
    gate $N "team-$i" staging production
  done
} >"$RUN/scale.all"
mark
expect "everything is made" 0 send <"$RUN/scale.all"
row "made: seconds" "$(since "$start")"
expect "every gate has its first verdict" 1800 all_are "$DRIVING" $((2 * FOLLOWED + DRIVING))
spent "$GATE_COUNT" "all settled" $SETTLING
take "$BEFORE" $N
quiet "$((2 * FOLLOWED + DRIVING)) pending, nothing happens" $((3 * FOLLOWED + 2 * DRIVING)) "$DRIVING"

approval() { # KIND NAME SPEC-JSON-OF-THE-ENTRY
  object "$1" $N "$2" "$(jq -nc --arg a "$A1" --argjson more "$3" \
    '{approvals: [{approver: "alice@example.org", decision: "approve", artifact_id: $a} + $more]}')" | by alice
}
{
  for i in $(seq "$FOLLOWED"); do
    approval "$GATE_KIND" "team-$i-dev-to-staging" null
    approval "$GATE_KIND" "team-$i-staging-to-production" null
  done
  for i in $(seq "$DRIVING"); do approval "$PIPELINE_KIND" "driver-$i-pipeline" '{"target_environment": "production"}'; done
} >"$RUN/scale.all"
mark
expect "everything is approved by somebody" 0 send <"$RUN/scale.all"
expect "every gate is approved" 1800 all_are $((2 * (FOLLOWED + DRIVING))) 0
spent $((2 * FOLLOWED + DRIVING)) "an approval of every pending gate" $APPROVING
quiet "all final, nothing happens" 0 $((3 * (FOLLOWED + DRIVING)))

row "function: threads" "$(process_field Threads function)"
row "function: RSS, MiB" "$(calc 1 "$(process_field VmRSS function) / 1024")"
row "function: highest RSS, MiB" "$(calc 1 "$(process_field VmHWM function) / 1024")"
row "Crossplane's core: RSS, MiB" "$(calc 0 "$(process_field VmRSS core) / 1024")"
expect "nothing is lost" 60 kept "$BEFORE"
packaged_settings
summary
