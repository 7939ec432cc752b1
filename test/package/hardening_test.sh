#!/usr/bin/env bash
# Is the release binary hardened? Looks at the file, at the code that was compiled into it, and at the process.
#
# usage: test/package/hardening_test.sh [BINARY]     (default build/function-release-pipeline, with its objects in build/)
set -euo pipefail
cd "$(dirname "$(realpath "$0")")/../.."

binary=${1:-build/function-release-pipeline}
[[ -f $binary ]] || { echo "$binary: no such file; build function-release-pipeline first" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
check() { # NAME CONDITION...
  if "${@:2}" >"$work/said" 2>&1; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAIL: $1"
    sed 's/^/  /' "$work/said"
  fi
}
has_no() { ! grep -E "$@"; }

readelf --wide --file-header "$binary" >"$work/header"
readelf --wide --segments "$binary" >"$work/segments"
readelf --wide --dynamic "$binary" >"$work/dynamic"
check "position-independent" grep -qE '^ +Type: +DYN' "$work/header"
check "an executable, not a shared object" grep -qE 'FLAGS_1.*\bPIE\b' "$work/dynamic"
check "static: no dynamic linker is asked for" has_no 'INTERP' "$work/segments"
check "static: no shared object is needed" has_no 'NEEDED' "$work/dynamic"
check "what is relocated is read-only afterwards" grep -qE '^ +GNU_RELRO' "$work/segments"
check "and all of it is, at the start" grep -qE 'FLAGS.*\bNOW\b' "$work/dynamic"
check "the stack is not executable" grep -qE '^ +GNU_STACK .* RW +0' "$work/segments"
check "no memory is both writable and executable" has_no '^ +LOAD .* (RWE|WE)' "$work/segments"
check "the code itself is not relocated" has_no 'TEXTREL' "$work/dynamic"
check "there is no path to libraries in it" has_no 'RPATH|RUNPATH' "$work/dynamic"

# In our own code: what was compiled calls the checks. (That something does, somewhere in a static binary, says little.)
calls() { # LIBRARY: the undefined symbols of its objects
  nm --undefined-only "build/function/libfrp_$1.a" 2>/dev/null | awk '$1 == "U" { print $2 }' | sort -u
}
checked_copies() { for library in base release codec manifest runner cli; do calls "$library"; done | grep -E '^__[a-z]+_chk$' | sort -u; }
for library in release codec manifest runner cli; do
  check "$library: functions with arrays check the stack" grep -q '^__stack_chk_fail$' <(calls "$library")
done
check "sources are fortified: copies whose size is known are checked" test "$(checked_copies | wc -l)" -ge 1
flags() { # FLAG: every one of our compilations has it
  jq -r '.[] | select(.file | test("/function/")) | .command' build/compile_commands.json >"$work/commands"
  [[ -s $work/commands ]] && ! grep -vF -- "$1" "$work/commands"
}
for flag in -fstack-protector-strong -fstack-clash-protection -D_FORTIFY_SOURCE=3; do check "compiled with $flag" flags "$flag"; done

# The process: its code is somewhere else each time.
address_of_code() {
  "$binary" gate wait --dir "$work" --subject "$(printf '%064d' 0)" 2>/dev/null &
  local pid=$! found=''
  while kill -0 "$pid" 2>/dev/null && [[ -z $found ]]; do
    found=$(awk -v file="$(realpath "$binary")" '$6 == file && $2 ~ /x/ { print $1; exit }' "/proc/$pid/maps")
  done
  kill "$pid"
  wait "$pid" 2>/dev/null || true
  echo "$found"
}
for _ in 1 2 3 4 5 6; do address_of_code; done | sort -u >"$work/addresses"
check "the addresses of its code are others each time" test "$(grep -c . "$work/addresses")" -gt 1

echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
