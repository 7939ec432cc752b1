#!/usr/bin/env bash
# Takes each right of package/rbac/ away from Crossplane, one resource at a time: without it a short story has to fail, and
# with it again the same story has to end well. So nothing in there is granted for nothing.
#
# usage: rights.sh namespaced|claims
set -uo pipefail
. "$(dirname "$0")/env.sh"
. "$E2E/lib.sh"
. "$E2E/objects.sh"
. "$E2E/stories/drive.sh"
. "$E2E/stories/examples.sh"
use_flavour "${1:-}"
FILES=("$ROOT/package/rbac/clusterrole.yaml")
[[ $FLAVOUR == namespaced ]] || FILES+=("$ROOT/package/rbac/clusterrole-claims.yaml")

# one a line: FILE RULE-INDEX RESOURCE-INDEX GROUP/RESOURCE
rights() {
  local file
  for file in "${FILES[@]}"; do
    k create -f "$file" --dry-run=client -o json | jq -r --arg file "$file" '
      .rules | to_entries[] | .key as $rule | .value.apiGroups[0] as $group | .value.resources | to_entries[]
      | "\($file) \($rule) \(.key) \($group)/\(.value)"'
  done
}
without() { # FILE RULE-INDEX RESOURCE-INDEX
  k create -f "$1" --dry-run=client -o json |
    jq --argjson rule "$2" --argjson resource "$3" '.rules[$rule].resources |= del(.[$resource]) | .rules |= map(select(.resources != []))' |
    k apply -f - >/dev/null
}
aggregated() { # yes|no GROUP/RESOURCE: whether Crossplane's role has a rule for it from our role
  local seen
  seen=$(k get clusterrole crossplane -o json | jq --arg group "${2%%/*}" --arg resource "${2#*/}" '
    any(.rules[]; (.apiGroups | index($group)) and (.resources | index($resource)) and (.verbs | index("delete")))')
  echo "aggregated: $seen"
  [[ $seen == "$([[ $1 == yes ]] && echo true || echo false)" ]]
}

# A pipeline that drives, with everything that it composes there, and a gate that opens.
whole() { # TENANT
  there rolebinding "$1-release-pipeline-binding" && there externalsecret "$1-release-pipeline-credentials" &&
    gate_is "$1-dev-to-staging" approved && job_there "$1" &&
    { [[ $FLAVOUR == namespaced ]] || k get clusterrolebinding "$1-release-pipeline-binding.$NS"; }
}
job_there() { there job "$(k -n "$NS" get configmap "$1-dev-to-staging-gate" -o jsonpath='{.data.job}')"; }
short_story() { # TENANT
  pipeline "$1" "{\"artifact_id\": \"$A\", \"promotionRules\": {\"dev_to_staging\": \"automatic\"}}"
}
said_since() { # LINE PATTERN
  local seen
  seen=$(tail -n "+$(($1 + 1))" "$LOG/core.log" | grep -aoE -- "$2")
  echo "${seen:-nothing of the kind}"
  [[ -n $seen ]]
}
incomplete() { ! whole "$1" >/dev/null 2>&1; }
poked_whole() {
  whole "$1" && return
  poke "$PIPELINES" "$1-pipeline"
  k -n "$NS" get "$GATES" "$1-dev-to-staging" >/dev/null 2>&1 && poke "$GATES" "$1-dev-to-staging"
  sleep 2
  whole "$1"
}

# Who has the label that adds to Crossplane's role, and what is bound to its account.
sources_of_rights() {
  k get clusterroles -l rbac.crossplane.io/aggregate-to-crossplane=true -o name | sed 's|.*/||' |
    grep -v '^crossplane:composite:.*:aggregate-to-crossplane$' | LC_ALL=C sort
  k get clusterrolebindings,rolebindings -A -o json | jq -r '.items[] | select(any(.subjects[]?;
    .kind == "ServiceAccount" and .name == "crossplane")) | "bound to " + .roleRef.name'
}
WANTED_SOURCES=$'crossplane:release-pipeline\ncrossplane:system:aggregate-to-crossplane\nbound to crossplane'
[[ $FLAVOUR == namespaced ]] || WANTED_SOURCES=${WANTED_SOURCES/line$'\n'/line$'\ncrossplane:release-pipeline-claims\n'}

story "with every right" "least-$FLAVOUR"
expect "Crossplane has the rights of its chart, what its RBAC manager adds for the XRDs, and ours" 0 same "$WANTED_SOURCES" "$(sources_of_rights)"
short_story all
expect "the short story ends well" 60 whole all
count=0
while read -r file rule resource right; do
  count=$((count + 1))
  story "without $right" "least-$FLAVOUR-$count"
  without "$file" "$rule" "$resource"
  expect "it is taken away" 20 aggregated no "$right"
  mark=$(wc -l <"$LOG/core.log")
  short_story lacks
  expect "Crossplane says what it lacks" 60 said_since "$mark" "cannot [a-z]+ resource .?\"${right#*/}"
  expect "and the story does not end well" 0 incomplete lacks
  k apply -f "$file" >/dev/null
  expect "it is given back" 20 aggregated yes "$right"
  expect "and the story ends well" 90 poked_whole lacks
done < <(rights)
summary
