package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
	"sigs.k8s.io/yaml"
)

// The most rounds that Crossplane goes for one reconcile.
const maxRounds = 5

const nowKey = "platform.zerotouch.dev/now"

// A cluster is what Crossplane makes of a function's answers: enough of both to build the requests that a function gets,
// with everything that the API server and Crossplane add to an object.
type cluster struct {
	function fnv1.FunctionRunnerServiceClient
	now      time.Time
	objects  map[string]object
	composed map[string]map[string]string // of an XR: the identity of what is under a composition resource name
	schemas  map[string]object            // of XRs, by kind
	inputs   map[string]object            // of the Compositions, by kind
	version  int
}

func newCluster(function fnv1.FunctionRunnerServiceClient) *cluster {
	c := &cluster{
		function: function, objects: map[string]object{}, composed: map[string]map[string]string{},
		schemas: map[string]object{}, inputs: map[string]object{},
	}
	for _, name := range []string{"promotiongate", "releasepipeline"} {
		xrd := readYAML("xrds/namespaced/" + name + ".yaml")
		kind := text(xrd, "spec", "names", "kind")
		versions, _ := at(xrd, "spec", "versions").([]any)
		c.schemas[kind], _ = at(versions[0], "schema", "openAPIV3Schema").(object)
		composition := readYAML("compositions/namespaced/" + name + ".yaml")
		steps, _ := at(composition, "spec", "pipeline").([]any)
		c.inputs[kind], _ = at(steps[0], "input").(object)
	}
	return c
}

func readYAML(file string) object {
	content, err := os.ReadFile(filepath.Join(root, file))
	must(err)
	read := object{}
	if err := yaml.Unmarshal(content, &read); err != nil {
		must(fmt.Errorf("%s: %w", file, err))
	}
	return read
}

// apply is `kubectl apply --server-side` of an XR, and Crossplane's first look at it. It returns the XR's identity.
func (c *cluster) apply(manifest object) string {
	id := identify(manifest)
	kind := text(manifest, "kind")
	name := text(manifest, "metadata", "name")
	c.version++
	before, exists := c.objects[id]
	stored := created(manifest, "kubectl", c.now, c.version)
	withDefaults(stored, c.schemas[kind])
	if exists {
		for _, key := range []string{"uid", "creationTimestamp", "labels", "finalizers"} {
			stored["metadata"].(object)[key] = at(before, "metadata", key)
		}
		part(stored, "spec")["crossplane"] = at(before, "spec", "crossplane")
		stored["status"] = before["status"]
	} else {
		crossplane := object{
			"compositionRef":          object{"name": strings.ToLower(kind) + "s.platform.zerotouch.dev"},
			"compositionRevisionRef":  object{"name": strings.ToLower(kind) + "s.platform.zerotouch.dev-3b6f1c2"},
			"compositionUpdatePolicy": "Automatic",
		}
		part(stored, "spec")["crossplane"] = crossplane
		part(stored, "metadata")["labels"] = object{"crossplane.io/composite": name}
		part(stored, "metadata")["finalizers"] = []any{"composite.apiextensions.crossplane.io"}
	}
	c.objects[id] = stored
	return id
}

// request is the first of a reconcile: before anything that the function requires has been looked up.
func (c *cluster) request(id string) *fnv1.RunFunctionRequest {
	xr := c.objects[id]
	req := &fnv1.RunFunctionRequest{
		Meta: &fnv1.RequestMeta{Tag: strings.Repeat("5a", 32), Capabilities: []fnv1.Capability{
			fnv1.Capability_CAPABILITY_CAPABILITIES, fnv1.Capability_CAPABILITY_REQUIRED_RESOURCES, fnv1.Capability_CAPABILITY_CREDENTIALS,
			fnv1.Capability_CAPABILITY_CONDITIONS, fnv1.Capability_CAPABILITY_REQUIRED_SCHEMAS,
		}},
		Observed: &fnv1.State{Composite: &fnv1.Resource{Resource: toStruct(xr)}, Resources: map[string]*fnv1.Resource{}},
		Desired:  &fnv1.State{},
		Input:    toStruct(c.inputs[text(xr, "kind")]),
		Context:  toStruct(object{nowKey: stamp(c.now)}),
	}
	for key, composed := range c.composed[id] {
		req.Observed.Resources[key] = &fnv1.Resource{Resource: toStruct(c.objects[composed])}
	}
	return req
}

// call asks the function until it requires nothing else, and leaves in the request what it required. It returns the last
// answer.
func (c *cluster) call(req *fnv1.RunFunctionRequest) *fnv1.RunFunctionResponse {
	var before *fnv1.Requirements
	for range maxRounds {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		response, err := c.function.RunFunction(ctx, req)
		cancel()
		must(err)
		for _, result := range response.GetResults() {
			if result.GetSeverity() == fnv1.Severity_SEVERITY_FATAL {
				must(fmt.Errorf("making the requests: %s", result.GetMessage()))
			}
		}
		if proto.Equal(before, response.GetRequirements()) {
			return response
		}
		before = response.GetRequirements()
		req.RequiredResources = map[string]*fnv1.Resources{}
		for key, selector := range before.GetResources() {
			found := &fnv1.Resources{}
			id := identity(selector.GetApiVersion(), selector.GetKind(), selector.GetNamespace(), selector.GetMatchName())
			if item := c.objects[id]; item != nil {
				found.Items = append(found.Items, &fnv1.Resource{Resource: toStruct(item)})
			}
			req.RequiredResources[key] = found
		}
	}
	must(fmt.Errorf("making the requests: requirements have not settled after %d rounds: %v", maxRounds, before))
	return nil
}

// reconcile calls the function and writes what it answers, as Crossplane does.
func (c *cluster) reconcile(id string) {
	xr := c.objects[id]
	response := c.call(c.request(id))
	if c.composed[id] == nil {
		c.composed[id] = map[string]string{}
	}
	references := []any{}
	for _, key := range sortedKeys(response.GetDesired().GetResources()) {
		desired := response.GetDesired().GetResources()[key].GetResource().AsMap()
		c.write(xr, key, desired)
		c.composed[id][key] = identify(desired)
		references = append(references, object{"apiVersion": desired["apiVersion"], "kind": desired["kind"], "name": text(desired, "metadata", "name")})
	}
	part(part(xr, "spec"), "crossplane")["resourceRefs"] = references
	status, _ := response.GetDesired().GetComposite().GetResource().AsMap()["status"].(object)
	applied := clone(status)
	xr["status"] = status
	setManaged(xr, managed("apiextensions.crossplane.io/composite", "", object{"apiVersion": xr["apiVersion"], "status": applied, "spec": object{"crossplane": object{"resourceRefs": references}}}, c.now))
	c.addConditions(xr, response)
}

func (c *cluster) write(xr object, key string, desired object) {
	metadata := part(desired, "metadata")
	part(metadata, "labels")["crossplane.io/composite"] = text(xr, "metadata", "name")
	part(metadata, "annotations")["crossplane.io/composition-resource-name"] = key
	metadata["generateName"] = text(xr, "metadata", "name") + "-"
	metadata["ownerReferences"] = []any{owner(xr)}
	c.version++
	when := c.now
	if before := c.objects[identify(desired)]; before != nil {
		when, _ = time.Parse(time.RFC3339, text(before, "metadata", "creationTimestamp"))
	}
	stored := created(desired, "apiextensions.crossplane.io/composed/"+strings.Repeat("3b", 32), when, c.version)
	runs(stored, when)
	c.objects[identify(desired)] = stored
}

func (c *cluster) addConditions(xr object, response *fnv1.RunFunctionResponse) {
	conditions := []any{}
	add := func(kind, status, reason, message string) {
		condition := object{"type": kind, "status": status, "reason": reason, "lastTransitionTime": stamp(c.now), "observedGeneration": 1.0}
		if message != "" {
			condition["message"] = message
		}
		conditions = append(conditions, condition)
	}
	add("Responsive", "True", "WatchCircuitClosed", "")
	add("Synced", "True", "ReconcileSuccess", "")
	add("Ready", "True", "Available", "")
	for _, condition := range response.GetConditions() {
		status := map[fnv1.Status]string{fnv1.Status_STATUS_CONDITION_TRUE: "True", fnv1.Status_STATUS_CONDITION_FALSE: "False"}[condition.GetStatus()]
		if status == "" {
			status = "Unknown"
		}
		add(condition.GetType(), status, condition.GetReason(), condition.GetMessage())
	}
	part(xr, "status")["conditions"] = conditions
	setManaged(xr, managed("crossplane", "status", object{"apiVersion": xr["apiVersion"], "status": object{"conditions": conditions}}, c.now))
}

func toStruct(of object) *structpb.Struct {
	converted, err := structpb.NewStruct(of)
	must(err)
	return converted
}
