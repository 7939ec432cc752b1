# What the tests of `crossplane composition render` share; to be sourced from the root of the project. The time of
# every call is $NOW.
# shellcheck shell=bash

BINARY=$(realpath "${BINARY:-build/function-release-pipeline}")
TOOLS=${TOOLS:-$(script/tools apicheck crossplane-cli crossplane-core kustomize)}
work=$(mktemp -d)
server=
cleanup() {
  [[ -z $server ]] || kill "$server" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT

passed=0 failed=0
pass() { passed=$((passed + 1)); }
fail() { failed=$((failed + 1)); printf 'FAIL: %s\n' "$1"; sed 's/^/  /' "$2" | head -n 40; }
json() { "$TOOLS/apicheck" json "$@"; }

start_server() {
  "$BINARY" --insecure --clock-from-context --address 127.0.0.1:0 --metrics-address= 2>"$work/log" &
  server=$!
  for _ in {1..600}; do
    address=$(sed -n 's/.*"msg":"serving".*"address":"\([^"]*\)".*/\1/p' "$work/log")
    [[ -z $address ]] || break
    kill -0 "$server" 2>/dev/null || { cat "$work/log" >&2; exit 1; }
    sleep 0.1
  done
  json examples/render/functions.yaml |
    jq --arg target "$address" '.metadata.annotations["render.crossplane.io/runtime-development-target"] = $target' \
      >"$work/functions.json"
}

# compositions-<flavour>-<kind>.json and xrd-<flavour>-<kind>.json
make_inputs() {
  local flavour kind
  for flavour in namespaced claims; do
    "$TOOLS/kustomize" build "compositions/$flavour" >"$work/compositions.yaml"
    "$TOOLS/kustomize" build "xrds/$flavour" >"$work/xrds.yaml"
    for kind in XPromotionGate XReleasePipeline; do
      json "$work/compositions.yaml" | jq --arg kind "$kind" 'select(.spec.compositeTypeRef.kind == $kind)' \
        >"$work/composition-$flavour-$kind.json"
      json "$work/xrds.yaml" | jq --arg kind "$kind" 'select(.spec.names.kind == $kind)' >"$work/xrd-$flavour-$kind.json"
    done
  done
}

# Documents as sorted lines of JSON with sorted keys.
normalise() { json "$1" | jq -S -c . | LC_ALL=C sort; }
# What the function said when it refused.
refusal() { tr '\n' ' ' <"$1" | sed -n 's/.*returned a fatal result: //p' | sed 's/ *$//'; }

# compare NAME OUR-OUTPUT: with what the real one said, $work/real.{yaml,err,code}
compare() {
  local code
  code=$(cat "$work/real.code")
  if [[ $(cat "$work/ours.code") != "$code" ]]; then
    { echo "exit $code of crossplane, $(cat "$work/ours.code") of preview"; cat "$work/real.err" "$work/ours.err"; } >"$work/said"
    fail "$1" "$work/said"
  elif [[ $code -eq 0 ]]; then
    normalise "$work/real.yaml" >"$work/real.json"
    normalise "$work/ours.yaml" >"$work/ours.json"
    if diff "$work/real.json" "$work/ours.json" >"$work/said"; then pass; else fail "$1" "$work/said"; fi
  elif diff <(refusal "$work/real.err") <(refusal "$work/ours.err") >"$work/said"; then
    pass
  else
    fail "$1" "$work/said"
  fi
}

# What the real one prints is in $work/real.yaml, $work/real.err and $work/real.code.
real() { # XR COMPOSITION ARGS...
  "$TOOLS/crossplane-cli" composition render "$1" "$2" "$work/functions.json" \
    --crossplane-binary "$TOOLS/crossplane-core" --context-values "platform.zerotouch.dev/now=\"$NOW\"" \
    "${@:3}" >"$work/real.yaml" 2>"$work/real.err" && echo 0 >"$work/real.code" || echo $? >"$work/real.code"
}

# The same by preview, compared with it.
preview() { # NAME ARGS...
  local name=$1
  shift
  "$BINARY" preview "$@" --now "$NOW" -o yaml >"$work/ours.yaml" 2>"$work/ours.err" && echo 0 >"$work/ours.code" || echo $? >"$work/ours.code"
  compare "$name"
}
