#!/usr/bin/env bash
# Tries the API offline with the real tools: good and bad manifests of every kind in both flavours, updates, the
# examples, the Compositions and their Inputs, and what the API server asks of the CRDs, CEL cost included.
#
# usage: test/api/validate_test.sh     ($TOOLS: the folder with the tools; default: what script/tools builds)
# shellcheck disable=SC2016  # jq's variables, not the shell's
set -euo pipefail
cd "$(dirname "$(realpath "$0")")/../.."

TOOLS=${TOOLS:-$(script/tools apicheck crossplane-cli kustomize)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

passed=0 failed=0
pass() { passed=$((passed + 1)); }
fail() { failed=$((failed + 1)); printf 'FAIL: %s\n' "$*"; }
check() { # NAME CONDITION...: shows what the condition says where it does not hold
  local name=$1
  shift
  if "$@" >"$work/said" 2>&1; then pass; else fail "$name"; sed 's/^/  /' "$work/said"; fi
}

query() { jq -L test/api "include \"lib\"; $1" "${@:2}"; }
json() { "$TOOLS/apicheck" json "$@"; }
validate() { # EXTENSIONS RESOURCES
  # Its exit code says no more than its output.
  "$TOOLS/crossplane-cli" resource validate "$1" "$2" --crossplane-image= --cache-dir "$work/cache" \
    --output json 2>/dev/null || true
}

# Renders both flavours and derives their CRDs, each into a folder of its own: xrds.yaml, compositions.yaml, crds/.
render() {
  local flavour xrd
  for flavour in namespaced claims; do
    mkdir -p "$work/$flavour/crds"
    "$TOOLS/kustomize" build "xrds/$flavour" >"$work/$flavour/xrds.yaml"
    "$TOOLS/kustomize" build "compositions/$flavour" >"$work/$flavour/compositions.yaml"
    json "$work/$flavour/xrds.yaml" | while read -r xrd; do
      "$TOOLS/crossplane-cli" xrd convert - --output-dir "$work/$flavour/crds" <<<"$xrd"
    done
  done
  mkdir "$work/input"
  cp package/input/*.yaml "$work/input/"
}

test_crds() {
  local file
  for file in "$work"/*/crds/*.yaml "$work"/input/*.yaml; do
    check "the API server takes ${file#"$work"/}" "$TOOLS/apicheck" crd "$file"
  done
  # Of the XRDs, because Crossplane adds fields of its own to the CRDs.
  for file in "$work/namespaced/xrds.yaml" "$work"/input/*.yaml; do
    check "${file##*/}: every string and list is bounded" none unbounded "$file"
    check "${file##*/}: every field is described" none undescribed "$file"
  done
}
none() { # JQ-FUNCTION FILE: prints what the function finds in it
  json "$2" | query "[inputs, .] | map($1) | .[]" -r >"$work/found" && ! grep . "$work/found"
}

# What names one function in several files has to name the same one.
test_names() {
  local installed
  installed=$("$TOOLS/apicheck" name "$(json package/configuration/crossplane.yaml | jq -r '.spec.dependsOn[].package')")
  check "both Configurations depend on the same function" diff \
    <(json package/configuration/crossplane.yaml | jq .spec) <(json package/configuration-claims/crossplane.yaml | jq .spec)
  check "the Compositions call the function that the Configurations depend on" test "$installed" = \
    "$(json "$work"/*/compositions.yaml | jq -r '.spec.pipeline[].functionRef.name' | sort -u)"
  check "render finds that function in examples/render" test "$installed" = \
    "$(json examples/render/functions.yaml | jq -r .metadata.name)"
  check "the gate's Job runs the image of that function" test \
    "$(json examples/render/functions.yaml | jq -r .spec.package)" = \
    "$(json "$work"/*/compositions.yaml | jq -r '.spec.pipeline[].input.gateJob.image' | sort -u)"
}

test_flavours() {
  local base='[.spec.scope, .apiVersion, .spec.claimNames.kind]' rest='del(.spec.scope, .apiVersion, .spec.claimNames)'
  local file step namespaced=$work/namespaced/xrds.yaml claims=$work/claims/xrds.yaml
  check "the claims XRDs differ in version, scope and claim names alone" diff \
    <(json "$namespaced" | jq -S "$rest") <(json "$claims" | jq -S "$rest")
  check "the namespaced XRDs are v2 and Namespaced" diff - <(json "$namespaced" | jq -c "$base") <<'END'
["Namespaced","apiextensions.crossplane.io/v2",null]
["Namespaced","apiextensions.crossplane.io/v2",null]
END
  check "the claims XRDs are v1, LegacyCluster and offer claims" diff - <(json "$claims" | jq -c "$base") <<'END'
["LegacyCluster","apiextensions.crossplane.io/v1","PromotionGate"]
["LegacyCluster","apiextensions.crossplane.io/v1","ReleasePipeline"]
END
  check "the claims Compositions differ in the namespace alone" diff \
    <(json "$work/namespaced/compositions.yaml" | jq -S '.spec.pipeline[0].input.namespace = "platform-system"') \
    <(json "$work/claims/compositions.yaml" | jq -S .)
  check "gate and pipeline check artifacts alike" equal_artifact_rules
  for step in dev_to_staging staging_to_production dev_to_production; do
    check "the Input's policy of $step is the pipeline's" same_schema ".spec.promotionPolicies.$step" ".policy.$step"
  done
  check "the Input's freezes are the pipeline's" same_schema .spec.freezes .freezes
  for file in clusterrole clusterrole-claims; do
    check "package/rbac/$file.yaml aggregates to Crossplane" jq -e \
      '.metadata.labels["rbac.crossplane.io/aggregate-to-crossplane"] == "true"' <(json "package/rbac/$file.yaml")
  done
}
schema() { # FILE PATH: the schema at a path, "" where there is none
  json "$1" | query 'all_schemas | select(.[0] == $path) | .[1]' -S --arg path "$2"
}
same_schema() { # XRD-PATH INPUT-PATH
  schema "$work/namespaced/xrds.yaml" "$1" >"$work/a" && schema package/input/*.yaml "$2" >"$work/b" &&
    test -s "$work/a" && diff "$work/a" "$work/b"
}
# Each kind has the rule once or more, and all of them are the same one.
equal_artifact_rules() {
  json "$work/namespaced/xrds.yaml" >"$work/a"
  query '[., inputs] | map([all_schemas | select(.[0] | test("^.spec.*artifact_id$")) | .[1]
      | .["x-kubernetes-validations"]])
    | map(length > 1) == [true, true] and (add | unique | length == 1)' -e "$work/a"
}

# Of every case of a table: its name, what was expected and what was found, both as "field: message" lines.
test_creation() { # KIND TABLE EXTENSIONS
  local kind=$1 name field message found
  json "test/api/cases/$2.yaml" >"$work/table"
  query 'objects($kind; "valid", "invalid")' -c --arg kind "$kind" "$work/table" | sed 'i ---' >"$work/objects.yaml"
  validate "$3" "$work/objects.yaml" >"$work/results"
  while IFS=$'\001' read -r name field message; do
    found=$(query 'found($name)' -r --arg name "$name" "$work/results")
    if [[ -z $field ]]; then
      check "$kind $name" test "$found" = valid
    else
      check "$kind $name: only $field, with: $message" one_error "$found" "$field" "$message"
    fi
  done < <(query '(.valid[], .invalid[]) | line([])' -r "$work/table")
}
# The field alone is wrong, and the message says so.
one_error() { # FOUND FIELD FRAGMENT
  printf '%s\n' "${1:-accepted}"
  [[ $(wc -l <<<"$1") -eq 1 && $1 == "$2: "* && $1 == *"$3"* ]]
}

test_updates() { # KIND TABLE CRD
  local kind=$1 name field message after found
  json "test/api/cases/$2.yaml" >"$work/table"
  query 'object($kind; "x"; .base)' -c --arg kind "$kind" "$work/table" >"$work/before.json"
  while IFS=$'\001' read -r name field message after; do
    printf '%s' "$after" | base64 -d >"$work/after.json"
    found=$("$TOOLS/apicheck" update "$3" "$work/before.json" "$work/after.json" 2>&1) && found=valid
    if [[ -z $field ]]; then
      check "$kind update $name" test "$found" = valid
    else
      check "$kind update $name: only $field, with: $message" one_error "$found" "$field" "$message"
    fi
  done < <(query '[.updates, [objects($kind; "updates")]] | transpose[]
      | .[1] as $object | .[0] | line([$object | tojson | @base64])' -r --arg kind "$kind" "$work/table")
}

all_valid() { # EXTENSIONS RESOURCES COUNT
  validate "$1" "$2" >"$work/results"
  jq -r '.resources[] | select(.status != "valid")' "$work/results"
  jq -e --argjson n "$3" '.summary | .valid == $n and .total == $n' "$work/results"
}

test_manifests() {
  local core file
  core=$(cd test/tools && go list -m -f '{{.Dir}}' github.com/crossplane/crossplane/v2)/cluster
  for file in examples/*.yaml; do check "$file is valid" all_valid "$work/namespaced/xrds.yaml" "$file" 1; done
  for file in examples/claims/*.yaml; do check "$file is valid" all_valid "$work/claims/xrds.yaml" "$file" 1; done
  for file in examples/{install,render}/*.yaml package/crossplane.yaml package/configuration*/crossplane.yaml; do
    check "$file is valid" all_valid "$core/crds,$core/meta" "$file" 1
  done
  for file in "$work"/{namespaced,claims}; do
    # A Composition counts twice: itself and its Input.
    check "the Compositions and their Inputs are valid: ${file##*/}" \
      all_valid "$core/crds,$work/input" "$file/compositions.yaml" 4
    check "the XRDs are valid: ${file##*/}" all_valid "$core/crds" "$file/xrds.yaml" 2
  done
}

render
test_crds
test_flavours
test_names
test_manifests
while read -r flavour kind table plural; do
  test_creation "$kind" "$table" "$work/$flavour/xrds.yaml"
  test_updates "$kind" "$table" "$work/$flavour/crds/$plural.platform.zerotouch.dev.yaml"
done <<'END'
namespaced XPromotionGate gate xpromotiongates
namespaced XReleasePipeline pipeline xreleasepipelines
claims PromotionGate gate promotiongates
claims ReleasePipeline pipeline releasepipelines
END
test_creation Input input "$work/input"
test_updates Input input package/input/release.fn.zerotouch.dev_inputs.yaml
echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
