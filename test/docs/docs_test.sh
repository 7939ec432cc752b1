#!/usr/bin/env bash
# Holds the pages to what they say: links, manifests against the XRDs, and every command that needs no cluster. Those that
# need one are run by test/e2e/docs.sh.
#
# usage: test/docs/docs_test.sh     ($TOOLS: the folder with the tools; default: what script/tools builds)
set -euo pipefail
cd "$(dirname "$(realpath "$0")")/../.."
ROOT=$PWD
TOOLS=${TOOLS:-$(script/tools crossplane-cli kustomize)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python=/usr/bin/python3
docs() { "$python" test/docs/docs.py "$@"; }

passed=0 failed=0
pass() { passed=$((passed + 1)); }
fail() { failed=$((failed + 1)); printf 'FAIL: %s\n' "$*"; }

test_reference() {
  if "$python" script/api-reference --check; then pass; else fail "docs/api.md is not what the schemas say"; fi
}

# A fragment is right where one of the kinds takes it.
test_manifests() {
  local flavour file name
  mkdir "$work/xrds"
  for flavour in namespaced claims; do "$TOOLS/kustomize" build "xrds/$flavour" >"$work/xrds/$flavour.yaml"; done
  docs manifests "$work/manifests"
  for file in "$work"/manifests/*.json; do
    name=${file##*/}
    name=${name%-*}
    [[ $name != "${done_before:-}" ]] || continue
    done_before=$name
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

# In a folder that looks like the project's, so that what a page writes does not stay.
test_commands() {
  local page scratch
  while read -r page; do
    scratch=$work/run/$(basename "$page")
    mkdir -p "$scratch/bin"
    ln -s "$ROOT"/{build,compositions,examples,package,xrds} "$scratch/"
    ln -s "$ROOT/build/function-release-pipeline" "$scratch/bin/"
    [[ ! -e test/docs/given/$(basename "$page" .md).sh ]] || cp "test/docs/given/$(basename "$page" .md).sh" "$scratch/given.sh"
    docs script offline "$page" >"$scratch/page.sh"
    if (cd "$scratch" && PATH=$scratch/bin:$PATH HOME=$scratch &&
      { [[ ! -e given.sh ]] || . ./given.sh; } && bash -euo pipefail page.sh) >"$work/said" 2>&1 </dev/null; then
      passed=$((passed + $(grep -c '^-- ' "$work/said")))
    else
      fail "$page: a command of it"
      tail -n 20 "$work/said"
    fi
  done < <(docs pages offline)
}

summary=$(docs check) || failed=$((failed + 1))
printf '%s\n' "$summary" | grep -v ' passed, ' || true
passed=$((passed + $(awk '/ passed, / {print $1}' <<<"$summary")))
test_reference
test_manifests
test_commands
echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
