#!/usr/bin/env bash
# Prints prometheusrule.yaml, for the Prometheus Operator, from the rule files beside it.
set -euo pipefail
cd "$(dirname "$0")"
echo "# Made by prometheusrule.sh from rules-function.yaml and rules-objects.yaml: change those."
separator=
for name in function objects; do
  printf '%s' "$separator"
  cat <<END
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: release-pipeline-$name
  namespace: crossplane-system
spec:
END
  sed -n '/^groups:/,$s/^\(.\)/  \1/p' "rules-$name.yaml"
  separator=$'---\n'
done
