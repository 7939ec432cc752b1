package monitoring

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

type object = map[string]any

func field(from any, path ...string) any {
	for _, name := range path {
		typed, ok := from.(object)
		if !ok {
			return nil
		}
		from = typed[name]
	}
	return from
}

// stageObjects are pipelines and gates at every stage, as the function leaves them. Each scene has a namespace of its own, as
// they all have the same names.
func stageObjects(t *testing.T) []object {
	t.Helper()
	path := filepath.Join(t.TempDir(), "objects.jsonl")
	writer := exec.Command(program(t, "STAGE_OBJECTS", filepath.Join(root, "build/test/stage_objects")))
	writer.Env = append(os.Environ(), "OBJECTS="+path)
	if said, err := writer.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var objects []object
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line struct {
			Scene, Flavour string
			Object         object
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		metadata := line.Object["metadata"].(object)
		metadata["namespace"] = line.Flavour + "-" + strings.NewReplacer(" ", "-", ",", "", "'", "").Replace(line.Scene)
		metadata["uid"] = metadata["namespace"]
		objects = append(objects, line.Object)
	}
	if len(objects) == 0 {
		t.Fatal("no objects")
	}
	return objects
}

const (
	group   = "platform.zerotouch.dev"
	version = "v1alpha1"
)

// apiServer lists the objects, and the CRDs of their kinds, and lets watchers wait.
func apiServer(t *testing.T, objects []object) string {
	t.Helper()
	lists := map[string][]object{}
	for _, kind := range []string{"XPromotionGate", "XReleasePipeline", "PromotionGate", "ReleasePipeline"} {
		plural := strings.ToLower(kind) + "s"
		path := "/apis/" + group + "/" + version + "/" + plural
		lists[path] = []object{}
		for _, o := range objects {
			if o["kind"] == kind {
				lists[path] = append(lists[path], o)
			}
		}
		crds := "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
		lists[crds] = append(lists[crds], object{
			"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
			"metadata": object{"name": plural + "." + group, "uid": plural, "resourceVersion": "1"},
			"spec": object{
				"group": group, "scope": "Namespaced", "names": object{"kind": kind, "plural": plural},
				"versions": []object{{"name": version, "served": true, "storage": true}},
			},
		})
	}
	done := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		items, found := lists[r.URL.Path]
		w.Header().Set("Content-Type", "application/json")
		switch {
		case r.URL.Path == "/version":
			fmt.Fprint(w, `{"major": "1", "minor": "35", "gitVersion": "v1.35.4"}`)
		case !found:
			http.NotFound(w, r)
		case r.URL.Query().Get("watch") != "":
			watch(w, r, items, done)
		default:
			kind, _ := items0(items)
			_ = json.NewEncoder(w).Encode(object{
				"apiVersion": kind, "kind": "List", "metadata": object{"resourceVersion": "1"}, "items": items,
			})
		}
	}))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(done) })
	return server.URL
}

func items0(items []object) (string, bool) {
	if len(items) == 0 {
		return group + "/" + version, false
	}
	version, ok := items[0]["apiVersion"].(string)
	return version, ok
}

// watch sends what is there where the client wants to begin with it, and nothing after it.
func watch(w http.ResponseWriter, r *http.Request, items []object, done <-chan struct{}) {
	events := json.NewEncoder(w)
	if r.URL.Query().Get("sendInitialEvents") == "true" {
		for _, item := range items {
			_ = events.Encode(object{"type": "ADDED", "object": item})
		}
		apiVersion, _ := items0(items)
		kind, _ := field(append(items, object{"kind": "Any"})[0], "kind").(string)
		_ = events.Encode(object{"type": "BOOKMARK", "object": object{
			"apiVersion": apiVersion, "kind": kind, "metadata": object{
				"resourceVersion": "1", "annotations": object{"k8s.io/initial-events-end": "true"},
			},
		}})
	}
	w.(http.Flusher).Flush()
	select {
	case <-r.Context().Done():
	case <-done:
	}
}

// startKubeStateMetrics returns the address of its metrics.
func startKubeStateMetrics(t *testing.T, apiServer, config string) string {
	t.Helper()
	port := freePort(t)
	spawn(t, nil, program(t, "KUBE_STATE_METRICS", ""), "--apiserver="+apiServer, "--custom-resource-state-only=true",
		"--custom-resource-state-config-file="+config, "--host=127.0.0.1", fmt.Sprintf("--port=%d", port),
		"--telemetry-host=127.0.0.1", fmt.Sprintf("--telemetry-port=%d", freePort(t)))
	return fmt.Sprintf("127.0.0.1:%d", port)
}
