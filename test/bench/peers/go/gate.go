package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/fieldpath"
	"github.com/crossplane/function-sdk-go/errors"
	"github.com/crossplane/function-sdk-go/resource"
	"github.com/crossplane/function-sdk-go/response"
	"google.golang.org/protobuf/types/known/durationpb"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	kresource "k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/utils/ptr"
)

type check struct {
	Name       string `json:"name"`
	State      string `json:"state"`
	ArtifactID string `json:"artifact_id"`
	Attempt    int    `json:"attempt"`
}

type gateSpec struct {
	Tenant            string  `json:"tenant"`
	Pipeline          string  `json:"pipeline"`
	ArtifactID        string  `json:"artifact_id"`
	SourceEnvironment string  `json:"source_environment"`
	TargetEnvironment string  `json:"target_environment"`
	ApprovalRequired  bool    `json:"approval_required"`
	TimeoutHours      int     `json:"timeout_hours"`
	Attempt           int     `json:"attempt"`
	RequestedBy       string  `json:"requested_by"`
	Checks            []check `json:"checks"`
}

type requirement struct {
	Message    string `json:"message"`
	Name       string `json:"name"`
	NextChange string `json:"next_change"`
	Reason     string `json:"reason"`
	Satisfied  bool   `json:"satisfied"`
}

// Fields in alphabetical order are canonical JSON.
type auditEntry struct {
	Action string `json:"action"`
	Actor  string `json:"actor"`
	Detail string `json:"detail"`
	Hash   string `json:"hash,omitempty"`
	Prev   string `json:"prev"`
	Seq    int    `json:"seq"`
	Time   string `json:"time"`
}

type tally struct {
	Counted []any `json:"counted"`
	Have    int   `json:"have"`
	Ignored []any `json:"ignored"`
	Need    int   `json:"need"`
}

type gateStatus struct {
	GateStatus         string        `json:"gate_status"`
	Subject            string        `json:"subject"`
	Approver           string        `json:"approver"`
	ApprovalTimestamp  string        `json:"approval_timestamp"`
	CreatedTimestamp   string        `json:"created_timestamp"`
	Deadline           string        `json:"deadline"`
	ApprovedArtifactID string        `json:"approved_artifact_id"`
	Requirements       []requirement `json:"requirements"`
	Approvals          tally         `json:"approvals"`
	Audit              []auditEntry  `json:"audit"`
	History            []any         `json:"history"`
}

var immutable = regexp.MustCompile(`^[a-z0-9.-]+(:[0-9]+)?(/[a-z0-9._-]+)+(:([A-Za-z0-9_.]+-)*[0-9a-f]{6,40}|@sha256:[0-9a-f]{64})$`)

func (c *call) composeGate() error {
	spec := gateSpec{}
	if err := c.xr.Resource.GetValueInto("spec", &spec); err != nil {
		return errors.Wrap(err, "cannot get spec")
	}
	before := gateStatus{}
	if c.xr.Resource.Object["status"] != nil {
		if err := c.xr.Resource.GetValueInto("status", &before); err != nil {
			return errors.Wrap(err, "cannot get status")
		}
	}
	c.require("pipeline", apiVersion, pipelineKind, spec.Pipeline)
	c.require("pipeline-config", "v1", "ConfigMap", configName(spec.Tenant))
	var pipeline *pipelineSpec
	if found, _ := c.find("pipeline"); found != nil {
		pipeline = &pipelineSpec{}
		if err := fieldpath.Pave(found.Resource.Object).GetValueInto("spec", pipeline); err != nil {
			return errors.Wrapf(err, "cannot read pipeline %s", spec.Pipeline)
		}
	}
	status, err := c.gateStatus(spec, pipeline, before)
	if err != nil {
		return err
	}
	if err := c.composeGateConfig(spec, status); err != nil {
		return err
	}
	job, err := plain(c.gateJob(spec, status))
	if err != nil {
		return errors.Wrap(err, "cannot convert the Job")
	}
	if err := c.compose(jobKey(status), job); err != nil {
		return err
	}
	c.addGateConditions(status)
	c.rsp.Meta.Ttl = durationpb.New(whilePending)
	return errors.Wrap(c.desired.Resource.SetValue("status", status), "cannot set status")
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func (c *call) gateStatus(spec gateSpec, pipeline *pipelineSpec, before gateStatus) (gateStatus, error) {
	subject, err := jsonText(map[string]any{
		"namespace": c.xr.Resource.GetNamespace(), "gate": c.xr.Resource.GetName(), "tenant": spec.Tenant, "artifact_id": spec.ArtifactID,
		"source": spec.SourceEnvironment, "target": spec.TargetEnvironment, "attempt": spec.Attempt,
	})
	if err != nil {
		return before, err
	}
	started := c.xr.Resource.GetCreationTimestamp().UTC()
	timeout := spec.TimeoutHours
	if pipeline != nil {
		if hours := pipeline.PromotionPolicies[step{spec.SourceEnvironment, spec.TargetEnvironment}.key()].TimeoutHours; hours > 0 {
			timeout = min(timeout, hours)
		}
	}
	status := gateStatus{
		GateStatus: "pending", Subject: hashOf(subject), CreatedTimestamp: started.Format(time.RFC3339),
		Deadline:     started.Add(time.Duration(timeout) * time.Hour).Format(time.RFC3339),
		Requirements: c.requirements(spec, pipeline), Approvals: tally{Counted: []any{}, Ignored: []any{}, Need: 1}, History: []any{},
	}
	status.Audit, err = c.audit(spec, status, before.Audit)
	return status, err
}

func (c *call) requirements(spec gateSpec, pipeline *pipelineSpec) []requirement {
	met := func(name, message string) requirement {
		return requirement{Name: name, Satisfied: true, Reason: "Met", Message: message}
	}
	open := func(name, reason, message string) requirement {
		return requirement{Name: name, Reason: reason, Message: message}
	}
	free := func(name, message string) requirement {
		return requirement{Name: name, Satisfied: true, Reason: "NotRequired", Message: message}
	}
	this := step{spec.SourceEnvironment, spec.TargetEnvironment}
	approvals := open("Approvals", "AwaitingApprovals", "0 of 1 approval, missing: 1 by anyone")
	checks := free("Checks", "no check is required")
	soak := free("Soak", "no soak is required")
	window := free("Window", "no window is set, and no freeze")
	if pipeline == nil {
		message := fmt.Sprintf("pipeline %q was asked for and has not come yet", spec.Pipeline)
		return []requirement{open("Progression", "PipelineUnknown", message), open("Artifact", "PipelineUnknown", message), checks, soak, window, approvals}
	}
	progression := met("Progression", fmt.Sprintf("%s is a step of pipeline %q", this.key(), spec.Pipeline))
	if !slices.Contains(stepsOf(pipeline.Environments), this) {
		progression = open("Progression", "NotAStep", fmt.Sprintf("pipeline %q has no step %s", spec.Pipeline, this.key()))
	}
	artifact := met("Artifact", fmt.Sprintf("%q is immutable and may take this step", spec.ArtifactID))
	if !immutable.MatchString(spec.ArtifactID) {
		artifact = open("Artifact", "NotImmutable", fmt.Sprintf("%q may change", spec.ArtifactID))
	} else if !strings.HasPrefix(spec.ArtifactID, pipeline.ArtifactConfig.Registry+"/") {
		artifact = open("Artifact", "RegistryMismatch", fmt.Sprintf("%q is not in the pipeline's registry %q", spec.ArtifactID, pipeline.ArtifactConfig.Registry))
	}
	if required := pipeline.PromotionPolicies[this.key()].RequiredChecks; len(required) > 0 {
		succeeded := 0
		for _, reported := range spec.Checks {
			if slices.Contains(required, reported.Name) && reported.State == "success" && reported.ArtifactID == spec.ArtifactID && reported.Attempt == spec.Attempt {
				succeeded++
			}
		}
		message := fmt.Sprintf("%d of %d required checks succeeded for this artifact and attempt", succeeded, len(required))
		checks = open("Checks", "AwaitingChecks", message)
		if succeeded == len(required) {
			checks = met("Checks", message)
		}
	}
	for _, freeze := range pipeline.Freezes {
		if c.now.Before(freeze.From) {
			window = met("Window", "not frozen until "+freeze.From.UTC().Format(time.RFC3339))
			window.NextChange = freeze.From.UTC().Format(time.RFC3339)
		} else if c.now.Before(freeze.Until) {
			window = open("Window", "Frozen", "frozen until "+freeze.Until.UTC().Format(time.RFC3339))
			window.NextChange = freeze.Until.UTC().Format(time.RFC3339)
		}
	}
	return []requirement{progression, artifact, checks, soak, window, approvals}
}

// audit checks the trail that there is and appends what is new: the attempt's start, and what checks report.
func (c *call) audit(spec gateSpec, status gateStatus, trail []auditEntry) ([]auditEntry, error) {
	previous := strings.Repeat("0", 64)
	for i, entry := range trail {
		hash := entry.Hash
		entry.Hash = ""
		text, err := jsonText(entry)
		if err != nil {
			return nil, err
		}
		if entry.Seq != i+1 || entry.Prev != previous || hashOf(text) != hash {
			return nil, errors.Errorf("status.audit: entry %d was altered", entry.Seq)
		}
		previous = hash
	}
	add := func(actor, action string, detail any) error {
		text, err := jsonText(detail)
		if err != nil {
			return err
		}
		entry := auditEntry{Seq: len(trail) + 1, Time: c.now.Format(time.RFC3339), Actor: actor, Action: action, Detail: text, Prev: previous}
		if text, err = jsonText(entry); err != nil {
			return err
		}
		entry.Hash = hashOf(text)
		previous = entry.Hash
		trail = append(trail, entry)
		return nil
	}
	if len(trail) == 0 {
		response.Normal(c.rsp, "an attempt started for "+spec.ArtifactID).WithReason("AttemptStarted").TargetCompositeAndClaim()
		err := add("gate", "AttemptStarted", map[string]any{
			"artifact_id": spec.ArtifactID, "attempt": spec.Attempt, "history": hashOf("[]"), "requested_by": spec.RequestedBy,
			"start": status.CreatedTimestamp, "subject": status.Subject,
		})
		if err != nil {
			return nil, err
		}
	}
	for _, reported := range spec.Checks {
		if lastReport(trail, reported.Name) == reported.State {
			continue
		}
		if err := add(reported.Name, "CheckReported", map[string]any{"state": reported.State}); err != nil {
			return nil, err
		}
	}
	return trail, nil
}

func lastReport(trail []auditEntry, name string) string {
	for _, entry := range slices.Backward(trail) {
		if entry.Action == "CheckReported" && entry.Actor == name {
			report := struct{ State string }{}
			_ = json.Unmarshal([]byte(entry.Detail), &report)
			return report.State
		}
	}
	return ""
}

func jobName(spec gateSpec, status gateStatus) string {
	this := step{spec.SourceEnvironment, spec.TargetEnvironment}
	return spec.Tenant + "-" + this.slug() + "-timeout-" + status.Subject[:8]
}

func (c *call) composeGateConfig(spec gateSpec, status gateStatus) error {
	data := map[string]string{
		"tenant": spec.Tenant, "artifact_id": spec.ArtifactID, "source_environment": spec.SourceEnvironment,
		"target_environment": spec.TargetEnvironment, "approval_required": strconv.FormatBool(spec.ApprovalRequired),
		"timeout_hours": strconv.Itoa(spec.TimeoutHours), "pipeline": spec.Pipeline, "attempt": strconv.Itoa(spec.Attempt),
		"requested_by": spec.RequestedBy, "gate_status": status.GateStatus, "subject": status.Subject, "approver": status.Approver,
		"approval_timestamp": status.ApprovalTimestamp, "created_timestamp": status.CreatedTimestamp, "deadline": status.Deadline,
		"approved_artifact_id": status.ApprovedArtifactID, "approvals.have": strconv.Itoa(status.Approvals.Have),
		"approvals.need": strconv.Itoa(status.Approvals.Need), "job": jobName(spec, status),
	}
	for key, value := range map[string]any{
		"approvals.json": status.Approvals, "requirements.json": status.Requirements, "history.json": status.History,
	} {
		text, err := jsonText(value)
		if err != nil {
			return errors.Wrapf(err, "cannot write %s", key)
		}
		data[key] = text
	}
	lines := strings.Builder{}
	for _, entry := range status.Audit {
		text, err := jsonText(entry)
		if err != nil {
			return errors.Wrap(err, "cannot write audit.jsonl")
		}
		lines.WriteString(text + "\n")
	}
	data["audit.jsonl"] = lines.String()
	this := step{spec.SourceEnvironment, spec.TargetEnvironment}
	return c.compose("gate-config", &corev1.ConfigMap{ObjectMeta: c.meta(gateConfigName(spec.Tenant, this), spec.Tenant, "gate-config"), Data: data})
}

func jobKey(status gateStatus) resource.Name { return resource.Name("gate-job-" + status.Subject[:8]) }

func (c *call) gateJob(spec gateSpec, status gateStatus) *batchv1.Job {
	const user = int64(2000)
	this := step{spec.SourceEnvironment, spec.TargetEnvironment}
	started, _ := time.Parse(time.RFC3339, status.CreatedTimestamp)
	deadline, _ := time.Parse(time.RFC3339, status.Deadline)
	container := corev1.Container{
		Name: "gate", Image: c.input.GateJob.Image, Args: []string{"gate", "wait", "--dir", "/gate", "--subject", status.Subject},
		TerminationMessagePolicy: corev1.TerminationMessageFallbackToLogsOnError,
		Resources: corev1.ResourceRequirements{
			Requests: corev1.ResourceList{"cpu": kresource.MustParse("10m"), "memory": kresource.MustParse("16Mi")},
			Limits:   corev1.ResourceList{"memory": kresource.MustParse("64Mi")},
		},
		SecurityContext: &corev1.SecurityContext{
			AllowPrivilegeEscalation: ptr.To(false), ReadOnlyRootFilesystem: ptr.To(true),
			Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
		},
		VolumeMounts: []corev1.VolumeMount{{Name: "gate", MountPath: "/gate", ReadOnly: true}},
	}
	config := corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: gateConfigName(spec.Tenant, this)}}
	pod := corev1.PodSpec{
		RestartPolicy: corev1.RestartPolicyNever, AutomountServiceAccountToken: ptr.To(false), EnableServiceLinks: ptr.To(false),
		SecurityContext: &corev1.PodSecurityContext{
			RunAsNonRoot: ptr.To(true), RunAsUser: ptr.To(user), RunAsGroup: ptr.To(user),
			SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
		},
		Containers: []corev1.Container{container},
		Volumes:    []corev1.Volume{{Name: "gate", VolumeSource: corev1.VolumeSource{ConfigMap: &config}}},
	}
	meta := c.meta(jobName(spec, status), spec.Tenant, "gate-job")
	job := &batchv1.Job{ObjectMeta: meta, Spec: batchv1.JobSpec{
		BackoffLimit: ptr.To(int32(6)), ActiveDeadlineSeconds: ptr.To(int64(deadline.Sub(started).Seconds()) + 600),
		PodFailurePolicy: &batchv1.PodFailurePolicy{Rules: []batchv1.PodFailurePolicyRule{
			{Action: batchv1.PodFailurePolicyActionFailJob, OnExitCodes: &batchv1.PodFailurePolicyOnExitCodesRequirement{
				ContainerName: ptr.To("gate"), Operator: batchv1.PodFailurePolicyOnExitCodesOpIn, Values: []int32{1, 2, 3},
			}},
			{Action: batchv1.PodFailurePolicyActionIgnore, OnPodConditions: []batchv1.PodFailurePolicyOnPodConditionsPattern{
				{Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue},
			}},
		}},
		Template: corev1.PodTemplateSpec{Spec: pod},
	}}
	job.Spec.Template.Labels = meta.Labels
	return job
}

// plain is for types whose omitempty the SDK's own conversion understands differently: it would have us say hostPID: false.
func plain(job *batchv1.Job) (*unstructured.Unstructured, error) {
	job.APIVersion, job.Kind = "batch/v1", "Job"
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(job)
	if err != nil {
		return nil, err
	}
	delete(content, "status")
	for _, path := range [][]string{{"metadata", "creationTimestamp"}, {"spec", "template", "metadata", "creationTimestamp"}} {
		unstructured.RemoveNestedField(content, path...)
	}
	return &unstructured.Unstructured{Object: content}, nil
}

func (c *call) addGateConditions(status gateStatus) {
	unmet, reason := []string{}, "AwaitingApprovals"
	for _, r := range status.Requirements {
		if !r.Satisfied {
			unmet = append(unmet, r.Name+": "+r.Message)
			if r.Name != "Approvals" {
				reason = "AwaitingRequirements"
			}
		}
	}
	response.ConditionUnknown(c.rsp, "Approved", reason).WithMessage(strings.Join(unmet, "; ")).TargetCompositeAndClaim()
	artifact := status.Requirements[1]
	switch {
	case artifact.Satisfied:
		response.ConditionTrue(c.rsp, "ArtifactVerified", artifact.Reason).WithMessage(artifact.Message).TargetCompositeAndClaim()
	case artifact.Reason == "PipelineUnknown":
		response.ConditionUnknown(c.rsp, "ArtifactVerified", artifact.Reason).WithMessage(artifact.Message).TargetCompositeAndClaim()
	default:
		response.ConditionFalse(c.rsp, "ArtifactVerified", artifact.Reason).WithMessage(artifact.Message).TargetCompositeAndClaim()
	}
	response.ConditionTrue(c.rsp, "AuditIntact", "ChainVerified").TargetCompositeAndClaim()
}
