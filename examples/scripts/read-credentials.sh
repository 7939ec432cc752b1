#!/usr/bin/env bash
# Reads the pipeline's credentials: prints one token, or writes both into a folder that only you can read.
#
# usage: NAMESPACE=deepagents read-credentials.sh TENANT github-token|registry-token
#        NAMESPACE=deepagents read-credentials.sh TENANT --to FOLDER
# Rights: get on the Secret <tenant>-release-pipeline-credentials.
set -euo pipefail

usage='usage: read-credentials.sh TENANT github-token|registry-token|--to FOLDER'
tenant=${1:?$usage}
what=${2:?$usage}
namespace=${NAMESPACE:?set NAMESPACE to the namespace of the pipeline}

read_token() { # KEY
  local token
  token=$(kubectl get secret "$tenant-release-pipeline-credentials" --namespace "$namespace" \
    --output "go-template={{with index .data \"$1\"}}{{base64decode .}}{{end}}") || return
  if [[ -z $token ]]; then
    echo "read-credentials.sh: the Secret has no $1 yet: look at the ExternalSecret of the same name" >&2
    return 1
  fi
  printf '%s' "$token"
}

case "$what" in
  github-token | registry-token) read_token "$what" ;;
  --to)
    folder=${3:?$usage}
    umask 077
    mkdir -p "$folder"
    for key in github-token registry-token; do
      # Into a new file first: a token that can't be read leaves no empty file behind.
      read_token "$key" >"$folder/.$key.new" || { rm -f "$folder/.$key.new"; exit 1; }
      mv -f "$folder/.$key.new" "$folder/$key"
    done
    ;;
  *)
    echo "$usage" >&2
    exit 1
    ;;
esac
