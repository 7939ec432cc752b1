package clients

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
	"sigs.k8s.io/yaml"
)

// The most rounds that Crossplane goes for one reconcile.
const maxRounds = 5

type answer struct {
	Fatal      string            `json:"fatal"`
	TTLSeconds int64             `json:"ttl_seconds"`
	Resources  map[string]string `json:"resources"`
	Conditions map[string]string `json:"conditions"`
	Status     map[string]any    `json:"status"`
}

type testCase struct {
	Name, Reason, Composite, Composition, Now string

	Spec map[string]any
	Want answer
}

func readYAML(t *testing.T, file string, into any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

func toStruct(t *testing.T, object map[string]any) *structpb.Struct {
	t.Helper()
	converted, err := structpb.NewStruct(object)
	if err != nil {
		t.Fatal(err)
	}
	return converted
}

// at returns what is there, or nil.
func at(object any, path ...any) any {
	for _, step := range path {
		switch key := step.(type) {
		case string:
			fields, _ := object.(map[string]any)
			object = fields[key]
		case int:
			items, _ := object.([]any)
			if key >= len(items) {
				return nil
			}
			object = items[key]
		}
	}
	return object
}

// identity is how a selector with a name finds an object.
func identity(apiVersion, kind, namespace, name any) string {
	return fmt.Sprintf("%v %v %v/%v", apiVersion, kind, namespace, name)
}

// cluster holds every example.
func cluster(t *testing.T) map[string]*fnv1.Resource {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "examples", "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("examples: %d files, %v", len(files), err)
	}
	objects := map[string]*fnv1.Resource{}
	for _, file := range files {
		object := map[string]any{}
		readYAML(t, filepath.Join("examples", filepath.Base(file)), &object)
		key := identity(object["apiVersion"], object["kind"], at(object, "metadata", "namespace"), at(object, "metadata", "name"))
		objects[key] = &fnv1.Resource{Resource: toStruct(t, object)}
	}
	return objects
}

// request is the first of a reconcile. There is a function before ours, whose work has to come through.
func request(t *testing.T, c testCase) *fnv1.RunFunctionRequest {
	t.Helper()
	composite, composition := map[string]any{}, map[string]any{}
	readYAML(t, c.Composite, &composite)
	readYAML(t, c.Composition, &composition)
	spec, _ := composite["spec"].(map[string]any)
	maps.Copy(spec, c.Spec)
	input, _ := at(composition, "spec", "pipeline", 0, "input").(map[string]any)
	other := &fnv1.Resource{Resource: toStruct(t, map[string]any{"apiVersion": "v1", "kind": "Secret"}), Ready: fnv1.Ready_READY_TRUE}
	return &fnv1.RunFunctionRequest{
		Meta: &fnv1.RequestMeta{Tag: "tag of " + c.Name, Capabilities: []fnv1.Capability{
			fnv1.Capability_CAPABILITY_CAPABILITIES, fnv1.Capability_CAPABILITY_REQUIRED_RESOURCES,
			fnv1.Capability_CAPABILITY_CONDITIONS,
		}},
		Observed: &fnv1.State{Composite: &fnv1.Resource{Resource: toStruct(t, composite)}},
		Desired:  &fnv1.State{Resources: map[string]*fnv1.Resource{"other": other}},
		Input:    toStruct(t, input),
		Context:  toStruct(t, map[string]any{"platform.zerotouch.dev/now": c.Now, "other": "kept"}),
	}
}

// reconcile answers what the function requires until it requires nothing else, as Crossplane does.
func reconcile(t *testing.T, client fnv1.FunctionRunnerServiceClient, req *fnv1.RunFunctionRequest) *fnv1.RunFunctionResponse {
	t.Helper()
	objects := cluster(t)
	var before *fnv1.Requirements
	for range maxRounds {
		response, err := client.RunFunction(within(t), req)
		if err != nil {
			t.Fatal(err)
		}
		if proto.Equal(before, response.GetRequirements()) || response.GetRequirements() == nil {
			return response
		}
		before = response.GetRequirements()
		req.RequiredResources = map[string]*fnv1.Resources{}
		for key, selector := range before.GetResources() {
			found := &fnv1.Resources{}
			id := identity(selector.GetApiVersion(), selector.GetKind(), selector.GetNamespace(), selector.GetMatchName())
			if object := objects[id]; object != nil {
				found.Items = append(found.Items, object)
			}
			req.RequiredResources[key] = found
		}
	}
	t.Fatalf("requirements have not settled after %d rounds: %v", maxRounds, before)
	return nil
}

// read leaves of the status what the case wants to know.
func read(response *fnv1.RunFunctionResponse, c testCase) answer {
	got := answer{
		TTLSeconds: response.GetMeta().GetTtl().GetSeconds(),
		Resources:  map[string]string{}, Conditions: map[string]string{}, Status: map[string]any{},
	}
	for _, result := range response.GetResults() {
		if result.GetSeverity() == fnv1.Severity_SEVERITY_FATAL {
			got.Fatal, _, _ = strings.Cut(result.GetMessage(), ":")
		}
	}
	for key, resource := range response.GetDesired().GetResources() {
		if key == "other" {
			continue
		}
		object := resource.GetResource().AsMap()
		got.Resources[key] = fmt.Sprint(object["apiVersion"], " ", object["kind"], " ", at(object, "metadata", "name"))
	}
	for _, condition := range response.GetConditions() {
		state := strings.TrimPrefix(condition.GetStatus().String(), "STATUS_CONDITION_")
		got.Conditions[condition.GetType()] = state + " " + condition.GetReason()
	}
	fields := response.GetDesired().GetComposite().GetResource().AsMap()
	for field := range c.Want.Status {
		got.Status[field] = at(fields, "status", field)
	}
	return got
}

func TestExamples(t *testing.T) {
	table := struct{ Cases []testCase }{}
	readYAML(t, "test/clients/cases.yaml", &table)
	if len(table.Cases) == 0 {
		t.Fatal("no cases")
	}
	client := fnv1.NewFunctionRunnerServiceClient(dial(t, start(t, "--insecure", "--clock-from-context")))
	for _, c := range table.Cases {
		t.Run(c.Name, func(t *testing.T) {
			req := request(t, c)
			response := reconcile(t, client, req)
			if got := read(response, c); !reflect.DeepEqual(got, c.Want) {
				t.Errorf("%s\n got %+v\nwant %+v", c.Reason, got, c.Want)
			}
			if got, want := response.GetMeta().GetTag(), req.GetMeta().GetTag(); got != want {
				t.Errorf("tag %q, want %q", got, want)
			}
			if got, want := response.GetDesired().GetResources()["other"], req.GetDesired().GetResources()["other"]; !proto.Equal(got, want) {
				t.Errorf("what another function wants came back as %v, want %v", got, want)
			}
			if got, want := response.GetContext(), req.GetContext(); !proto.Equal(got, want) {
				t.Errorf("context %v, want %v", got, want)
			}
		})
	}
}
