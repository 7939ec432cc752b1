// Package robustness leans on the real binary: load, bad peers, and a machine that runs out of things. What it says on
// standard output is what it measured.
package robustness

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"

	"tests/fixture"
)

const method = "/apiextensions.fn.proto.v1.FunctionRunnerService/RunFunction"

// pki is Crossplane's CA and what it issued.
type pki struct {
	ca             fixture.Certificate
	folder         string
	client, server *tls.Config
}

func newPKI(t *testing.T) pki {
	t.Helper()
	ca := fixture.NewCA(t)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca.PEM)
	pair := ca.Issue(t, x509.ExtKeyUsageClientAuth, nil).ForTLS(t)
	return pki{
		ca:     ca,
		folder: fixture.Secret(t, ca, ca.Issue(t, x509.ExtKeyUsageServerAuth, nil)),
		client: &tls.Config{
			RootCAs: roots, ServerName: fixture.ServerName, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2"},
			GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &pair, nil },
		},
		server: &tls.Config{RootCAs: roots, ServerName: fixture.ServerName, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2"}},
	}
}

// bytesCodec leaves messages as they are: what is sent was marshalled before, what comes back is looked at later.
type bytesCodec struct{}

func (bytesCodec) Marshal(message any) ([]byte, error) { return *message.(*[]byte), nil }
func (bytesCodec) Unmarshal(data []byte, message any) error {
	*message.(*[]byte) = append([]byte(nil), data...)
	return nil
}
func (bytesCodec) Name() string { return "proto" }

// client is one connection of Crossplane's.
type client struct{ connection *grpc.ClientConn }

func dial(t *testing.T, address string, config *tls.Config) client {
	t.Helper()
	connection, err := grpc.NewClient("passthrough:///"+address, grpc.WithTransportCredentials(credentials.NewTLS(config)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	return client{connection}
}

func dialInsecure(t *testing.T, address string) client {
	t.Helper()
	connection, err := grpc.NewClient("passthrough:///"+address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	return client{connection}
}

func (c client) call(request []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), fixture.Patience)
	defer cancel()
	var response []byte
	err := c.connection.Invoke(ctx, method, &request, &response, grpc.ForceCodec(bytesCodec{}))
	return response, err
}

// A call with the answer that it has to have.
type checkedCall struct {
	name    string
	request []byte
	fatal   bool
}

func (c checkedCall) check(response []byte) error {
	answer := &fnv1.RunFunctionResponse{}
	if err := proto.Unmarshal(response, answer); err != nil {
		return fmt.Errorf("%s: %w", c.name, err)
	}
	fatal := ""
	for _, result := range answer.GetResults() {
		if result.GetSeverity() == fnv1.Severity_SEVERITY_FATAL {
			fatal = result.GetMessage()
		}
	}
	if (fatal != "") != c.fatal {
		return fmt.Errorf("%s: FATAL %q, wanted one: %t", c.name, fatal, c.fatal)
	}
	if answer.GetMeta().GetTag() != c.name {
		return fmt.Errorf("%s: the answer is about %s", c.name, answer.GetMeta().GetTag())
	}
	return nil
}

// life is a document of test/robustness/fuzz/seeds/life.
type life struct {
	Objects []map[string]any
	Input   map[string]any
	Steps   []struct{ Spec map[string]any }
}

func toStruct(t *testing.T, object map[string]any) *structpb.Struct {
	t.Helper()
	converted, err := structpb.NewStruct(object)
	if err != nil {
		t.Fatal(err)
	}
	return converted
}

func text(object any, path ...string) string {
	for _, key := range path {
		fields, _ := object.(map[string]any)
		object = fields[key]
	}
	value, _ := object.(string)
	return value
}

// mergePatch is RFC 7396.
func mergePatch(object, patch map[string]any) {
	for key, value := range patch {
		nested, isObject := value.(map[string]any)
		target, wasObject := object[key].(map[string]any)
		switch {
		case value == nil:
			delete(object, key)
		case isObject && wasObject:
			mergePatch(target, nested)
		default:
			object[key] = value
		}
	}
}

// lead takes the XR of a life through its steps, as Crossplane does, and returns every call of it.
func (l life) lead(t *testing.T, c client, name string) []checkedCall {
	t.Helper()
	var calls []checkedCall
	xr := l.Objects[0]
	// The life is led now.
	metadata, _ := xr["metadata"].(map[string]any)
	metadata["creationTimestamp"] = time.Now().UTC().Format(time.RFC3339)
	observed := map[string]*fnv1.Resource{}
	for number, step := range l.Steps {
		spec, _ := xr["spec"].(map[string]any)
		mergePatch(spec, step.Spec)
		request := &fnv1.RunFunctionRequest{
			Meta: &fnv1.RequestMeta{
				Tag:          fmt.Sprintf("%s-%d", name, number),
				Capabilities: []fnv1.Capability{fnv1.Capability_CAPABILITY_REQUIRED_RESOURCES},
			},
			Observed: &fnv1.State{Composite: &fnv1.Resource{Resource: toStruct(t, xr)}, Resources: observed},
		}
		if l.Input != nil {
			request.Input = toStruct(t, l.Input)
		}
		response, rounds := l.reconcile(t, c, request)
		calls = append(calls, rounds...)
		xr["status"] = response.GetDesired().GetComposite().GetResource().AsMap()["status"]
		observed = map[string]*fnv1.Resource{}
		for key, resource := range response.GetDesired().GetResources() {
			observed[key] = applied(t, resource, xr)
		}
	}
	return calls
}

func applied(t *testing.T, resource *fnv1.Resource, xr map[string]any) *fnv1.Resource {
	t.Helper()
	object := resource.GetResource().AsMap()
	metadata, _ := object["metadata"].(map[string]any)
	metadata["ownerReferences"] = []any{map[string]any{
		"apiVersion": xr["apiVersion"], "kind": xr["kind"], "name": text(xr, "metadata", "name"),
		"uid": text(xr, "metadata", "uid"), "controller": true,
	}}
	return &fnv1.Resource{Resource: toStruct(t, object)}
}

func (l life) reconcile(t *testing.T, c client, request *fnv1.RunFunctionRequest) (*fnv1.RunFunctionResponse, []checkedCall) {
	t.Helper()
	var calls []checkedCall
	var before *fnv1.Requirements
	for {
		bytes, err := proto.Marshal(request)
		if err != nil {
			t.Fatal(err)
		}
		call := checkedCall{name: request.GetMeta().GetTag(), request: bytes}
		answer, err := c.call(bytes)
		if err != nil {
			t.Fatalf("%s: %v", call.name, err)
		}
		if err := call.check(answer); err != nil {
			t.Fatal(err)
		}
		calls = append(calls, call)
		response := &fnv1.RunFunctionResponse{}
		if err := proto.Unmarshal(answer, response); err != nil {
			t.Fatal(err)
		}
		if response.GetRequirements() == nil || proto.Equal(before, response.GetRequirements()) {
			return response, calls
		}
		before = response.GetRequirements()
		request.RequiredResources = l.find(t, before)
	}
}

func (l life) find(t *testing.T, requirements *fnv1.Requirements) map[string]*fnv1.Resources {
	t.Helper()
	found := map[string]*fnv1.Resources{}
	for key, selector := range requirements.GetResources() {
		found[key] = &fnv1.Resources{}
		for _, object := range l.Objects {
			if text(object, "apiVersion") == selector.GetApiVersion() && text(object, "kind") == selector.GetKind() &&
				text(object, "metadata", "name") == selector.GetMatchName() &&
				text(object, "metadata", "namespace") == selector.GetNamespace() {
				found[key].Items = append(found[key].Items, &fnv1.Resource{Resource: toStruct(t, object)})
			}
		}
	}
	return found
}

// lives leads every life that there is.
func lives(t *testing.T, c client) []checkedCall {
	t.Helper()
	files, err := filepath.Glob("fuzz/seeds/life/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("fuzz/seeds/life: %d files, %v", len(files), err)
	}
	var calls []checkedCall
	for _, file := range files {
		document, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var led life
		if err := json.Unmarshal(document, &led); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		calls = append(calls, led.lead(t, c, strings.TrimSuffix(filepath.Base(file), ".json"))...)
	}
	return calls
}

// large is a steady pipeline's call with as many resources of other functions beside it.
func large(t *testing.T, call checkedCall, resources int) checkedCall {
	t.Helper()
	request := &fnv1.RunFunctionRequest{}
	if err := proto.Unmarshal(call.request, request); err != nil {
		t.Fatal(err)
	}
	if request.Observed.Resources == nil {
		request.Observed.Resources = map[string]*fnv1.Resource{}
	}
	for i := range resources {
		request.Observed.Resources[fmt.Sprintf("other-%d", i)] = &fnv1.Resource{Resource: toStruct(t, map[string]any{
			"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": fmt.Sprintf("other-%d", i)},
			"data": map[string]any{"text": strings.Repeat("x", 2000)},
		})}
	}
	request.Meta.Tag = fmt.Sprintf("%s-with-%d", call.name, resources)
	bytes, err := proto.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	return checkedCall{name: request.Meta.Tag, request: bytes}
}

// refused is a call whose input is wrong, each time in another way.
func refused(t *testing.T, number int) checkedCall {
	t.Helper()
	name := fmt.Sprintf("refused-%d", number)
	bytes, err := proto.Marshal(&fnv1.RunFunctionRequest{
		Meta: &fnv1.RequestMeta{Tag: name},
		Observed: &fnv1.State{Composite: &fnv1.Resource{Resource: toStruct(t, map[string]any{
			"apiVersion": "platform.zerotouch.dev/v1alpha1", "kind": "XReleasePipeline",
			"metadata": map[string]any{"name": "acme-pipeline", "namespace": "team", "uid": "u"},
			"spec": map[string]any{
				"tenant": "acme", "environments": []any{"dev", "staging"},
				"promotionPolicies": map[string]any{"dev_to_staging": map[string]any{"windows": []any{map[string]any{
					"name": "w", "start": "09:00", "end": "17:00", "time_zone": fmt.Sprintf("Atlantis/City_%d", number),
				}}}},
			},
		})}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return checkedCall{name: name, request: bytes, fatal: true}
}
