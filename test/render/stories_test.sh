#!/usr/bin/env bash
# Asks the real `crossplane composition render` what the stories were asked (test/stories): for each exported moment it
# gives the XR, what is observed and required, the Input, the key and the time of a story, and its answer has to be the
# one that the story got, and what `preview` says, byte by byte after sorting. A gate that somebody attacks has to stay
# closed in what Crossplane prints.
#
# usage: test/render/stories_test.sh [PATTERN]   (a regular expression: only moments whose names match;
#                                                 BINARY, TOOLS: as for render_test.sh;
#                                                 STORIES: default build/test/stories_test)
set -euo pipefail
cd "$(dirname "$(realpath "$0")")/../.."

NOW=
. test/render/lib.sh
STORIES=$(realpath "${STORIES:-build/test/stories_test}")

# The parts of an exported moment, as Crossplane's CLI wants them: $work/{xr.json,composition.json,*.yaml}.
unpack() { # MOMENT
  local base
  base=$work/composition-$(jq -r '"\(.flavour)-\(.xr.kind)"' "$1").json
  jq .xr "$1" >"$work/xr.json"
  jq -c '.observed[]' "$1" | sed 'i ---' >"$work/observed.yaml"
  jq -c '.required[]' "$1" | sed 'i ---' >"$work/required.yaml"
  jq -c '{apiVersion: "v1", kind: "Secret", metadata: {name: "audit", namespace: "crossplane-system"}, data: {key: (.audit_key | @base64)}}' \
    "$1" >"$work/secret.yaml"
  jq --slurpfile moment "$1" '.spec.pipeline[0] |= (.input = $moment[0].input
    | if $moment[0].audit_key == "" then . else
        .credentials = [{name: "audit", source: "Secret", secretRef: {namespace: "crossplane-system", name: "audit"}}] end)' \
    "$base" >"$work/composition.json"
}

# The real answer is the story's, and as closed or open as it has to be.
check_answer() { # NAME MOMENT
  if [[ $(cat "$work/real.code") -ne 0 ]]; then
    diff <(jq -r '.answer.fatal // "no refusal"' "$2" | tr -s '\n ' '  ' | sed 's/ *$//') <(refusal "$work/real.err") >"$work/said" &&
      pass || { cat "$work/real.err" >>"$work/said"; fail "$1: crossplane refuses" "$work/said"; }
    return
  fi
  json "$work/real.yaml" | jq -s -S -L test/render --slurpfile moment "$2" \
    'include "answer"; answer_of_render([$moment[0].answer.conditions[]?.type])' >"$work/real-answer.json"
  jq -S -L test/render 'include "answer"; .answer | answer_of_story' "$2" >"$work/story-answer.json"
  if diff "$work/story-answer.json" "$work/real-answer.json" >"$work/said"; then pass; else fail "$1: crossplane and the story" "$work/said"; fi
  jq -r '.status | "\(.gate_status) \(.approved_artifact_id)"' "$work/real-answer.json" >"$work/said"
  case $(jq -r .expect "$2") in
    closed) if grep -q '^[^ ]* $' "$work/said" && ! grep -q ^approved "$work/said"; then pass; else fail "$1: must be closed" "$work/said"; fi ;;
    open) if grep -q '^approved .' "$work/said"; then pass; else fail "$1: must be open" "$work/said"; fi ;;
  esac
}

check_moment() { # MOMENT
  local name flavour kind args=() real_only=()
  { read -r name; read -r flavour; read -r kind; read -r NOW; } < <(jq -r '.name, .flavour, .xr.kind, .now' "$1")
  unpack "$1"
  [[ ! -s $work/observed.yaml ]] || args+=(--observed-resources "$work/observed.yaml")
  [[ ! -s $work/required.yaml ]] || args+=(--required-resources "$work/required.yaml")
  [[ $(jq -r .audit_key "$1") == "" ]] || args+=(--function-credentials "$work/secret.yaml")
  [[ $flavour == namespaced ]] || real_only=(--xrd "$work/xrd-claims-$kind.json")
  real "$work/xr.json" "$work/composition.json" --include-function-results "${args[@]}" "${real_only[@]}"
  check_answer "$name" "$1"
  preview "$name: crossplane and preview" "$work/xr.json" "$work/composition.json" --include-function-results "${args[@]}"
}

mkdir "$work/moments"
EXPORT_STORIES=$work/moments "$STORIES" >"$work/stories.log" || { cat "$work/stories.log"; exit 1; }
make_inputs
start_server
count=0
for moment in "$work"/moments/*.json; do
  [[ $(jq -r .name "$moment") =~ ${1:-.} ]] || continue
  check_moment "$moment"
  count=$((count + 1))
done
echo "$count moments of stories"
[[ $count -gt 0 ]] || { echo "there are none"; failed=1; }
echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
