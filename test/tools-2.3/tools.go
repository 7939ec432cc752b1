//go:build tools

// Package tools holds the older Crossplane core that the function is tested with, and a function that shares a
// Composition with ours. They are a module of their own, because core 2.4 in ../tools needs newer ones of what these need.
package tools

import (
	_ "github.com/crossplane/function-auto-ready"
	_ "github.com/crossplane/crossplane/v2/cmd/crossplane"
)
