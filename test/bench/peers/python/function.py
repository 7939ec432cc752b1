"""A composition function that a platform team would write by hand in Python instead of taking ours.

On crossplane-function-sdk-python, in the way of its template. It composes what ours composes and answers what ours answers
to a pipeline, and to a gate as long as that waits. What it leaves out is named in docs/performance.md.
"""

import argparse
import dataclasses
import datetime
import hashlib
import json
import os
import re

from crossplane.function import logging, resource, response, runtime
from crossplane.function.proto.v1 import run_function_pb2 as fnv1
from crossplane.function.proto.v1 import run_function_pb2_grpc as grpcv1

API_GROUP = "platform.zerotouch.dev"
API_VERSION = API_GROUP + "/v1alpha1"
RBAC_GROUP = "rbac.authorization.k8s.io"
WHILE_PENDING = datetime.timedelta(minutes=1)
WHEN_FINAL = datetime.timedelta(minutes=10)
ALL_STEPS = [("dev", "staging"), ("staging", "production"), ("dev", "production")]
IMMUTABLE = re.compile(
    r"[a-z0-9.-]+(:[0-9]+)?(/[a-z0-9._-]+)+(:([A-Za-z0-9_.]+-)*[0-9a-f]{6,40}|@sha256:[0-9a-f]{64})")
READ = ["get", "list", "watch"]


def clock_offset():
    """Set with CLOCK_OFFSET: a number of seconds, as 90s."""
    return datetime.timedelta(seconds=float(os.environ.get("CLOCK_OFFSET", "0s").removesuffix("s")))


CLOCK_OFFSET = clock_offset()
CLOCK_FROM_CONTEXT = bool(os.environ.get("CLOCK_FROM_CONTEXT"))


def now_of(req):
    """The system's time, set off, or the one of the request's context where that is wanted."""
    if CLOCK_FROM_CONTEXT and "platform.zerotouch.dev/now" in req.context:
        return parse_time(req.context["platform.zerotouch.dev/now"])
    return datetime.datetime.now(datetime.UTC) + CLOCK_OFFSET


def parse_time(text):
    return datetime.datetime.fromisoformat(text)


def format_time(time):
    return time.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def canonical(value):
    return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)


def hash_of(text):
    return hashlib.sha256(text.encode()).hexdigest()


def slug(step):
    return f"{step[0]}-to-{step[1]}"


def key_of(step):
    return f"{step[0]}_to_{step[1]}"


def steps_of(environments):
    return list(zip(environments, environments[1:]))


def integer(value):
    """Struct has only doubles."""
    return int(value)


class StatusOf:
    """Reads text fields of an object's status; what is not there is empty."""

    def __init__(self, item):
        self.fields = item["status"] if "status" in item else {}

    def __call__(self, field):
        return self.fields[field] if field in self.fields else ""


@dataclasses.dataclass
class Requirement:
    name: str
    satisfied: bool
    reason: str
    message: str
    next_change: str = ""


class Call:
    """One request while it is being answered."""

    def __init__(self, req, rsp):
        self.req = req
        self.rsp = rsp
        self.now = now_of(req)
        # Only what is needed is turned into dictionaries, which costs more than reading a Struct in place.
        self.xr = req.observed.composite.resource
        self.spec = resource.struct_to_dict(self.xr["spec"])
        self.name = self.xr["metadata"]["name"]
        self.namespace = self.xr["metadata"]["namespace"]
        self.tenant = self.spec["tenant"]

    def metadata(self, name, component):
        return {"name": name, "namespace": self.namespace, "labels": self.labels(component)}

    def labels(self, component):
        return {
            "app.kubernetes.io/name": "release-pipeline",
            "app.kubernetes.io/instance": self.name,
            "app.kubernetes.io/component": component,
            "app.kubernetes.io/part-of": self.tenant,
            "app.kubernetes.io/managed-by": "crossplane",
            "platform.zerotouch.dev/tenant": self.tenant,
        }

    def compose(self, key, body):
        """Adds a resource. It is ready when it is there and, where it has the condition Ready, that is true."""
        desired = self.rsp.desired.resources[key]
        resource.update(desired, body)
        desired.ready = fnv1.READY_FALSE
        if key in self.req.observed.resources:
            status = resource.get_condition(self.req.observed.resources[key].resource, "Ready").status
            if status == "True" or (status == "Unknown" and body["kind"] != "ExternalSecret"):
                desired.ready = fnv1.READY_TRUE
        if desired.ready == fnv1.READY_FALSE:
            self.rsp.desired.composite.ready = fnv1.READY_FALSE

    def require(self, key, api_version, kind, name):
        response.require_resources(self.rsp, key, api_version, kind, match_name=name, namespace=self.namespace)

    def find(self, key):
        """What was required; None where it is not there, or not there yet."""
        if key not in self.req.required_resources or not self.req.required_resources[key].items:
            return None
        return self.req.required_resources[key].items[0].resource

    def condition(self, kind, status, reason, message=None):
        condition = self.rsp.conditions.add(type=kind, status=status, reason=reason, target=fnv1.TARGET_COMPOSITE_AND_CLAIM)
        if message:
            condition.message = message

    def gate_config_name(self, step):
        return f"{self.tenant}-{slug(step)}-gate"

    # ---- Pipelines.

    def compose_pipeline(self):
        self.require("pipeline-config", "v1", "ConfigMap", f"{self.tenant}-release-pipeline-config")
        config = self.find("pipeline-config")
        if config and not self.controls(config):
            response.fatal(self.rsp, f"spec.tenant: {self.tenant} already has a pipeline in namespace {self.namespace}")
            return
        gates = {}
        for step in ALL_STEPS:
            self.require(f"gate-{slug(step)}", API_VERSION, "XPromotionGate", f"{self.tenant}-{slug(step)}")
            self.require(f"gate-{slug(step)}-config", "v1", "ConfigMap", f"{self.tenant}-{slug(step)}-gate")
            if gate := self.find(f"gate-{slug(step)}"):
                gates[step] = gate
        status, pending = self.pipeline_status(gates)
        self.compose_pipeline_resources(status)
        self.add_pipeline_conditions(status, pending)
        resource.update(self.rsp.desired.composite, {"status": status})

    def controls(self, item):
        metadata = item["metadata"]
        owners = metadata["ownerReferences"] if "ownerReferences" in metadata else []
        return any("controller" in owner and owner["uid"] == self.xr["metadata"]["uid"] for owner in owners)

    def pipeline_status(self, gates):
        """What each environment runs: the first one what its gate is about, the others what theirs approved."""
        names = self.spec["environments"]
        steps = steps_of(names)
        status = {"pipeline_id": f"{self.namespace}/{self.name}", "current_environment": "", "artifact_id": "", "environments": [], "history": []}
        pending = None
        for i, name in enumerate(names):
            environment = {"name": name, "artifact_id": "", "since": "", "gate": "", "gate_status": ""}
            step = steps[max(i - 1, 0)] if steps else None
            if gate := gates.get(step):
                seen = StatusOf(gate)
                if i == 0:
                    environment |= {"artifact_id": gate["spec"]["artifact_id"], "since": seen("created_timestamp")}
                else:
                    environment |= {
                        "gate": f"{self.tenant}-{slug(step)}", "gate_status": seen("gate_status") or "pending",
                        "artifact_id": seen("approved_artifact_id"), "since": seen("approval_timestamp")}
                    if environment["gate_status"] == "pending" and not pending:
                        pending = environment["gate"]
            if environment["artifact_id"]:
                status["current_environment"], status["artifact_id"] = name, environment["artifact_id"]
            status["environments"].append(environment)
        return status, pending

    def add_pipeline_conditions(self, status, pending):
        if pending:
            self.condition("Promoting", fnv1.STATUS_CONDITION_TRUE, "GatePending", f"gate {pending} is pending")
            self.rsp.meta.ttl.FromTimedelta(WHILE_PENDING)
        else:
            self.condition("Promoting", fnv1.STATUS_CONDITION_FALSE, "NothingToPromote", "no gate is pending")
        last, artifact = status["environments"][-1], status["artifact_id"]
        if not artifact:
            self.condition("Released", fnv1.STATUS_CONDITION_FALSE, "NoArtifact", "nothing is released")
        elif last["artifact_id"] == artifact:
            self.condition("Released", fnv1.STATUS_CONDITION_TRUE, "InLastEnvironment", f"{artifact} is in {last['name']}")
        else:
            self.condition("Released", fnv1.STATUS_CONDITION_FALSE, "NotInLastEnvironment", f"{artifact} is not in {last['name']} yet")

    def compose_pipeline_resources(self, status):
        tenant, spec = self.tenant, self.spec
        steps = steps_of(spec["environments"])
        rules = {key_of(step): spec.get("promotionRules", {}).get(key_of(step), "manual") for step in steps}
        artifacts, testing = spec["artifactConfig"], spec["testing"]
        data = {
            "tenant": tenant,
            "environments": canonical(spec["environments"]),
            "promotion-rules": canonical(rules),
            "artifact-config": canonical({"registry": artifacts["registry"], "retention_days": integer(artifacts["retention_days"])}),
            "testing-config": canonical({"validation_mode": testing["validation_mode"], "bootstrap_mode": testing["bootstrap_mode"]}),
            "registry": artifacts["registry"],
            "retention_days": str(integer(artifacts["retention_days"])),
            "validation_mode": testing["validation_mode"],
            "bootstrap_mode": testing["bootstrap_mode"],
        }
        data |= {f"rule.{key}": rule for key, rule in rules.items()}
        data |= {f"released.{environment['name']}": environment["artifact_id"] for environment in status["environments"]}
        self.compose("pipeline-config", {
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": self.metadata(f"{tenant}-release-pipeline-config", "pipeline-config"), "data": data})

        credentials = f"{tenant}-release-pipeline-credentials"
        self.compose("pipeline-credentials", {
            "apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret",
            "metadata": self.metadata(credentials, "pipeline-credentials"),
            "spec": {
                "refreshInterval": "1h",
                "secretStoreRef": {"name": "aws-parameter-store", "kind": "ClusterSecretStore"},
                "target": {"name": credentials, "creationPolicy": "Owner"},
                "data": [{"secretKey": key, "remoteRef": {"key": f"/zerotouch/prod/release-pipeline/{key}"}}
                         for key in ("github-token", "registry-token")]}})

        account = f"{tenant}-release-pipeline-sa"
        self.compose("pipeline-service-account", {
            "apiVersion": "v1", "kind": "ServiceAccount", "metadata": self.metadata(account, "pipeline-service-account")})

        role = f"{tenant}-release-pipeline-role"
        config_maps = [f"{tenant}-release-pipeline-config"] + [self.gate_config_name(step) for step in steps]
        gates = [f"{tenant}-{slug(step)}" for step in steps]

        def rule(group, kind, names, verbs):
            made = {"apiGroups": [group], "resources": [kind], "verbs": verbs}
            if names:
                made["resourceNames"] = names
            return made

        self.compose("pipeline-role", {
            "apiVersion": f"{RBAC_GROUP}/v1", "kind": "Role", "metadata": self.metadata(role, "pipeline-role"),
            "rules": [
                rule("", "configmaps", config_maps, READ),
                rule("", "secrets", [credentials], ["get"]),
                rule("batch", "jobs", None, READ),
                rule(API_GROUP, "xreleasepipelines", [self.name], READ),
            ] + ([rule(API_GROUP, "xpromotiongates", gates, [*READ, "create", "patch"])] if gates else [])})
        if "pipeline-role" in self.req.observed.resources:
            self.compose("pipeline-role-binding", {
                "apiVersion": f"{RBAC_GROUP}/v1", "kind": "RoleBinding",
                "metadata": self.metadata(f"{tenant}-release-pipeline-binding", "pipeline-role-binding"),
                "roleRef": {"apiGroup": RBAC_GROUP, "kind": "Role", "name": role},
                "subjects": [{"kind": "ServiceAccount", "name": account, "namespace": self.namespace}]})

    # ---- Gates.

    def compose_gate(self):
        spec = self.spec
        self.step = (spec["source_environment"], spec["target_environment"])
        self.attempt = integer(spec["attempt"])
        self.require("pipeline", API_VERSION, "XReleasePipeline", spec["pipeline"])
        self.require("pipeline-config", "v1", "ConfigMap", f"{self.tenant}-release-pipeline-config")
        found = self.find("pipeline")
        pipeline = resource.struct_to_dict(found["spec"]) if found else None
        policy = pipeline.get("promotionPolicies", {}).get(key_of(self.step), {}) if pipeline else {}
        subject = hash_of(canonical({
            "namespace": self.namespace, "gate": self.name, "tenant": self.tenant, "artifact_id": spec["artifact_id"],
            "source": self.step[0], "target": self.step[1], "attempt": self.attempt}))
        started = parse_time(self.xr["metadata"]["creationTimestamp"])
        hours = min(integer(spec["timeout_hours"]), integer(policy.get("timeout_hours", 168)))
        requirements = self.requirements(pipeline, policy)
        status = {
            "gate_status": "pending", "subject": subject, "approver": "", "approval_timestamp": "",
            "created_timestamp": format_time(started), "deadline": format_time(started + datetime.timedelta(hours=hours)),
            "approved_artifact_id": "", "requirements": [dataclasses.asdict(r) for r in requirements],
            "approvals": {"have": 0, "need": 1, "counted": [], "ignored": []}, "history": [],
        }
        status["audit"] = self.audit(status)
        self.compose_gate_config(status)
        self.compose_gate_job(status, hours)
        self.add_gate_conditions(requirements)
        self.rsp.meta.ttl.FromTimedelta(WHILE_PENDING)
        resource.update(self.rsp.desired.composite, {"status": status})

    def requirements(self, pipeline, policy):
        spec, key = self.spec, key_of(self.step)
        approvals = Requirement("Approvals", False, "AwaitingApprovals", "0 of 1 approval, missing: 1 by anyone")
        checks = Requirement("Checks", True, "NotRequired", "no check is required")
        soak = Requirement("Soak", True, "NotRequired", "no soak is required")
        window = Requirement("Window", True, "NotRequired", "no window is set, and no freeze")
        if pipeline is None:
            message = f'pipeline "{spec["pipeline"]}" was asked for and has not come yet'
            return [Requirement("Progression", False, "PipelineUnknown", message),
                    Requirement("Artifact", False, "PipelineUnknown", message), checks, soak, window, approvals]
        progression = Requirement("Progression", True, "Met", f'{key} is a step of pipeline "{spec["pipeline"]}"')
        if self.step not in steps_of(pipeline["environments"]):
            progression = Requirement("Progression", False, "NotAStep", f'pipeline "{spec["pipeline"]}" has no step {key}')
        reference, registry = spec["artifact_id"], pipeline["artifactConfig"]["registry"]
        artifact = Requirement("Artifact", True, "Met", f'"{reference}" is immutable and may take this step')
        if not IMMUTABLE.fullmatch(reference):
            artifact = Requirement("Artifact", False, "NotImmutable", f'"{reference}" may change')
        elif not reference.startswith(registry + "/"):
            artifact = Requirement("Artifact", False, "RegistryMismatch", f'"{reference}" is not in the pipeline\'s registry "{registry}"')
        if required := policy.get("required_checks"):
            succeeded = sum(
                check["name"] in required and check["state"] == "success" and check["artifact_id"] == reference
                and integer(check["attempt"]) == self.attempt for check in spec.get("checks", []))
            met = succeeded == len(required)
            message = f"{succeeded} of {len(required)} required checks succeeded for this artifact and attempt"
            checks = Requirement("Checks", met, "Met" if met else "AwaitingChecks", message)
        for freeze in pipeline.get("freezes", []):
            start, end = parse_time(freeze["from"]), parse_time(freeze["until"])
            if self.now < start:
                window = Requirement("Window", True, "Met", f"not frozen until {format_time(start)}", format_time(start))
            elif self.now < end:
                window = Requirement("Window", False, "Frozen", f"frozen until {format_time(end)}", format_time(end))
        return [progression, artifact, checks, soak, window, approvals]

    def audit(self, status):
        """Checks the trail that there is and appends what is new: the attempt's start, and what checks report."""
        trail = []
        previous = "0" * 64
        before = self.xr["status"] if "status" in self.xr else {}
        for entry in map(dict, before["audit"] if "audit" in before else []):
            entry["seq"] = integer(entry["seq"])
            text = canonical({field: value for field, value in entry.items() if field != "hash"})
            if entry["seq"] != len(trail) + 1 or entry["prev"] != previous or hash_of(text) != entry["hash"]:
                raise ValueError(f"status.audit: entry {entry['seq']} was altered")
            previous = entry["hash"]
            trail.append(entry)

        def add(actor, action, detail):
            entry = {"seq": len(trail) + 1, "time": format_time(self.now), "actor": actor, "action": action,
                     "detail": canonical(detail), "prev": trail[-1]["hash"] if trail else "0" * 64}
            entry["hash"] = hash_of(canonical(entry))
            trail.append(entry)

        if not trail:
            message = f"an attempt started for {self.spec['artifact_id']}"
            self.rsp.results.add(severity=fnv1.SEVERITY_NORMAL, message=message, reason="AttemptStarted", target=fnv1.TARGET_COMPOSITE_AND_CLAIM)
            add("gate", "AttemptStarted", {
                "artifact_id": self.spec["artifact_id"], "attempt": self.attempt, "history": hash_of("[]"),
                "requested_by": self.spec.get("requested_by", ""), "start": status["created_timestamp"], "subject": status["subject"]})
        for check in self.spec.get("checks", []):
            reports = [entry["detail"] for entry in trail if entry["action"] == "CheckReported" and entry["actor"] == check["name"]]
            if not reports or reports[-1] != canonical({"state": check["state"]}):
                add(check["name"], "CheckReported", {"state": check["state"]})
        return trail

    def job_name(self, status):
        return f"{self.tenant}-{slug(self.step)}-timeout-{status['subject'][:8]}"

    def compose_gate_config(self, status):
        spec, approvals = self.spec, status["approvals"]
        data = {
            "tenant": self.tenant, "artifact_id": spec["artifact_id"], "source_environment": self.step[0], "target_environment": self.step[1],
            "approval_required": "true" if spec["approval_required"] else "false", "timeout_hours": str(integer(spec["timeout_hours"])),
            "pipeline": spec["pipeline"], "attempt": str(self.attempt), "requested_by": spec.get("requested_by", ""),
            "approvals.have": str(approvals["have"]), "approvals.need": str(approvals["need"]), "job": self.job_name(status),
            "approvals.json": canonical(approvals), "requirements.json": canonical(status["requirements"]),
            "history.json": canonical(status["history"]), "audit.jsonl": "".join(canonical(entry) + "\n" for entry in status["audit"]),
        }
        data |= {field: status[field] for field in (
            "gate_status", "subject", "approver", "approval_timestamp", "created_timestamp", "deadline", "approved_artifact_id")}
        self.compose("gate-config", {
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": self.metadata(self.gate_config_name(self.step), "gate-config"), "data": data})

    def compose_gate_job(self, status, hours):
        image = self.req.input["gateJob"]["image"]
        container = {
            "name": "gate", "image": image, "args": ["gate", "wait", "--dir", "/gate", "--subject", status["subject"]],
            "terminationMessagePolicy": "FallbackToLogsOnError",
            "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}, "limits": {"memory": "64Mi"}},
            "securityContext": {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}},
            "volumeMounts": [{"name": "gate", "mountPath": "/gate", "readOnly": True}],
        }
        pod = {
            "restartPolicy": "Never", "automountServiceAccountToken": False, "enableServiceLinks": False,
            "securityContext": {"runAsNonRoot": True, "runAsUser": 2000, "runAsGroup": 2000, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [container],
            "volumes": [{"name": "gate", "configMap": {"name": self.gate_config_name(self.step)}}],
        }
        verdict = {"action": "FailJob", "onExitCodes": {"containerName": "gate", "operator": "In", "values": [1, 2, 3]}}
        disruption = {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]}
        self.compose(f"gate-job-{status['subject'][:8]}", {
            "apiVersion": "batch/v1", "kind": "Job", "metadata": self.metadata(self.job_name(status), "gate-job"),
            "spec": {
                "backoffLimit": 6, "activeDeadlineSeconds": hours * 3600 + 600,
                "podFailurePolicy": {"rules": [verdict, disruption]},
                "template": {"metadata": {"labels": self.labels("gate-job")}, "spec": pod}}})

    def add_gate_conditions(self, requirements):
        unmet = [r for r in requirements if not r.satisfied]
        reason = "AwaitingApprovals" if all(r.name == "Approvals" for r in unmet) else "AwaitingRequirements"
        self.condition("Approved", fnv1.STATUS_CONDITION_UNKNOWN, reason, "; ".join(f"{r.name}: {r.message}" for r in unmet))
        artifact = requirements[1]
        verified = fnv1.STATUS_CONDITION_TRUE if artifact.satisfied else fnv1.STATUS_CONDITION_FALSE
        if artifact.reason == "PipelineUnknown":
            verified = fnv1.STATUS_CONDITION_UNKNOWN
        self.condition("ArtifactVerified", verified, artifact.reason, artifact.message)
        self.condition("AuditIntact", fnv1.STATUS_CONDITION_TRUE, "ChainVerified")


class FunctionRunner(grpcv1.FunctionRunnerService):
    def __init__(self):
        self.log = logging.get_logger()

    async def RunFunction(self, req, _):
        rsp = response.to(req, ttl=WHEN_FINAL)
        try:
            call = Call(req, rsp)
            kind = call.xr["kind"]
            if kind == "XReleasePipeline":
                call.compose_pipeline()
            elif kind == "XPromotionGate":
                call.compose_gate()
            else:
                response.fatal(rsp, f"cannot compose a {kind}")
            self.log.debug("composed", kind=kind, name=call.name)
        except (KeyError, ValueError) as error:
            response.fatal(rsp, f"{type(error).__name__}: {error}")
        return rsp


def main():
    parser = argparse.ArgumentParser(description="The example of a function that is written by hand.")
    parser.add_argument("--address", default="0.0.0.0:9443", help="address to listen on")
    parser.add_argument("--tls-certs-dir", default=os.environ.get("TLS_SERVER_CERTS_DIR"), help="folder with tls.key, tls.crt and ca.crt")
    parser.add_argument("--insecure", action="store_true", help="run without mTLS")
    arguments = parser.parse_args()
    logging.configure(level=logging.Level.INFO)
    credentials = None if arguments.insecure else runtime.load_credentials(arguments.tls_certs_dir)
    runtime.serve(FunctionRunner(), arguments.address, creds=credentials, insecure=arguments.insecure)


if __name__ == "__main__":
    main()
