# shellcheck shell=bash
# The plugin is not installed yet; a gate waits. The registry is the one of this control plane.
rm bin/kubectl-release bin/function-release-pipeline
crane() { "$TOOLS/crane" "${@//ghcr.io/127.0.0.1:5000}"; }
new_gate shop ghcr.io/acme/shop:main-abc123
kubectl -n team delete rolebinding approvers --ignore-not-found
