package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"
	"time"
)

type object = map[string]any

// at returns what is there, or nil.
func at(value any, path ...string) any {
	for _, key := range path {
		fields, _ := value.(object)
		value = fields[key]
	}
	return value
}

func text(value any, path ...string) string {
	found, _ := at(value, path...).(string)
	return found
}

// part returns the object that is there; it is made where there is none.
func part(from object, key string) object {
	found, ok := from[key].(object)
	if !ok {
		found = object{}
		from[key] = found
	}
	return found
}

// clone goes through JSON, as everything does that comes from an API server.
func clone[T any](value T) T {
	text, err := json.Marshal(value)
	must(err)
	var copied T
	must(json.Unmarshal(text, &copied))
	return copied
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// uid is as long as a real one and the same at every run.
func uid(what string) string {
	sum := sha256.Sum256([]byte(what))
	digits := hex.EncodeToString(sum[:16])
	return fmt.Sprintf("%s-%s-%s-%s-%s", digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
}

// fieldsV1 says in the API server's way which fields are there: objects down to their leaves, lists whole but for those
// that have keys.
func fieldsV1(value any) object {
	fields := object{}
	switch value := value.(type) {
	case object:
		for key, field := range value {
			fields["f:"+key] = fieldsV1(field)
		}
	case []any:
		for _, item := range value {
			if name := listKey(item); name != "" {
				element := fieldsV1(item)
				element["."] = object{}
				fields[name] = element
			}
		}
	}
	return fields
}

// listKey is the key of an element in those lists of ours, of Crossplane's and of Kubernetes' that have keys.
func listKey(item any) string {
	for _, key := range []string{"type", "uid", "name"} {
		if value := text(item, key); value != "" {
			quoted, err := json.Marshal(object{key: value})
			must(err)
			return "k:" + string(quoted)
		}
	}
	return ""
}

// managed is one manager's entry in metadata.managedFields.
func managed(manager, subresource string, applied object, when time.Time) object {
	owned := clone(applied)
	delete(owned, "apiVersion")
	delete(owned, "kind")
	if metadata, ok := owned["metadata"].(object); ok {
		for _, key := range []string{"name", "namespace", "uid", "managedFields", "creationTimestamp", "resourceVersion", "generation"} {
			delete(metadata, key)
		}
	}
	entry := object{
		"manager": manager, "operation": "Apply", "apiVersion": applied["apiVersion"],
		"time": stamp(when), "fieldsType": "FieldsV1", "fieldsV1": fieldsV1(owned),
	}
	if subresource != "" {
		entry["subresource"] = subresource
	}
	return entry
}

// setManaged replaces a manager's entry, or adds it.
func setManaged(of object, entry object) {
	metadata := part(of, "metadata")
	entries, _ := metadata["managedFields"].([]any)
	entries = slices.DeleteFunc(entries, func(other any) bool {
		return text(other, "manager") == text(entry, "manager") && text(other, "subresource") == text(entry, "subresource")
	})
	metadata["managedFields"] = append(entries, entry)
}

// created is what the API server adds to what somebody applies.
func created(applied object, manager string, when time.Time, version int) object {
	stored := clone(applied)
	metadata := part(stored, "metadata")
	metadata["uid"] = uid(identify(applied))
	metadata["creationTimestamp"] = stamp(when)
	metadata["resourceVersion"] = fmt.Sprint(100000 + version)
	if stored["spec"] != nil {
		metadata["generation"] = float64(1)
	}
	setManaged(stored, managed(manager, "", applied, when))
	return stored
}

// identify tells an object from all others in a cluster.
func identify(of object) string {
	return identity(text(of, "apiVersion"), text(of, "kind"), text(of, "metadata", "namespace"), text(of, "metadata", "name"))
}

func identity(apiVersion, kind, namespace, name string) string {
	return strings.Join([]string{apiVersion, kind, namespace, name}, " ")
}

// withDefaults fills in what an OpenAPI schema has as defaults, as the API server does.
func withDefaults(value any, schema object) any {
	switch value := value.(type) {
	case object:
		properties, _ := schema["properties"].(object)
		for name, property := range properties {
			property, _ := property.(object)
			if _, there := value[name]; !there && property["default"] != nil {
				value[name] = clone(property["default"])
			}
			if field, there := value[name]; there {
				value[name] = withDefaults(field, property)
			}
		}
		if additional, ok := schema["additionalProperties"].(object); ok {
			for name, field := range value {
				value[name] = withDefaults(field, additional)
			}
		}
	case []any:
		items, _ := schema["items"].(object)
		for i := range value {
			value[i] = withDefaults(value[i], items)
		}
	}
	return value
}

// runs gives an object that Crossplane composed what its own controller adds.
func runs(composed object, when time.Time) {
	switch text(composed, "kind") {
	case "ExternalSecret":
		composed["status"] = object{
			"binding":               object{"name": text(composed, "spec", "target", "name")},
			"conditions":            []any{object{"type": "Ready", "status": "True", "reason": "SecretSynced", "message": "secret synced", "lastTransitionTime": stamp(when)}},
			"refreshTime":           stamp(when),
			"syncedResourceVersion": "1-" + strings.Repeat("5f", 28),
		}
		setManaged(composed, managed("external-secrets", "status", object{"apiVersion": composed["apiVersion"], "status": composed["status"]}, when))
	case "Job":
		spec := part(composed, "spec")
		maps.Copy(spec, object{
			"completionMode": "NonIndexed", "completions": 1.0, "parallelism": 1.0, "manualSelector": false, "podReplacementPolicy": "Failed",
			"suspend":  false,
			"selector": object{"matchLabels": object{"batch.kubernetes.io/controller-uid": text(composed, "metadata", "uid")}},
		})
		composed["status"] = object{"active": 1.0, "ready": 1.0, "terminating": 0.0, "uncountedTerminatedPods": object{}, "startTime": stamp(when)}
		setManaged(composed, managed("kube-controller-manager", "status", object{"apiVersion": "batch/v1", "status": composed["status"]}, when))
	}
}

// others are resources of the functions before ours in the same Composition: Deployments as they are observed.
func others(count int, of object, when time.Time) map[string]object {
	resources := map[string]object{}
	for i := range count {
		name := fmt.Sprintf("%s-worker-%03d", text(of, "metadata", "name"), i)
		labels := object{"app.kubernetes.io/name": name, "app.kubernetes.io/managed-by": "crossplane", "crossplane.io/composite": text(of, "metadata", "name")}
		container := object{
			"name": "worker", "image": "ghcr.io/zerotouch/worker:main-0f3c9a1", "imagePullPolicy": "IfNotPresent",
			"args":                     []any{"--queue=" + name, "--log-format=json"},
			"env":                      []any{object{"name": "QUEUE", "value": name}, object{"name": "REGION", "value": "eu-central-1"}},
			"ports":                    []any{object{"name": "metrics", "containerPort": 8080.0, "protocol": "TCP"}},
			"resources":                object{"requests": object{"cpu": "100m", "memory": "128Mi"}, "limits": object{"memory": "256Mi"}},
			"terminationMessagePath":   "/dev/termination-log",
			"terminationMessagePolicy": "File",
		}
		applied := object{
			"apiVersion": "apps/v1", "kind": "Deployment",
			"metadata": object{
				"name": name, "namespace": text(of, "metadata", "namespace"), "labels": labels,
				"annotations":     object{"crossplane.io/composition-resource-name": fmt.Sprintf("worker-%03d", i)},
				"ownerReferences": []any{owner(of)},
			},
			"spec": object{
				"replicas": 2.0, "selector": object{"matchLabels": object{"app.kubernetes.io/name": name}},
				"template": object{"metadata": object{"labels": labels}, "spec": object{"containers": []any{container}, "serviceAccountName": "worker"}},
			},
		}
		stored := created(applied, "apiextensions.crossplane.io/composed/"+strings.Repeat("3b", 32), when, 1000+i)
		stored["status"] = object{
			"observedGeneration": 1.0, "replicas": 2.0, "updatedReplicas": 2.0, "readyReplicas": 2.0, "availableReplicas": 2.0,
			"conditions": []any{
				object{"type": "Available", "status": "True", "reason": "MinimumReplicasAvailable", "message": "Deployment has minimum availability.", "lastUpdateTime": stamp(when), "lastTransitionTime": stamp(when)},
				object{"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable", "message": "ReplicaSet has successfully progressed.", "lastUpdateTime": stamp(when), "lastTransitionTime": stamp(when)},
			},
		}
		setManaged(stored, managed("kube-controller-manager", "status", object{"apiVersion": "apps/v1", "status": stored["status"]}, when))
		resources[fmt.Sprintf("worker-%03d", i)] = stored
	}
	return resources
}

func owner(of object) object {
	return object{
		"apiVersion": of["apiVersion"], "kind": of["kind"], "name": text(of, "metadata", "name"), "uid": text(of, "metadata", "uid"),
		"controller": true, "blockOwnerDeletion": true,
	}
}

func sortedKeys[V any](of map[string]V) []string {
	keys := slices.Collect(maps.Keys(of))
	sort.Strings(keys)
	return keys
}
