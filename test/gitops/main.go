package main

import (
	"fmt"
	"io"
	"os"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Reads one object as JSON and prints what Argo CD and what Flux makes of it, a line each.
//
// usage: gitops ROOT < object.json
func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "gitops:", err)
		os.Exit(1)
	}
}

func run(args []string, in io.Reader, out io.Writer) error {
	if len(args) != 1 {
		return fmt.Errorf("usage: gitops ROOT < object.json")
	}
	argo, flux, err := examples(args[0])
	if err != nil {
		return err
	}
	text, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	object := &unstructured.Unstructured{}
	if err := object.UnmarshalJSON(text); err != nil {
		return err
	}
	for _, engine := range []struct {
		name   string
		health func(*unstructured.Unstructured) (Health, error)
	}{{"argocd", argo.Health}, {"flux", flux.Health}} {
		health, err := engine.health(object)
		if err != nil {
			return fmt.Errorf("%s: %w", engine.name, err)
		}
		fmt.Fprintf(out, "%s %s\n", engine.name, health)
	}
	return nil
}
