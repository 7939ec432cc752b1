# What somebody else changes or deletes is put back, and what is wrong is said where people look.
# shellcheck shell=bash disable=SC2153,SC2317 # what is in capitals is set by objects.sh; functions are called by expect

story_drift() {
  local gate=drift-dev-to-staging trail rules
  story "drift is repaired" "drift-$FLAVOUR"
  pipeline drift
  gate drift "$A"
  expect "it waits" 30 gate_is $gate pending
  decide $gate alice approve "$A"
  expect "approved" 30 gate_is $gate approved
  expect "in the ConfigMap too" 10 is configmap $gate-gate '{.data.gate_status}' approved
  trail=$(k -n "$NS" get configmap $gate-gate -o jsonpath='{.data.audit\.jsonl}')
  k -n "$NS" delete configmap $gate-gate >/dev/null
  expect "a deleted ConfigMap comes back with its audit trail" 30 is configmap $gate-gate '{.data.audit\.jsonl}' "$trail"
  k -n "$NS" patch configmap $gate-gate --type=merge -p '{"data":{"gate_status":"rejected","artifact_id":"other"}}' >/dev/null
  expect "a changed one is put back" 30 is configmap $gate-gate '{.data.gate_status} {.data.artifact_id}' "approved $A"
  expect "the gate never minded" 5 gate_is $gate approved
  rules=$(k -n "$NS" get role drift-release-pipeline-role -o jsonpath='{.rules}')
  k -n "$NS" patch role drift-release-pipeline-role --type=json \
    -p '[{"op": "add", "path": "/rules/-", "value": {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}}]' >/dev/null
  expect "a Role that was widened is narrow again" 30 poking "$PIPELINES" drift-pipeline \
    is role drift-release-pipeline-role '{.rules}' "$rules"
  k -n "$NS" delete rolebinding drift-release-pipeline-binding >/dev/null
  expect "a deleted RoleBinding comes back" 30 poking "$PIPELINES" drift-pipeline there rolebinding drift-release-pipeline-binding
}

# An Input that the function refuses: FATAL, and the cluster stays as it is.
story_invalid() {
  local gate=invalid-dev-to-staging composition=xpromotiongates.platform.zerotouch.dev config job
  story "bad input is said on the composite and the claim, and removes nothing" "invalid-$FLAVOUR"
  pipeline invalid
  gate invalid "$A"
  expect "it waits" 30 gate_is $gate pending
  expect "its Job is there" 20 job_is_there $gate-gate
  config=$(uid_of configmap $gate-gate) job=$(k -n "$NS" get jobs -o jsonpath='{.items[0].metadata.uid}')
  k patch composition $composition --type=json \
    -p '[{"op": "add", "path": "/spec/pipeline/0/input/pollInterval", "value": "soon"}]' >/dev/null
  expect "the gate's condition says it" 40 poking "$GATES" $gate condition_is "$GATES" $gate Approved Unknown/InvalidInput
  expect "with the field" 5 says_condition "$GATES" $gate 'pollInterval'
  expect "an event says it" 10 says_event InvalidInput 'pollInterval'
  expect "the composite is not synced" 10 composite_says "$gate" 'pollInterval'
  expect "the ConfigMap is the same one" 0 same "$config" "$(uid_of configmap $gate-gate)"
  expect "the Job is the same one" 0 same "$job" "$(k -n "$NS" get jobs -o jsonpath='{.items[0].metadata.uid}')"
  k patch composition $composition --type=json -p '[{"op": "remove", "path": "/spec/pipeline/0/input/pollInterval"}]' >/dev/null
  expect "and all is well again" 60 poking "$GATES" $gate condition_is "$GATES" $gate Approved Unknown/AwaitingApprovals
}
says_condition() { # KIND NAME TEXT
  local seen
  seen=$(k -n "$NS" get "$1" "$2" -o jsonpath='{.status.conditions[?(@.type=="Approved")].message}')
  echo "$seen"
  grep -q "$3" <<<"$seen"
}
says_event() { # REASON TEXT
  local seen
  seen=$(k -n "$NS" get events --field-selector "reason=$1,involvedObject.kind=$GATE" -o jsonpath='{.items[*].message}')
  echo "$seen"
  grep -q "$2" <<<"$seen"
}
composite_says() { # GATE-NAME TEXT
  local seen
  seen=$(k -n "$NS" get "$COMPOSITE_OF_GATE" "$(composite_of "$GATES" "$1")" \
    -o jsonpath='{.status.conditions[?(@.type=="Synced")].status} {.status.conditions[?(@.type=="Synced")].message}')
  echo "$seen"
  grep -q "^False.*$2" <<<"$seen"
}
