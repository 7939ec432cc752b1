#!/usr/bin/env bash
# Prints argocd-cm.yaml from the health checks beside it.
set -euo pipefail
cd "$(dirname "$0")"
cat <<'END'
# Made by argocd-cm.sh from gate.lua and pipeline.lua: change those. To be merged into Argo CD's own ConfigMap:
#   kubectl -n argocd patch configmap argocd-cm --patch-file examples/gitops/argocd/argocd-cm.yaml
apiVersion: v1
kind: ConfigMap
metadata:
  name: argocd-cm
  namespace: argocd
data:
END
for kind in XPromotionGate PromotionGate XReleasePipeline ReleasePipeline; do
  [[ $kind == *Gate ]] && file=gate.lua || file=pipeline.lua
  echo "  resource.customizations.health.platform.zerotouch.dev_$kind: |"
  sed 's/^\(.\)/    \1/' "$file"
done
