package main

import (
	"github.com/crossplane/function-sdk-go/errors"
	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"github.com/crossplane/function-sdk-go/resource"
	"github.com/crossplane/function-sdk-go/resource/composed"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// Input is what the Composition says.
type Input struct {
	metav1.TypeMeta `json:",inline"`

	GateJob struct {
		Image string `json:"image"`
	} `json:"gateJob"`
}

// DeepCopyObject makes it a runtime.Object.
func (i *Input) DeepCopyObject() runtime.Object {
	copied := *i
	return &copied
}

func (c *call) meta(name, tenant, component string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Name: name, Namespace: c.xr.Resource.GetNamespace(), Labels: c.labels(tenant, component)}
}

func (c *call) labels(tenant, component string) map[string]string {
	return map[string]string{
		"app.kubernetes.io/name":        "release-pipeline",
		"app.kubernetes.io/instance":    c.xr.Resource.GetName(),
		"app.kubernetes.io/component":   component,
		"app.kubernetes.io/part-of":     tenant,
		"app.kubernetes.io/managed-by":  "crossplane",
		"platform.zerotouch.dev/tenant": tenant,
	}
}

// compose adds a resource. It is ready when it is there and, where it has the condition Ready, that is true.
func (c *call) compose(name resource.Name, object runtime.Object) error {
	from, err := composed.From(object)
	if err != nil {
		return errors.Wrapf(err, "cannot compose %s", name)
	}
	desired := &resource.DesiredComposed{Resource: from, Ready: resource.ReadyFalse}
	if observed, ok := c.observed[name]; ok {
		switch observed.Resource.GetCondition("Ready").Status {
		case corev1.ConditionTrue:
			desired.Ready = resource.ReadyTrue
		case corev1.ConditionUnknown, "":
			if from.GetKind() != "ExternalSecret" {
				desired.Ready = resource.ReadyTrue
			}
		case corev1.ConditionFalse:
		}
	}
	if desired.Ready == resource.ReadyFalse {
		c.desired.Ready = resource.ReadyFalse
	}
	c.composed[name] = desired
	return nil
}

// require asks for an object in the XR's namespace.
func (c *call) require(key, version, kind, name string) {
	if c.rsp.GetRequirements() == nil {
		c.rsp.Requirements = &fnv1.Requirements{Resources: map[string]*fnv1.ResourceSelector{}}
	}
	namespace := c.xr.Resource.GetNamespace()
	c.rsp.Requirements.Resources[key] = &fnv1.ResourceSelector{
		ApiVersion: version, Kind: kind, Match: &fnv1.ResourceSelector_MatchName{MatchName: name}, Namespace: &namespace,
	}
}

// find returns what was required: nothing, and false, where the answer has not come yet.
func (c *call) find(key string) (*resource.Required, bool) {
	items, ok := c.required[key]
	if len(items) == 0 {
		return nil, ok
	}
	return &items[0], true
}

// controls says whether an object was composed by this XR.
func controls(uid string, required *resource.Required) bool {
	owner := metav1.GetControllerOf(required.Resource)
	return owner != nil && string(owner.UID) == uid
}
