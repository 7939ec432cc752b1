# What a tenant's service account may do: what scripts need, and nothing else.
# shellcheck shell=bash disable=SC2153,SC2317 # what is in capitals is set by objects.sh; functions are called by expect

# reviews: what the authorizer says about the tenant's account, for lines RESOURCE[.GROUP][/NAME][:SUBRESOURCE]. It asks
# about every verb, and prints a line "WHAT: VERB..." each, of what is allowed.
VERBS=(get list watch create update patch delete deletecollection)
reviews() {
  local lines
  lines=$(cat)
  jq -n --arg lines "$lines" --arg ns "$NS" --arg verbs "${VERBS[*]}" '
    {apiVersion: "v1", kind: "List", items: [
      $lines / "\n" | .[] as $what | ($what | capture("^(?<resource>[^./:]+)(\\.(?<group>[^/:]+))?(/(?<name>[^:]+))?(:(?<sub>.+))?$")) as $it
      | ($verbs / " ")[]
      | {apiVersion: "authorization.k8s.io/v1", kind: "SubjectAccessReview", spec: {
          user: "system:serviceaccount:\($ns):mine-release-pipeline-sa",
          groups: ["system:serviceaccounts", "system:serviceaccounts:\($ns)", "system:authenticated"],
          extra: {what: [$what]},
          resourceAttributes: ({namespace: $ns, verb: ., resource: $it.resource, group: $it.group, name: $it.name,
            subresource: $it.sub} | map_values(select(. != null)))}}]}' |
    k create -f - -o json | jq -rs --arg lines "$lines" '
      map(if .kind == "List" then .items[] else . end) as $answers | $lines / "\n" | .[] as $what
      | [$answers[] | select(.spec.extra.what == [$what])] | if length == 0 then error("no answer about " + $what) else . end
      | "\($what):" + ([.[] | select(.status.allowed) | " " + .spec.resourceAttributes.verb] | add // "")'
}

# One line a resource: what is allowed of all verbs; everything else is refused.
rights_matrix() {
  local gates=$GATES pipelines=$PIPELINES
  cat <<EOF
configmaps/mine-release-pipeline-config: get list watch
configmaps/mine-dev-to-staging-gate: get list watch
configmaps/mine-staging-to-production-gate: get list watch
configmaps/theirs-release-pipeline-config:
configmaps/kube-root-ca.crt:
configmaps:
secrets/mine-release-pipeline-credentials: get
secrets/theirs-release-pipeline-credentials:
secrets:
jobs.batch: get list watch
pods:
serviceaccounts:
$gates.platform.zerotouch.dev/mine-dev-to-staging: get list watch create patch
$gates.platform.zerotouch.dev/mine-staging-to-production: get list watch create patch
$gates.platform.zerotouch.dev/theirs-dev-to-staging:
$gates.platform.zerotouch.dev:
$pipelines.platform.zerotouch.dev/mine-pipeline: get list watch
$pipelines.platform.zerotouch.dev/theirs-pipeline:
$pipelines.platform.zerotouch.dev:
roles.rbac.authorization.k8s.io:
rolebindings.rbac.authorization.k8s.io:
externalsecrets.external-secrets.io:
$gates.platform.zerotouch.dev/mine-dev-to-staging:status:
$pipelines.platform.zerotouch.dev/mine-pipeline:status:
pods:exec:
pods:log:
jobs.batch:status:
serviceaccounts/mine-release-pipeline-sa:token:
serviceaccounts/theirs-release-pipeline-sa:token:
EOF
  [[ $FLAVOUR == claims ]] || return 0
  cat <<EOF
xreleasepipelines.platform.zerotouch.dev/$(composite_of "$PIPELINES" mine-pipeline): get list watch
xreleasepipelines.platform.zerotouch.dev/$(composite_of "$PIPELINES" theirs-pipeline):
xreleasepipelines.platform.zerotouch.dev:
xpromotiongates.platform.zerotouch.dev:
clusterroles.rbac.authorization.k8s.io:
clusterrolebindings.rbac.authorization.k8s.io:
EOF
}

story_tenant_rights() {
  local seen want
  story "a tenant's service account can do what its scripts need, and nothing else" "rights-$FLAVOUR"
  pipeline mine '{"promotionPolicies": {"dev_to_staging": {"required_checks": ["unit"]}}}'
  pipeline theirs
  expect "its binding" 30 there rolebinding mine-release-pipeline-binding
  expect "the other tenant's" 30 there rolebinding theirs-release-pipeline-binding
  seen=$(rights_matrix | sed 's/:[^:]*$//' | reviews)
  while IFS= read -r want; do
    expect "$want" 0 same "$want" "$(awk -v what="${want%:*}:" 'index($0, what) == 1 && (length($0) == length(what) || substr($0, length(what) + 1, 1) == " ")' <<<"$seen")"
  done < <(rights_matrix)
  tenant_calls
  tenant_scripts
}

# With a token of its own, against the real API server.
tenant_calls() {
  tenant_kubectl
  k -n "$NS" create secret generic mine-release-pipeline-credentials --from-literal=github-token=x --from-literal=registry-token=y >/dev/null
  k -n "$NS" create secret generic theirs-release-pipeline-credentials --from-literal=github-token=y >/dev/null
  expect "it reads its configuration" 5 tenant get configmap mine-release-pipeline-config -o jsonpath='{.data.registry}'
  expect "and its credentials" 5 tenant get secret mine-release-pipeline-credentials
  expect "it asks for a promotion" 5 tenant_applies "$(gate_object mine "$A" '{}')"
  expect "it sees it pending" 30 tenant wait --for=jsonpath='{.status.gate_status}'=pending --timeout=90s "$GATES/mine-dev-to-staging"
  expect "it reads the gate's ConfigMap" 20 tenant get configmap mine-dev-to-staging-gate
  expect "it reads its Job" 5 tenant get job "$(job_of mine-dev-to-staging)"
  refuse "another tenant's configuration" forbidden tenant get configmap theirs-release-pipeline-config
  refuse "another tenant's credentials" forbidden tenant get secret theirs-release-pipeline-credentials
  refuse "all secrets" forbidden tenant get secrets
  refuse "another tenant's gate" forbidden tenant_applies "$(gate_object theirs "$A" '{}')"
  refuse "its gate's status" forbidden tenant patch "$GATES" mine-dev-to-staging --subresource=status --type=merge -p '{"status":{"gate_status":"approved"}}'
  refuse "its gate's ConfigMap" forbidden tenant patch configmap mine-dev-to-staging-gate --type=merge -p '{"data":{"gate_status":"approved"}}'
  refuse "its gate's deletion" forbidden tenant delete "$GATES" mine-dev-to-staging
  refuse "its own Role" forbidden tenant patch role mine-release-pipeline-role --type=merge -p '{"rules":[]}'
  refuse "its pipeline" forbidden tenant patch "$PIPELINES" mine-pipeline --type=merge -p '{"spec":{"attempt":2}}'
  refuse "another namespace" forbidden tenant get configmaps -n kube-system
  local approval
  approval=$(gate_object mine "$A" "{\"approvals\": [{\"approver\": \"mine\", \"decision\": \"approve\", \"artifact_id\": \"$A\"}]}")
  if k get validatingadmissionpolicy release-approvals.platform.zerotouch.dev >/dev/null 2>&1; then
    refuse "an approval" 'own name|approves and overrides nothing' tenant_applies "$approval"
  else
    expect "approving with the Role alone would work: the admission policies are what refuses it" 5 tenant_applies "$approval" --dry-run=server
  fi
}
# A kubectl that knows nothing but the tenant's token, for us and for the scripts.
tenant_kubectl() {
  TENANT_BIN=$RUN/tenant
  mkdir -p "$TENANT_BIN"
  cat >"$TENANT_BIN/kubectl" <<EOF
#!/bin/sh
exec nsenter -t $(cat "$RUN/ns.pid") -n -- $BIN/kubectl --kubeconfig=/dev/null --cache-dir=$RUN/cache/tenant \
  --server=https://127.0.0.1:16443 --certificate-authority=$PKI/ca.crt --token=$(k -n "$NS" create token mine-release-pipeline-sa) "\$@"
EOF
  chmod 700 "$TENANT_BIN/kubectl"
}
tenant() { "$TENANT_BIN/kubectl" -n "$NS" "$@"; }
tenant_applies() { # OBJECT [FLAG...]
  local object=$1
  shift
  tenant apply --server-side --field-manager=script "$@" -f - <<<"$object"
}

# The example scripts, as a pipeline of the tenant's would run them.
script() { # NAME ARGUMENT...
  local name=$1
  shift
  PATH=$TENANT_BIN:$PATH NAMESPACE=$NS KIND=$GATE POLL=2 timeout 120 "$ROOT/examples/scripts/$name.sh" "$@"
}
prints() { # TEXT COMMAND...: the command succeeds, and prints a line with this text
  local text=$1 seen
  shift
  seen=$("$@" 2>&1) || { echo "$seen"; return 1; }
  echo "$seen"
  grep -qF -- "$text" <<<"$seen"
}
tenant_scripts() {
  local asked folder=$RUN/tenant/credentials
  expect "discover-config.sh: where the artifacts are" 5 prints registry=ghcr.io script discover-config mine
  expect "discover-config.sh: the way" 5 prints 'environments=dev staging production' script discover-config mine
  expect "discover-config.sh: the rules" 5 prints rule.dev_to_staging=manual script discover-config mine
  refuse "discover-config.sh about another tenant" forbidden script discover-config theirs
  expect "read-credentials.sh: a token" 5 prints x script read-credentials mine github-token
  expect "read-credentials.sh: both, into files" 5 script read-credentials mine --to "$folder"
  expect "which hold them" 0 same "x y" "$(cat "$folder/github-token") $(cat "$folder/registry-token")"
  refuse "read-credentials.sh of another tenant" forbidden script read-credentials theirs github-token

  script promote mine dev staging "$A" >"$RUN/tenant/promote.log" 2>&1 &
  asked=$!
  expect "report-check.sh" 5 script report-check mine-dev-to-staging unit success "$A"
  expect "the gate takes the report" 30 open_are mine-dev-to-staging 'Approvals=AwaitingApprovals'
  refuse "report-check.sh to another tenant's gate" forbidden script report-check theirs-dev-to-staging unit success "$A"
  expect "promote.sh still waits" 0 kill -0 "$asked"
  decide mine-dev-to-staging alice approve "$A"
  promotion_ends "$asked" 0 "$A is approved"
  script promote mine dev staging "$A" 2 >"$RUN/tenant/promote.log" 2>&1 &
  asked=$!
  expect "promote.sh asks for attempt 2" 30 is "$GATES" mine-dev-to-staging '{.spec.attempt} {.status.gate_status}' '2 pending'
  decide mine-dev-to-staging alice reject "$A" 2
  promotion_ends "$asked" 1 'was rejected'
  script promote mine dev staging "$A" 3 >"$RUN/tenant/promote.log" 2>&1 &
  asked=$!
  expect "promote.sh asks for attempt 3" 30 is "$GATES" mine-dev-to-staging '{.spec.attempt} {.status.gate_status}' '3 pending'
  tenant_applies "$(gate_object mine "$B" '{"attempt": 3}')" --force-conflicts >/dev/null
  promotion_ends "$asked" 3 'was superseded'
  refuse "promote.sh for another tenant" forbidden script promote theirs dev staging "$A"
}
promotion_ends() { # PID CODE TEXT
  local code=0
  wait "$1" || code=$?
  expect "promote.sh ends with $2" 0 same "$2" "$code"
  expect "and says: $3" 0 prints "$3" cat "$RUN/tenant/promote.log"
}
