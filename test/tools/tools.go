//go:build tools

package tools

import (
	_ "github.com/crossplane/cli/v2/cmd/crossplane"
	_ "github.com/crossplane/crossplane/v2/cmd/crossplane"
	_ "github.com/crossplane/function-sdk-go"
	_ "github.com/google/go-containerregistry/cmd/crane"
	_ "go.etcd.io/etcd/server/v3"
	_ "k8s.io/kubernetes/cmd/kube-apiserver"
	_ "k8s.io/kubernetes/cmd/kube-controller-manager"
	_ "k8s.io/kubernetes/cmd/kubectl"
	_ "sigs.k8s.io/kustomize/kustomize/v5"
)
