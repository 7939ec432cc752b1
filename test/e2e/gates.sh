# Sourced after env.sh: tenants' objects, and what became of them, in the flavour FLAVOUR.
# shellcheck shell=bash disable=SC2034
case $FLAVOUR in
  namespaced) PIPELINE_KIND=XReleasePipeline GATE_KIND=XPromotionGate ;;
  claims) PIPELINE_KIND=ReleasePipeline GATE_KIND=PromotionGate ;;
  *) echo "'$FLAVOUR' is no flavour: namespaced or claims" >&2; exit 2 ;;
esac
GATES=${GATE_KIND,,}s.platform.zerotouch.dev
PIPELINES=${PIPELINE_KIND,,}s.platform.zerotouch.dev
A1=ghcr.io/acme/app:main-aaa111 A2=ghcr.io/acme/app:main-bbb222

# object KIND NAMESPACE NAME SPEC-JSON: prints a manifest.
object() {
  jq -nc --arg kind "$1" --arg ns "$2" --arg name "$3" --argjson spec "$4" \
    '{apiVersion: "platform.zerotouch.dev/v1alpha1", $kind, metadata: {namespace: $ns, $name}, $spec}'
}
# pipeline NAMESPACE TENANT [SPEC-JSON]
pipeline() {
  object "$PIPELINE_KIND" "$1" "$2-pipeline" "$(jq -nc --arg t "$2" --argjson more "${3:-null}" \
    '{tenant: $t, environments: ["dev", "staging", "production"]} + $more')"
}
# gate NAMESPACE TENANT [SOURCE TARGET]: by default of the step dev to staging.
gate() {
  local source=${3:-dev} target=${4:-staging}
  object "$GATE_KIND" "$1" "$2-$source-to-$target" "$(jq -nc --arg t "$2" --arg a "$A1" --arg source "$source" \
    --arg target "$target" \
    '{tenant: $t, artifact_id: $a, source_environment: $source, target_environment: $target, timeout_hours: 48}')"
}
create() { k apply --server-side -f - >/dev/null; }
# says MANAGER NAMESPACE GATE SPEC-JSON: one person's, or one script's, partial server-side apply.
says() { object "$GATE_KIND" "$2" "$3" "$4" | k apply --server-side --field-manager="$1" -f - >/dev/null; }
approve() { # NAMESPACE GATE ARTIFACT [approve|reject]
  says alice "$1" "$2" "$(jq -nc --arg a "$3" --arg d "${4:-approve}" \
    '{approvals: [{approver: "alice@example.org", decision: $d, artifact_id: $a}]}')"
}
# composite NAMESPACE GATE: the composite of a gate, as kubectl takes it: itself, or what its claim points at.
composite() {
  if [[ $FLAVOUR == claims ]]; then
    echo "$COMPOSITES/$(k -n "$1" get "$GATES" "$2" -o jsonpath='{.spec.resourceRef.name}')"
  else
    echo "$GATES/$2"
  fi
}
COMPOSITES=xpromotiongates.platform.zerotouch.dev
# What is composed for claims outside of their namespace.
CLUSTER_SCOPED=
[[ $FLAVOUR == namespaced ]] || CLUSTER_SCOPED=,$COMPOSITES,xreleasepipelines.platform.zerotouch.dev,clusterroles,clusterrolebindings
# is NAMESPACE GATE VERDICT
is() {
  local seen
  seen=$(k -n "$1" get "$GATES" "$2" -o jsonpath='{.status.gate_status}' 2>&1)
  echo "is '$seen', wanted '$3'"
  [[ $seen == "$3" ]]
}
are() { # NAMESPACE GATE=VERDICT...
  local seen wanted
  seen=$(k -n "$1" get "$GATES" -o jsonpath='{range .items[*]}{.metadata.name}={.status.gate_status}{"\n"}{end}')
  for wanted in "${@:2}"; do
    grep -qx "$wanted" <<<"$seen" || { echo "wanted $wanted, of:" $seen; return 1; }
  done
}
runs() { # [REPLICA'S HOST]: calls of the function so far
  ns curl -fsS "${1:-127.0.0.1}:8081/metrics" | awk '/^grpc_server_handled_total/ {n += $NF} END {print n + 0}'
}

# settings JSON: merges it into the Input of both Compositions. The package manager would set them back: it is told to pause,
# until packaged_settings.
settings() {
  local name
  for name in $(k get configurationrevisions.pkg.crossplane.io -o name); do
    k annotate --overwrite "$name" crossplane.io/paused=true >/dev/null
  done
  for name in xpromotiongates xreleasepipelines; do
    k get composition "$name.platform.zerotouch.dev" -o json |
      jq --argjson s "$1" '.spec.pipeline |= map(if .step == "release" then .input *= $s else . end)' |
      k replace -f - >/dev/null
  done
}
packaged_settings() { k annotate configurationrevisions.pkg.crossplane.io --all crossplane.io/paused- >/dev/null; }

# Everything that must not be lost: tenants' objects and what is composed for them.
take() { # FILE [NAMESPACE]
  local where=(-A)
  [[ -z ${2:-} ]] || where=(-n "$2")
  k get "${where[@]}" "$GATES,$PIPELINES,configmaps,jobs.batch,serviceaccounts,roles,rolebindings,externalsecrets$CLUSTER_SCOPED" \
    -o json | jq --arg ns "${2:-}" '.items |= map(select($ns == "" or (.metadata.namespace // .spec.claimRef.namespace
      // .metadata.labels["crossplane.io/claim-namespace"]) == $ns))' >"$1"
}
# kept BEFORE [FLAG...]: holds what is there now, in namespace $N or in all, against BEFORE; see ledger.py.
kept() {
  local before=$1
  shift
  take "$before.now" "${N:-}"
  "$E2E/ledger.py" "$before" "$before.now" "$@"
}

# send [CONNECTIONS]: server-side applies a manifest a line, all at once; see send.py. by MANAGER sets the field manager.
send() { ns "$E2E/send.py" "$PKI" "$@"; }
by() { jq -c --arg m "$1" '.metadata.annotations["e2e/manager"] = $m'; }
