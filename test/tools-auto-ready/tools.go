//go:build tools

// Package tools holds a function that shares a Composition with ours in a test. It is a module of its own, because it
// needs older versions of what ../tools needs.
package tools

import _ "github.com/crossplane/function-auto-ready"
