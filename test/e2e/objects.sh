# Sourced by the stories: the objects that they are about, in both flavours, and short questions about them.
# shellcheck shell=bash
# shellcheck disable=SC2034  # what is set here is read by the stories
API=platform.zerotouch.dev/v1alpha1
use_flavour() { # namespaced|claims
  FLAVOUR=$1
  case $FLAVOUR in
    namespaced) PIPELINE=XReleasePipeline GATE=XPromotionGate EXAMPLES=$ROOT/examples ;;
    claims) PIPELINE=ReleasePipeline GATE=PromotionGate EXAMPLES=$ROOT/examples/claims ;;
    *) echo "$FLAVOUR: namespaced or claims" >&2; exit 2 ;;
  esac
  PIPELINES=${PIPELINE,,}s GATES=${GATE,,}s
}

A=ghcr.io/acme/app:main-aaaaaaa B=ghcr.io/acme/app:main-bbbbbbb C=ghcr.io/acme/app:main-ccccccc

# pipeline TENANT [SPEC-JSON]: a pipeline with three environments, in the story's namespace, and more in its spec.
pipeline() {
  local more=${2:-}
  jq -n --arg kind "$PIPELINE" --arg ns "$NS" --arg tenant "$1" --arg api "$API" --argjson more "${more:-{\}}" '
    {apiVersion: $api, kind: $kind, metadata: {name: ($tenant + "-pipeline"), namespace: $ns},
     spec: ({tenant: $tenant, environments: ["dev", "staging", "production"]} + $more)}' | as pipeline-owner
}

# gate TENANT ARTIFACT [SPEC-JSON]: the gate from dev to staging.
gate() {
  local more=${3:-}
  gate_object "$1" "$2" "${more:-{\}}" | as gate-owner
}
gate_object() {
  jq -n --arg kind "$GATE" --arg ns "$NS" --arg tenant "$1" --arg artifact "$2" --arg api "$API" --argjson more "$3" '
    {apiVersion: $api, kind: $kind, metadata: {name: ($tenant + "-dev-to-staging"), namespace: $ns},
     spec: ({tenant: $tenant, artifact_id: $artifact, source_environment: "dev", target_environment: "staging"} + $more)}'
}

# by NAME COMMAND...: kubectl under that person's name, with every right that RBAC can give.
by() {
  local name=$1
  shift
  k --as="$name" --as-group=system:masters "$@"
}
# as NAME [FLAG...]: applies what it reads, server-side, under that person's name and field manager.
as() {
  local name=$1
  shift
  by "$name" apply --server-side --field-manager="$name" "$@" -f - >/dev/null
}

# entry GATE-NAME APPROVER DECISION ARTIFACT [ATTEMPT]: one entry, which is all that a person applies.
entry() {
  jq -n --arg kind "$GATE" --arg ns "$NS" --arg name "$1" --arg who "$2" --arg decision "$3" --arg artifact "$4" \
    --argjson attempt "${5:-1}" --arg api "$API" '
    {apiVersion: $api, kind: $kind, metadata: {name: $name, namespace: $ns},
     spec: {approvals: [{approver: $who, decision: $decision, artifact_id: $artifact, attempt: $attempt}]}}'
}
decide() { entry "$@" | as "$2"; }

# is KIND NAME JSONPATH VALUE: that field has that very value.
is() {
  local seen
  seen=$(k -n "$NS" get "$1" "$2" -o jsonpath="$3" 2>&1) || { echo "$seen"; return 1; }
  echo "$3 is '$seen', wanted '$4'"
  [[ $seen == "$4" ]]
}
gate_is() { is "$GATES" "$1" '{.status.gate_status}' "$2"; }
condition_is() { # KIND NAME TYPE STATUS/REASON
  is "$1" "$2" "{.status.conditions[?(@.type==\"$3\")].status}/{.status.conditions[?(@.type==\"$3\")].reason}" "$4"
}
# open GATE-NAME: the requirements that are not satisfied, as Name=Reason, in order.
open_requirements() {
  k -n "$NS" get "$GATES" "$1" -o json | jq -r '[.status.requirements[] | select(.satisfied | not) | .name + "=" + .reason] | join(" ")'
}
open_are() {
  local seen
  seen=$(open_requirements "$1")
  echo "open: '$seen', wanted '$2'"
  [[ $seen == "$2" ]]
}
# holds KIND NAME JQ: the object makes this jq expression true.
holds() {
  local object
  object=$(k -n "$NS" get "$1" "$2" -o json --show-managed-fields) || return
  jq -e "$3" <<<"$object" || { jq -c '{spec, status, data, rules} | del(.status.audit, .status.requirements)' <<<"$object"; return 1; }
}
gone() { # KIND NAME
  local seen
  seen=$(k -n "$NS" get "$1" "$2" --ignore-not-found 2>&1)
  echo "$seen"
  [[ -z $seen ]]
}
there() { k -n "$NS" get "$1" "$2" -o name; }
uid_of() { k -n "$NS" get "$1" "$2" -o jsonpath='{.metadata.uid}'; }

# The composite that belongs to one of ours: itself, or what its claim points at.
composite_of() { # KIND-PLURAL NAME
  if [[ $FLAVOUR == claims ]]; then
    k -n "$NS" get "$1" "$2" -o jsonpath='{.spec.resourceRef.name}'
  else
    echo "$2"
  fi
}
COMPOSITE_OF_GATE=xpromotiongates COMPOSITE_OF_PIPELINE=xreleasepipelines

# poke KIND NAME: makes Crossplane look again, by something that means nothing.
poke() { k -n "$NS" annotate "$1" "$2" --overwrite "e2e.example.org/poke=$RANDOM$RANDOM" >/dev/null; }
# poking KIND NAME COMMAND...: asks, and where the answer is no, pokes: every few seconds at the most, because each poke takes
# from what Crossplane's circuit breaker lets through.
poking() {
  "${@:3}" && return
  [[ -z $(find "$RUN/poked" -newermt '3 seconds ago' 2>/dev/null) ]] || return
  touch "$RUN/poked"
  poke "$1" "$2"
  return 1
}

# events REASON: how often it was said about anything in the story's namespace, repetitions counted.
events() {
  k -n "$NS" get events -o json |
    jq --arg reason "$1" '[.items[] | select(.reason == $reason) | .series.count // .count // 1] | add // 0'
}

# Or the package manager would set its Compositions back.
pause_configuration() { k annotate configurationrevisions.pkg.crossplane.io --all --overwrite crossplane.io/paused=true >/dev/null; }
# input FIELD VALUE-JSON: what a platform team sets in both Compositions; an empty value takes it out again.
input() {
  local name
  pause_configuration
  for name in xreleasepipelines xpromotiongates; do
    k patch composition "$name.platform.zerotouch.dev" --type=json -p "$(jq -n --arg field "$1" --argjson value "${2:-null}" '
      "/spec/pipeline/0/input/\($field)" as $path | [{op: "add", $path, $value}, if $value == null then {op: "remove", $path} else empty end]')" >/dev/null
  done
}
