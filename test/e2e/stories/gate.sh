# The life of one gate: waiting, approved, rejected, timed out, superseded.
# shellcheck shell=bash disable=SC2153,SC2317 # what is in capitals is set by objects.sh; functions are called by expect
OWNERS='{"promotionPolicies": {"dev_to_staging": {"approvals": [{"name": "owners", "approvers": ["alice", "bob"], "required": 2}],
  "required_checks": ["unit"]}}}'

approved_artifact() { k -n "$NS" wait --for=jsonpath='{.status.approved_artifact_id}'="$1" --timeout="$2" "$GATES/$3"; }

story_approve() {
  local gate=life-dev-to-staging
  story "a gate waits with its reasons, and opens when people say so" "approve-$FLAVOUR"
  pipeline life "$OWNERS"
  gate life "$A" '{"requested_by": "carol"}'
  expect "pending" 30 gate_is $gate pending
  expect "with every reason" 10 open_are $gate 'Checks=AwaitingChecks Approvals=AwaitingApprovals'
  expect "the condition says so" 10 condition_is "$GATES" $gate Approved Unknown/AwaitingRequirements
  decide $gate alice approve "$A"
  expect "one of two" 20 is "$GATES" $gate '{.status.approvals.have}/{.status.approvals.need}' 1/2
  decide $gate bob approve "$B"
  expect "an approval of something else is ignored" 20 is "$GATES" $gate '{.status.approvals.ignored[*].reason}' OtherArtifact
  decide $gate bob approve "$A"
  expect "only the check is missing" 20 open_are $gate 'Checks=AwaitingChecks'
  jq -n --arg kind "$GATE" --arg ns "$NS" --arg name $gate --arg artifact "$A" --arg api "$API" '
    {apiVersion: $api, kind: $kind, metadata: {name: $name, namespace: $ns},
     spec: {checks: [{name: "unit", state: "success", artifact_id: $artifact}]}}' | as script
  expect "kubectl wait for the artifact says yes" 20 approved_artifact "$A" 20s $gate
  expect "approved by both" 10 is "$GATES" $gate '{.status.approver}' 'alice, bob'
  expect "the condition follows" 10 condition_is "$GATES" $gate Approved True/RequirementsMet
  expect "the entries are each their own" 5 holds "$GATES" $gate '[.spec.approvals[].approver] == ["alice", "bob"]'
  expect "the ConfigMap says the same" 10 is configmap $gate-gate '{.data.gate_status} {.data.approved_artifact_id}' "approved $A"
}

# Nobody is told yes about the artifact before, even while the function is not there.
story_stalled() {
  local gate=stall-dev-to-staging
  story "who waits for the artifact's field is never told yes about another one" "stalled-$FLAVOUR"
  pipeline stall
  gate stall "$A"
  expect "it waits" 30 gate_is $gate pending
  decide $gate alice approve "$A"
  expect "A is approved" 30 approved_artifact "$A" 30s $gate
  pause_function
  gate stall "$B"
  refuse "the field does not answer yes for B" 'timed out' approved_artifact "$B" 4s $gate
  if k -n "$NS" wait --for=condition=Approved --timeout=2s "$GATES/$gate" >/dev/null 2>&1; then
    echo "   note   condition=Approved said yes meanwhile, about the artifact before: why scripts don't wait for it"
  fi
  resume_function
  expect "B is pending" 60 gate_is $gate pending
  expect "and the field is empty" 10 is "$GATES" $gate '{.status.approved_artifact_id}' ''
  expect "A's approval does not count for B" 10 is "$GATES" $gate '{.status.approvals.ignored[*].reason}' OtherArtifact
  decide $gate alice approve "$B"
  expect "B is approved by an approval of its own" 30 approved_artifact "$B" 30s $gate
  expect "A is in the history" 10 is "$GATES" $gate '{.status.history[*].artifact_id} {.status.history[*].verdict}' "$A approved"
}

story_reject() {
  local gate=reject-dev-to-staging
  story "a reject ends the attempt; a higher one begins anew" "reject-$FLAVOUR"
  pipeline reject
  gate reject "$A"
  expect "it waits" 30 gate_is $gate pending
  decide $gate bob reject "$A"
  expect "rejected" 30 gate_is $gate rejected
  expect "by whom" 10 condition_is "$GATES" $gate Approved False/RejectedByApprover
  decide $gate alice approve "$A"
  always "an approval after that opens nothing" 3 gate_is $gate rejected
  gate reject "$A" '{"attempt": 2}'
  expect "attempt 2 waits" 30 gate_is $gate pending
  decide $gate alice approve "$A" 2
  expect "and opens" 30 gate_is $gate approved
  refuse "attempt never goes back" 'attempt' gate reject "$A" '{"attempt": 1}'
}

# The function's clock is moved to half a minute before the deadline, and what is left goes by.
story_timeout() {
  local gate=late-dev-to-staging deadline late
  story "a gate times out at its deadline" "timeout-$FLAVOUR"
  pipeline late '{"promotionPolicies": {"dev_to_staging": {"required_checks": ["never"]}}}'
  gate late "$A" '{"timeout_hours": 1}'
  expect "it waits" 30 gate_is $gate pending
  deadline=$(date -d "$(k -n "$NS" get "$GATES" $gate -o jsonpath='{.status.deadline}')" +%s)
  restart_function "--clock-offset=$((deadline - $(date +%s) - 600))s"
  poke "$GATES" $gate
  always "still pending ten minutes before the deadline" 4 gate_is $gate pending
  restart_function "--clock-offset=$((deadline - $(date +%s) - 30))s"
  poke "$GATES" $gate
  expect "timeout, without anybody touching it" 90 gate_is $gate timeout
  late=$(k -n "$NS" get "$GATES" $gate -o json | jq '
    ([.status.audit[] | select(.action == "GateTimedOut")][0].time | fromdate) - (.status.deadline | fromdate)')
  # A poll alone would come up to 30 s late.
  expect "at the deadline (it was $late s)" 0 within "$late" 0 15
  job_times_out $gate
  decide $gate alice approve "$A"
  always "an approval after that is too late" 3 gate_is $gate timeout
  expect "the condition says so" 10 condition_is "$GATES" $gate Approved False/TimedOut
  restart_function
  poke "$GATES" $gate
  always "and the verdict stays when the clock is right again" 3 gate_is $gate timeout
}
within() { [[ $1 =~ ^-?[0-9]+$ ]] && (($1 >= $2 && $1 <= $3)); }
