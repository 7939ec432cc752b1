# shellcheck shell=bash
# Before Crossplane is scaled down, somebody deletes the Configuration, which is what the page repairs. A Deployment is scaled
# when whoever plays the kubelet says so.
kubectl() {
  local generations
  if [[ $* == *"scale deployment crossplane --replicas=0"* ]]; then
    command kubectl delete configuration.pkg.crossplane.io zerotouch-configuration-release-pipeline
    until command kubectl get xrd -o json | jq -e '[.items[].metadata.deletionTimestamp] | all' >/dev/null; do sleep 0.5; done
  fi
  command kubectl "$@"
  if [[ $* == *"scale deployment crossplane"* ]]; then
    until read -ra generations < <(command kubectl -n crossplane-system get deployment crossplane \
      -o jsonpath='{.metadata.generation} {.status.observedGeneration}{"\n"}') &&
      [[ ${generations[0]} == "${generations[1]:-}" ]]; do sleep 0.5; done
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
