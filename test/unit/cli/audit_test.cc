// `audit verify` over exports that were tampered with, each in one way.
#include "function/cli/audit.h"

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "function/cli/yaml.h"
#include "function/manifest/config_map.h"
#include "function/manifest/status.h"
#include "function/release/composite.h"
#include "test/catch.h"
#include "test/unit/cli/command_run.h"
#include "test/unit/release/gate_input.h"

namespace {

using base::Json;
using cli_test::Output;
using cli_test::RunCommand;
using cli_test::TempFolder;
using release::kApp;
using release::kNow;
using release::kOtherApp;

// What kubectl would export of a gate whose first artifact was approved, and whose second one is now, too.
struct Export {
  Json gate;
  Json config_map;
};

void DecideOn(release::GateInput& gate, const std::string& artifact,
              const std::vector<std::string>& approvers, absl::Time now) {
  gate.spec.artifact_id = artifact;
  gate.pipeline.source_artifact_id = artifact;
  gate.spec.approvals.clear();
  for (const std::string& approver : approvers) {
    gate.spec.approvals.push_back(release::Approve(approver));
    gate.spec.approvals.back().artifact_id = artifact;
  }
  gate.previous = Decide(gate, now).status;
  gate.config_map = gate.previous;
}

Export MakeExport(const release::AuditKeys& keys) {
  release::GateInput gate = release::OpenGate();
  gate.audit_keys = keys;
  gate.creation_timestamp = kNow;
  DecideOn(gate, kApp, {}, kNow);
  DecideOn(gate, kApp, {"alice"}, kNow + absl::Minutes(1));
  DecideOn(gate, kOtherApp, {}, kNow + absl::Minutes(2));
  DecideOn(gate, kOtherApp, {"bob"}, kNow + absl::Minutes(3));
  const release::GateDecision decision = Decide(gate, kNow + absl::Minutes(4));

  const Json approval = {
      {"approver", "bob"}, {"decision", "approve"}, {"artifact_id", kOtherApp}, {"attempt", 1}};
  Export exported;
  exported.gate = {{"apiVersion", release::kApiVersion},
                   {"kind", release::kGateKind},
                   {"metadata", {{"name", gate.name}, {"namespace", gate.namespace_name}}},
                   {"spec",
                    {{"tenant", "acme"},
                     {"artifact_id", kOtherApp},
                     {"source_environment", "staging"},
                     {"target_environment", "production"},
                     {"approvals", Json::array({approval})}}},
                   {"status", manifest::GateStatusToJson(decision.status)}};
  release::Composite composite;
  composite.kind = release::kGateKind;
  composite.name = composite.xr_name = gate.name;
  composite.namespace_name = gate.namespace_name;
  exported.config_map = manifest::GateConfigMap(composite, gate.spec, decision);
  return exported;
}

// Edits both copies' trails alike.
void EditTrails(Export& exported, const std::function<void(std::vector<release::AuditEntry>&)>& edit) {
  std::vector<release::AuditEntry> trail = manifest::AuditFromJson(exported.gate["status"]["audit"]);
  edit(trail);
  exported.gate["status"]["audit"] = manifest::AuditToJson(trail);
  exported.config_map["data"]["audit.jsonl"] = manifest::AuditToJsonLines(trail);
}

// Chains and hashes the entries anew: what somebody without scruples and with `keys` would do.
void Rehash(std::vector<release::AuditEntry>& trail, const release::AuditKeys& keys) {
  std::vector<release::AuditEntry> anew;
  for (const release::AuditEntry& entry : trail) {
    release::AppendAudit(anew, keys, entry.time, entry.actor, entry.action, entry.detail);
  }
  trail = anew;
}

using Tamper = std::function<void(Export&)>;

struct Case {
  const char* name;
  const char* why;
  Tamper tamper;
  int code;                         // without the key that the trail was not made with
  std::vector<std::string> broken;  // what is said to be
};

const char kStatusVerdict[] = "status: gate_status: is \"approved\", but the trail says pending";
const char kStatusArtifact[] =
    "status: approved_artifact_id: is \"ghcr.io/acme/app:main-def456\", but the trail says \"\"";
const char kStatusTime[] = "status: approval_timestamp: is \"2026-01-02T12:03:00Z\", but the trail says \"\"";

std::string OfConfigMap(const std::string& status_message) { return "ConfigMap" + status_message.substr(6); }

std::vector<Case> Cases() {
  const auto chain = [](const std::string& what) { return "chain: status.audit: " + what; };
  return {
      {"untouched", "what every other case changes", [](Export&) {}, 0, {}},
      {"removed",
       "an entry from the middle, in both copies",
       [](Export& e) { EditTrails(e, [](auto& trail) { trail.erase(trail.begin() + 1); }); },
       1,
       {chain("entry 3: it follows number 1")}},
      {"reordered",
       "two entries change places",
       [](Export& e) { EditTrails(e, [](auto& trail) { std::swap(trail[1], trail[2]); }); },
       1,
       {chain("entry 3: it follows number 1")}},
      {"rewritten",
       "another approver",
       [](Export& e) { EditTrails(e, [](auto& trail) { trail[1].actor = "mallory"; }); },
       1,
       {chain("entry 2: its hash is wrong")}},
      {"truncated at the beginning",
       "a trail begins at 1",
       [](Export& e) { EditTrails(e, [](auto& trail) { trail.erase(trail.begin()); }); },
       1,
       {chain("entry 2: it is the first one, and its prev is not 64 zeros")}},
      {"truncated at the end, in both",
       "the verdict that is shown is not in it any more",
       [](Export& e) { EditTrails(e, [](auto& trail) { trail.pop_back(); }); },
       1,
       {kStatusVerdict, kStatusArtifact, kStatusTime, OfConfigMap(kStatusVerdict),
        OfConfigMap(kStatusArtifact), OfConfigMap(kStatusTime)}},
      {"truncated at the end, in status",
       "the copy does not show what its own trail says",
       [](Export& e) { e.gate["status"]["audit"].erase(e.gate["status"]["audit"].size() - 1); },
       1,
       {kStatusVerdict, kStatusArtifact, kStatusTime}},
      {"trails removed",
       "a verdict without a trail",
       [](Export& e) { EditTrails(e, [](auto& trail) { trail.clear(); }); },
       1,
       {"chain: there is no audit trail",
        "status: no entry says when its attempt started, so nothing in it is proved",
        "ConfigMap: no entry says when its attempt started, so nothing in it is proved"}},
      {"status lost", "recovered from the ConfigMap", [](Export& e) { e.gate.erase("status"); }, 0, {}},
      {"forged verdict",
       "the field that scripts wait for",
       [](Export& e) {
         e.gate["spec"]["artifact_id"] = "ghcr.io/acme/app:main-fade00";
         e.gate["status"]["approved_artifact_id"] = "ghcr.io/acme/app:main-fade00";
       },
       1,
       {"status: subject: what was decided is not about this spec (ghcr.io/acme/app:main-fade00, attempt 1 "
        "of "
        "team/acme-staging-to-production) but about ghcr.io/acme/app:main-def456, attempt 1: of another "
        "gate, or the "
        "spec was edited and not decided yet",
        "status: approved_artifact_id: is \"ghcr.io/acme/app:main-fade00\", but the trail says "
        "\"ghcr.io/acme/app:main-def456\""}},
      {"forged gate_status",
       "in the ConfigMap alone",
       [](Export& e) { e.config_map["data"]["gate_status"] = "rejected"; },
       1,
       {"ConfigMap: gate_status: is \"rejected\", but the trail says approved"}},
      {"forged approver",
       "who is said to have approved",
       [](Export& e) { e.gate["status"]["approver"] = "carol"; },
       1,
       {"status: approver: is \"carol\", but the trail says \"bob\""}},
      {"forged history",
       "the first attempt is made to be a reject",
       [](Export& e) { e.gate["status"]["history"][0]["verdict"] = "rejected"; },
       1,
       {"status: history: is not the one that the trail recorded"}},
      {"another gate's",
       "a trail that was taken from another namespace",
       [](Export& e) {
         e.gate["metadata"]["namespace"] = "prod";
         e.config_map["metadata"]["namespace"] = "prod";
       },
       1,
       {"status: subject: what was decided is not about this spec (ghcr.io/acme/app:main-def456, attempt 1 "
        "of "
        "prod/acme-staging-to-production) but about ghcr.io/acme/app:main-def456, attempt 1: of another "
        "gate, or the "
        "spec was edited and not decided yet",
        "ConfigMap: subject: what was decided is not about this spec (ghcr.io/acme/app:main-def456, attempt "
        "1 of "
        "prod/acme-staging-to-production) but about ghcr.io/acme/app:main-def456, attempt 1: of another "
        "gate, or the "
        "spec was edited and not decided yet"}},
      {"two stories",
       "one copy was rewritten and hashed again",
       [](Export& e) {
         std::vector<release::AuditEntry> trail = manifest::AuditFromJson(e.gate["status"]["audit"]);
         trail[1].actor = "mallory";
         Rehash(trail, {});
         e.gate["status"]["audit"] = manifest::AuditToJson(trail);
       },
       1,
       {"chain: status.audit and the ConfigMap's audit.jsonl: both are intact, but they differ at entry 2"}},
  };
}

std::string WriteExport(const TempFolder& folder, const Export& exported) {
  const Json list = {{"apiVersion", "v1"}, {"kind", "List"}, {"items", {exported.gate, exported.config_map}}};
  return folder.Write("export.yaml", cli::ToYaml(list));
}

Json Verify(cli::AuditVerifyOptions options, int& code) {
  options.output = "json";
  const Output output = RunCommand(cli::RunAuditVerify, options);
  INFO(output.err);
  code = output.code;
  REQUIRE(output.err.empty());
  return Json::parse(output.out).at(0);
}

}  // namespace

TEST_CASE("audit verify finds what was tampered with", "[audit]") {
  const TempFolder folder;
  for (const Case& c : Cases()) {
    INFO(c.name << ": " << c.why);
    Export exported = MakeExport({});
    c.tamper(exported);
    int code = -1;
    const Json report = Verify({{WriteExport(folder, exported)}}, code);
    CHECK(report["broken"] == Json(c.broken));
    CHECK(code == c.code);
    CHECK(report["intact"] == (c.code == 0));
  }
}

TEST_CASE("audit verify accepts the trail with the key that it was made with, and with no other", "[audit]") {
  struct KeyCase {
    const char* name;
    const char* why;
    release::AuditKeys made_with;
    bool rewritten;  // by somebody without the key
    std::string key;
    std::string previous_key;
    std::vector<std::string> broken;
  };
  const std::string wrong = "chain: status.audit: entry 1: its hash is wrong";
  const std::vector<KeyCase> cases = {
      {"its key", "the base of the others", {"k1"}, false, "k1", "", {}},
      {"rotated", "the previous key counts", {"k1"}, false, "k2", "k1", {}},
      {"other key",
       "somebody else made it",
       {"k1"},
       false,
       "k2",
       "",
       {wrong + ", or not made with the key; is this the function's key?"}},
      {"newline",
       "an editor's newline is part of a key",
       {"k1"},
       false,
       "k1\n",
       "",
       {wrong + ", or not made with the key; is this the function's key? the file ends in a newline, which "
                "is part of it"}},
      {"no key",
       "it takes the key to check it",
       {"k1"},
       false,
       "",
       "",
       {wrong + "; if the function has an audit key, give it with --key-file"}},
      {"rewritten without the key",
       "plain hashes are not accepted",
       {"k1"},
       true,
       "k1",
       "",
       {wrong + ", or not made with the key; is this the function's key?"}},
      {"rewritten where there is no key", "nothing shows: this is what the key is for", {}, true, "", "", {}},
  };
  const TempFolder folder;
  for (const KeyCase& c : cases) {
    INFO(c.name << ": " << c.why);
    Export exported = MakeExport(c.made_with);
    if (c.rewritten) {
      EditTrails(exported, [](auto& trail) {
        trail[1].actor = "mallory";
        Rehash(trail, {});
      });
    }
    cli::AuditVerifyOptions options{{WriteExport(folder, exported)}};
    if (!c.key.empty()) options.key_file = folder.Write("key", c.key);
    if (!c.previous_key.empty()) options.previous_key_file = folder.Write("previous", c.previous_key);
    int code = -1;
    const Json report = Verify(options, code);
    CHECK(report["broken"] == Json(c.broken));
    CHECK(code == (c.broken.empty() ? 0 : 1));
    const std::string not_proved = report["not_proved"].dump();
    CHECK((not_proved.find("without --key-file") != std::string::npos) == c.key.empty());
  }
}

TEST_CASE("audit verify prints the trail and what it proves", "[audit]") {
  const TempFolder folder;
  Export exported = MakeExport({});
  EditTrails(exported, [](auto& trail) { trail[1].actor = "mal\x1b[2Jlory"; });
  const Output output = RunCommand(cli::RunAuditVerify, {{folder.Write("gate.json", exported.gate.dump())}});
  CHECK(output.err == "");
  CHECK(output.code == 1);
  CHECK(
      output.out ==
      "XPromotionGate team/acme-staging-to-production\n"
      "  status:\n"
      "  ✓ 1    2026-01-02T12:00:00Z  gate         AttemptStarted  an attempt started for "
      "ghcr.io/acme/app:main-abc123\n"
      "  ✗ 2    2026-01-02T12:01:00Z  mal [2Jlory  ApprovedBy      mal [2Jlory approved (not signed)\n"
      "  ? 3    2026-01-02T12:01:00Z  gate         GateApproved    ghcr.io/acme/app:main-abc123 is approved: "
      "RequirementsMet\n"
      "  ? 4    2026-01-02T12:02:00Z  gate         AttemptStarted  an attempt started for "
      "ghcr.io/acme/app:main-def456\n"
      "  ? 5    2026-01-02T12:03:00Z  bob          ApprovedBy      bob approved (not signed)\n"
      "  ? 6    2026-01-02T12:03:00Z  gate         GateApproved    ghcr.io/acme/app:main-def456 is approved: "
      "RequirementsMet\n"
      "  ✗ chain: status.audit: entry 2: its hash is wrong\n"
      "  · without --key-file: the chain shows edits, but whoever can write the trail can rewrite all of it\n"
      "  · only the status was given: an end that was cut off in it shows only with the other copy\n"
      "  · deadline, requirements and the tally of approvals are not in the trail\n"
      "not intact\n");
  const Output colored = RunCommand(cli::RunAuditVerify, cli::AuditVerifyOptions{{folder.Path("gate.json")}},
                                    "", /*with_color=*/true);
  CHECK(colored.out.find("\x1b[31m✗\x1b[0m chain") != std::string::npos);
  CHECK(colored.out.find("\x1b[2J") == std::string::npos);
}

TEST_CASE("audit verify quotes what is not its own in one line", "[audit]") {
  CHECK(RunCommand(cli::RunAuditVerify, {{"-"}}, R"({"apiVersion": "v1", "kind": "|-\n\u001b[2Jdev"})").err ==
        "function-release-pipeline: standard input: |-  [2Jdev: metadata.name: is missing\n");
}

TEST_CASE("audit verify ends with 2 for what cannot be read", "[audit]") {
  struct ErrorCase {
    const char* name;
    const char* why;
    cli::AuditVerifyOptions options;
    std::string message;
  };
  const TempFolder folder;
  const Export exported = MakeExport({});
  const std::string gate = folder.Write("gate.json", exported.gate.dump());
  Json invalid = exported.gate;
  invalid["spec"].erase("tenant");
  const std::string no_tenant = folder.Write("invalid.json", invalid.dump());
  Json config_map = exported.config_map;
  config_map["data"].erase("attempt");
  const std::string no_attempt = folder.Write("config_map.json", config_map.dump());
  config_map["data"] = {{"color", "blue"}};
  config_map["metadata"]["name"] = "other";
  const std::string unrelated = folder.Write("other.json", config_map.dump());
  const std::string empty = folder.Write("empty", "");
  const std::vector<ErrorCase> cases = {
      {"no gate",
       "a ConfigMap of somebody else",
       {{unrelated}},
       unrelated +
           ": has no gate in it: give what `kubectl get xpromotiongate NAME -o yaml` prints, the gate's "
           "ConfigMap, or both"},
      {"invalid", "its subject cannot be made", {{no_tenant}}, no_tenant + ": spec.tenant: is required"},
      {"half a ConfigMap",
       "its subject cannot be made",
       {{no_attempt}},
       no_attempt +
           ": ConfigMap team/acme-staging-to-production-gate: data: has no right source_environment, "
           "target_environment and attempt, as a gate's has"},
      {"empty key", "nothing is proved with it", {{gate}, "", empty}, "--key-file: " + empty + ": is empty"},
      {"previous key alone",
       "it counts beside the current one",
       {{gate}, "", "", gate},
       "--previous-key-file: goes with --key-file: give the current key too"},
      {"format",
       "what is allowed is said",
       {{gate}, "", "", "", "", "yaml"},
       "-o: \"yaml\" is none of text, json"},
  };
  for (const ErrorCase& c : cases) {
    INFO(c.name << ": " << c.why);
    const Output output = RunCommand(cli::RunAuditVerify, c.options);
    CHECK(output.err == "function-release-pipeline: " + c.message + "\n");
    CHECK(output.out == "");
    CHECK(output.code == 2);
  }
}
