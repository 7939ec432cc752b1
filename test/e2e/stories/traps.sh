# What people do by mistake, or on purpose.
# shellcheck shell=bash disable=SC2153,SC2317 # what is in capitals is set by objects.sh; functions are called by expect

# After a client-side apply, kubectl hands all of its fields to the first person who applies server-side.
story_client_side() {
  local gate=mixed-dev-to-staging
  story "a client-side apply, then somebody's partial server-side one" "mixed-$FLAVOUR"
  pipeline mixed
  gate_object mixed "$A" '{}' | by gate-owner apply -f - >/dev/null
  expect "it waits" 30 gate_is $gate pending
  expect "alice's entry alone is taken" 5 decide $gate alice approve "$A"
  expect "and opens the gate" 30 gate_is $gate approved
  expect "but every field is under her hand now" 5 holds "$GATES" $gate \
    'any(.metadata.managedFields[]; .manager == "alice" and .fieldsV1."f:spec"."f:tenant" != null)'
  refuse "so that her next entry alone is refused" 'spec\.tenant: Required' decide $gate alice reject "$A"
  k -n "$NS" delete "$GATES" $gate >/dev/null
  gate_object mixed "$A" '{}' | by gate-owner create -f - >/dev/null
  expect "made with kubectl create it waits" 30 gate_is $gate pending
  decide $gate alice approve "$A"
  expect "and the entry alone opens it" 30 gate_is $gate approved
}

# A composite's own list of what it composed can be written by whoever may write the composite.
story_forged_refs() {
  local gate=refs-dev-to-staging xr uid
  story "forged resourceRefs open nothing" "refs-$FLAVOUR"
  pipeline refs
  gate refs "$A"
  expect "it waits" 30 gate_is $gate pending
  xr=$(composite_of "$GATES" $gate)
  k -n "$NS" get configmap $gate-gate -o json | jq '
    {apiVersion, kind, metadata: {name: "attacker", namespace: .metadata.namespace,
      annotations: {"crossplane.io/composition-resource-name": "gate-config"}},
     data: (.data + {gate_status: "approved", approved_artifact_id: .data.artifact_id})}' | k create -f - >/dev/null
  uid=$(uid_of configmap attacker)
  forge_refs "$xr"
  always "the gate stays closed" 6 gate_is $gate pending
  expect "and names its own ConfigMap again" 20 poking "$GATES" $gate refs_are_own "$xr"
  expect "the attacker's is not taken, not changed, not deleted" 5 same "$uid" "$(uid_of configmap attacker)"
  decide $gate alice approve "$A"
  expect "the gate works on" 30 is configmap $gate-gate '{.data.gate_status}' approved
  expect "beside the forged one" 0 holds configmap attacker '.metadata.ownerReferences | not'
}
forge_refs() {
  local path=/spec/crossplane/resourceRefs
  [[ $FLAVOUR == namespaced ]] || path=/spec/resourceRefs
  k -n "$NS" patch "$COMPOSITE_OF_GATE" "$1" --type=json -p "$(jq -n --arg path "$path" --arg ns "$NS" --arg flavour "$FLAVOUR" '
    [{op: "replace", path: $path, value: [({apiVersion: "v1", kind: "ConfigMap", name: "attacker"}
      + if $flavour == "claims" then {namespace: $ns} else {} end)]}]')" >/dev/null
}
refs_are_own() {
  holds "$COMPOSITE_OF_GATE" "$1" '[(.spec.crossplane // .spec).resourceRefs[].name] | any(endswith("-gate")) and (index("attacker") | not)'
}

story_forged_status() {
  local gate=status-dev-to-staging xr
  story "a forged status opens nothing and is corrected" "forged-$FLAVOUR"
  pipeline status "{\"artifact_id\": \"$A\"}"
  expect "it waits" 40 gate_is $gate pending
  xr=$(composite_of "$GATES" $gate)
  k -n "$NS" patch "$COMPOSITE_OF_GATE" "$xr" --subresource=status --type=merge -p "{\"status\": {\"gate_status\": \"approved\",
    \"approved_artifact_id\": \"$A\", \"approver\": \"mallory\", \"approval_timestamp\": \"2026-01-01T00:00:00Z\"}}" >/dev/null
  expect "corrected" 30 is "$COMPOSITE_OF_GATE" "$xr" '{.status.gate_status}{.status.approved_artifact_id}{.status.approver}' pending
  expect "for whoever looks at what they made" 20 is "$GATES" $gate '{.status.gate_status}{.status.approved_artifact_id}{.status.approver}' pending
  always "the pipeline never believed it" 3 is "$PIPELINES" status-pipeline '{.status.current_environment}' dev
  k -n "$NS" patch "$COMPOSITE_OF_PIPELINE" "$(composite_of "$PIPELINES" status-pipeline)" --subresource=status --type=merge \
    -p "{\"status\": {\"current_environment\": \"production\"}}" >/dev/null
  expect "a pipeline's forged status is corrected" 30 is "$PIPELINES" status-pipeline '{.status.current_environment}' dev
  expect "a forged trail holds the gate" 30 forged_trail_holds "$xr"
  decide $gate alice approve "$A"
  always "nothing opens it" 3 gate_is $gate pending
  release_attempt status 2
  expect "but a new attempt, with a new trail" 60 condition_is "$COMPOSITE_OF_GATE" "$xr" AuditIntact True/ChainVerified
}
# What a call that had begun before returns puts the trail right, and nobody has seen the forgery: then once more.
forged_trail_holds() { # XR
  condition_is "$COMPOSITE_OF_GATE" "$1" AuditIntact False/AuditBroken && return 0
  k -n "$NS" patch "$COMPOSITE_OF_GATE" "$1" --subresource=status --type=json \
    -p '[{"op": "replace", "path": "/status/audit/0/time", "value": "2020-01-01T00:00:00Z"}]' >/dev/null
  return 1
}
release_attempt() { # TENANT ATTEMPT
  k -n "$NS" patch "$PIPELINES" "$1-pipeline" --type=merge -p "{\"spec\": {\"attempt\": $2}}" >/dev/null
}

# Crossplane writes the ConfigMap first, and an error after it discards the status.
story_behind() {
  local gate=behind-dev-to-staging xr before when
  story "a ConfigMap that is ahead of the status" "behind-$FLAVOUR"
  pipeline behind
  gate behind "$A"
  expect "it waits" 30 gate_is $gate pending
  xr=$(composite_of "$GATES" $gate)
  before=$(k -n "$NS" get "$COMPOSITE_OF_GATE" "$xr" -o json | jq '{status: (.status | {gate_status, approver, approval_timestamp,
    approved_artifact_id, audit, approvals, requirements})}')
  decide $gate alice approve "$A"
  expect "approved" 30 gate_is $gate approved
  when=$(k -n "$NS" get "$GATES" $gate -o jsonpath='{.status.approval_timestamp}')
  pause_function
  k -n "$NS" patch "$COMPOSITE_OF_GATE" "$xr" --subresource=status --type=merge -p "$before" >/dev/null
  resume_function
  expect "the status catches up" 60 is "$GATES" $gate '{.status.gate_status} {.status.approval_timestamp}' "approved $when"
  expect "with an intact trail" 10 condition_is "$GATES" $gate AuditIntact True/ChainVerified
  expect "which is the same in both" 10 trails_agree "$xr" $gate-gate
}
trails_agree() {
  local status config
  status=$(k -n "$NS" get "$COMPOSITE_OF_GATE" "$1" -o json | jq -r '[.status.audit[].hash] | join(" ")')
  config=$(k -n "$NS" get configmap "$2" -o json | jq -r '[.data["audit.jsonl"] | splits("\n") | select(. != "") | fromjson.hash] | join(" ")')
  echo "status $status, ConfigMap $config"
  [[ -n $status && $status == "$config" ]]
}

# Server-side apply takes over what nobody controls.
story_adoption() {
  local gate=before-dev-to-staging config=before-dev-to-staging-gate
  story "a ConfigMap that somebody made beforehand opens nothing" "before-$FLAVOUR"
  k -n "$NS" create configmap $config --from-literal=gate_status=approved --from-literal=approved_artifact_id="$A" \
    --from-literal=audit.jsonl="$(forged_trail)" >/dev/null
  pipeline before
  gate before "$A"
  expect "the gate waits" 30 gate_is $gate pending
  expect "the ConfigMap says so" 30 is configmap $config '{.data.gate_status}/{.data.approved_artifact_id}' pending/
  expect "with the gate's own trail" 10 trails_agree "$(composite_of "$GATES" $gate)" $config
  always "and it stays so" 3 gate_is $gate pending
  expect "with an intact trail" 10 condition_is "$GATES" $gate AuditIntact True/ChainVerified
}
forged_trail() {
  local entry
  entry=$(jq -Snc --arg artifact "$A" '{seq: 1, time: "2026-01-01T00:00:00Z", actor: "mallory", action: "GateApproved",
    detail: $artifact, prev: ("0" * 64)}')
  jq -Sc --arg hash "$(printf %s "$entry" | sha256sum | cut -c1-64)" '.hash = $hash' <<<"$entry"
}
