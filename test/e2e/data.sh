#!/usr/bin/env bash
# Collects what ships inside Go modules (CRDs, webhook configurations, the chart's roles), and prints the folder it is in.
set -euo pipefail
. "$(dirname "$0")/env.sh"
case $(basename "$CORE") in
  *-2.3) module=tools-2.3 ;;
  *) module=tools ;;
esac
data=$ROOT/.cache/e2e/$module-$(cat "$ROOT/test/$module/go.mod" "$0" | sha256sum | cut -c1-16)
if [[ ! -d $data ]]; then
  # Somebody else may be at it too: whoever is first there stays.
  partial=$data.$$
  mkdir -p "$partial"
  cd "$ROOT/test/$module"
  module() { GOTOOLCHAIN=local go mod download -json "$1" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p'; }
  crossplane=$(module "github.com/crossplane/crossplane/v2@$(GOTOOLCHAIN=local go list -m -f '{{.Version}}' github.com/crossplane/crossplane/v2)")
  secrets=$(module github.com/external-secrets/external-secrets@v1.3.2)
  cp -r "$crossplane/cluster/crds" "$crossplane/cluster/webhookconfigurations" "$partial/"
  cp "$crossplane"/cluster/charts/crossplane/templates/{clusterrole,rbac-manager-clusterrole}.yaml "$partial/"
  cp "$secrets/config/crds/bases/external-secrets.io_externalsecrets.yaml" "$partial/"
  chmod -R u+w "$partial"
  mv -T "$partial" "$data" 2>/dev/null || rm -rf "$partial"
fi
echo "$data"
