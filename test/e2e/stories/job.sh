# The gate's Job: there is no kubelet, so its pods are played, with the command and the user that its spec says.
# shellcheck shell=bash disable=SC2153,SC2317 # what is in capitals is set by objects.sh; functions are called by expect

# play_pod POD: starts what the pod's spec says, in the image's own root, and reports its end as the kubelet does.
play_pod() {
  local pod=$1 spec root code started
  local -a args
  spec=$(k -n "$NS" get pod "$pod" -o json)
  root=$RUN/pods/$NS-$pod
  mkdir -p "$RUN/pods"
  cp -al "$RUN/image" "$root"
  mkdir -p "$root$(jq -r '.spec.containers[0].volumeMounts[0].mountPath' <<<"$spec")"
  mapfile -t args < <(jq -r '.spec.containers[0] | (.command // ["/function-release-pipeline"])[], .args[]' <<<"$spec")
  started=$(date -u +%FT%TZ)
  k -n "$NS" patch pod "$pod" --subresource=status --type=merge -p '{"status": {"phase": "Running"}}' >/dev/null
  sync_mount "$root" "$spec"
  keep_mount "$root" "$spec" &
  local keeper=$!
  timeout 60 nsenter -t "$(cat "$RUN/ns.pid")" -n -m -p -- chroot --userspec="$(jq -r '.spec.securityContext | "\(.runAsUser):\(.runAsGroup)"' <<<"$spec")" \
    --groups= "$root" "${args[@]}" >"$root.log" 2>&1 </dev/null
  code=$?
  kill "$keeper"
  wait "$keeper" 2>/dev/null
  report_pod "$pod" "$code" "$started"
  rm -rf "$root"
  return 0
}

# A ConfigMap volume: a folder a version, and a link that moves on at once.
sync_mount() { # ROOT POD-JSON
  local mount version name data
  mount=$1$(jq -r '.spec.containers[0].volumeMounts[0].mountPath' <<<"$2")
  name=$(jq -r '.spec.volumes[0].configMap.name' <<<"$2")
  data=$(k -n "$NS" get configmap "$name" -o json) || return 0
  version=..$(jq -r .metadata.resourceVersion <<<"$data")
  [[ ! -e $mount/$version ]] || return 0
  mkdir "$mount/$version.partial"
  jq -r '.data | keys[]' <<<"$data" | while read -r key; do
    jq -rj --arg key "$key" '.data[$key]' <<<"$data" >"$mount/$version.partial/$key"
    [[ -L $mount/$key ]] || ln -s "..data/$key" "$mount/$key"
  done
  mv "$mount/$version.partial" "$mount/$version"
  ln -sfn "$version" "$mount/..data.new"
  mv -T "$mount/..data.new" "$mount/..data"
}
keep_mount() {
  while sleep 0.5; do sync_mount "$@"; done
}

# The pod may be gone with its Job by then, which a kubelet takes in its stride too.
report_pod() { # POD CODE STARTED
  k -n "$NS" patch pod "$1" --subresource=status --type=merge -p "$(jq -n --argjson code "$2" --arg started "$3" \
    --arg ended "$(date -u +%FT%TZ)" '
    {status: {phase: (if $code == 0 then "Succeeded" else "Failed" end), startTime: $started, containerStatuses: [
      {name: "gate", image: "e2e", imageID: "e2e", ready: false, restartCount: 0, started: false, state: {terminated:
        {exitCode: $code, reason: (if $code == 0 then "Completed" else "Error" end), startedAt: $started, finishedAt: $ended}}}]}}')" >/dev/null 2>&1
}

pod_of() { # JOB
  k -n "$NS" get pods -l "batch.kubernetes.io/job-name=$1" -o json | jq -er '.items[0].metadata.name'
}
job_of() { k -n "$NS" get configmap "$1-gate" -o jsonpath='{.data.job}'; }
ended_with() { # POD CODE
  is pod "$1" '{.status.containerStatuses[0].state.terminated.exitCode}' "$2"
}
logged() { # POD TEXT
  tail -n 5 "$RUN/pods/$NS-$1.log"
  grep -q -- "$2" "$RUN/pods/$NS-$1.log"
}

# begin_job TENANT: a pipeline, a waiting gate, and its Job's pod at work. Sets GATE_NAME, JOB and POD.
begin_job() {
  pipeline "$1"
  GATE_NAME=$1-dev-to-staging
  gate "$1" "$A"
  expect "it waits" 30 gate_is "$GATE_NAME" pending
  expect "the job controller makes a pod" 30 has_pod
  JOB=$(job_of "$GATE_NAME") POD=$(pod_of "$JOB")
  play_pod "$POD" &
  PLAYING=$!
  expect "the pod says what is missing" 10 logged "$POD" AwaitingApprovals
}
has_pod() { pod_of "$(job_of "$GATE_NAME")"; }
job_condition() { # JOB TYPE
  k -n "$NS" wait --for="condition=$2" --timeout=20s "job/$1"
}

story_job_approved() {
  story "the Job completes when the gate is approved" "job-approved-$FLAVOUR"
  begin_job happy
  decide "$GATE_NAME" alice approve "$A"
  wait "$PLAYING"
  expect "exit 0" 5 ended_with "$POD" 0
  expect "kubectl wait for the Job: complete" 25 job_condition "$JOB" complete
  expect "a complete Job stays, and is not made again" 5 there job "$JOB"
}

story_job_rejected() {
  story "the Job fails when the gate is rejected" "job-rejected-$FLAVOUR"
  begin_job sorry
  decide "$GATE_NAME" bob reject "$A"
  wait "$PLAYING"
  expect "exit 1" 5 ended_with "$POD" 1
  expect "kubectl wait for the Job: failed" 25 job_condition "$JOB" failed
  expect "for good: no other pod is made" 5 holds job "$JOB" '.status.failed == 1 and any(.status.conditions[]; .reason == "PodFailurePolicy")'
}

story_job_superseded() {
  local old_job old_pod old_playing
  story "the Job of an attempt that is over ends, and the next attempt has its own" "job-superseded-$FLAVOUR"
  begin_job next
  old_job=$JOB old_pod=$POD old_playing=$PLAYING
  gate next "$B"
  wait "$old_playing"
  expect "the old pod ends with 3, or is gone with its Job" 20 superseded "$old_job" "$old_pod"
  expect "its log says why" 5 logged "$old_pod" superseded
  expect "the new Job has another name" 20 another_job "$old_job"
  JOB=$(job_of "$GATE_NAME")
  expect "and a pod" 20 has_pod
}
superseded() { gone job "$1" || ended_with "$2" 3; }
another_job() {
  local job
  job=$(job_of "$GATE_NAME")
  echo "$job"
  [[ $job != "$1" ]] && there job "$job"
}

# Called in the story of the timeout, while the clock is moved.
job_times_out() { # GATE-NAME
  local job pod
  job=$(job_of "$1") pod=$(pod_of "$(job_of "$1")")
  play_pod "$pod"
  expect "exit 2" 5 ended_with "$pod" 2
  expect "kubectl wait for the Job: failed" 25 job_condition "$job" failed
}

story_pod_security() {
  local template
  story "the Job's pods pass Pod Security restricted" "restricted-$FLAVOUR"
  k label namespace "$NS" pod-security.kubernetes.io/enforce=restricted >/dev/null
  refuse "the label works: a pod that asks for nothing is refused" 'violates PodSecurity "restricted' \
    k -n "$NS" run plain --image=e2e --dry-run=server
  pipeline safe
  GATE_NAME=safe-dev-to-staging
  gate safe "$A"
  expect "it waits" 30 gate_is safe-dev-to-staging pending
  expect "the job controller makes the pod" 30 has_pod
  JOB=$(job_of safe-dev-to-staging)
  template=$(k -n "$NS" get job "$JOB" -o json | jq '{apiVersion: "v1", kind: "Pod", metadata: {name: "copy"}, spec: .spec.template.spec}')
  expect "a pod of the Job's template is admitted" 5 admitted "$template"
  expect "without a token" 5 is pod "$(pod_of "$JOB")" '{.spec.automountServiceAccountToken}{.spec.volumes[*].name}' falsegate
}
admitted() { k -n "$NS" create --dry-run=server -f - <<<"$1"; }
