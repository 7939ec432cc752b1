# shellcheck shell=bash
# Before each of the two ways back somebody deletes the Configuration: first under the policy, then without it. A Deployment
# is scaled when whoever plays the kubelet says so.
CONFIGURATION=configuration.pkg.crossplane.io/zerotouch-configuration-release-pipeline
# Whenever a package's revision establishes its objects, Crossplane writes the XRDs without their finalizers, and puts these on
# again within seconds. Who deletes the Configuration in between loses the XRDs, and what the CRDs hold. So: there, and unchanged
# for three seconds.
definitions_settle() {
  local before='' now
  while :; do
    now=$(command kubectl get xrd -o json | jq -c '[.items[].metadata | [.name, .finalizers, .resourceVersion]]')
    if [[ $now == "$before" ]] && jq -e 'length == 2 and all(.[1])' <<<"$now" >/dev/null; then return; fi
    before=$now
    sleep 3
  done
}
deleted_under_the_policy() {
  for file in parameters definitions; do command kubectl apply -f package/policy/$file.yaml; done
  while command kubectl delete xrd xpromotiongates.platform.zerotouch.dev --dry-run=server; do sleep 0.5; done
  command kubectl delete $CONFIGURATION
  # One that an earlier --cascade=orphan left behind belongs to nobody, and stays.
  until command kubectl get configurationrevisions -o json | jq -e '[.items[] | select(.metadata.ownerReferences)] == []'; do sleep 0.5; done
}
deleted_without_it() {
  command kubectl delete -f package/policy/definitions.yaml
  definitions_settle
  command kubectl delete $CONFIGURATION
  until command kubectl get xrd -o json | jq -e '[.items[].metadata.deletionTimestamp] | length == 2 and all' >/dev/null; do sleep 0.5; done
}
kubectl() {
  local generations
  case $* in
    "patch xrd xpromotiongates"*ownerReferences*) deleted_under_the_policy ;;
    *"scale deployment crossplane --replicas=0"*) deleted_without_it ;;
  esac
  command kubectl "$@"
  if [[ $* == *"scale deployment crossplane"* ]]; then
    until read -ra generations < <(command kubectl -n crossplane-system get deployment crossplane \
      -o jsonpath='{.metadata.generation} {.status.observedGeneration}{"\n"}') &&
      [[ ${generations[0]} == "${generations[1]:-}" ]]; do sleep 0.5; done
  fi
  if [[ $* == *"scale deployment crossplane --replicas=1"* ]]; then # installed again as above
    crossplane xpkg install configuration ghcr.io/zerotouch/configuration-release-pipeline:v0.2.0
    command kubectl wait --for=condition=Healthy $CONFIGURATION --timeout=3m
  fi
}

# The README's Configuration goes, the way that loses nothing; a gate waits. Here nobody runs Deployments, and Prometheus'
# Operator is not there: its kinds take anything.
kubectl delete configuration.pkg.crossplane.io zerotouch-configuration-release-pipeline --cascade=orphan
new_gate app ghcr.io/acme/app:main-abc123
kubectl -n crossplane-system create deployment crossplane --image=crossplane --dry-run=client -o yaml | apply given
for kind in PodMonitor PrometheusRule; do
  apply given <<MANIFEST
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: ${kind,,}s.monitoring.coreos.com}
spec:
  group: monitoring.coreos.com
  scope: Namespaced
  names: {kind: $kind, plural: ${kind,,}s, singular: ${kind,,}}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
MANIFEST
done
kubectl wait crd/podmonitors.monitoring.coreos.com crd/prometheusrules.monitoring.coreos.com --for=condition=Established --timeout=2m
