# A pipeline that drives: it composes the gate of each step in turn.
# shellcheck shell=bash disable=SC2153,SC2317 # what is in capitals is set by objects.sh; functions are called by expect

pipeline_shows() { # ENVIRONMENT ARTIFACT
  is "$PIPELINES" "$TENANT-pipeline" '{.status.current_environment} {.status.artifact_id}' "$1 $2"
}
release() { # JSON of the spec: what grace edits
  by grace -n "$NS" patch "$PIPELINES" "$TENANT-pipeline" --type=merge -p "{\"spec\": $1}" >/dev/null
}
to_production() { # ARTIFACT ATTEMPT: the pipeline's approvals of its last step
  jq -nc --arg artifact "$1" --argjson attempt "$2" '
    {approver: "grace", target_environment: "production", decision: "approve", artifact_id: $artifact, attempt: $attempt}'
}

story_drive() {
  TENANT=drive
  local first=drive-dev-to-staging second=drive-staging-to-production config=drive-release-pipeline-config
  story "a pipeline drives an artifact to production" "drive-$FLAVOUR"
  pipeline drive "{\"artifact_id\": \"$A\", \"promotionRules\": {\"dev_to_staging\": \"automatic\"},
    \"promotionPolicies\": {\"staging_to_production\": {\"approvals\": [{\"name\": \"owners\", \"approvers\": [\"grace\", \"frank\"], \"required\": 2}]}}}"
  expect "the automatic step is taken" 40 gate_is $first approved
  expect "the manual one waits" 40 gate_is $second pending
  expect "the artifact is in staging" 20 pipeline_shows staging "$A"
  expect "Promoting" 10 condition_is "$PIPELINES" drive-pipeline Promoting True/GatePending
  decide $second frank approve "$A"
  expect "a person's approval on the composed gate counts" 20 is "$GATES" $second '{.status.approvals.have}' 1
  release "{\"approvals\": [$(to_production "$A" 1)]}"
  expect "the pipeline's approval comes beside it" 30 gate_is $second approved
  expect "both are there, the person's under their own hand" 5 holds "$GATES" $second \
    '([.spec.approvals[].approver] | sort) == ["frank", "grace"] and any(.metadata.managedFields[]; .manager == "frank")'
  expect "the artifact is in production" 20 pipeline_shows production "$A"
  expect "Released" 10 condition_is "$PIPELINES" drive-pipeline Released True/InLastEnvironment
  expect "scripts read it" 10 is configmap $config '{.data.released\.production}' "$A"

  story_new_artifact "$first" "$second" "$config"
}

story_new_artifact() {
  local first=$1 second=$2 config=$3
  release "{\"artifact_id\": \"$B\"}"
  expect "B comes to staging" 40 pipeline_shows staging "$B"
  expect "the last gate waits for B" 30 is "$GATES" "$second" '{.spec.artifact_id} {.status.gate_status}' "$B pending"
  expect "production still has A" 10 is configmap "$config" '{.data.released\.production}' "$A"
  always "A's approvals do not count" 3 is "$GATES" "$second" '{.status.approvals.have}' 0
  release "{\"artifact_id\": \"$C\"}"
  expect "C supersedes B" 40 is "$GATES" "$second" '{.spec.artifact_id} {.status.gate_status}' "$C pending"
  expect "B's attempt is in the history, never decided" 10 is "$GATES" "$second" \
    '{.status.history[*].artifact_id} {.status.history[*].verdict}' "$A $B approved pending"
  expect "and the audit trail says what happened" 10 holds "$GATES" "$second" 'any(.status.audit[]; .action == "Superseded")'
  release "{\"artifact_id\": \"$A\"}"
  expect "going back to A needs a higher attempt" 30 open_are "$first" 'Artifact=AttemptUsed'
  release "{\"artifact_id\": \"$A\", \"attempt\": 2, \"approvals\": [$(to_production "$A" 2)]}"
  expect "attempt 2 of A takes the first step" 40 is "$GATES" "$first" '{.status.gate_status} {.spec.attempt}' 'approved 2'
  expect "frank's old approval does not count" 30 is "$GATES" "$second" '{.status.approvals.ignored[*].reason}' OtherAttempt
  decide "$second" frank approve "$A" 2
  expect "his new one does" 30 gate_is "$second" approved
  expect "rolled back" 20 pipeline_shows production "$A"
}

# A gate that somebody made before the pipeline drove is followed, and not taken over.
story_not_owned() {
  TENANT=hand
  local owner
  story "a gate made by hand is not adopted" "adopt-$FLAVOUR"
  pipeline hand
  gate hand "$A"
  expect "it waits" 30 gate_is hand-dev-to-staging pending
  release "{\"artifact_id\": \"$A\"}"
  expect "the pipeline says so" 30 condition_is "$PIPELINES" hand-pipeline Promoting False/GateNotOwned
  owner=$(k -n "$NS" get "$GATES" hand-dev-to-staging -o jsonpath='{.metadata.ownerReferences[*].kind}')
  expect "nobody owns the gate" 0 same "" "$owner"
  decide hand-dev-to-staging alice approve "$A"
  expect "and follows it" 30 pipeline_shows staging "$A"
}

story_delete() {
  TENANT=away
  local kind name
  story "what is deleted takes everything along" "delete-$FLAVOUR"
  pipeline away "{\"artifact_id\": \"$A\"}"
  expect "everything is there" 40 gate_is away-dev-to-staging pending
  expect "the binding too" 30 there rolebinding away-release-pipeline-binding
  k -n "$NS" delete "$PIPELINES" away-pipeline --wait=false >/dev/null
  while read -r kind name; do
    expect "$kind $name is gone" 60 gone "$kind" "$name"
  done <<EOF
$PIPELINES away-pipeline
$GATES away-dev-to-staging
configmap away-release-pipeline-config
configmap away-dev-to-staging-gate
externalsecret away-release-pipeline-credentials
serviceaccount away-release-pipeline-sa
role away-release-pipeline-role
rolebinding away-release-pipeline-binding
EOF
  expect "the Job is gone" 60 no_jobs
  if [[ $FLAVOUR == claims ]]; then
    expect "nothing cluster-scoped is left" 60 nothing_cluster_scoped away
  fi
}
no_jobs() { [[ -z $(k -n "$NS" get jobs -o name) ]]; }
nothing_cluster_scoped() {
  local seen
  seen=$(k get xreleasepipelines,xpromotiongates,clusterroles,clusterrolebindings -o name | grep "/$1")
  echo "$seen"
  [[ -z $seen ]]
}
