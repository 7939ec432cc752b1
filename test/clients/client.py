"""Calls the real binary with the stubs of Crossplane's SDK for Python: the cases of cases.yaml.

usage: client.py     (the packages of requirements.txt; $BINARY: default build/function-release-pipeline)

Ends with the line "N passed, N failed"; exit code 0 where none failed.
"""

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys

import grpc
import yaml
from crossplane.function import resource
from crossplane.function.proto.v1 import run_function_pb2 as fnv1
from crossplane.function.proto.v1 import run_function_pb2_grpc as fnv1_grpc

ROOT = pathlib.Path(__file__).resolve().parents[2]
# The most that one call may take, and the server until it has ended.
PATIENCE_SECONDS = 30
# The most rounds that Crossplane goes for one reconcile.
MAX_ROUNDS = 5


def load(file):
    return yaml.safe_load((ROOT / file).read_text())


@contextlib.contextmanager
def server():
    """Runs the binary on a port that the system chooses; its address. It has to end well when it is told to."""
    binary = os.environ.get("BINARY") or ROOT / "build" / "function-release-pipeline"
    command = [binary, "--insecure", "--clock-from-context", "--address", "127.0.0.1:0", "--metrics-address="]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield address_of(process)
            process.send_signal(signal.SIGTERM)
            _, log = process.communicate(timeout=PATIENCE_SECONDS)
        except BaseException:
            process.kill()
            raise
        if process.returncode != 0:
            raise RuntimeError(f"the server ended with {process.returncode}: {log}")


def address_of(process):
    for line in process.stderr:
        if line.startswith("{") and (entry := json.loads(line))["msg"] == "serving":
            return entry["address"]
    raise RuntimeError("the server ended without serving")


def cluster():
    """Every example, under what a selector with a name asks for."""
    objects = {}
    for file in sorted((ROOT / "examples").glob("*.yaml")):
        item = load(file)
        metadata = item["metadata"]
        objects[item["apiVersion"], item["kind"], metadata["namespace"], metadata["name"]] = item
    return objects


def first_request(case):
    """There is a function before ours, whose work has to come through."""
    composite = load(case["composite"])
    composite["spec"].update(case.get("spec", {}))
    request = fnv1.RunFunctionRequest()
    request.meta.tag = "tag of " + case["name"]
    request.meta.capabilities.extend([
        fnv1.CAPABILITY_CAPABILITIES, fnv1.CAPABILITY_REQUIRED_RESOURCES, fnv1.CAPABILITY_CONDITIONS])
    request.observed.composite.resource.update(composite)
    other = request.desired.resources["other"]
    other.resource.update({"apiVersion": "v1", "kind": "Secret"})
    other.ready = fnv1.READY_TRUE
    request.input.update(load(case["composition"])["spec"]["pipeline"][0]["input"])
    request.context.update({"platform.zerotouch.dev/now": case["now"], "other": "kept"})
    return request


def reconcile(stub, request):
    """Answers what the function requires until it requires nothing else, as Crossplane does."""
    objects, before = cluster(), None
    for _ in range(MAX_ROUNDS):
        response = stub.RunFunction(request, timeout=PATIENCE_SECONDS)
        if not response.HasField("requirements") or response.requirements == before:
            return response
        before = response.requirements
        for key, selector in before.resources.items():
            request.required_resources[key].Clear()
            found = objects.get((selector.api_version, selector.kind, selector.namespace, selector.match_name))
            if found:
                request.required_resources[key].items.add().resource.update(found)
    raise RuntimeError(f"requirements have not settled after {MAX_ROUNDS} rounds: {before}")


def read(response, case):
    """What `want` has, as the response has it."""
    fatal = [result.message.split(":")[0] for result in response.results if result.severity == fnv1.SEVERITY_FATAL]
    resources = {}
    for key, desired in response.desired.resources.items():
        if key != "other":
            item = resource.struct_to_dict(desired.resource)
            resources[key] = f'{item["apiVersion"]} {item["kind"]} {item["metadata"]["name"]}'
    conditions = {}
    for condition in response.conditions:
        state = fnv1.Status.Name(condition.status).removeprefix("STATUS_CONDITION_")
        conditions[condition.type] = f"{state} {condition.reason}"
    composite = resource.struct_to_dict(response.desired.composite.resource)
    got = {
        "ttl_seconds": response.meta.ttl.seconds,
        "resources": resources,
        "conditions": conditions,
        "status": {field: composite["status"].get(field) for field in case["want"]["status"]},
    }
    if fatal:
        got["fatal"] = fatal[-1]
    return got


def problems(stub, case):
    """What is not as the case wants it; empty when all is."""
    request = first_request(case)
    response = reconcile(stub, request)
    compared = {
        "answer": (read(response, case), case["want"]),
        "tag": (response.meta.tag, request.meta.tag),
        "what another function wants": (response.desired.resources["other"], request.desired.resources["other"]),
        "context": (response.context, request.context),
    }
    return [f"{what}\n   got {got}\n  want {want}" for what, (got, want) in compared.items() if got != want]


def main():
    cases = load("test/clients/cases.yaml")["cases"]
    failed = 0
    with server() as address, grpc.insecure_channel(address) as channel:
        stub = fnv1_grpc.FunctionRunnerServiceStub(channel)
        for case in cases:
            found = problems(stub, case)
            failed += bool(found)
            for problem in found:
                print(f'FAIL: {case["name"]}: {case["reason"]}\n  {problem}')
    print(f"{len(cases) - failed} passed, {failed} failed")
    return 0 if cases and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
