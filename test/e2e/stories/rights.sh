# What a tenant's service account may do: what scripts need, and nothing else.
# shellcheck shell=bash disable=SC2153,SC2317 # what is in capitals is set by objects.sh; functions are called by expect

# may ANSWER VERB RESOURCE[/NAME] [FLAG...]: what the authorizer says about the tenant's account.
may() {
  local want=$1 verb=$2 resource=$3 seen
  shift 3
  seen=$(k -n "$NS" auth can-i "$verb" "$resource" "$@" --as="system:serviceaccount:$NS:mine-release-pipeline-sa" 2>/dev/null)
  echo "$verb $resource $*: '$seen', wanted '$want'"
  [[ $seen == "$want" ]]
}

# One line a resource: what is allowed of all verbs; everything else is refused.
VERBS=(get list watch create update patch delete deletecollection)
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
EOF
}

story_tenant_rights() {
  local line resource allowed verb want wrong
  story "a tenant's service account can do what its scripts need, and nothing else" "rights-$FLAVOUR"
  pipeline mine
  pipeline theirs
  expect "its binding" 30 there rolebinding mine-release-pipeline-binding
  expect "the other tenant's" 30 there rolebinding theirs-release-pipeline-binding
  while IFS=: read -r resource allowed; do
    wrong=''
    for verb in "${VERBS[@]}"; do
      want=no
      [[ " $allowed " != *" $verb "* ]] || want=yes
      line=$(may $want "$verb" "$resource") || wrong+="$line"$'\n'
    done
    expect "$resource:${allowed:- nothing}" 0 same '' "$wrong"
  done < <(rights_matrix)
  expect "no status" 0 may no patch "$GATES.platform.zerotouch.dev/mine-dev-to-staging" --subresource=status
  expect "no exec" 0 may no create pods --subresource=exec
  expect "no token of another" 0 may no create serviceaccounts/theirs-release-pipeline-sa --subresource=token
  tenant_calls
}

# With a token of its own, against the real API server.
tenant_calls() {
  local token
  token=$(k -n "$NS" create token mine-release-pipeline-sa)
  tenant() { ns "$BIN/kubectl" --kubeconfig=/dev/null --server=https://127.0.0.1:16443 --certificate-authority="$PKI/ca.crt" --token="$token" -n "$NS" "$@"; }
  k -n "$NS" create secret generic mine-release-pipeline-credentials --from-literal=github-token=x >/dev/null
  k -n "$NS" create secret generic theirs-release-pipeline-credentials --from-literal=github-token=y >/dev/null
  expect "it reads its configuration" 5 tenant get configmap mine-release-pipeline-config -o jsonpath='{.data.registry}'
  expect "and its credentials" 5 tenant get secret mine-release-pipeline-credentials
  expect "it asks for a promotion" 5 tenant_applies "$(gate_object mine "$A" '{}')"
  expect "it sees it pending" 30 tenant wait --for=jsonpath='{.status.gate_status}'=pending --timeout=20s "$GATES/mine-dev-to-staging"
  expect "it reports a check" 5 tenant_applies "$(gate_object mine "$A" "{\"checks\": [{\"name\": \"unit\", \"state\": \"success\", \"artifact_id\": \"$A\"}]}")"
  decide mine-dev-to-staging alice approve "$A"
  expect "it waits for the artifact" 30 tenant wait --for=jsonpath='{.status.approved_artifact_id}'="$A" --timeout=20s "$GATES/mine-dev-to-staging"
  expect "it reads the gate's ConfigMap" 5 tenant get configmap mine-dev-to-staging-gate
  expect "it waits for a Job" 5 tenant get job "$(job_of mine-dev-to-staging)"
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
  expect "approving with the Role alone would work: the admission policies are what refuses it" 5 tenant_applies \
    "$(gate_object mine "$A" "{\"approvals\": [{\"approver\": \"mine\", \"decision\": \"approve\", \"artifact_id\": \"$A\"}]}")" --dry-run=server
}
tenant_applies() { # OBJECT [FLAG...]
  local object=$1
  shift
  tenant apply --server-side --field-manager=script "$@" -f - <<<"$object"
}
