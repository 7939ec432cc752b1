#!/usr/bin/env bash
# Runs the function out of its image as Crossplane does: as uid 2000 and as an arbitrary one, root read-only, without
# capabilities, in network, mount and pid namespaces of its own. Needs root; nothing outside a temporary folder is written.
#
# usage: test/package/image_test.sh [TARBALL]     (docker-archive; default build/packages/runtime.tar)
set -euo pipefail

passed=0 failed=0
check() { # NAME CONDITION...
  local name=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAIL: $name" >&2
  fi
}
finish() { echo "$passed passed, $failed failed"; [[ $failed -eq 0 ]]; }

config() { jq -r "$1" "$image/config.json"; }
equals() { [[ $1 == "$2" ]] || { echo "  is:     $1" >&2; echo "  wanted: $2" >&2; return 1; }; }
# Without a section of its own for the interpreter, no dynamic linker is asked for.
is_static() { ! readelf --program-headers "$1" | grep -q INTERP; }
is_stripped() { ! readelf --sections "$1" | grep -q '\.symtab'; }

unpack() { # TARBALL: its layers into $image/root, its configuration into $image/config.json
  mkdir "$image/archive" "$image/root"
  tar -xf "$1" -C "$image/archive"
  local layer
  for layer in $(jq -r '.[0].Layers[]' "$image/archive/manifest.json"); do
    tar -xf "$image/archive/$layer" -C "$image/root"
  done
  cp "$image/archive/$(jq -r '.[0].Config' "$image/archive/manifest.json")" "$image/config.json"
}

check_contents() {
  local root=$image/root zone
  check "the entrypoint is the function alone" equals "$(config '.config.Entrypoint | join(" ")')" /function-release-pipeline
  check "no arguments are built in" equals "$(config '.config.Cmd // [] | length')" 0
  check "the heap is set up for calls" equals "$(config '.config.Env[] | select(startswith("GLIBC_TUNABLES="))')" \
    GLIBC_TUNABLES=glibc.malloc.tcache_count=127
  check "it runs as Crossplane's uid" equals "$(config '.config.User')" 2000:2000
  check "both ports are declared" equals "$(config '.config.ExposedPorts | keys | join(" ")')" "8080/tcp 9443/tcp"
  check "the licence is declared" equals "$(config '.config.Labels["org.opencontainers.image.licenses"]')" Apache-2.0
  check "the version is declared" equals "$(config '.config.Labels["org.opencontainers.image.version"] | test("^v[0-9]")')" true
  check "the revision is declared" equals "$(config '.config.Labels["org.opencontainers.image.revision"] | length > 0')" true
  check "nothing else is in it" equals "$(cd "$root" && find . -maxdepth 3 -mindepth 1 | LC_ALL=C sort | xargs)" \
    "./function-release-pipeline ./usr ./usr/share ./usr/share/doc ./usr/share/zoneinfo"
  check "it has less than 20 MB" test "$(stat -c %s "$tarball")" -lt 20000000
  check "it has less than 8 MB, compressed" test "$(gzip -c "$tarball" | wc -c)" -lt 8000000
  check "the binary is static" is_static "$root/function-release-pipeline"
  check "the binary is stripped" is_stripped "$root/function-release-pipeline"
  for zone in UTC Europe/Berlin America/New_York Asia/Kolkata Australia/Lord_Howe; do
    check "time zone $zone is there" test -s "$root/usr/share/zoneinfo/$zone"
  done
}

# What follows runs in the namespaces.

program() { # UID ARGUMENT...
  local uid=$1 environment
  shift
  mapfile -t environment < <(config '.config.Env[]')
  exec env "${environment[@]}" setpriv --no-new-privs chroot --userspec="$uid:$uid" "$image/root" /function-release-pipeline "$@"
}
run() { (program "$@") >"$image/output" 2>&1; }

within() { # SECONDS PID CONDITION...: polls for as long as the process lives
  local deadline=$((SECONDS + $1)) pid=$2
  shift 2
  until "$@"; do
    [[ $SECONDS -lt $deadline ]] && kill -0 "$pid" 2>/dev/null || return 1
    read -r -t 0.05 <>"$image/never" || true
  done
}

serves_metrics() { curl -fsS -m 2 http://127.0.0.1:8080/metrics 2>/dev/null | grep -q '^grpc_server_'; }
# An empty HealthCheckRequest and the answer {status: SERVING}, each as one gRPC frame.
is_healthy() {
  printf '\0\0\0\0\0' | curl -fsS -m 2 --http2-prior-knowledge -H 'content-type: application/grpc' -H 'te: trailers' \
    --data-binary @- http://127.0.0.1:9443/grpc.health.v1.Health/Check 2>/dev/null |
    od -An -tx1 | grep -q '^ 00 00 00 00 02 08 01$'
}
refuses() { ! run "$@"; }
stops_cleanly() { kill -TERM "$1" 2>/dev/null && wait "$1"; }

check_server() { # UID
  (program "$1" --insecure) >"$image/log" 2>&1 &
  local pid=$!
  check "uid $1: it answers health checks" within 10 "$pid" is_healthy
  check "uid $1: it has metrics" within 10 "$pid" serves_metrics
  check "uid $1: it stops on SIGTERM with exit code 0" stops_cleanly "$pid"
}

inside() {
  ip link set lo up
  mkfifo "$image/never"
  mkdir -p "$image/root/proc" "$image/root/dev"
  mount --bind "$image/root" "$image/root"
  mount -t proc proc "$image/root/proc"
  mount --rbind /dev "$image/root/dev"
  mount -o remount,bind,ro "$image/root"
  check "--help works" run 2000 --help
  check "--help names the program" grep -q function-release-pipeline "$image/output"
  check "--version works" run 2000 --version
  check "--version is a version" grep -Eq '[0-9]+\.[0-9]+\.[0-9]+' "$image/output"
  check "without certificates and without --insecure it refuses to start" refuses 2000
  check_server 2000
  check_server 54321
  finish
}

if [[ ${1:-} == --inside ]]; then
  image=$2 passed=$3 failed=$4
  inside
  exit
fi

self=$(realpath "$0")
cd "$(dirname "$self")/../.."
tarball=${1:-build/packages/runtime.tar}
[[ -f $tarball ]] || { echo "$tarball: no such file; script/image makes it" >&2; exit 2; }
[[ $(id -u) -eq 0 ]] || { echo "image_test.sh: needs root for its namespaces" >&2; exit 2; }
image=$(mktemp -d)
trap 'rm -rf "$image"' EXIT
unpack "$tarball"
check_contents
unshare --mount --net --pid --fork --kill-child "$self" --inside "$image" "$passed" "$failed"
