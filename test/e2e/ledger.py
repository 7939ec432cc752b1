#!/usr/bin/env python3
"""Holds two snapshots (`kubectl get -o json`) of a control plane against each other: is anything lost?

usage: ledger.py BEFORE AFTER [--replaced KIND/NAME]... [--anew GATE]...

Every object of BEFORE is in AFTER, with the same uid (but for those that --replaced names). Every gate has an intact audit
trail, recomputed here from its definition and with none of the function's code, the same one in its ConfigMap; the trail
begins with the whole trail of before (but for those of --anew), and says what the status says. A final verdict is the same as before,
and so is what the status says of earlier attempts. A composite with a claim belongs to the claim's namespace.
"""
import hashlib
import json
import sys

VERDICT = {"GateApproved": "approved", "GateRejected": "rejected", "GateTimedOut": "timeout"}
GATES = ("XPromotionGate", "PromotionGate")
PIPELINES = ("XReleasePipeline", "ReleasePipeline")


def claim_of(item):
    return item["spec"].get("claimRef", {}) if item["kind"] in GATES + PIPELINES else {}


def name_of(item):
    return claim_of(item).get("name", item["metadata"]["name"])


def namespace_of(item):
    return claim_of(item).get("namespace", item["metadata"].get("namespace", ""))


def key(item):
    meta = item["metadata"]
    return "%s/%s/%s" % (meta.get("namespace", ""), item["kind"], meta["name"])


def load(path):
    with open(path, encoding="utf-8") as file:
        return {key(item): item for item in json.load(file)["items"]}


def chain_problem(trail):
    """RFC 8785 on strings and small integers is what json.dumps does with sorted keys and no blanks."""
    prev = "0" * 64
    for i, entry in enumerate(trail):
        if i == 0 and entry["action"] != "Checkpoint" and entry["seq"] != 1:
            return "begins with entry %s" % entry["seq"]
        if i == 1 and trail[0]["action"] == "Checkpoint":
            prev = json.loads(trail[0]["detail"])["last_hash"]
        if i and entry["seq"] != trail[i - 1]["seq"] + 1:
            return "entry %s follows entry %s" % (entry["seq"], trail[i - 1]["seq"])
        if entry["prev"] != prev:
            return "entry %s does not follow the one before it" % entry["seq"]
        text = json.dumps({k: v for k, v in entry.items() if k != "hash"}, sort_keys=True, separators=(",", ":"),
                          ensure_ascii=False)
        if hashlib.sha256(text.encode()).hexdigest() != entry["hash"]:
            return "the hash of entry %s is wrong" % entry["seq"]
        prev = entry["hash"]
    return None


def said(trail):
    """The verdict of the trail's last attempt."""
    verdict = "pending"
    for entry in trail:
        if entry["action"] == "AttemptStarted":
            verdict = "pending"
        verdict = VERDICT.get(entry["action"], verdict)
    return verdict


def gate_problems(gate, before, objects, anew):
    status, spec = gate.get("status", {}), gate["spec"]
    trail = status.get("audit", [])
    if not trail:
        yield "has no audit trail"
        return
    problem = chain_problem(trail)
    if problem:
        yield "audit: " + problem
    if said(trail) != status["gate_status"]:
        yield "the trail says %s, the status %s" % (said(trail), status["gate_status"])
    config = objects.get("%s/ConfigMap/%s-%s-to-%s-gate" % (namespace_of(gate), spec["tenant"],
                                                            spec["source_environment"], spec["target_environment"]))
    if config is None:
        yield "has no ConfigMap"
    else:
        copy = [json.loads(line) for line in config["data"]["audit.jsonl"].splitlines()]
        if copy != trail:
            yield "the ConfigMap has another trail, of %d entries, not %d" % (len(copy), len(trail))
        if config["data"]["gate_status"] != status["gate_status"]:
            yield "the ConfigMap says %s, the status %s" % (config["data"]["gate_status"], status["gate_status"])
    if before is None:
        return
    old = before.get("status", {})
    if old.get("subject") == status["subject"] and old.get("deadline") != status["deadline"]:
        yield "its deadline moved from %s to %s" % (old["deadline"], status["deadline"])
    if (old.get("gate_status") not in (None, "pending") and old["subject"] == status["subject"]
            and old["gate_status"] != status["gate_status"]):
        yield "was %s and is %s" % (old["gate_status"], status["gate_status"])
    if anew:
        return
    for past in old.get("history", []):
        if past not in status["history"]:
            yield "lost attempt %s of %s from its history" % (past["attempt"], past["artifact_id"])
    # Matched by number: both may have folded their beginning into a checkpoint.
    now = {entry["seq"]: entry["hash"] for entry in trail}
    first = trail[0]["seq"]
    for entry in old.get("audit", []):
        if entry["action"] != "Checkpoint" and entry["seq"] > first and now.get(entry["seq"]) != entry["hash"]:
            yield "lost its entry %s (%s)" % (entry["seq"], entry["action"])
        if entry["seq"] == first == 1 and now[1] != entry["hash"]:
            yield "begins anew"


def pipeline_problems(pipeline, before):
    if before is None:
        return
    was, now = before.get("status", {}).get("history", []), pipeline.get("status", {}).get("history", [])
    for entry in was:
        if not any(e["artifact_id"] == entry["artifact_id"] and e["environment"] == entry["environment"]
                   and e["since"] == entry["since"] for e in now):
            yield "lost %s in %s from its history" % (entry["artifact_id"], entry["environment"])


def main():
    arguments = sys.argv[1:]
    anew = {arguments[i + 1] for i, a in enumerate(arguments) if a == "--anew"}
    replaced = {arguments[i + 1] for i, a in enumerate(arguments) if a == "--replaced"}
    before, after = load(arguments[0]), load(arguments[1])
    problems = []
    for name, item in before.items():
        if name not in after:
            problems.append("%s: is gone" % name)
        elif after[name]["metadata"]["uid"] != item["metadata"]["uid"] and name.split("/", 1)[1] not in replaced:
            problems.append("%s: was deleted and made again" % name)
    gates = entries = 0
    for name, item in after.items():
        found = ()
        if item["kind"] in GATES:
            found = gate_problems(item, before.get(name), after, name_of(item) in anew)
            gates, entries = gates + 1, entries + len(item.get("status", {}).get("audit", []))
        elif item["kind"] in PIPELINES:
            found = pipeline_problems(item, before.get(name))
        problems += ["%s: %s" % (name, problem) for problem in found]
    for problem in problems:
        print("LOST " + problem)
    print("%d objects, %d gates with %d audit entries: %s" % (
        len(after), gates, entries, "nothing is lost" if not problems else "%d problems" % len(problems)))
    sys.exit(bool(problems))


main()
