# What the examples come to, and what kubectl and the crossplane CLI show of it.
# shellcheck shell=bash disable=SC2153,SC2317 # what is in capitals is set by objects.sh; functions are called by expect

story_examples() {
  local file name
  story "the examples can be applied again and again"
  for name in deepagents hello shop; do k create namespace "$name" >/dev/null 2>&1; done
  for file in "$EXAMPLES"/*.yaml; do
    name=${file#"$ROOT/"}
    expect "$name is applied" 5 k apply --server-side -f "$file"
  done
  for file in "$EXAMPLES"/*.yaml; do
    name=${file#"$ROOT/"}
    expect "$name is applied again" 5 k apply --server-side -f "$file"
    expect "$name: no diff" 10 k diff --server-side -f "$file"
  done
}

story_names() {
  local config=deepagents-runtime tenant=deepagents-runtime
  story "everything is there under the names that scripts count on"
  NS=deepagents
  expect "ConfigMap of the pipeline" 30 there configmap "$config-release-pipeline-config"
  expect "its leaves are flat keys" 10 holds configmap "$config-release-pipeline-config" \
    '.data | .tenant == "deepagents-runtime" and .registry == "ghcr.io" and ."rule.dev_to_staging" == "automatic"
      and (.environments | fromjson) == ["dev", "staging", "production"]'
  expect "ExternalSecret" 10 there externalsecret "$tenant-release-pipeline-credentials"
  expect "ServiceAccount" 10 there serviceaccount "$tenant-release-pipeline-sa"
  expect "Role" 10 there role "$tenant-release-pipeline-role"
  expect "RoleBinding" 20 there rolebinding "$tenant-release-pipeline-binding"
  expect "ConfigMap of the gate" 20 there configmap "$tenant-dev-to-staging-gate"
  expect "the Job that the gate's ConfigMap names" 20 job_is_there "$tenant-dev-to-staging-gate"
  if [[ $FLAVOUR == claims ]]; then
    expect "ClusterRole" 10 k get clusterrole "$tenant-release-pipeline-role.$NS"
    expect "ClusterRoleBinding" 20 k get clusterrolebinding "$tenant-release-pipeline-binding.$NS"
  else
    expect "no ClusterRole" 5 no_cluster_role "$tenant"
  fi
  # Without External Secrets' operator nobody says that the secret is synchronized: the pipeline has to wait for that.
  expect "Ready waits for the credentials" 10 is "$PIPELINES" "$config-pipeline" '{.status.conditions[?(@.type=="Ready")].status}' False
  secret_is_synchronized "$tenant-release-pipeline-credentials"
  expect "and comes with them" 30 poking "$PIPELINES" "$config-pipeline" \
    is "$PIPELINES" "$config-pipeline" '{.status.conditions[?(@.type=="Ready")].status}' True
}
job_is_there() { there job "$(k -n "$NS" get configmap "$1" -o jsonpath='{.data.job}')"; }
no_cluster_role() { ! k get clusterroles -o name | grep "$1"; }
# What External Secrets' operator would write.
secret_is_synchronized() {
  k -n "$NS" patch externalsecret "$1" --subresource=status --type=merge -p "$(jq -n --arg now "$(date -u +%FT%TZ)" '
    {status: {refreshTime: $now, conditions: [{type: "Ready", status: "True", reason: "SecretSynced", lastTransitionTime: $now}]}}')" >/dev/null
}

story_shown() {
  local gates
  story "what kubectl and crossplane show" "shown-$FLAVOUR"
  pipeline shown '{"promotionPolicies": {"dev_to_staging": {"approvals": [{"name": "owners", "approvers": ["alice"]}]}}}'
  gate shown "$A"
  expect "the gate waits" 30 gate_is shown-dev-to-staging pending
  for gates in $(printf '%s\n' "$GATES" "$COMPOSITE_OF_GATE" | sort -u); do
    expect "columns of $gates" 5 columns "$gates"
  done
  expect "columns of $PIPELINES" 5 pipeline_columns
  expect "kubectl describe shows the events" 10 describes "an attempt started for $A"
  expect "crossplane resource trace" 10 traces ConfigMap/shown-dev-to-staging-gate
  decide shown-dev-to-staging alice approve "$A"
  expect "the gate opens" 20 gate_is shown-dev-to-staging approved
  expect "and describe says who did it" 10 describes 'alice approved'
  local before
  before=$(events ApprovedBy)/$(events GateApproved)/$(events AttemptStarted)
  for _ in 1 2 3 4; do
    poke "$GATES" shown-dev-to-staging
    poke "$PIPELINES" shown-pipeline
    sleep 0.7
  done
  expect "reconciles repeat no event" 0 same "$before" "$(events ApprovedBy)/$(events GateApproved)/$(events AttemptStarted)"
}
columns() {
  local head row
  head=$(k -n "$NS" get "$1" | head -n 1)
  row=$(k -n "$NS" get "$1" | grep '^shown-')
  echo "$head"
  echo "$row"
  grep -Eq 'TENANT +ARTIFACT +SOURCE +TARGET +STATUS .*AGE' <<<"$head" && grep -Eq "shown +$A +dev +staging +pending" <<<"$row"
}
pipeline_columns() {
  local seen
  seen=$(k -n "$NS" get "$PIPELINES")
  echo "$seen"
  grep -Eq 'TENANT +ARTIFACT +CURRENT .*AGE' <<<"$seen" && grep -Eq '^shown-pipeline +shown +[^ ]+ +dev ' <<<"$seen"
}
describes() { # TEXT
  local seen
  seen=$(k -n "$NS" describe "$GATES" shown-dev-to-staging)
  sed -n '/^Events:/,$p' <<<"$seen"
  sed -n '/^Events:/,$p' <<<"$seen" | grep -qF -- "$1"
}
traces() { # TEXT
  local seen
  seen=$(KUBECONFIG=$ADMIN ns "$BIN/crossplane-cli" resource trace -n "$NS" "$GATE" shown-dev-to-staging -o wide)
  echo "$seen"
  grep -qF -- "$1" <<<"$seen"
}
same() {
  echo "before $1, now $2"
  [[ $1 == "$2" ]]
}
