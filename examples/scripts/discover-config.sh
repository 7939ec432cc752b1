#!/usr/bin/env bash
# Prints what a release pipeline publishes for scripts, one key=value a line: tenant, registry, environments (in
# the order of promotion, separated by spaces), rule.<step> and released.<environment>.
#
# usage: NAMESPACE=deepagents discover-config.sh TENANT
#   one of them:  registry=$(discover-config.sh my-tenant | sed -n 's/^registry=//p')
# Rights: get on the ConfigMap <tenant>-release-pipeline-config.
set -euo pipefail

tenant=${1:?usage: discover-config.sh TENANT}
namespace=${NAMESPACE:?set NAMESPACE to the namespace of the pipeline}

# shellcheck disable=SC2016  # the template's variables, not the shell's
kubectl get configmap "$tenant-release-pipeline-config" --namespace "$namespace" \
  --output 'go-template={{range $key, $value := .data}}{{$key}}={{$value}}{{"\n"}}{{end}}' |
  while IFS='=' read -r key value; do
    case "$key" in
      environments)
        names=${value//[\[\]\"]/}
        printf 'environments=%s\n' "${names//,/ }"
        ;;
      tenant | registry | rule.* | released.*) printf '%s=%s\n' "$key" "$value" ;;
    esac
  done
