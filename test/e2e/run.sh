#!/usr/bin/env bash
# Everything that is told on real control planes: Kubernetes' API server and controllers, Crossplane, this project's packages.
# A lane is a control plane of its own, in namespaces of its own, and what is told there one after the other. Lanes run side
# by side. The log of each is printed as it ends; the last line counts all checks.
#
# usage: run.sh [LANE...]     default: all of them
#
# LANES_AT_ONCE  how many lanes run side by side (default: 3, for two processors: much of it is waiting)
# TOOLS          a folder with the tools (default: what script/tools builds)
# E2E_IMAGE      the function's image as docker-archive (default: build/packages/runtime.tar, which script/image makes)
# E2E_RUN        where they run (default: build/e2e): a folder a lane; KEEP=1 keeps logs and data afterwards
set -euo pipefail
cd "$(dirname "$0")/../.."
. script/lib.sh

# NAME FLAVOUR CORE SUITE...: the longest first. The policies are in force from their own suite on. A suite is a function suite_NAME below. It fails with its exit code; what it prints
# may have lines "N passed, M failed", otherwise it counts as one.
LANES=(
  "claims        claims      crossplane-core      install unguarded policies guarded rights"
  "namespaced    namespaced  crossplane-core      install auto_ready unguarded policies guarded"
  "claims-faults claims      crossplane-core      install faults upgrade"
  "faults        namespaced  crossplane-core      install faults upgrade"
  "scale         namespaced  crossplane-core      install scale"
  "docs          namespaced  crossplane-core      docs"
  "older-claims  claims      crossplane-core-2.3  install main upgrade"
  "older         namespaced  crossplane-core-2.3  install main upgrade"
)
suite_install() { test/e2e/install.sh "$FLAVOUR"; }
suite_unguarded() { test/e2e/stories.sh "$FLAVOUR" unguarded; }
suite_guarded() { test/e2e/stories.sh "$FLAVOUR" guarded; }
suite_main() { test/e2e/stories.sh "$FLAVOUR" main; }
suite_policies() { test/e2e/policies.sh "$FLAVOUR"; }
suite_rights() { test/e2e/rights.sh "$FLAVOUR"; }
suite_faults() { test/e2e/faults.sh "$FLAVOUR"; }
suite_scale() { test/e2e/scale.sh "$FLAVOUR"; }
suite_upgrade() { test/e2e/upgrade.sh "$FLAVOUR"; }
suite_docs() { test/e2e/docs.sh "$FLAVOUR"; }
suite_auto_ready() { test/e2e/auto_ready.sh "$FLAVOUR"; }

die() { echo "run.sh: $*" >&2; exit 1; }
wanted=()
for lane in "$@"; do
  printf '%s\n' "${LANES[@]}" | grep -q "^$lane " ||
    { echo "$lane: unknown lane; allowed are $(printf '%s\n' "${LANES[@]}" | awk '{printf "%s ", $1}')" >&2; exit 2; }
done
for lane in "${LANES[@]}"; do
  [[ $# -gt 0 && " $* " != *" ${lane%% *} "* ]] || wanted+=("$lane")
done
[[ $(id -u) == 0 ]] || die "needs root, for namespaces of its own and to play the kubelet"
command -v etcd >/dev/null || die "etcd: not found; install the packages of script/dependencies/test.txt"
TOOLS=${TOOLS:-$(script/tools e2e)}
E2E_IMAGE=${E2E_IMAGE:-$PWD/build/packages/runtime.tar}
[[ -e $E2E_IMAGE ]] || script/image --output "$E2E_IMAGE"
base=${E2E_RUN:-$PWD/build/e2e}
at_once=${LANES_AT_ONCE:-3}
export TOOLS E2E_IMAGE
mkdir -p "$base"

# suite NAME COMMAND...: times it, and counts it where it does not count itself.
suite() {
  local name=$1 began=$SECONDS code=0 log=$base/$LANE.suite passed failed
  shift
  echo "=== $LANE: $name"
  # Without a pipe to wait for: a daemon that it starts would hold it open.
  "$@" >"$log" 2>&1 || code=$?
  cat "$log"
  read -r passed failed < <(tally "$log")
  if ((code != 0 && failed == 0)); then
    echo "0 passed, 1 failed"
  elif ((passed == 0 && failed == 0)); then
    echo "1 passed, 0 failed"
  fi
  printf '%5d s  %-6s %s\n' "$((SECONDS - began))" "$([[ $code == 0 ]] && echo ok || echo FAILED)" "$LANE: $name" >>"$base/timings"
  return "$code"
}

cpu_seconds() { # of all the processes in the control plane's namespaces
  nsenter -t "$(cat "$E2E_RUN/ns.pid")" -m -p -- bash -c 'cat /proc/[0-9]*/stat' |
    awk -v hz="$(getconf CLK_TCK)" '{sub(/.*\) /, ""); ticks += $12 + $13 + $14 + $15} END {printf "%d", ticks / hz}'
}

client_seconds() { # FILE: what bash's times printed, of which the second line is about all children, as in 1m2.5s
  awk 'NR == 2 {gsub(/[ms]/, " "); printf "%d", $1 * 60 + $2 + $3 * 60 + $4}' "$1"
}

run_lane() { # NAME FLAVOUR CORE SUITE...
  local name code=0
  export LANE=$1 FLAVOUR=$2 CORE=$3 E2E_RUN=$base/$1
  shift 3
  # Stories are told in seconds, in which people would take hours: so many edits open Crossplane's circuit breaker, and each
  # story would wait for a ttl. Where faults are made, the breaker is as usual, and is one of them.
  [[ " $* " == *" faults "* ]] || export CORE_FLAGS=--circuit-breaker-burst=10000
  suite up test/e2e/up.sh || code=1
  for name in "$@"; do
    # A suite that fails does not keep the others from telling theirs, where there is something to tell about.
    [[ $code == 0 || -e $E2E_RUN/installed ]] || break
    suite "$name" "suite_$name" || code=1
  done
  times >"$base/$LANE.times"
  printf '%5d s  of CPU %s: the control plane\n%5d s  of CPU %s: who asks it\n' "$(cpu_seconds)" "$LANE" \
    "$(client_seconds "$base/$LANE.times")" "$LANE" >>"$base/timings"
  # What an end before the end left behind would look like success.
  suite down test/e2e/down.sh || code=1
  return "$code"
}

# Each lane is a process group. What is up goes down, whatever happens: down.sh ends exactly the process that holds a run's namespaces.
declare -A running=()
cleanup() {
  local pid lane
  for pid in "${!running[@]}"; do kill -TERM -- "-$pid" 2>/dev/null || true; done
  for lane in "${wanted[@]}"; do
    lane=$base/${lane%% *}
    [[ ! -e $lane/unshare.pid ]] || E2E_RUN=$lane test/e2e/down.sh || true
  done
}
cleanup
for lane in "${wanted[@]}"; do rm -rf "${base:?}/${lane%% *}"; done
rm -f "$base/timings"
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

start_lane() { # LANE...
  set -m
  run_lane "$@" >"$base/$1.log" 2>&1 </dev/null &
  set +m
  running[$!]=$1
  echo "--- lane $1 begins"
}
passed=0 failed=0
# Waits for one lane, and shows what it said, with a margin, so that who counts does not count it twice.
finish_lane() {
  local pid lane good bad code=0
  wait -n -p pid "${!running[@]}" || code=$?
  lane=${running[$pid]}
  unset "running[$pid]"
  sed 's/^/  /' "$base/$lane.log"
  read -r good bad < <(tally "$base/$lane.log")
  ((code == 0 || bad > 0)) || bad=1
  passed=$((passed + good)) failed=$((failed + bad))
  echo "--- lane $lane ends: $good ok, $bad not"
}
for lane in "${wanted[@]}"; do
  ((${#running[@]} < at_once)) || finish_lane
  # shellcheck disable=SC2086  # a lane is several words
  start_lane $lane
done
while ((${#running[@]} > 0)); do finish_lane; done

cat "$base/timings"
echo "$SECONDS s in all, $at_once lanes at once"
echo "$passed passed, $failed failed"
((failed == 0 && passed > 0))
