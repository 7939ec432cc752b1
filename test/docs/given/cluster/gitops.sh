# shellcheck shell=bash
# What Argo CD has of its own.
namespace argocd
kubectl -n argocd create configmap argocd-cm --dry-run=client -o yaml | apply argocd
