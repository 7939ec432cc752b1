#!/usr/bin/env bash
# Runs `gate wait` as a process beside a real folder, which is switched as the kubelet switches a ConfigMap's: a new
# folder for each version, and the link ..data replaced.
#
# usage: test/cli/gate_wait_test.sh     (BINARY: default build/function-release-pipeline)
set -euo pipefail
cd "$(dirname "$(realpath "$0")")/../.."

BINARY=$(realpath "${BINARY:-build/function-release-pipeline}")
OURS=$(printf 'a%.0s' {1..64})
OTHER=$(printf 'b%.0s' {1..64})
work=$(mktemp -d)
mount=$work/mount
pid='' storm=''
cleanup() {
  for process in $pid $storm; do kill -KILL "$process" 2>/dev/null || true; done
  rm -rf "$work"
}
trap cleanup EXIT

passed=0 failed=0
expect() { # NAME WANT HAVE
  if [[ $2 == "$3" ]]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf 'FAIL: %s\n  want %s\n  have %s\n' "$1" "$2" "$3"
    sed 's/^/  /' "$work/log"
  fi
}

version=0
# publish SUBJECT VERDICT [SATISFIED]
publish() {
  local old new key
  version=$((version + 1))
  mkdir -p "$mount"
  old=$(readlink "$mount/..data" || true)
  new=..version_$version
  mkdir "$mount/$new"
  printf '%s' "$1" >"$mount/$new/subject"
  printf '%s' "$2" >"$mount/$new/gate_status"
  printf 'ghcr.io/acme/app:main-abc123' >"$mount/$new/artifact_id"
  printf '2026-01-02T03:04:05Z' >"$mount/$new/deadline"
  printf '[{"name":"Approvals","satisfied":%s,"reason":"R","message":"m","next_change":""}]' "${3:-false}" \
    >"$mount/$new/requirements.json"
  ln -s "$new" "$mount/..data_tmp"
  mv -T "$mount/..data_tmp" "$mount/..data"
  for key in subject gate_status artifact_id deadline requirements.json; do ln -sfn "..data/$key" "$mount/$key"; done
  [[ -z $old ]] || rm -r "${mount:?}/$old"
}
reset() { rm -rf "$mount"; }
start() { "$BINARY" gate wait --dir "$mount" --subject "$OURS" --interval 1ms "$@" 2>"$work/log" & pid=$!; }
finish() { code=0; wait "$pid" || code=$?; pid=; }
# Until the log has a line like this; the process ends it otherwise.
until_logged() {
  until grep -q -- "$1" "$work/log"; do
    kill -0 "$pid" 2>/dev/null || { grep -q -- "$1" "$work/log" && return; echo "never logged: $1" >&2; cat "$work/log" >&2; exit 1; }
    sleep 0.01
  done
}
told() { sed -n 's/^time=[^ ]* level=info msg=//p' "$work/log"; }

test_life() { # VERDICT CODE
  reset
  start
  until_logged "waiting for the gate's ConfigMap"
  publish "$OURS" pending
  until_logged 'verdict=pending'
  publish "$OURS" pending true
  until_logged 'satisfied=true'
  publish "$OURS" "$1" true
  finish
  expect "$1 ends with $2" "$2" "$code"
  expect "$1: what is told, each change once" "requirement name=Approvals satisfied=false reason=R message=m next_change=\"\"
gate verdict=pending artifact_id=ghcr.io/acme/app:main-abc123 deadline=2026-01-02T03:04:05Z
requirement name=Approvals satisfied=true reason=R message=m next_change=\"\"
gate verdict=$1 artifact_id=ghcr.io/acme/app:main-abc123 deadline=2026-01-02T03:04:05Z" "$(told)"
}

test_superseded() {
  reset
  publish "$OURS" pending
  start
  until_logged 'verdict=pending'
  publish "$OTHER" approved
  finish
  expect "the next attempt's verdict is not ours" 3 "$code"
}

test_before() {
  reset
  publish "$OTHER" approved
  start
  until_logged 'another attempt'
  publish "$OURS" approved
  finish
  expect "the ConfigMap of the attempt before is waited out" 0 "$code"
  reset
  publish "$OTHER" approved
  start --patience 20ms
  finish
  expect "but not without end" 3 "$code"
}

test_signals() {
  reset
  publish "$OURS" pending
  start
  until_logged 'verdict=pending'
  kill -TERM "$pid"
  finish
  expect "SIGTERM ends it" 143 "$code"
  # As process 1 it gets no signal that it does not ask for. unshare itself only waits.
  unshare --pid --fork "$BINARY" gate wait --dir "$mount" --subject "$OURS" --interval 1h 2>"$work/log" &
  pid=$!
  until_logged 'verdict=pending'
  kill -TERM "$(cat "/proc/$pid/task/$pid/children")"
  finish
  expect "SIGTERM ends it as process 1, in the middle of its sleep" 143 "$code"
}

# Of a mixture of two versions it would read our subject and the other one's verdict.
test_no_mixture() {
  local round
  for round in {1..40}; do
    reset
    publish "$OURS" pending
    start
    rm -f "$work/stop"
    (until [[ -e $work/stop ]]; do publish "$OTHER" approved; publish "$OURS" pending; done) &
    storm=$!
    finish
    touch "$work/stop"
    wait "$storm"
    storm=
    [[ $code -eq 3 ]] || break
  done
  expect "two versions never mix (round $round)" 3 "$code"
}

test_life approved 0
test_life rejected 1
test_life timeout 2
test_superseded
test_before
test_signals
test_no_mixture
echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
