# People with names and rights of their own, and `kubectl release` in their PATH.
# shellcheck shell=bash disable=SC2153,SC2317 # what is in capitals is set by objects.sh; functions are called by expect

# PLUGIN: the program that people install as kubectl-release (default: the one out of the image)
PEOPLE=$RUN/people
ALICE=alice@example.org BOB=bob@example.org EVE=eve@example.org

# person NAME: a client certificate, a kubeconfig that leads to the story's namespace, and an SSH key.
person() {
  local home=$PEOPLE/$1
  mkdir -p "$home"
  if [[ ! -e $home/key ]]; then
    openssl ecparam -name prime256v1 -genkey -noout -out "$home/tls.key"
    openssl req -new -key "$home/tls.key" -subj "/CN=$1" | openssl x509 -req -CA "$PKI/ca.crt" -CAkey "$PKI/ca.key" -CAcreateserial \
      -days 30 -extfile <(echo extendedKeyUsage=clientAuth) -out "$home/tls.crt" 2>/dev/null
    ssh-keygen -q -t ed25519 -N '' -C "$1" -f "$home/key"
  fi
  jq -n --arg ca "$PKI/ca.crt" --arg home "$home" --arg ns "$NS" '
    {apiVersion: "v1", kind: "Config", "current-context": "team",
     clusters: [{name: "e2e", cluster: {server: "https://127.0.0.1:16443", "certificate-authority": $ca}}],
     users: [{name: "me", user: {"client-certificate": ($home + "/tls.crt"), "client-key": ($home + "/tls.key")}}],
     contexts: [{name: "team", context: {cluster: "e2e", user: "me", namespace: $ns}}]}' >"$home/config"
}

# people: alice and bob with the Role of examples/install/approver.yaml here, and eve without any right.
people() {
  local name
  mkdir -p "$PEOPLE/bin"
  ln -sf "$BIN/kubectl" "$PEOPLE/bin/kubectl"
  ln -sf "$(realpath "${PLUGIN:-$RUN/image/function-release-pipeline}")" "$PEOPLE/bin/kubectl-release"
  for name in "$ALICE" "$BOB" "$EVE"; do person "$name"; done
  k apply -f "$ROOT/examples/install/approver.yaml" >/dev/null
  k -n "$NS" create rolebinding approvers --clusterrole=release-approver --user="$ALICE" --user="$BOB" >/dev/null
  expect "who approves may see gates" 30 may_see_gates
}
may_see_gates() { k -n "$NS" auth can-i patch "$GATES.platform.zerotouch.dev" --as="$ALICE"; }

# me NAME [KUBECTL=PROGRAM] ARGUMENT...: kubectl release, as that person types it.
me() {
  local home=$PEOPLE/$1 kubectl=KUBECTL=
  shift
  [[ $1 != KUBECTL=* ]] || { kubectl=$1 && shift; }
  ns env "$kubectl" PATH="$PEOPLE/bin:/usr/bin:/bin" HOME="$home" KUBECONFIG="$home/config" kubectl release "$@" </dev/null
}

# ends CODE TEXT COMMAND...: that exit code, and each line of TEXT is in what it says.
ends() {
  local code=$1 text=$2 seen status line
  shift 2
  seen=$("$@" 2>&1)
  status=$?
  echo "exit code $status, wanted $code: $seen"
  [[ $status == "$code" ]] || return 1
  while IFS= read -r line; do grep -qF -- "$line" <<<"$seen" || { echo "not said: $line"; return 1; }; done <<<"$text"
}

signed_pipeline() { # TENANT
  pipeline "$1" "$(jq -n --arg alice "$ALICE" --arg bob "$BOB" \
    --arg signers "$(for name in "$ALICE" "$BOB"; do echo "$name $(cut -d' ' -f1,2 "$PEOPLE/$name/key.pub")"; done)" '
    {allowed_signers: $signers, promotionPolicies: {dev_to_staging: {require_signatures: true,
      approvals: [{name: "owners", approvers: [$alice, $bob], required: 2}]}}}')"
}

story_people_approve() {
  local gate=plugin-dev-to-staging
  story "two people approve, each with their own name, rights and key" "plugin-$FLAVOUR"
  people
  signed_pipeline plugin
  gate plugin "$A"
  expect "the gate waits" 30 gate_is $gate pending
  expect "why: pending, and what for" 30 ends 3 $'pending\nApprovals\n0 of 2' me $ALICE why $gate
  expect "by tenant and step" 0 ends 3 "$A" me $ALICE why plugin/staging
  expect "by its kind, as kubectl names it" 0 ends 3 "$A" me $BOB why "$(k -n "$NS" get "$GATES" $gate -o name)"
  expect "nearly its name" 0 ends 4 "did you mean $gate?" me $ALICE why plugin-dev-to-stagin
  expect "no rights" 0 ends 4 $'is forbidden\nnext: ask whoever runs the cluster' me $EVE why $gate
  expect "nor to approve" 0 ends 4 $'is forbidden\nnext:' me $EVE approve $gate --yes
  expect "without a signature it is ignored" 0 ends 1 $'ignored: SignatureMissing\nnext: ' me $ALICE approve $gate --yes --timeout 60
  expect "with one it counts" 0 ends 0 $'counted for rule "owners", signed\nis pending' \
    me $ALICE approve $gate --yes --artifact "$A" --sign "$PEOPLE/$ALICE/key" --comment 'ran it' --timeout 60
  expect "her hand is on her entry alone" 5 holds "$GATES" $gate "$(only_entry_of $ALICE)"
  expect "a key that is not listed" 0 ends 1 $'ignored: SignerNotAllowed\nnext: sign with a key that is listed' \
    me $BOB approve $gate --yes --sign "$PEOPLE/$EVE/key" --timeout 60
  expect "a key that no gate takes" 0 ends 4 'did not sign' me $BOB approve $gate --yes --sign "$PEOPLE/$BOB/config"
  expect "another artifact than the one meant" 0 ends 4 "is about $A, and not about $B" \
    me $BOB approve $gate --yes --artifact "$B"
  expect "bob's opens it" 0 ends 0 $'counted for rule "owners", signed\nis approved' \
    me $BOB approve $gate --yes --sign "$PEOPLE/$BOB/key" --timeout 60
  expect "why: open" 0 ends 0 "approved   by $ALICE, $BOB" me $ALICE why $gate
  expect "both entries are there, each under its own hand" 5 holds "$GATES" $gate \
    "([.spec.approvals[].approver] == [\"$ALICE\", \"$BOB\"]) and ($(only_entry_of $ALICE)) and ($(only_entry_of $BOB))"
  expect "approved already" 0 ends 0 'is approved already, for good' me $BOB approve $gate --yes
  expect "too late to reject" 0 ends 1 'is approved already, for good' me $BOB reject $gate --yes
  people_look $gate
}
# Everything that this person's manager applied is their one entry.
only_entry_of() {
  printf '[.metadata.managedFields[] | select(.manager == "%s")] | length == 1 and .[0].operation == "Apply"
    and (.[0].fieldsV1 | keys == ["f:spec"]) and (.[0].fieldsV1."f:spec" | keys == ["f:approvals"])
    and (.[0].fieldsV1."f:spec"."f:approvals" | keys - ["."] == ["k:{\\"approver\\":\\"%s\\"}"])' "$1" "$1"
}
people_look() { # GATE
  local signers=$PEOPLE/allowed_signers
  k -n "$NS" get "$PIPELINES" plugin-pipeline -o jsonpath='{.spec.allowed_signers}' >"$signers"
  expect "audit: the chain and both signatures" 10 ends 0 \
    "approval of $ALICE: signed with a key that the allowed signers list"$'\n'"approval of $BOB: signed with a key"$'\nand the copies agree\nintact' \
    me $ALICE audit "$1" --allowed-signers "$signers"
  echo "$ALICE $(cut -d' ' -f1,2 "$PEOPLE/$EVE/key.pub")" >"$signers"
  expect "audit: with signers that did not sign" 0 ends 1 'not intact' me $ALICE audit "$1" --allowed-signers "$signers"
  expect "status" 0 ends 0 $'PIPELINE\nplugin-pipeline\napproved' me $BOB status
  expect "status as JSON" 0 status_json
  expect "status of everybody's takes more rights" 0 ends 4 'is forbidden' me $BOB status -A
  expect "history of the gate" 0 ends 0 "$A"$'\napproved' me $BOB history "$1"
  expect "history of the pipeline" 0 ends 0 'ENVIRONMENT' me $BOB history plugin-pipeline
  expect "a report of what one may see, which says what one may not" 0 ends 0 \
    $'<!DOCTYPE html>\nplugin-pipeline\n'"$1"$'\n'"$A"$'\nwithout the ConfigMaps' me $BOB report
  k -n "$NS" create role reader --verb=get,list --resource=configmaps >/dev/null
  k -n "$NS" create rolebinding reader --role=reader --user="$BOB" >/dev/null
  expect "a report with both copies of the trail" 30 report_has_copies "$1"
  expect "a report of everybody's takes more rights" 0 ends 4 'is forbidden' me $BOB report -A
}
report_has_copies() { # GATE
  local seen
  seen=$(me $BOB report -o json 2>&1) || { echo "$seen"; return 1; }
  jq -r '.items[] | "\(.kind) \(.metadata.name)"' <<<"$seen"
  jq -e --arg gate "$1" 'any(.items[]; .kind == "ConfigMap" and .metadata.name == $gate + "-gate" and (.data."audit.jsonl" | length > 0))
    and any(.items[]; .metadata.name == "plugin-pipeline")' <<<"$seen" >/dev/null && ends 0 '<!DOCTYPE html>' me $BOB report
}
status_json() {
  local seen
  seen=$(me $BOB status -o json)
  echo "$seen"
  jq -e --arg artifact "$A" '.[0].pipeline == "plugin-pipeline" and any(.[0].environments[].gates[]; .gate_status == "approved" and .artifact_id == $artifact)' <<<"$seen"
}

# between NAME SCRIPT: a kubectl that runs SCRIPT right before it applies or patches anything.
between() {
  local program=$PEOPLE/$1
  cat >"$program" <<EOF
#!/usr/bin/env bash
if [[ \$1 == apply || \$1 == patch ]]; then
  admin() { "$BIN/kubectl" --kubeconfig "$ADMIN" -n "$NS" "\$@" >/dev/null; }
  $2
fi
exec "$BIN/kubectl" "\$@"
EOF
  chmod +x "$program"
  echo "KUBECTL=$program"
}

story_people_and_change() {
  local gate=moving-dev-to-staging moves deletes anew
  story "the gate changes between showing and applying" "moving-$FLAVOUR"
  people
  pipeline moving "{\"promotionPolicies\": {\"dev_to_staging\": {\"approvals\": [{\"name\": \"owners\", \"approvers\": [\"$ALICE\"]}]}}}"
  gate moving "$A"
  expect "the gate waits" 30 gate_is $gate pending
  gate_object moving "$B" '{}' >"$PEOPLE/moved.json"
  moves=$(between moves "admin apply --server-side --field-manager=gate-owner -f $PEOPLE/moved.json")
  expect "an approval of A is none of B, and it says so" 0 ends 1 "does not count: the gate is about $B" \
    me $ALICE "$moves" approve $gate --yes
  expect "the entry is for A" 5 holds "$GATES" $gate \
    ".spec.approvals == [{approver: \"$ALICE\", decision: \"approve\", artifact_id: \"$A\", attempt: 1}]"
  always "B stays closed" 3 gate_is $gate pending
  expect "B's own approval opens it" 0 ends 0 'is approved' me $ALICE approve $gate --yes --timeout 60
  gate moving "$C"
  expect "C waits" 30 ends 3 "$C" me $ALICE why $gate
  deletes=$(between deletes "admin delete $GATES $gate")
  expect "a gate that goes meanwhile" 0 ends 4 'is gone, or was made anew' me $ALICE "$deletes" approve $gate --yes
  expect "is not made anew by an approval" 30 gone "$GATES" $gate
  expect "no gate" 0 ends 4 $'there is no gate\nnext: ' me $ALICE why $gate
  gate moving "$A"
  expect "a new gate waits" 30 gate_is $gate pending
  gate_object moving "$A" '{"timeout_hours": 2}' >"$PEOPLE/anew.json"
  anew=$(between anew "admin delete $GATES $gate && admin create -f $PEOPLE/anew.json")
  expect "a gate that is made anew meanwhile" 0 ends 4 'is gone, or was made anew' me $ALICE "$anew" approve $gate --yes
  expect "is another one" 5 holds "$GATES" $gate '.spec.timeout_hours == 2 and (.spec.approvals | not)'
  expect "and waits" 30 gate_is $gate pending
  expect "a reject closes it" 0 ends 0 $'counted\nis rejected' me $ALICE reject $gate --yes --timeout 60
  expect "why: closed for good" 0 ends 1 "rejected   by $ALICE" me $ALICE why $gate
}

# However the gate was made: nothing of it comes under the hand of who approves.
story_people_and_hands() {
  local gate=hands-dev-to-staging
  story "whoever made the gate keeps it" "hands-$FLAVOUR"
  people
  pipeline hands "{\"promotionPolicies\": {\"dev_to_staging\": {\"approvals\": [{\"name\": \"owners\",
    \"approvers\": [\"$ALICE\", \"$BOB\"], \"required\": 2}]}}}"
  gate_object hands "$A" '{}' | by gate-owner apply -f - >/dev/null
  expect "made by a client-side apply it waits" 30 gate_is $gate pending
  expect "alice approves" 0 ends 0 'counted' me $ALICE approve $gate --yes --timeout 60
  expect "the rest is under the client's hand still" 5 holds "$GATES" $gate \
    '[.metadata.managedFields[] | select(.fieldsV1."f:spec"."f:tenant" != null) | .manager] == ["kubectl-client-side-apply"]'
  expect "she changes her mind" 0 ends 0 $'counted\nis rejected' me $ALICE reject $gate --yes --timeout 60
  gate_object hands "$A" '{"attempt": 2}' | by gate-owner apply -f - >/dev/null
  expect "its maker applies again, and her entry stays" 20 holds "$GATES" $gate '.spec.attempt == 2 and (.spec.approvals | length == 1)'
  k -n "$NS" delete "$GATES" $gate >/dev/null

  gate_object hands "$A" '{}' | as $ALICE
  expect "made by alice under her own name it waits" 30 gate_is $gate pending
  expect "she approves her own, and loses nothing of it" 0 ends 0 'counted' me $ALICE approve $gate --yes --timeout 60
  expect "under another name of hers" 5 holds "$GATES" $gate \
    '.spec.tenant == "hands" and any(.metadata.managedFields[]; .manager == "kubectl-release:'$ALICE'")'
  expect "a name that has more is refused" 0 ends 2 'has more of this gate under its hand' \
    me $ALICE approve $gate --yes --field-manager $ALICE
  entry $gate $BOB approve "$B" | by $BOB apply --server-side --field-manager=gitops -f - >/dev/null
  expect "an entry from elsewhere is not taken over" 0 ends 4 $'under the hand of another field manager: gitops\n--field-manager gitops' \
    me $BOB approve $gate --yes
  expect "unless its owner says so" 0 ends 0 'is approved' me $BOB approve $gate --yes --field-manager gitops --timeout 60
}

story_people_print() {
  local gate=print-dev-to-staging manifest=$PEOPLE/approval.yaml
  story "a manifest for Git, and where there is no cluster" "print-$FLAVOUR"
  people
  signed_pipeline print
  gate print "$A"
  expect "the gate waits" 30 gate_is $gate pending
  expect "it prints and applies nothing" 0 prints_to "$manifest" me $ALICE approve $gate --print --yes --sign "$PEOPLE/$ALICE/key"
  expect "no entry" 0 holds "$GATES" $gate '.spec.approvals | not'
  by $ALICE apply --server-side --field-manager=$ALICE -f "$manifest" >/dev/null
  expect "what was printed counts, signed" 30 is "$GATES" $gate '{.status.approvals.counted[*].signed}' true
  expect "a context that is not there" 0 ends 4 $'nowhere\nnext: kubectl config get-contexts' me $ALICE why $gate --context nowhere
  expect "a kubeconfig that is not there" 0 ends 4 'next: ' me $ALICE why $gate --kubeconfig /nowhere
  jq '.clusters[0].cluster.server = "https://127.0.0.1:1"' "$PEOPLE/$ALICE/config" >"$PEOPLE/closed"
  expect "a cluster that is not there" 0 ends 4 'next: see that the cluster is up' me $ALICE why $gate --kubeconfig "$PEOPLE/closed"
  expect "kubectl that is not there" 0 ends 4 'is not there' me $ALICE KUBECTL=/nowhere why $gate
  [[ $FLAVOUR == namespaced ]] || expect "its composite says the same" 0 why_composite_says $gate
}
prints_to() { # FILE COMMAND...
  local file=$1
  shift
  "$@" >"$file" && cat "$file" && grep -q 'BEGIN SSH SIGNATURE' "$file"
}
why_composite_says() {
  ends 3 "gate $NS/$1" ns env PATH="$PEOPLE/bin:/usr/bin:/bin" HOME="$PEOPLE" KUBECONFIG="$ADMIN" \
    kubectl release why "xpromotiongate/$(composite_of "$GATES" "$1")"
}

# Only where package/policy is installed.
story_people_own_name() {
  local gate=names-dev-to-staging
  story "nobody approves under somebody else's name" "names-$FLAVOUR"
  people
  pipeline names
  gate names "$A"
  expect "the gate waits" 30 gate_is $gate pending
  expect "bob as alice" 0 ends 4 $'may only add, change or withdraw the entry that bears their own name\nleave --as-approver out' \
    me $BOB approve $gate --yes --as-approver $ALICE
  expect "nothing is there" 0 holds "$GATES" $gate '.spec.approvals | not'
  expect "bob as bob" 0 ends 0 'is approved' me $BOB approve $gate --yes --as-approver $BOB --timeout 60
}
