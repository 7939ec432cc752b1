#!/usr/bin/env bash
# Builds the three packages with the real CLI, for another version and repository than the sources name, and looks into
# what came out.
#
# usage: test/package/package_test.sh [TARBALL]
#   TARBALL  the runtime image (default build/packages/runtime.tar)
#   $TOOLS   the folder with the tools; default: what script/tools builds
# shellcheck disable=SC2016  # jq's variables, not the shell's
set -euo pipefail
cd "$(dirname "$(realpath "$0")")/../.."

runtime=${1:-build/packages/runtime.tar}
[[ -f $runtime ]] || { echo "$runtime: no such file; script/image makes it" >&2; exit 2; }
TOOLS=${TOOLS:-$(script/tools apicheck crossplane-cli kustomize)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

passed=0 failed=0
check() { # NAME CONDITION...: shows what the condition says where it does not hold
  local name=$1
  shift
  if "$@" >"$work/said" 2>&1; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAIL: $name"
    sed 's/^/  /' "$work/said"
  fi
}
equals() { diff <(printf '%s\n' "$1") <(printf '%s\n' "$2"); }

# An .xpkg is an image; the layer that Crossplane reads is labelled "base" and has one file.
unpack() { # NAME: its manifests into $work/NAME/package.json, its configuration into $work/NAME/config.json
  local dir=$work/$1 config layer
  mkdir "$dir"
  tar -xf "$work/packages/$1.xpkg" -C "$dir"
  config=$(jq -r '.[0].Config' "$dir/manifest.json")
  mv "$dir/$config" "$dir/config.json"
  layer=$(jq -r '.config.Labels | to_entries[] | select(.value == "base") | .key | ltrimstr("io.crossplane.xpkg:sha256:")' \
    "$dir/config.json")
  tar -xzOf "$dir/$layer.tar.gz" package.yaml | "$TOOLS/apicheck" json - >"$dir/package.json"
}
contents() { jq -r '"\(.kind) \(.metadata.name)"' "$work/$1/package.json" | LC_ALL=C sort; }
layers_of_runtime() { tar -xOf "$runtime" manifest.json | jq -r '.[0].Config' | xargs tar -xOf "$runtime" | jq -c .rootfs.diff_ids; }

script/package --version v9.8.7 --repository registry.example.org:5000/acme.team/function-release-pipeline \
  --image "$runtime" --output "$work/packages" --tools "$TOOLS"
for name in function configuration configuration-claims; do unpack "$name"; done

check "the function's package has the function and the schema of its Input" equals "$(contents function)" \
  "CustomResourceDefinition inputs.release.fn.zerotouch.dev
Function function-release-pipeline"
check "the function's package is its runtime image too" equals \
  "$(jq -c '.config | [.Entrypoint, .User, (.Env | map(select(startswith("GLIBC_TUNABLES="))))]' "$work/function/config.json")" \
  '[["/function-release-pipeline"],"2000:2000",["GLIBC_TUNABLES=glibc.malloc.tcache_count=127"]]'
check "the runtime's layers are in the function's package" jq -e --argjson layers "$(layers_of_runtime)" \
  '.rootfs.diff_ids[:($layers | length)] == $layers' "$work/function/config.json"

for name in configuration configuration-claims; do
  flavour=namespaced
  [[ $name == configuration ]] || flavour=claims
  check "$name has the API and nothing else" equals "$(contents "$name")" \
    "CompositeResourceDefinition xpromotiongates.platform.zerotouch.dev
CompositeResourceDefinition xreleasepipelines.platform.zerotouch.dev
Composition xpromotiongates.platform.zerotouch.dev
Composition xreleasepipelines.platform.zerotouch.dev
Configuration ${name/configuration/configuration-release-pipeline}"
  check "$name depends on the function of this build" equals \
    "$(jq -c 'select(.kind == "Configuration").spec.dependsOn[] | [.kind, .package, .version]' "$work/$name/package.json")" \
    '["Function","registry.example.org:5000/acme.team/function-release-pipeline",">=v9.8.7"]'
  # The name that Crossplane gives that dependency: the repository's path as a DNS label.
  check "$name calls that function" equals \
    "$(jq -r 'select(.kind == "Composition").spec.pipeline[].functionRef.name' "$work/$name/package.json" | sort -u)" \
    acme-team-function-release-pipeline
  check "$name runs that function's image in the gate's Job" equals \
    "$(jq -r 'select(.kind == "Composition").spec.pipeline[].input.gateJob.image' "$work/$name/package.json" | sort -u)" \
    registry.example.org:5000/acme.team/function-release-pipeline:v9.8.7
  check "$name has the XRDs of its flavour" diff <(jq -S 'select(.kind == "CompositeResourceDefinition") | .spec' "$work/$name/package.json") \
    <("$TOOLS/kustomize" build "xrds/$flavour" | "$TOOLS/apicheck" json - | jq -S .spec)
done
echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
