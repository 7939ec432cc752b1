package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"google.golang.org/protobuf/proto"
)

// The time of every call, where the servers' clocks begin: the last Tuesday at ten, which is inside the example's window.
var benchTime = lastTuesday(time.Now()).Add(10 * time.Hour)

func lastTuesday(now time.Time) time.Time {
	day := now.UTC().Truncate(24 * time.Hour)
	return day.AddDate(0, 0, -int((day.Weekday()-time.Tuesday+7)%7))
}

// A testCase is one request, as Crossplane would send it.
type testCase struct {
	name, what string
	request    *fnv1.RunFunctionRequest
	// Those that implement what it is about.
	servers []string
	// Part of a curve rather than of the grid: what grows, and how much of it there is.
	grows string
	size  int
}

// makeCases builds the requests from the examples, with the answers that the function itself gives on the way.
func makeCases(function fnv1.FunctionRunnerServiceClient, keys *signers) []testCase {
	cases := []testCase{}
	add := func(name, what string, request *fnv1.RunFunctionRequest, servers ...string) {
		cases = append(cases, testCase{name: name, what: what, request: request, servers: servers})
	}

	fresh := newStory(function)
	fresh.now = benchTime
	pipeline := fresh.apply(pipelineManifest())
	add("pipeline-fresh", "a new pipeline: nothing is observed yet, nothing required has been looked up", fresh.request(pipeline), everyServer...)
	gate := fresh.apply(readYAML(exampleGate))
	add("gate-fresh", "a new gate, in the same way", fresh.request(gate), everyServer...)

	settled := newStory(function)
	settled.settle(exampleDay)
	add("pipeline-steady", "the same pipeline a day later: five observed resources, and its gate", settled.next(settled.pipeline), everyServer...)
	add("gate-pending", "its gate, which waits for an approval: ConfigMap, Job and pipeline are observed", settled.next(settled.gate), everyServer...)
	add("gate-signatures", "the step to production: quorums of two roles, three signed approvals, soak and windows; this call opens it",
		signedGate(function, keys, 3), ours, canned)
	for _, count := range []int{50, 200, 500} {
		add(fmt.Sprintf("observed-%d", count), fmt.Sprintf("the steady pipeline beside %d observed resources of other functions", count),
			withOthers(settled.next(settled.pipeline), count, settled.objects[settled.pipeline]), everyServer...)
	}
	return cases
}

// makeCurves builds requests that differ in one thing that grows.
func makeCurves(function fnv1.FunctionRunnerServiceClient, keys *signers) []testCase {
	cases := []testCase{}
	add := func(grows string, size int, request *fnv1.RunFunctionRequest, servers ...string) {
		cases = append(cases, testCase{name: fmt.Sprintf("%s-%d", grows, size), request: request, servers: servers, grows: grows, size: size})
	}
	for _, size := range []int{1, 25, 50, 75, 100} {
		add("audit", size, gateWithTrail(function, size), ours)
	}
	for _, size := range []int{0, 1, 5, 10, 25, 49} {
		add("approvals", size, gateWithApprovals(function, size), ours)
	}
	for _, size := range []int{0, 1, 5, 10, 25, 49} {
		add("signatures", size, signedGate(function, keys, size), ours)
	}
	settled := newStory(function)
	settled.settle(exampleDay)
	for _, size := range []int{0, 100, 200, 400, 800} {
		add("observed", size, withOthers(settled.next(settled.pipeline), size, settled.objects[settled.pipeline]), everyServer...)
	}
	return cases
}

const (
	examplePipeline = "examples/deepagents-runtime-pipeline-claim.yaml"
	exampleGate     = "examples/promotion-gate-example.yaml"
	artifact        = "ghcr.io/zerotouch/deepagents-runtime:main-abc123"
)

var exampleDay = benchTime.Add(-24 * time.Hour)

// pipelineManifest is the example, whose freeze is never now.
func pipelineManifest() object {
	manifest := readYAML(examplePipeline)
	freezes, _ := part(manifest, "spec")["freezes"].([]any)
	freeze, _ := freezes[0].(object)
	freeze["from"], freeze["until"] = stamp(benchTime.AddDate(0, 2, 0)), stamp(benchTime.AddDate(0, 2, 14))
	return manifest
}

// A story is the example's pipeline and its first gate in a cluster.
type story struct {
	*cluster

	pipeline, gate string
}

func newStory(function fnv1.FunctionRunnerServiceClient) *story {
	return &story{cluster: newCluster(function)}
}

// settle applies the pipeline at a time and its gate an hour before the benchmark's, and reconciles until nothing changes.
func (s *story) settle(from time.Time) {
	s.now = from
	s.pipeline = s.apply(pipelineManifest())
	s.reconcile(s.pipeline)
	s.reconcile(s.pipeline)
	s.now = benchTime.Add(-time.Hour)
	s.gate = s.apply(readYAML(exampleGate))
	s.reconcileAll()
}

func (s *story) reconcileAll() {
	for range 3 {
		for _, id := range []string{s.gate, s.pipeline} {
			s.reconcile(id)
		}
	}
}

// next is the request of the benchmark's time, with everything that the function requires.
func (s *story) next(id string) *fnv1.RunFunctionRequest {
	s.now = benchTime
	request := s.request(id)
	s.call(request)
	return request
}

// edit applies the gate again with another spec.
func (s *story) edit(change func(spec object)) {
	manifest := readYAML(exampleGate)
	change(part(manifest, "spec"))
	s.apply(manifest)
}

func withOthers(request *fnv1.RunFunctionRequest, count int, xr object) *fnv1.RunFunctionRequest {
	request = proto.Clone(request).(*fnv1.RunFunctionRequest)
	for key, other := range others(count, xr, exampleDay) {
		request.Observed.Resources[key] = &fnv1.Resource{Resource: toStruct(other)}
	}
	return request
}

// gateWithTrail has a gate with so many entries in its audit trail: attempts, and in each of them a check that changes.
func gateWithTrail(function fnv1.FunctionRunnerServiceClient, size int) *fnv1.RunFunctionRequest {
	s := newStory(function)
	s.settle(exampleDay)
	trail := func() int {
		entries, _ := at(s.objects[s.gate], "status", "audit").([]any)
		return len(entries)
	}
	const reportsPerAttempt = 20
	for turn := 0; trail() < size; turn++ {
		s.edit(func(spec object) {
			attempt := float64(1 + turn/reportsPerAttempt)
			spec["attempt"] = attempt
			checks, _ := spec["checks"].([]any)
			check, _ := checks[0].(object)
			check["attempt"] = attempt
			check["state"] = []string{"success", "pending"}[turn%2]
			if turn == 0 {
				delete(spec, "checks")
			}
		})
		s.reconcile(s.gate)
	}
	return s.next(s.gate)
}

// gateWithApprovals has a gate that waits for one approval more than there are, so that each counts.
func gateWithApprovals(function fnv1.FunctionRunnerServiceClient, size int) *fnv1.RunFunctionRequest {
	s := newStory(function)
	s.now = exampleDay
	manifest := pipelineManifest()
	part(part(part(manifest, "spec"), "promotionPolicies"), "dev_to_staging")["approvals"] = []any{object{"name": "all", "required": 50.0}}
	s.settleWith(manifest, size, func(approver string) object {
		return object{"approver": approver, "decision": "approve", "artifact_id": artifact}
	})
	return s.next(s.gate)
}

func approver(i int) string { return fmt.Sprintf("approver-%02d@example.org", i) }

func (s *story) settleWith(pipeline object, approvals int, make func(approver string) object) {
	s.settle(exampleDay)
	s.apply(pipeline)
	s.edit(func(spec object) {
		list := []any{}
		for i := range approvals {
			list = append(list, make(approver(i)))
		}
		spec["approvals"] = list
	})
	s.reconcileAll()
}

// signedGate is the call that opens the gate to production with three signed approvals, which is what the example's policy
// demands; with any other number, a gate that waits for one more of a single rule.
func signedGate(function fnv1.FunctionRunnerServiceClient, keys *signers, approvals int) *fnv1.RunFunctionRequest {
	s := newStory(function)
	s.now = exampleDay.Add(-48 * time.Hour)
	pipeline := pipelineManifest()
	spec := part(pipeline, "spec")
	names := []string{"alice@example.org", "bob@example.org", "dana@example.org"}
	if approvals != len(names) {
		names = nil
		for i := range approvals {
			names = append(names, approver(i))
		}
		part(part(spec, "promotionPolicies"), "staging_to_production")["approvals"] = []any{object{"name": "all", "required": 50.0}}
	}
	spec["allowed_signers"] = keys.allowed(names)
	s.pipeline = s.apply(pipeline)
	s.reconcile(s.pipeline)
	s.reconcile(s.pipeline)

	// The artifact comes to staging first.
	first := readYAML(exampleGate)
	part(first, "spec")["approvals"] = []any{object{"approver": "erin@example.org", "decision": "approve", "artifact_id": artifact}}
	s.gate = s.apply(first)
	s.reconcileAll()

	s.now = benchTime.Add(-time.Hour)
	last := readYAML(exampleGate)
	part(last, "metadata")["name"] = "deepagents-runtime-staging-to-production"
	lastSpec := part(last, "spec")
	lastSpec["source_environment"], lastSpec["target_environment"], lastSpec["requested_by"] = "staging", "production", "erin@example.org"
	checks := []any{}
	for _, name := range []string{"unit-tests", "image-scan", "acceptance"} {
		checks = append(checks, object{"name": name, "state": "success", "artifact_id": artifact})
	}
	lastSpec["checks"] = checks
	s.gate = s.apply(last)
	s.reconcileAll()
	entries := []any{}
	for _, name := range names {
		entries = append(entries, keys.sign(last, name))
	}
	lastSpec["approvals"] = entries
	s.apply(last)
	return s.next(s.gate)
}

// Signers have an Ed25519 key each, and sign as people do: with the command `approval sign`, which calls ssh-keygen.
type signers struct {
	binary, folder string
	signed         map[string]object // by approver: of one gate
}

func (k *signers) key(name string) string {
	file := filepath.Join(k.folder, name)
	if _, err := os.Stat(file); err != nil {
		output, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", file).CombinedOutput()
		if err != nil {
			must(fmt.Errorf("ssh-keygen: %w: %s", err, output))
		}
	}
	return file
}

// allowed is the text of an allowed_signers file.
func (k *signers) allowed(names []string) string {
	lines := []string{}
	for _, name := range names {
		public, err := os.ReadFile(k.key(name) + ".pub")
		must(err)
		fields := strings.Fields(string(public))
		lines = append(lines, fmt.Sprintf("%s namespaces=\"release-gate\" %s %s\n", name, fields[0], fields[1]))
	}
	return strings.Join(lines, "")
}

func (k *signers) sign(gate object, name string) object {
	if entry := k.signed[name]; entry != nil {
		return entry
	}
	manifest, err := json.Marshal(gate)
	must(err)
	command := exec.Command(k.binary, "approval", "sign", "-", "--approver", name, "--key", k.key(name), "-o", "json")
	command.Stdin = strings.NewReader(string(manifest))
	var said strings.Builder
	command.Stderr = &said
	output, err := command.Output()
	if err != nil {
		must(fmt.Errorf("approval sign: %w: %s", err, said.String()))
	}
	var entries struct{ Approvals []object }
	must(json.Unmarshal(output, &entries))
	k.signed[name] = entries.Approvals[0]
	return k.signed[name]
}
