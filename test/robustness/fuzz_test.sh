#!/usr/bin/env bash
# Runs the fuzz targets (test/robustness/fuzz/) out of the sanitizers' build, two at a time.
#
# usage: test/robustness/fuzz_test.sh [--seconds N] [--build FOLDER] [TARGET...]
#
# --seconds  for each target (default 60)
# --build    a build with -DFRP_SANITIZE=address,undefined (default build-asan)
# TARGET     a file of test/robustness/fuzz/ without .cc; default: every one
#
# What was found interesting is kept in .cache/fuzz/TARGET and is where the next run begins, beside the seeds. An input that
# fails is in .cache/fuzz/findings/: fix it, and put it into test/robustness/fuzz/findings/TARGET/, which every run tries first.
# An input may take 20 seconds and 512 MB at once; a leak is a failure. Prints what each target ran and a last line that counts.
set -euo pipefail
cd "$(dirname "$0")/../.."

FOLDER=test/robustness/fuzz
ALL=(request struct life words sshsig allowed_signers windows preview audit files)
declare -A DICTIONARY=([request]=api [struct]=api [life]=api [windows]=api [preview]=api [audit]=api
  [words]=words [sshsig]=ssh [allowed_signers]=ssh [files]=files)
# The longest input that is tried.
declare -A MAX_LENGTH=([words]=600 [sshsig]=8192 [allowed_signers]=8192)
seconds=60 build=build-asan targets=()
while [[ $# -gt 0 ]]; do
  case $1 in
    --seconds) seconds=$2; shift 2 ;;
    --build) build=$2; shift 2 ;;
    -h | --help) sed -n '2,/^set /s/^# \{0,1\}//p' "$0" | sed '$d'; exit 0 ;;
    *) [[ " ${ALL[*]} " == *" $1 "* ]] || { echo "$1: unknown target; there are ${ALL[*]}" >&2; exit 2; }
      targets+=("$1"); shift ;;
  esac
done
[[ ${#targets[@]} -gt 0 ]] || targets=("${ALL[@]}")
program() { find "$build" -type f -name "fuzz_$1" -perm -u+x | head -n 1; }
for target in seeds "${targets[@]}"; do
  [[ -n $(program "$target") ]] || { echo "$build: fuzz_$target is not built there" >&2; exit 2; }
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
findings=$PWD/.cache/fuzz/findings
mkdir -p "$findings"
export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1:allocator_may_return_null=1 UBSAN_OPTIONS=print_stacktrace=1

# ---- Seeds: what is committed, what is elsewhere in the repository, and what is made out of both.

make_seeds() { # into $work/seeds/TARGET
  local target file certificates=$FOLDER/certificates
  for target in "${ALL[@]}"; do
    mkdir -p "$work/seeds/$target"
    [[ ! -d $FOLDER/seeds/$target ]] || cp "$FOLDER/seeds/$target"/* "$work/seeds/$target/"
    [[ ! -d $FOLDER/findings/$target ]] || cp "$FOLDER/findings/$target"/* "$work/seeds/$target/"
  done
  "$(program seeds)" "$work/seeds"
  cp "$FOLDER"/seeds/life/* "$work/seeds/preview/"
  find examples compositions -name '*.yaml' | while read -r file; do
    cp "$file" "$work/seeds/preview/${file//\//-}"
  done
  for file in test/unit/release/testdata/*.sig; do
    cp "$file" "$work/seeds/sshsig/"
    grep -v -- '-----' "$file" | base64 -d >"$work/seeds/sshsig/$(basename "$file").blob"
  done
  for file in "$certificates"/*.crt; do
    { printf p; cat "$file"; } >"$work/seeds/files/pem-$(basename "$file")"
    { printf d; openssl x509 -in "$file" -outform DER; } >"$work/seeds/files/der-$(basename "$file")"
  done
  for file in "$certificates"/*; do
    { printf f; cat "$file"; } >"$work/seeds/files/folder-$(basename "$file")"
  done
}

# ---- Running.

fuzz() { # TARGET
  local corpus=.cache/fuzz/$1
  mkdir -p "$corpus"
  # Out of memory, LeakSanitizer may not come to an end.
  timeout --kill-after=10 $((seconds + 180)) "$(program "$1")" -max_total_time="$seconds" -timeout=20 -malloc_limit_mb=512 -rss_limit_mb=2048 -print_final_stats=1 -print_funcs=0 \
    -max_len="${MAX_LENGTH[$1]:-16384}" -dict="$FOLDER/${DICTIONARY[$1]}.dict" -artifact_prefix="$findings/$1-" \
    "$corpus" "$work/seeds/$1"
}

# A process that says what it ran, and whose exit code is its own.
run() { # TARGET
  local code=0
  fuzz "$1" >"$work/$1.log" 2>&1 || code=$?
  if [[ $code -eq 0 ]]; then
    echo "$1: $(awk '/stat::number_of_executed_units/ { print $2 }' "$work/$1.log") inputs," \
      "$(awk '/cov: / { for (i = 1; i < NF; i++) if ($i == "cov:") n = $(i + 1) } END { print n }' "$work/$1.log") edges covered"
  else
    echo "FAIL: $1: exit code $code; $findings/$1-* has the input; what it said:"
    grep -aE '^(property violated|==[0-9]+== *ERROR|SUMMARY|Base64|.*runtime error)' "$work/$1.log" | sed 's/^/    /' || true
    grep -avE '^#[0-9]+\s' "$work/$1.log" | tail -n 60 | sed 's/^/    /'
  fi
  return "$code"
}

make_seeds
passed=0 failed=0 running=0
collect() { if wait -n; then passed=$((passed + 1)); else failed=$((failed + 1)); fi; running=$((running - 1)); }
for target in "${targets[@]}"; do
  [[ $running -lt 2 ]] || collect
  run "$target" &
  running=$((running + 1))
done
while [[ $running -gt 0 ]]; do collect; done
echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
