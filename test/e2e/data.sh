#!/usr/bin/env bash
# Collects the CRDs and webhook configurations that ship inside Go modules, and prints the folder they are in.
set -euo pipefail
. "$(dirname "$0")/env.sh"
case $(basename "$CORE") in
  *-2.3) module=tools-2.3 ;;
  *) module=tools ;;
esac
data=$ROOT/.cache/$module/data
if [[ ! -e $data/complete ]]; then
  rm -rf "$data"
  mkdir -p "$data"
  cd "$ROOT/test/$module"
  module() { GOTOOLCHAIN=local go mod download -json "$1" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p'; }
  crossplane=$(module "github.com/crossplane/crossplane/v2@$(GOTOOLCHAIN=local go list -m -f '{{.Version}}' github.com/crossplane/crossplane/v2)")
  secrets=$(module github.com/external-secrets/external-secrets@v1.3.2)
  cp -r "$crossplane/cluster/crds" "$crossplane/cluster/webhookconfigurations" "$data/"
  cp "$secrets/config/crds/bases/external-secrets.io_externalsecrets.yaml" "$data/"
  chmod -R u+w "$data"
  touch "$data/complete"
fi
echo "$data"
