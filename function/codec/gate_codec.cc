#include "function/codec/gate_codec.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "function/base/time.h"
#include "function/codec/approval_codec.h"
#include "function/codec/composite_codec.h"
#include "function/codec/policy_codec.h"
#include "function/codec/struct_json.h"
#include "function/manifest/status.h"
#include "function/release/artifact.h"
#include "function/release/recovery.h"

namespace codec {
namespace {

using release::Environment;
using release::GateSpec;

void ReadStep(ObjectReader& spec, GateSpec& gate) {
  constexpr absl::string_view kSources[] = {"dev", "staging"};
  constexpr absl::string_view kTargets[] = {"staging", "production"};
  for (absl::string_view key : {"source_environment", "target_environment"}) spec.Require(key);
  gate.step.source =
      spec.OneOf("source_environment", kSources, 0) == 0 ? Environment::kDev : Environment::kStaging;
  gate.step.target =
      spec.OneOf("target_environment", kTargets, 0) == 0 ? Environment::kStaging : Environment::kProduction;
  if (spec.Has("source_environment") && spec.Has("target_environment") &&
      gate.step.source >= gate.step.target) {
    spec.Error("target_environment",
               absl::StrCat("must come after source_environment, but ", Name(gate.step.target),
                            " does not come after ", Name(gate.step.source)));
  }
}

void ReadChecks(ObjectReader& spec, GateSpec& gate) {
  constexpr absl::string_view kStates[] = {"pending", "success", "failure"};
  spec.ObjectList("checks", [&](ObjectReader& item) {
    for (absl::string_view key : {"name", "artifact_id"}) item.Require(key);
    release::Check check;
    check.name = item.Line("name", kMaxName);
    check.state = static_cast<release::CheckState>(item.OneOf("state", kStates, 0));
    check.artifact_id = ReadArtifact(item, "artifact_id");
    check.attempt = ReadAttempt(item);
    check.message = item.String("message", kMaxText);
    check.url = item.String("url", kMaxText);
    if (std::any_of(gate.checks.begin(), gate.checks.end(),
                    [&](const release::Check& other) { return other.name == check.name; })) {
      item.Error("name", absl::StrCat("\"", check.name, "\" is there twice: a check has one entry"));
    }
    gate.checks.push_back(std::move(check));
  });
}

void ReadOverride(ObjectReader& spec, GateSpec& gate) {
  spec.Object("override", [&](ObjectReader& item) {
    for (absl::string_view key : {"by", "reason", "artifact_id"}) item.Require(key);
    release::Override override;
    override.by = item.Line("by", kMaxName);
    override.reason = item.String("reason", kMaxText);
    if (item.Has("reason") && override.reason.empty()) item.Error("reason", "must not be empty: say why");
    override.artifact_id = ReadArtifact(item, "artifact_id");
    override.attempt = ReadAttempt(item);
    override.signature = item.String("signature", kMaxSignature);
    gate.override = std::move(override);
  });
}

void ReadSpec(ObjectReader& spec, GateSpec& gate) {
  gate.tenant = ReadTenant(spec);
  spec.Require("artifact_id");
  gate.artifact_id = ReadArtifact(spec, "artifact_id");
  ReadStep(spec, gate);
  gate.approval_required = spec.Bool("approval_required", true);
  gate.timeout_hours = spec.Integer("timeout_hours", 1, release::kMaxTimeoutHours, 24);
  gate.pipeline = ReadDnsName(spec, "pipeline", kMaxName, "-.", release::DefaultPipelineName(gate.tenant));
  gate.attempt = ReadAttempt(spec);
  gate.requested_by = spec.OptionalLine("requested_by", kMaxName);
  gate.approvals = ReadApprovals(spec);
  ReadChecks(spec, gate);
  ReadOverride(spec, gate);
  IgnoreCrossplaneFields(spec);
}

// The approvers whose entries somebody other than Crossplane applied (metadata.managedFields: one entry a
// manager, list-map elements as `k:{"approver":"alice"}`).
std::vector<std::string> ForeignApprovers(const StructView& object) {
  constexpr absl::string_view kCrossplane = "apiextensions.crossplane.io/";
  std::vector<std::string> approvers;
  const std::optional<ValueView> managed = object.Find({"metadata", "managedFields"});
  if (!managed) return approvers;
  for (const ValueView& entry : managed->AsList()) {
    const StructView manager = entry.AsStruct();
    if (absl::StartsWith(manager.String({"manager"}), kCrossplane)) continue;
    const std::optional<ValueView> fields = manager.Find({"fieldsV1", "f:spec", "f:approvals"});
    if (!fields) continue;
    for (const StructView::Field& field : fields->AsStruct().All()) {
      absl::string_view key = field.key;
      // Whoever only comments on an entry does not take it over.
      if (!absl::ConsumePrefix(&key, "k:") || !field.value.AsStruct().Find("f:decision")) continue;
      const base::Json parsed = base::ParseJson(key);
      if (!parsed.is_object()) continue;
      const auto approver = parsed.find("approver");
      if (approver != parsed.end() && approver->is_string())
        approvers.push_back(approver->get<std::string>());
    }
  }
  return approvers;
}

release::AuditEntry DecodeAuditEntry(const StructView& element) {
  release::AuditEntry entry{0, absl::UnixEpoch()};
  for (const StructView::Field& field : element.All()) {
    const absl::string_view text = field.value.AsString();
    if (field.key == "seq") entry.seq = field.value.AsInteger().value_or(0);
    if (field.key == "time") entry.time = base::ParseTime(text).value_or(absl::UnixEpoch());
    if (field.key == "actor") entry.actor = std::string(text);
    if (field.key == "action") entry.action = std::string(text);
    if (field.key == "detail") entry.detail = std::string(text);
    if (field.key == "prev") entry.prev = std::string(text);
    if (field.key == "hash") entry.hash = std::string(text);
  }
  manifest::EmptyWhatIsTooLong(entry);
  return entry;
}

// The copy in the ConfigMap, which nearly always is the one in the status: to write that costs less than to
// parse this.
std::vector<release::AuditEntry> DecodeCopy(const StructView& config_map,
                                            const std::vector<release::AuditEntry>& in_status) {
  const absl::string_view lines = config_map.String({"data", "audit.jsonl"});
  return lines == manifest::AuditToJsonLines(in_status) ? in_status : manifest::AuditFromJsonLines(lines);
}

std::string PipelineName(const StructView& gate, const std::string& tenant) {
  const absl::string_view name = gate.String({"spec", "pipeline"});
  return name.empty() ? release::DefaultPipelineName(tenant) : std::string(name);
}

}  // namespace

absl::StatusOr<GateSpec> DecodeGateSpec(const StructView& object) {
  FieldErrors errors;
  GateSpec gate;
  {
    ObjectReader root(object, {}, errors);
    root.IgnoreIf([](absl::string_view key) { return key != "spec"; });
    root.Require("spec");
    root.Object("spec", [&](ObjectReader& spec) { ReadSpec(spec, gate); });
  }
  if (!errors.empty()) return errors.ToStatus();
  return gate;
}

std::optional<release::GateStatus> DecodeGateStatus(const StructView& object) {
  const std::optional<ValueView> status = object.Find("status");
  if (!status) return std::nullopt;
  absl::StatusOr<base::Json> json = DecodeStruct(status->AsStruct().wire(), kConditions);
  if (!json.ok()) return std::nullopt;
  return manifest::GateStatusFromJson(*json);
}

std::optional<release::GateStatus> DecodeGateConfigMap(const StructView& config_map) {
  const std::optional<ValueView> data = config_map.Find("data");
  if (!data) return std::nullopt;
  absl::StatusOr<base::Json> json = DecodeStruct(data->AsStruct().wire());
  if (!json.ok()) return std::nullopt;
  return manifest::GateStatusFromConfigMap(*json);
}

std::vector<release::AuditEntry> DecodeAudit(const StructView& object) {
  std::vector<release::AuditEntry> audit;
  const std::optional<ValueView> list = object.Find({"status", "audit"});
  if (!list) return audit;
  for (const ValueView& element : list->AsList()) {
    if (audit.size() == manifest::kMaxEntriesRead) break;
    audit.push_back(DecodeAuditEntry(element.AsStruct()));
  }
  return audit;
}

release::GateFacts DecodeGateFacts(const StructView& object, bool ours, const StructView& config_map,
                                   const release::PipelineInput& pipeline, const release::Step& step,
                                   const release::AuditKeys& keys) {
  release::GateFacts facts;
  facts.known = facts.exists = true;
  facts.ours = ours;
  const bool is_of_step = object.String({"spec", "tenant"}) == pipeline.spec.tenant &&
                          object.String({"spec", "source_environment"}) == Name(step.source) &&
                          object.String({"spec", "target_environment"}) == Name(step.target) &&
                          PipelineName(object, pipeline.spec.tenant) == pipeline.name;
  const absl::string_view artifact_id = object.String({"spec", "artifact_id"});
  if ((!is_of_step && !ours) || !release::ParseArtifact(artifact_id).ok()) return facts;
  // Only what says which attempt this is: a gate whose spec is not valid elsewhere keeps its artifact and
  // attempt, or the pipeline would compose it back to the first one, which the API server refuses.
  facts.artifact_id = std::string(artifact_id);
  const std::optional<ValueView> attempt = object.Find({"spec", "attempt"});
  const double number = attempt ? attempt->AsNumber() : 1;
  facts.attempt = number >= 1 && number <= release::kMaxAttempt ? static_cast<int>(number) : 1;
  facts.foreign_approvers = ForeignApprovers(object);
  if (!is_of_step) return facts;
  release::GateInput gate;
  gate.namespace_name = pipeline.namespace_name;
  gate.name = release::GateName(pipeline.spec.tenant, step);
  gate.spec.tenant = pipeline.spec.tenant;
  gate.spec.artifact_id = facts.artifact_id;
  gate.spec.step = step;
  gate.spec.attempt = facts.attempt;
  std::vector<release::AuditEntry> in_status = DecodeAudit(object);
  std::vector<release::AuditEntry> copy;
  if (IsControllerOf(object, config_map)) copy = DecodeCopy(config_map, in_status);
  const std::vector<release::AuditEntry> trail =
      release::ProvenTrail(std::move(in_status), std::move(copy), keys);
  release::AddProvenFacts(trail, SubjectOf(gate), facts);
  return facts;
}

}  // namespace codec
