package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

const root = "../.."

var flavours = []string{"namespaced", "claims"}

var (
	readStages sync.Once
	allStages  map[string]map[string]*unstructured.Unstructured
)

// stages by scene and flavour: written once.
func stages(t *testing.T) map[string]map[string]*unstructured.Unstructured {
	t.Helper()
	readStages.Do(func() { allStages = writeStages(t) })
	if allStages == nil {
		t.Fatal("there are no objects")
	}
	return allStages
}

func writeStages(t *testing.T) map[string]map[string]*unstructured.Unstructured {
	t.Helper()
	path := filepath.Join(t.TempDir(), "objects.jsonl")
	writer := exec.Command(filepath.Join(root, "build/test/stage_objects"))
	writer.Env = append(os.Environ(), "OBJECTS="+path)
	if said, err := writer.CombinedOutput(); err != nil {
		t.Fatalf("stage_objects: %v\n%s", err, said)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// As build/test/stage_objects writes them: made by the function itself, with Crossplane and the API server simulated
	// around it.
	found := map[string]map[string]*unstructured.Unstructured{}
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line struct {
			Scene, Flavour string
			Object         json.RawMessage
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		object := &unstructured.Unstructured{}
		if err := object.UnmarshalJSON(line.Object); err != nil { // integers stay integers, as in a cluster
			t.Fatal(err)
		}
		if found[line.Scene] == nil {
			found[line.Scene] = map[string]*unstructured.Unstructured{}
		}
		found[line.Scene][line.Flavour] = object
	}
	return found
}

func condition(t *testing.T, object *unstructured.Unstructured, name string) map[string]any {
	t.Helper()
	conditions, _, err := unstructured.NestedSlice(object.Object, "status", "conditions")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range conditions {
		if c.(map[string]any)["type"] == name {
			return c.(map[string]any)
		}
	}
	return map[string]any{"type": name}
}

// setCondition sets fields of a condition, which is made where it is not there.
func setCondition(name string, fields map[string]any) func(*testing.T, *unstructured.Unstructured) {
	return func(t *testing.T, object *unstructured.Unstructured) {
		changed := condition(t, object, name)
		for key, value := range fields {
			changed[key] = value
		}
		before, _, _ := unstructured.NestedSlice(object.Object, "status", "conditions")
		after := []any{changed}
		for _, c := range before {
			if c.(map[string]any)["type"] != name {
				after = append(after, c)
			}
		}
		if err := unstructured.SetNestedSlice(object.Object, after, "status", "conditions"); err != nil {
			t.Fatal(err)
		}
	}
}

// seenAt: Crossplane looked at generation `seen` of the object's `generation`.
func seenAt(seen, generation int64) func(*testing.T, *unstructured.Unstructured) {
	return func(t *testing.T, object *unstructured.Unstructured) {
		object.SetGeneration(generation)
		setCondition("Synced", map[string]any{"observedGeneration": seen})(t, object)
	}
}

func deleting(_ *testing.T, object *unstructured.Unstructured) {
	_ = unstructured.SetNestedField(object.Object, "2026-03-02T09:00:00Z", "metadata", "deletionTimestamp")
}

func paused(_ *testing.T, object *unstructured.Unstructured) {
	object.SetAnnotations(map[string]string{"crossplane.io/paused": "true"})
}

var noRights = setCondition("Synced", map[string]any{
	"status": "False", "reason": "ReconcileError", "message": "cannot apply: forbidden",
})

type healthCase struct {
	scene   string
	why     string
	change  func(*testing.T, *unstructured.Unstructured)
	argo    string
	message string // a part of Argo CD's
	flux    string
}

const (
	a = "ghcr.io/acme/web:main-aaaaaaa"
	b = "ghcr.io/acme/web:main-bbbbbbb"
)

var healthCases = []healthCase{
	{"gate not looked at", "", nil, "Progressing", "nobody has looked at this artifact and attempt yet", "Unknown"},
	{"gate pending", "", nil, "Progressing", "waiting until 2026-03-03T09:00:00Z: Approvals: 0 of 1 approval", "InProgress"},
	{"gate without a pipeline", "", nil, "Progressing", "Progression: ", "InProgress"},
	{"gate approved", "", nil, "Healthy", a + " may go to staging: approved by alice at 2026-03-02T09:00:00Z", "Current"},
	{"gate approved without anybody", "", nil, "Healthy", a + " may go to staging: approved at 2026-03-02T09:00:00Z", "Current"},
	{"gate overridden", "", nil, "Healthy", "approved by erin", "Current"},
	{"gate approved, another artifact not looked at", "", nil, "Progressing", "nobody has looked", "InProgress"},
	{"gate approved, another attempt not looked at", "", nil, "Progressing", "nobody has looked", "InProgress"},
	{"gate approved, another artifact pending", "", nil, "Progressing", "waiting until", "InProgress"},
	{"gate rejected", "", nil, "Degraded", a + " was rejected by bob: set another artifact_id, or raise attempt", "Failed"},
	{"gate rejected, another attempt not looked at", "", nil, "Progressing", "nobody has looked", "InProgress"},
	{"gate rejected, another attempt pending", "", nil, "Progressing", "waiting until", "InProgress"},
	{"gate timed out", "", nil, "Degraded", a + " was not approved by 2026-03-03T09:00:00Z", "Failed"},
	{"gate with a broken trail", "", nil, "Degraded", "the audit trail is broken: ", "Failed"},
	{"gate with a broken trail", "a higher attempt is not looked at", seenAt(3, 4), "Progressing", "waiting until", "InProgress"},
	{"gate with a broken trail, another attempt pending", "", nil, "Progressing", "waiting until", "InProgress"},
	{"gate refused at once", "", nil, "Degraded", "pollInterval", "Failed"},
	{"gate refused while pending", "", nil, "Degraded", "pollInterval", "Failed"},
	{"gate refused while pending", "what corrects it is not looked at", seenAt(3, 4), "Progressing", "waiting until", "InProgress"},
	{"gate refused while pending", "this generation", seenAt(3, 3), "Degraded", "pollInterval", "Failed"},
	{"gate refused after its approval", "the verdict is final", nil, "Healthy", "approved by alice", "Current"},
	{"gate refused and taken again", "", nil, "Progressing", "waiting until", "InProgress"},
	{"gate pending", "Crossplane cannot write", noRights, "Progressing", "(Crossplane: cannot apply: forbidden)", "InProgress"},
	{"gate approved", "Crossplane cannot write", noRights, "Healthy", "approved by alice", "Current"},
	{"gate approved", "deleted", deleting, "Progressing", "is being deleted", "InProgress"},
	{"gate pending", "paused", paused, "Suspended", "crossplane.io/paused", "InProgress"},
	{"gate approved", "paused", paused, "Healthy", "approved by alice", "Current"},

	{"pipeline not looked at", "", nil, "Progressing", "nobody has looked at this yet", "Unknown"},
	{"pipeline with nothing to do", "", nil, "Healthy", "no gate is pending", "Current"},
	{"pipeline with nothing to do", "what it composes is not ready",
		setCondition("Ready", map[string]any{"status": "False", "message": "Unready resources: pipeline-credentials"}),
		"Progressing", "Unready resources: pipeline-credentials", "InProgress"},
	{"pipeline with nothing to do", "Crossplane cannot write", noRights, "Progressing", "Crossplane: cannot apply", "InProgress"},
	{"pipeline that follows a pending gate", "the gate's own health says so", nil, "Healthy", "is pending", "Current"},
	{"pipeline that follows a rejected gate", "the gate's own health says so", nil, "Healthy", "no gate is pending", "Current"},
	{"pipeline that waits for its gate", "", nil, "Progressing", "gate web-dev-to-staging is pending", "InProgress"},
	{"pipeline between two gates", "", nil, "Progressing", "gate web-staging-to-production is pending", "InProgress"},
	{"pipeline that released", "", nil, "Healthy", a + " is in production", "Current"},
	{"pipeline that released, another artifact not looked at", "", nil, "Progressing", "nobody has looked at " + b, "InProgress"},
	{"pipeline that released, another artifact pending", "", nil, "Progressing", "is pending", "InProgress"},
	{"pipeline stopped by a rejected gate", "", nil, "Degraded", "gate web-dev-to-staging: rejected", "Failed"},
	{"pipeline stopped by a rejected gate", "a higher attempt is not looked at", seenAt(3, 4), "Progressing", "nobody has looked", "InProgress"},
	{"pipeline stopped by a gate that timed out", "", nil, "Degraded", "gate web-dev-to-staging: timeout", "Failed"},
	{"pipeline with another attempt after a rejected gate", "", nil, "Progressing", "is pending", "InProgress"},
	{"pipeline that drives behind somebody else's gate", "", nil, "Progressing", "was made by somebody else", "InProgress"},
	{"pipeline stopped by somebody else's gate", "", nil, "Degraded", "gate web-dev-to-staging: rejected", "Failed"},
	{"pipeline that released through somebody else's gate", "", nil, "Healthy", a + " is in production", "Current"},
	{"pipeline refused", "", nil, "Degraded", "pollInterval", "Failed"},
	{"pipeline refused after it released", "", nil, "Degraded", "pollInterval", "Failed"},
	{"pipeline that released", "paused", paused, "Suspended", "crossplane.io/paused", "Current"},
	{"pipeline that released", "deleted", deleting, "Progressing", "is being deleted", "InProgress"},
}

func TestHealth(t *testing.T) {
	argo, flux, err := examples(root)
	if err != nil {
		t.Fatal(err)
	}
	found := stages(t)
	used := map[string]bool{}
	for _, c := range healthCases {
		used[c.scene] = true
		for _, flavour := range flavours {
			name := strings.Join([]string{c.scene, c.why, flavour}, "/")
			t.Run(name, func(t *testing.T) {
				original, ok := found[c.scene][flavour]
				if !ok {
					t.Fatal("no such scene")
				}
				object := original.DeepCopy()
				if c.change != nil {
					c.change(t, object)
				}
				health, err := argo.Health(object)
				if err != nil {
					t.Fatalf("Argo CD: %v", err)
				}
				if health.Status != c.argo || !strings.Contains(health.Message, c.message) {
					t.Errorf("Argo CD: %s, want %s: …%s…", health, c.argo, c.message)
				}
				health, err = flux.Health(object)
				if err != nil {
					t.Fatalf("Flux: %v", err)
				}
				if health.Status != c.flux {
					t.Errorf("Flux: %s, want %s", health, c.flux)
				}
			})
		}
	}
	for scene := range found {
		if !used[scene] {
			t.Errorf("%q is looked at by no case", scene)
		}
	}
}

// Whatever is in an object, a check answers: an error would show as Unknown, without a reason.
func TestHealthOfHalfAnObject(t *testing.T) {
	argo, flux, err := examples(root)
	if err != nil {
		t.Fatal(err)
	}
	for scene, byFlavour := range stages(t) {
		whole := byFlavour["namespaced"]
		status, _, _ := unstructured.NestedMap(whole.Object, "status")
		for field := range status {
			object := whole.DeepCopy()
			unstructured.RemoveNestedField(object.Object, "status", field)
			health, err := argo.Health(object)
			// These are the sentences themselves: the XRDs have them, and the function always writes them.
			sentence := field == "approver" || field == "approval_timestamp" || field == "deadline"
			if err != nil && !sentence {
				t.Errorf("%s without %s: Argo CD: %v", scene, field, err)
			}
			fluxHealth, _ := flux.Health(object)
			complete, _ := argo.Health(whole)
			if (health.Status == "Healthy") != (fluxHealth.Status == "Current") && err == nil &&
				fluxHealth.Status != "Unknown" {
				t.Errorf("%s without %s: Argo CD %s, Flux %s", scene, field, health, fluxHealth)
			}
			if complete.Status != "Healthy" && (health.Status == "Healthy" || fluxHealth.Status == "Current") {
				t.Errorf("%s is healthy only without %s", scene, field)
			}
		}
	}
}

// argocd-cm.yaml is what argocd-cm.sh makes of the .lua files.
func TestConfigMapIsFresh(t *testing.T) {
	folder := filepath.Join(root, "examples/gitops/argocd")
	made, err := exec.Command(filepath.Join(folder, "argocd-cm.sh")).Output()
	if err != nil {
		t.Fatal(err)
	}
	there, err := os.ReadFile(filepath.Join(folder, "argocd-cm.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(made, there) {
		t.Error("stale: run examples/gitops/argocd/argocd-cm.sh >examples/gitops/argocd/argocd-cm.yaml")
	}
}

func TestCommand(t *testing.T) {
	object, err := json.Marshal(stages(t)["gate rejected"]["namespaced"].Object)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := run([]string{root}, bytes.NewReader(object), &out); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(out.String(), "argocd Degraded: ") || !strings.HasSuffix(out.String(), "\nflux Failed\n") {
		t.Errorf("said %q", out.String())
	}
	if err := run([]string{root}, strings.NewReader(`{"apiVersion": "v1", "kind": "Secret"}`), &out); err == nil {
		t.Error("a Secret has no health check")
	}
}
