// Package main evaluates the health checks of examples/gitops as Argo CD and Flux do, with the engines that they use.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/fluxcd/pkg/apis/kustomize"
	"github.com/fluxcd/pkg/runtime/cel"
	lua "github.com/yuin/gopher-lua"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"
)

// Health is what an engine says about an object. Message is Argo CD's only.
type Health struct {
	Status  string
	Message string
}

func (h Health) String() string {
	if h.Message == "" {
		return h.Status
	}
	return h.Status + ": " + h.Message
}

// Argo has the health checks of an argocd-cm, by group and kind as its keys spell them.
type Argo struct {
	scripts map[string]string
}

const argoPrefix = "resource.customizations.health."

// ReadArgo reads a ConfigMap.
func ReadArgo(path string) (*Argo, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var config corev1.ConfigMap
	if err := yaml.UnmarshalStrict(text, &config); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	argo := &Argo{scripts: map[string]string{}}
	for key, script := range config.Data {
		argo.scripts[key] = script
	}
	return argo, nil
}

// Health runs the check of the object's kind with what Argo CD gives to one: the object as `obj`, a second of time, and of
// Lua's libraries package, base and table only (and an os of its own, which no check here asks for).
func (a *Argo) Health(object *unstructured.Unstructured) (Health, error) {
	key := argoPrefix + object.GroupVersionKind().Group + "_" + object.GetKind()
	script, found := a.scripts[key]
	if !found {
		return Health{}, fmt.Errorf("no %s", key)
	}
	state := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer state.Close()
	for _, library := range []struct {
		name string
		open lua.LGFunction
	}{{lua.LoadLibName, lua.OpenPackage}, {lua.BaseLibName, lua.OpenBase}, {lua.TabLibName, lua.OpenTable}} {
		call := lua.P{Fn: state.NewFunction(library.open), NRet: 0, Protect: true}
		if err := state.CallByParam(call, lua.LString(library.name)); err != nil {
			return Health{}, err
		}
	}
	limit, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	state.SetContext(limit)
	state.SetGlobal("obj", toLua(state, object.Object))
	if err := state.DoString(script); err != nil {
		return Health{}, err
	}
	table, ok := state.Get(-1).(*lua.LTable)
	if !ok {
		return Health{}, errors.New("the check returned no table")
	}
	health := Health{Status: lua.LVAsString(table.RawGetString("status"))}
	switch health.Status {
	case "Healthy", "Progressing", "Degraded", "Suspended", "Missing":
	default:
		return Health{}, fmt.Errorf("the check returned the status %q", health.Status)
	}
	message, ok := table.RawGetString("message").(lua.LString)
	if !ok {
		return Health{}, errors.New("the check returned no message")
	}
	health.Message = string(message)
	return health, nil
}

func toLua(state *lua.LState, value any) lua.LValue {
	switch typed := value.(type) {
	case bool:
		return lua.LBool(typed)
	case string:
		return lua.LString(typed)
	case int64:
		return lua.LNumber(typed)
	case float64:
		return lua.LNumber(typed)
	case []any:
		table := state.NewTable()
		for _, item := range typed {
			table.Append(toLua(state, item))
		}
		return table
	case map[string]any:
		table := state.NewTable()
		for key, item := range typed {
			table.RawSetString(key, toLua(state, item))
		}
		return table
	}
	return lua.LNil
}

// Flux has the healthCheckExprs of a Kustomization, by kind.
type Flux struct {
	evaluators map[schema.GroupKind]*cel.StatusEvaluator
}

// ReadFlux reads them from a manifest of a Kustomization.
func ReadFlux(path string) (*Flux, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var kustomization struct {
		Spec struct {
			HealthCheckExprs []kustomize.CustomHealthCheck `json:"healthCheckExprs"`
		} `json:"spec"`
	}
	if err := yaml.Unmarshal(text, &kustomization); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	// As kustomize-controller reads them: it refuses two for one kind.
	if _, err := cel.NewStatusReader(kustomization.Spec.HealthCheckExprs); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	flux := &Flux{evaluators: map[schema.GroupKind]*cel.StatusEvaluator{}}
	for _, check := range kustomization.Spec.HealthCheckExprs {
		evaluator, err := cel.NewStatusEvaluator(&check.HealthCheckExpressions)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", check.Kind, err)
		}
		flux.evaluators[schema.FromAPIVersionAndKind(check.APIVersion, check.Kind).GroupKind()] = evaluator
	}
	return flux, nil
}

// Health is Current, InProgress or Failed. An expression that is an error is Unknown to Flux, which then looks again until
// the timeout, as it does while something is in progress.
func (f *Flux) Health(object *unstructured.Unstructured) (Health, error) {
	evaluator, found := f.evaluators[object.GroupVersionKind().GroupKind()]
	if !found {
		return Health{}, fmt.Errorf("no healthCheckExprs for %s", object.GetKind())
	}
	result, err := evaluator.Evaluate(context.Background(), object)
	if err != nil {
		return Health{Status: "Unknown", Message: err.Error()}, nil
	}
	return Health{Status: result.Status.String()}, nil
}

// examples is the folder with the health checks.
func examples(root string) (*Argo, *Flux, error) {
	argo, err := ReadArgo(filepath.Join(root, "examples/gitops/argocd/argocd-cm.yaml"))
	if err != nil {
		return nil, nil, err
	}
	flux, err := ReadFlux(filepath.Join(root, "examples/gitops/flux/health-checks.yaml"))
	return argo, flux, err
}
