//go:build tools

// Package tools holds the older Crossplane core that the function is tested with. It is a module of its own, because
// core 2.4 in ../tools needs newer ones of what it needs.
package tools

import _ "github.com/crossplane/crossplane/v2/cmd/crossplane"
