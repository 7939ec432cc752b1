# What others make of pipelines and gates: kube-state-metrics, Prometheus, Argo CD and Flux.
# shellcheck shell=bash disable=SC2153,SC2317 # what is in capitals is set by objects.sh; functions are called by expect

# healthy KIND NAME ARGO FLUX: what the health checks of examples/gitops say, with the engines of Argo CD and Flux.
healthy() {
  local seen
  seen=$(k -n "$NS" get "$1" "$2" -o json | "$BIN/gitops-health" "$ROOT" 2>&1)
  echo "$seen"
  grep -q "^argocd $3" <<<"$seen" && grep -q "^flux $4" <<<"$seen"
}
# undecided KIND NAME: they say neither that it is healthy nor that it failed.
undecided() {
  local seen
  seen=$(k -n "$NS" get "$1" "$2" -o json | "$BIN/gitops-health" "$ROOT" 2>&1)
  echo "$seen"
  grep -Eq "^argocd Progressing" <<<"$seen" && grep -Eq "^flux (InProgress|Unknown)" <<<"$seen"
}

story_health() {
  local gate=health-dev-to-staging composition=xpromotiongates.platform.zerotouch.dev
  story "Argo CD and Flux wait for a gate, and for nothing that is about another artifact" "health-$FLAVOUR"
  pipeline health
  gate health "$A"
  expect "a pending gate is in progress" 40 healthy "$GATES" $gate 'Progressing: waiting until .*Approvals: ' InProgress
  decide $gate alice approve "$A"
  expect "an approved one is healthy" 40 healthy "$GATES" $gate 'Healthy: .* approved by alice' Current
  pause_function
  gate health "$B"
  always "another artifact is not, while nobody looks" 6 undecided "$GATES" $gate
  resume_function
  expect "and then waits" 60 healthy "$GATES" $gate 'Progressing: waiting until' InProgress
  decide $gate bob reject "$B"
  expect "a rejected gate has failed" 40 healthy "$GATES" $gate 'Degraded: .* was rejected by bob' Failed
  pause_function
  gate health "$B" '{"attempt": 2}'
  always "another attempt has not, while nobody looks" 6 undecided "$GATES" $gate
  resume_function
  expect "and then waits" 60 healthy "$GATES" $gate 'Progressing: waiting until' InProgress
  k patch composition $composition --type=json \
    -p '[{"op": "add", "path": "/spec/pipeline/0/input/pollInterval", "value": "soon"}]' >/dev/null
  expect "refused input has failed" 60 poking "$GATES" $gate healthy "$GATES" $gate 'Degraded: .*pollInterval' Failed
  k patch composition $composition --type=json -p '[{"op": "remove", "path": "/spec/pipeline/0/input/pollInterval"}]' >/dev/null
  expect "and is in progress again" 60 poking "$GATES" $gate healthy "$GATES" $gate 'Progressing: waiting until' InProgress
  expect "the pipeline is not ready without its credentials" 20 healthy "$PIPELINES" health-pipeline Progressing InProgress
  secret_is_synchronized health-release-pipeline-credentials
  expect "with them it has nothing to do" 60 poking "$PIPELINES" health-pipeline healthy "$PIPELINES" health-pipeline Healthy Current
}

story_health_driving() {
  story "Argo CD and Flux follow a release" "release-$FLAVOUR"
  pipeline health "{\"artifact_id\": \"$A\"}"
  expect "it waits for its gate" 60 healthy "$PIPELINES" health-pipeline 'Progressing: gate health-dev-to-staging is pending' InProgress
  decide health-dev-to-staging bob reject "$A"
  expect "a rejected gate stops it" 60 healthy "$PIPELINES" health-pipeline 'Degraded: gate health-dev-to-staging: rejected' Failed
  pipeline health "{\"artifact_id\": \"$B\"}"
  expect "another artifact waits again" 60 healthy "$PIPELINES" health-pipeline 'Progressing: gate health-dev-to-staging is pending' InProgress
  secret_is_synchronized health-release-pipeline-credentials
  decide health-dev-to-staging alice approve "$B"
  expect "the next gate" 60 healthy "$PIPELINES" health-pipeline 'Progressing: gate health-staging-to-production is pending' InProgress
  decide health-staging-to-production alice approve "$B"
  expect "released" 60 healthy "$PIPELINES" health-pipeline "Healthy: $B is in production" Current
}

counted() { # METRIC-WITH-LABELS: the function's own count
  ns curl -fsS http://127.0.0.1:8081/metrics | awk -v name="$1" '{ if (index($0, name) == 1) sum += $NF } END { print sum + 0 }'
}
counted_is() { # METRIC-WITH-LABELS VALUE
  local seen
  seen=$(counted "$1")
  echo "$1 $seen, wanted $2"
  [[ $seen == "$2" ]]
}
shown() { ns curl -fsS http://127.0.0.1:18080/metrics; }
shows() { # REGEX
  local seen
  seen=$(shown 2>&1 | grep "namespace=\"$NS\"")
  echo "$seen"
  grep -Eq -- "$1" <<<"$seen"
}

story_metrics() {
  local gate=count-dev-to-staging approved ignored attempts releases
  story "what happened is counted once, and kube-state-metrics shows what is" "count-$FLAVOUR"
  start_kube_state_metrics
  approved=$(counted 'release_gate_verdicts_total{step="dev_to_staging",verdict="approved"}')
  ignored=$(counted 'release_gate_ignored_entries_total{reason="OtherArtifact"}')
  attempts=$(counted 'release_gate_attempts_total{step="dev_to_staging"}')
  releases=$(counted 'release_pipeline_releases_total{environment="staging"}')
  pipeline count
  gate count "$A"
  expect "it waits" 30 gate_is $gate pending
  expect "a pending gate is shown" 30 shows "^kube_release_gate_status.*gate=\"$gate\".*status=\"pending\".* 1\$"
  expect "with what it waits for" 10 shows '^kube_release_gate_requirement_satisfied.*reason="AwaitingApprovals".*requirement="Approvals".* 0$'
  decide $gate bob approve "$B"
  decide $gate alice approve "$A"
  expect "approved" 30 gate_is $gate approved
  expect "an approved gate is shown" 30 shows "^kube_release_gate_status.*gate=\"$gate\".*status=\"approved\".* 1\$"
  expect "with when" 10 shows '^kube_release_gate_approval_timestamp_seconds.*tenant="count".* [0-9.e+]+$'
  expect "and what came to staging" 30 shows "^kube_release_pipeline_environment_since_timestamp_seconds.*artifact_id=\"$A\".*environment=\"staging\""
  poke "$GATES" $gate
  poke "$PIPELINES" count-pipeline
  always "the verdict is counted once" 5 counted_is 'release_gate_verdicts_total{step="dev_to_staging",verdict="approved"}' $((approved + 1))
  expect "so is the entry that did not count" 5 counted_is 'release_gate_ignored_entries_total{reason="OtherArtifact"}' $((ignored + 1))
  expect "and the attempt" 5 counted_is 'release_gate_attempts_total{step="dev_to_staging"}' $((attempts + 1))
  expect "and the release" 5 counted_is 'release_pipeline_releases_total{environment="staging"}' $((releases + 1))
  end_kube_state_metrics
}

# Under the ServiceAccount and with the rights of examples/monitoring, and no other.
start_kube_state_metrics() {
  local config=$RUN/kube-state-metrics.kubeconfig
  k -n kube-system create serviceaccount kube-state-metrics --dry-run=client -o yaml | k apply -f - >/dev/null
  k apply -f "$ROOT/examples/monitoring/kube-state-metrics/rbac.yaml" >/dev/null
  cp "$ADMIN" "$config"
  k --kubeconfig="$config" config set-credentials kube-state-metrics \
    --token="$(k -n kube-system create token kube-state-metrics)" >/dev/null
  k --kubeconfig="$config" config set-context --current --user=kube-state-metrics >/dev/null
  spawn kube-state-metrics "$BIN/kube-state-metrics" --kubeconfig="$config" --host=127.0.0.1 --port=18080 \
    --telemetry-host=127.0.0.1 --telemetry-port=18081 --custom-resource-state-only=true \
    --custom-resource-state-config-file="$ROOT/examples/monitoring/kube-state-metrics/$FLAVOUR.yaml"
  expect "kube-state-metrics is up" 30 shown
}
# What spawn noted is a shell, and the last descendant is the program.
end_kube_state_metrics() {
  local pid child
  pid=$(cat "$RUN/kube-state-metrics.pid")
  while child=$(pgrep -P "$pid"); do pid=$child; done
  kill "$pid"
}
