package monitoring

import (
	"context"
	"testing"
	"time"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
)

const (
	artifactA = "ghcr.io/acme/web:main-aaaaaaa"
	artifactB = "ghcr.io/acme/web:main-bbbbbbb"
)

// caller calls the function as Crossplane does.
type caller struct {
	t       *testing.T
	service fnv1.FunctionRunnerServiceClient
}

func newCaller(t *testing.T, address string) caller {
	t.Helper()
	connection, err := grpc.NewClient("dns:///"+address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	return caller{t, fnv1.NewFunctionRunnerServiceClient(connection)}
}

func toStruct(t *testing.T, o object) *structpb.Struct {
	t.Helper()
	converted, err := structpb.NewStruct(o)
	if err != nil {
		t.Fatal(err)
	}
	return converted
}

// gate is an XPromotionGate of a tenant whose pipeline is there. Its status is what the function answered last.
type gate struct {
	caller
	xr    object
	input object
}

func (c caller) gate(tenant string, created time.Time, spec object) *gate {
	whole := object{
		"tenant": tenant, "artifact_id": artifactA, "source_environment": "dev", "target_environment": "staging",
	}
	for name, value := range spec {
		whole[name] = value
	}
	return &gate{caller: c, xr: object{
		"apiVersion": group + "/" + version, "kind": "XPromotionGate", "spec": whole,
		"metadata": object{
			"name": tenant + "-dev-to-staging", "namespace": "team", "uid": "uid-of-" + tenant,
			"creationTimestamp": created.UTC().Format(time.RFC3339),
		},
	}, input: object{}}
}

func (g *gate) spec(name string, value any) { g.xr["spec"].(object)[name] = value }

// request has the answers to what a gate requires, or is Crossplane's first one, which has none.
func (g *gate) request(answered bool) *fnv1.RunFunctionRequest {
	tenant := g.xr["spec"].(object)["tenant"].(string)
	input := object{"apiVersion": "release.fn.zerotouch.dev/v1beta1", "kind": "Input"}
	for name, value := range g.input {
		input[name] = value
	}
	request := &fnv1.RunFunctionRequest{
		Meta: &fnv1.RequestMeta{Capabilities: []fnv1.Capability{
			fnv1.Capability_CAPABILITY_CAPABILITIES, fnv1.Capability_CAPABILITY_REQUIRED_RESOURCES,
		}},
		Observed: &fnv1.State{Composite: &fnv1.Resource{Resource: toStruct(g.t, g.xr)}},
		Input:    toStruct(g.t, input),
	}
	if answered {
		pipeline := toStruct(g.t, object{
			"apiVersion": group + "/" + version, "kind": "XReleasePipeline",
			"metadata": object{"name": tenant + "-pipeline", "namespace": "team", "uid": "pipeline-of-" + tenant},
			"spec":     object{"tenant": tenant, "environments": []any{"dev", "staging", "production"}},
		})
		request.RequiredResources = map[string]*fnv1.Resources{
			"pipeline":        {Items: []*fnv1.Resource{{Resource: pipeline}}},
			"pipeline-config": {},
		}
	}
	return request
}

func (c caller) call(request *fnv1.RunFunctionRequest) *fnv1.RunFunctionResponse {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	response, err := c.service.RunFunction(ctx, request)
	if err != nil {
		c.t.Fatal(err)
	}
	return response
}

// look is one reconcile: a call without and one with what the gate requires. Its status is kept, unless it is lost.
func (g *gate) look(lost bool) {
	g.t.Helper()
	g.call(g.request(false))
	response := g.call(g.request(true))
	if lost {
		return
	}
	text, err := protojson.Marshal(response.GetDesired().GetComposite().GetResource())
	if err != nil {
		g.t.Fatal(err)
	}
	var composite structpb.Struct
	if err := protojson.Unmarshal(text, &composite); err != nil {
		g.t.Fatal(err)
	}
	if status := composite.AsMap()["status"]; status != nil {
		g.xr["status"] = status
	}
}

func (g *gate) verdict() any { return field(g.xr, "status", "gate_status") }

func (g *gate) want(verdict string) {
	g.t.Helper()
	if g.verdict() != verdict {
		g.t.Fatalf("%v is %v, want %s: %v", field(g.xr, "metadata", "name"), g.verdict(), verdict,
			field(g.xr, "status", "requirements"))
	}
}

func decision(approver, what, artifact string) object {
	return object{"approver": approver, "decision": what, "artifact_id": artifact}
}

// tell is what happens to gates and pipelines, once each.
func tell(c caller) {
	now := time.Now()
	const signature = "-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n"

	approved := c.gate("approved", now.Add(-30*time.Minute), nil)
	approved.look(false)
	approved.want("pending")
	approved.spec("approvals", []any{decision("mallory", "approve", artifactB), decision("alice", "approve", artifactA)})
	approved.look(true) // the answer is lost, and the same decided again: counted once
	approved.look(false)
	approved.want("approved")
	approved.look(false)

	rejected := c.gate("rejected", now, object{"approvals": []any{decision("bob", "reject", artifactA)}})
	rejected.look(false)
	rejected.want("rejected")

	late := c.gate("late", now.Add(-2*time.Hour), object{"timeout_hours": 1.0})
	late.look(false)
	late.want("timeout")

	overridden := c.gate("overridden", now, nil)
	overridden.input = object{"policy": object{"dev_to_staging": object{
		"override_approvers": []any{"erin"}, "required_checks": []any{"unit"},
	}}}
	overridden.look(false)
	overridden.want("pending")
	overridden.spec("override", object{"by": "erin", "reason": "production is down", "artifact_id": artifactA})
	overridden.look(false)
	overridden.want("approved")

	forged := c.gate("forged", now, object{"approvals": []any{func() object {
		approval := decision("mallory", "approve", artifactA)
		approval["signature"] = signature
		return approval
	}()}})
	forged.input = object{"allowedSigners": "bob ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5y9Kq0d2J0m5mW6Cw0oG3VxWJ3m1zq5o7y8m1n2p3q\n"}
	forged.look(false)
	forged.want("pending")

	broken := c.gate("broken", now, nil)
	broken.look(false)
	broken.xr["status"].(object)["audit"].([]any)[0].(object)["actor"] = "mallory"
	broken.look(false)
	broken.look(false)
	broken.want("pending")

	superseded := c.gate("superseded", now, nil)
	superseded.look(false)
	superseded.spec("artifact_id", artifactB)
	superseded.look(false)
	superseded.want("pending")

	invalid := c.gate("invalid", now, object{"artifact_id": "ghcr.io/acme/web:latest"})
	invalid.look(false)

	tellPipeline(c)
}

// tellPipeline has an artifact come into the first environment.
func tellPipeline(c caller) {
	request := &fnv1.RunFunctionRequest{
		Observed: &fnv1.State{Composite: &fnv1.Resource{Resource: toStruct(c.t, object{
			"apiVersion": group + "/" + version, "kind": "XReleasePipeline",
			"metadata": object{"name": "web-pipeline", "namespace": "team", "uid": "uid-of-web"},
			"spec": object{
				"tenant": "web", "environments": []any{"dev", "staging", "production"}, "artifact_id": artifactA,
			},
		})}},
	}
	asked := c.call(request).GetRequirements().GetResources()
	if len(asked) == 0 {
		c.t.Fatal("the pipeline asks for nothing")
	}
	answered := proto.Clone(request).(*fnv1.RunFunctionRequest)
	answered.RequiredResources = map[string]*fnv1.Resources{}
	for key := range asked {
		answered.RequiredResources[key] = &fnv1.Resources{}
	}
	c.call(answered)
}
