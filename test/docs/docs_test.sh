#!/usr/bin/env bash
# Holds the pages to what they say: links, manifests against the XRDs, and every command that needs no cluster. Those that
# need one are run by test/e2e/docs.sh.
#
# usage: test/docs/docs_test.sh     ($TOOLS: the folder with the tools; default: what script/tools builds)
set -euo pipefail
cd "$(dirname "$(realpath "$0")")/../.."
TOOLS=${TOOLS:-$(script/tools crane crossplane-cli crossplane-core kustomize)}
MODE=offline PROGRAM=$PWD/build/function-release-pipeline
. test/docs/lib.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

passed=0 failed=0
pass() { passed=$((passed + 1)); }
fail() { failed=$((failed + 1)); printf 'FAIL: %s\n' "$*"; }

# Links, anchors, and how each block is tested.
test_pages() {
  local said
  said=$(docs check) || true
  grep -v ' passed, ' <<<"$said" || true
  passed=$((passed + $(awk '/ passed, / {print $1}' <<<"$said")))
  failed=$((failed + $(awk '/ passed, / {print $3}' <<<"$said")))
}

test_reference() {
  if /usr/bin/python3 script/api-reference --check; then pass; else fail "docs/api.md is not what the schemas say"; fi
}

# A fragment is right where one of the kinds takes it.
test_manifests() {
  local flavour file name before=
  mkdir "$work/xrds"
  for flavour in namespaced claims; do "$TOOLS/kustomize" build "xrds/$flavour" >"$work/xrds/$flavour.yaml"; done
  docs manifests "$work/manifests"
  for file in "$work"/manifests/*.json; do
    name=${file##*/}
    name=${name%-*}
    [[ $name != "$before" ]] || continue
    before=$name
    if accepted "$work/manifests/$name"; then pass; else fail "docs: the manifest $name"; cat "$work/said"; fi
  done
}
accepted() { # PREFIX
  local file flavour
  : >"$work/said"
  for file in "$1"-*.json; do
    flavour=namespaced
    [[ $file != *-ReleasePipeline.json && $file != *-PromotionGate.json ]] || flavour=claims
    case $file in
      *Pipeline.json | *Gate.json)
        "$TOOLS/crossplane-cli" resource validate "$work/xrds/$flavour.yaml" "$file" --crossplane-image= \
          --cache-dir "$work/cache" --error-on-missing-schemas >>"$work/said" 2>&1 && return 0 ;;
      *) return 0 ;; # another project's kind
    esac
  done
  return 1
}

# In a network of its own, so that ports that a page names are free, and nothing is asked of anybody else.
test_commands() {
  local page folder
  while read -r page; do
    folder=$work/run/$(basename "$page")
    write_page "$page" "$folder"
    if run_page "$folder" unshare --map-root-user --net bash -c 'ip link set lo up && exec "$@"' - >"$work/said" 2>&1; then
      passed=$((passed + $(grep -c '^-- ' "$work/said")))
    else
      fail "$page: $(grep '^-- ' "$work/said" | tail -n 1)"
      tail -n 30 "$work/said"
    fi
  done < <(docs pages offline)
}

test_pages
test_reference
test_manifests
test_commands
echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
