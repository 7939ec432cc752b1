package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/crossplane/function-sdk-go/errors"
	"github.com/crossplane/function-sdk-go/resource"
	"github.com/crossplane/function-sdk-go/resource/composed"
	"github.com/crossplane/function-sdk-go/response"
	"google.golang.org/protobuf/types/known/durationpb"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

const rbacGroup = "rbac.authorization.k8s.io"

type pipelineSpec struct {
	Tenant         string            `json:"tenant"`
	Environments   []string          `json:"environments"`
	PromotionRules map[string]string `json:"promotionRules"`
	ArtifactConfig struct {
		Registry      string `json:"registry"`
		RetentionDays int    `json:"retention_days"`
	} `json:"artifactConfig"`
	Testing struct {
		ValidationMode string `json:"validation_mode"`
		BootstrapMode  string `json:"bootstrap_mode"`
	} `json:"testing"`
	PromotionPolicies map[string]struct {
		RequiredChecks []string `json:"required_checks"`
		TimeoutHours   int      `json:"timeout_hours"`
	} `json:"promotionPolicies"`
	Freezes []struct {
		Name  string    `json:"name"`
		From  time.Time `json:"from"`
		Until time.Time `json:"until"`
	} `json:"freezes"`
}

type environmentStatus struct {
	Name       string `json:"name"`
	ArtifactID string `json:"artifact_id"`
	Since      string `json:"since"`
	Gate       string `json:"gate"`
	GateStatus string `json:"gate_status"`
}

type pipelineStatus struct {
	PipelineID         string              `json:"pipeline_id"`
	CurrentEnvironment string              `json:"current_environment"`
	ArtifactID         string              `json:"artifact_id"`
	Environments       []environmentStatus `json:"environments"`
	History            []any               `json:"history"`
}

type step struct{ source, target string }

func (s step) slug() string { return s.source + "-to-" + s.target }
func (s step) key() string  { return s.source + "_to_" + s.target }

func stepsOf(environments []string) []step {
	steps := []step{}
	for i := 1; i < len(environments); i++ {
		steps = append(steps, step{environments[i-1], environments[i]})
	}
	return steps
}

var allSteps = []step{{"dev", "staging"}, {"staging", "production"}, {"dev", "production"}}

func configName(tenant string) string             { return tenant + "-release-pipeline-config" }
func credentialsName(tenant string) string        { return tenant + "-release-pipeline-credentials" }
func serviceAccountName(tenant string) string     { return tenant + "-release-pipeline-sa" }
func roleName(tenant string) string               { return tenant + "-release-pipeline-role" }
func gateConfigName(tenant string, s step) string { return tenant + "-" + s.slug() + "-gate" }

// What a pipeline has to know of a gate.
type gateFacts struct {
	Spec struct {
		ArtifactID string `json:"artifact_id"`
	} `json:"spec"`
	Status gateStatus `json:"status"`
}

func (c *call) composePipeline() error {
	spec := pipelineSpec{}
	if err := c.xr.Resource.GetValueInto("spec", &spec); err != nil {
		return errors.Wrap(err, "cannot get spec")
	}
	if err := c.checkOnlyPipeline(spec); err != nil {
		return err
	}
	gates := map[step]*gateFacts{}
	for _, s := range allSteps {
		c.require("gate-"+s.slug(), apiVersion, gateKind, spec.Tenant+"-"+s.slug())
		c.require("gate-"+s.slug()+"-config", "v1", "ConfigMap", spec.Tenant+"-"+s.slug()+"-gate")
		found, _ := c.find("gate-" + s.slug())
		if found == nil {
			continue
		}
		gate := &gateFacts{}
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(found.Resource.UnstructuredContent(), gate); err != nil {
			return errors.Wrapf(err, "cannot read gate %s", found.Resource.GetName())
		}
		gates[s] = gate
	}
	status, pending := c.pipelineStatus(spec, gates)
	if err := c.composePipelineResources(spec, status); err != nil {
		return err
	}
	c.addPipelineConditions(spec, status, pending)
	return errors.Wrap(c.desired.Resource.SetValue("status", status), "cannot set status")
}

// checkOnlyPipeline refuses a second pipeline of one tenant.
func (c *call) checkOnlyPipeline(spec pipelineSpec) error {
	c.require("pipeline-config", "v1", "ConfigMap", configName(spec.Tenant))
	config, _ := c.find("pipeline-config")
	if config == nil || controls(string(c.xr.Resource.GetUID()), config) {
		return nil
	}
	return errors.Errorf("spec.tenant: %s already has a pipeline in namespace %s", spec.Tenant, c.xr.Resource.GetNamespace())
}

// pipelineStatus says what each environment runs: the first one what its gate is about, the others what theirs approved.
func (c *call) pipelineStatus(spec pipelineSpec, gates map[step]*gateFacts) (pipelineStatus, *step) {
	status := pipelineStatus{PipelineID: c.xr.Resource.GetNamespace() + "/" + c.xr.Resource.GetName(), History: []any{}}
	steps := stepsOf(spec.Environments)
	var pending *step
	for i, name := range spec.Environments {
		environment := environmentStatus{Name: name}
		if i == 0 && len(steps) > 0 {
			if gate := gates[steps[0]]; gate != nil {
				environment.ArtifactID, environment.Since = gate.Spec.ArtifactID, gate.Status.CreatedTimestamp
			}
		}
		if i > 0 {
			if gate := gates[steps[i-1]]; gate != nil {
				environment.Gate, environment.GateStatus = spec.Tenant+"-"+steps[i-1].slug(), gate.Status.GateStatus
				environment.ArtifactID, environment.Since = gate.Status.ApprovedArtifactID, gate.Status.ApprovalTimestamp
				if gate.Status.GateStatus == "pending" && pending == nil {
					pending = &steps[i-1]
				}
			}
		}
		if environment.ArtifactID != "" {
			status.CurrentEnvironment, status.ArtifactID = name, environment.ArtifactID
		}
		status.Environments = append(status.Environments, environment)
	}
	return status, pending
}

func (c *call) addPipelineConditions(spec pipelineSpec, status pipelineStatus, pending *step) {
	if pending == nil {
		response.ConditionFalse(c.rsp, "Promoting", "NothingToPromote").WithMessage("no gate is pending").TargetCompositeAndClaim()
	} else {
		message := fmt.Sprintf("gate %s-%s is pending", spec.Tenant, pending.slug())
		response.ConditionTrue(c.rsp, "Promoting", "GatePending").WithMessage(message).TargetCompositeAndClaim()
		c.rsp.Meta.Ttl = durationpb.New(whilePending)
	}
	last := status.Environments[len(status.Environments)-1]
	switch {
	case status.ArtifactID == "":
		response.ConditionFalse(c.rsp, "Released", "NoArtifact").WithMessage("nothing is released").TargetCompositeAndClaim()
	case last.ArtifactID == status.ArtifactID:
		message := fmt.Sprintf("%s is in %s", status.ArtifactID, last.Name)
		response.ConditionTrue(c.rsp, "Released", "InLastEnvironment").WithMessage(message).TargetCompositeAndClaim()
	default:
		message := fmt.Sprintf("%s is not in %s yet", status.ArtifactID, last.Name)
		response.ConditionFalse(c.rsp, "Released", "NotInLastEnvironment").WithMessage(message).TargetCompositeAndClaim()
	}
}

func (c *call) composePipelineResources(spec pipelineSpec, status pipelineStatus) error {
	config, err := c.pipelineConfig(spec, status)
	if err != nil {
		return err
	}
	objects := map[resource.Name]runtime.Object{
		"pipeline-config":          config,
		"pipeline-credentials":     c.credentials(spec),
		"pipeline-service-account": &corev1.ServiceAccount{ObjectMeta: c.meta(serviceAccountName(spec.Tenant), spec.Tenant, "pipeline-service-account")},
		"pipeline-role":            c.role(spec),
	}
	if _, ok := c.observed["pipeline-role"]; ok {
		objects["pipeline-role-binding"] = c.roleBinding(spec)
	}
	for name, object := range objects {
		if err := c.compose(name, object); err != nil {
			return err
		}
	}
	return nil
}

func jsonText(value any) (string, error) {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return strings.TrimSuffix(text.String(), "\n"), err
}

func (c *call) pipelineConfig(spec pipelineSpec, status pipelineStatus) (*corev1.ConfigMap, error) {
	rules := map[string]string{}
	for _, s := range stepsOf(spec.Environments) {
		rules[s.key()] = "manual"
		if rule := spec.PromotionRules[s.key()]; rule != "" {
			rules[s.key()] = rule
		}
	}
	data := map[string]string{
		"tenant":          spec.Tenant,
		"registry":        spec.ArtifactConfig.Registry,
		"retention_days":  strconv.Itoa(spec.ArtifactConfig.RetentionDays),
		"validation_mode": spec.Testing.ValidationMode,
		"bootstrap_mode":  spec.Testing.BootstrapMode,
	}
	for key, value := range map[string]any{
		"environments": spec.Environments, "promotion-rules": rules, "artifact-config": spec.ArtifactConfig,
		"testing-config": map[string]string{"validation_mode": spec.Testing.ValidationMode, "bootstrap_mode": spec.Testing.BootstrapMode},
	} {
		text, err := jsonText(value)
		if err != nil {
			return nil, errors.Wrapf(err, "cannot write %s", key)
		}
		data[key] = text
	}
	for key, rule := range rules {
		data["rule."+key] = rule
	}
	for _, environment := range status.Environments {
		data["released."+environment.Name] = environment.ArtifactID
	}
	return &corev1.ConfigMap{ObjectMeta: c.meta(configName(spec.Tenant), spec.Tenant, "pipeline-config"), Data: data}, nil
}

// The External Secrets operator's types would bring its dependencies along.
func (c *call) credentials(spec pipelineSpec) runtime.Object {
	name := credentialsName(spec.Tenant)
	entry := func(key string) any {
		return map[string]any{"secretKey": key, "remoteRef": map[string]any{"key": "/zerotouch/prod/release-pipeline/" + key}}
	}
	secret := composed.New()
	secret.SetAPIVersion("external-secrets.io/v1")
	secret.SetKind("ExternalSecret")
	secret.SetName(name)
	secret.SetNamespace(c.xr.Resource.GetNamespace())
	secret.SetLabels(c.labels(spec.Tenant, "pipeline-credentials"))
	_ = unstructured.SetNestedMap(secret.Object, map[string]any{
		"refreshInterval": "1h",
		"secretStoreRef":  map[string]any{"name": "aws-parameter-store", "kind": "ClusterSecretStore"},
		"target":          map[string]any{"name": name, "creationPolicy": "Owner"},
		"data":            []any{entry("github-token"), entry("registry-token")},
	}, "spec")
	return secret
}

func (c *call) role(spec pipelineSpec) runtime.Object {
	configMaps, gates := []string{configName(spec.Tenant)}, []string{}
	for _, s := range stepsOf(spec.Environments) {
		configMaps = append(configMaps, gateConfigName(spec.Tenant, s))
		gates = append(gates, spec.Tenant+"-"+s.slug())
	}
	read := []string{"get", "list", "watch"}
	rules := []rbacv1.PolicyRule{
		{APIGroups: []string{""}, Resources: []string{"configmaps"}, ResourceNames: configMaps, Verbs: read},
		{APIGroups: []string{""}, Resources: []string{"secrets"}, ResourceNames: []string{credentialsName(spec.Tenant)}, Verbs: []string{"get"}},
		{APIGroups: []string{"batch"}, Resources: []string{"jobs"}, Verbs: read},
		{APIGroups: []string{apiGroup}, Resources: []string{"xreleasepipelines"}, ResourceNames: []string{c.xr.Resource.GetName()}, Verbs: read},
	}
	if len(gates) > 0 {
		rules = append(rules, rbacv1.PolicyRule{
			APIGroups: []string{apiGroup}, Resources: []string{"xpromotiongates"}, ResourceNames: gates, Verbs: append(read[:3:3], "create", "patch"),
		})
	}
	return &rbacv1.Role{ObjectMeta: c.meta(roleName(spec.Tenant), spec.Tenant, "pipeline-role"), Rules: rules}
}

func (c *call) roleBinding(spec pipelineSpec) runtime.Object {
	return &rbacv1.RoleBinding{
		ObjectMeta: c.meta(spec.Tenant+"-release-pipeline-binding", spec.Tenant, "pipeline-role-binding"),
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacGroup, Kind: "Role", Name: roleName(spec.Tenant)},
		Subjects:   []rbacv1.Subject{{Kind: "ServiceAccount", Name: serviceAccountName(spec.Tenant), Namespace: c.xr.Resource.GetNamespace()}},
	}
}
