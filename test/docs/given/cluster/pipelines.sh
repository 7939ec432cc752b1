# shellcheck shell=bash
# The pipeline of the page's beginning, whose artifact went through both gates; a Deployment for it, and the credentials that
# External Secrets would bring.
for name in team web-prod flux-system; do namespace "$name"; done
docs yaml docs/pipelines.md 1 >pipeline.yaml
apply git <pipeline.yaml
artifact=ghcr.io/acme/web:main-0a1b2c3
for step in "dev staging" "staging production"; do
  # shellcheck disable=SC2086  # a step is two words
  gate_of web "$artifact" $step | apply release-script
  # shellcheck disable=SC2086
  approval_of web "$artifact" $step | apply alice@example.org
done
kubectl -n web-prod create deployment web --image=ghcr.io/acme/web:main-9f8e7d6 --dry-run=client -o yaml | apply given
kubectl -n team create secret generic web-release-pipeline-credentials --from-literal=github-token=one \
  --from-literal=registry-token=two --dry-run=client -o yaml | apply given
kubectl -n team get configmap web-release-pipeline-config >/dev/null
kubectl -n team wait configmap/web-release-pipeline-config --timeout=3m --for=jsonpath='{.data.released\.production}'="$artifact"
