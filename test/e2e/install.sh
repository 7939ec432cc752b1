#!/usr/bin/env bash
# Installs as users do: packages built by the real CLI, pushed to a registry, a Configuration that brings the Function in.
#
# usage: install.sh namespaced|claims [VERSION]
set -euo pipefail
. "$(dirname "$0")/env.sh"
flavour=$1 version=${2:-v0.1.0}
case $flavour in
  namespaced) package=configuration rights=(clusterrole) ;;
  claims) package=configuration-claims rights=(clusterrole clusterrole-claims) ;;
  *) echo "$flavour: namespaced or claims" >&2; exit 2 ;;
esac
"$E2E/publish.sh" "$flavour" "$version" "${E2E_IMAGE:-$ROOT/build/packages/runtime.tar}"
for file in "${rights[@]}"; do k apply -f "$ROOT/package/rbac/$file.yaml" >/dev/null; done
k apply -f - >/dev/null <<EOF
apiVersion: pkg.crossplane.io/v1
kind: Configuration
metadata: {name: release-pipeline}
spec: {package: "$REGISTRY/zerotouch/$package-release-pipeline:$version"}
EOF
wait_for 60 "the dependency installed Function $FUNCTION" k get "function.pkg.crossplane.io/$FUNCTION"
"$E2E/function.sh"
k wait --for=condition=Healthy --timeout=180s configuration.pkg.crossplane.io/release-pipeline
k wait --for=condition=Established --timeout=180s xrd --all
touch "$RUN/installed"
