// Command apicheck does offline what the API server does with a CustomResourceDefinition and its objects, by the
// API server's own packages, where no other tool does: CEL cost limits, keys of lists, and rules about an update.
//
//	apicheck json FILE...         the documents of YAML files, one line of JSON each
//	apicheck crd FILE...          whether the API server takes these CRDs, and the cost of their CEL rules
//	apicheck update CRD OLD NEW   whether it takes the update of an object from OLD to NEW
//	apicheck name REPOSITORY      the name under which Crossplane installs a dependency from this repository
//
// Exit code: 0, 1 where something is invalid, 2 on wrong use. A FILE of "-" is standard input.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/crossplane/crossplane-runtime/v2/pkg/xpkg"
	"github.com/google/go-containerregistry/pkg/name"
	"k8s.io/apimachinery/pkg/util/yaml"
)

func main() {
	if len(os.Args) < 3 {
		fail(2, errors.New("usage: apicheck json|crd FILE... | apicheck update CRD OLD NEW | apicheck name REPOSITORY"))
	}
	files := os.Args[2:]
	switch os.Args[1] {
	case "json":
		for _, file := range files {
			documents, err := readDocuments(file)
			if err != nil {
				fail(1, err)
			}
			for _, document := range documents {
				fmt.Println(string(document))
			}
		}
	case "crd":
		if err := checkCRDs(os.Stdout, files); err != nil {
			fail(1, err)
		}
	case "update":
		if len(files) != 3 {
			fail(2, errors.New("update: takes three files: CRD OLD NEW"))
		}
		if err := checkUpdate(files[0], files[1], files[2]); err != nil {
			fail(1, err)
		}
	case "name":
		repository, err := name.NewRepository(files[0])
		if err != nil {
			fail(1, err)
		}
		fmt.Println(xpkg.ToDNSLabel(repository.RepositoryStr()))
	default:
		fail(2, fmt.Errorf("%s: unknown command; allowed are json, crd, update and name", os.Args[1]))
	}
}

func fail(code int, err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(code)
}

// readDocuments returns the documents of a YAML or JSON file as JSON; empty ones are left out.
func readDocuments(file string) ([]json.RawMessage, error) {
	in := os.Stdin
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	decoder := yaml.NewYAMLOrJSONDecoder(in, 1<<20)
	var documents []json.RawMessage
	for {
		var document json.RawMessage
		err := decoder.Decode(&document)
		if errors.Is(err, io.EOF) {
			return documents, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if len(document) > 0 && string(document) != "null" {
			documents = append(documents, document)
		}
	}
}
