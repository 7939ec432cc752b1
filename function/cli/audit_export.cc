#include "function/cli/audit_export.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "function/base/status_macros.h"
#include "function/cli/gate_file.h"
#include "function/cli/preview_object.h"
#include "function/codec/gate_codec.h"
#include "function/codec/struct_json.h"
#include "function/manifest/names.h"
#include "function/manifest/status.h"
#include "function/release/gate.h"

namespace cli {
namespace {

using base::Json;

// The subject of the spec as the ConfigMap shows it: it has every field of it, and the gate's name follows
// from them.
absl::StatusOr<AuditCopy> ReadConfigMap(const Json& object) {
  const auto data = [&](const char* key) { return Text(object, {"data", key}); };
  const std::optional<release::Environment> source = release::ParseEnvironment(data("source_environment"));
  const std::optional<release::Environment> target = release::ParseEnvironment(data("target_environment"));
  AuditCopy copy{"ConfigMap", {}, data("gate_status")};
  release::Subject& subject = copy.subject;
  if (!source || !target || !absl::SimpleAtoi(data("attempt"), &subject.attempt)) {
    return absl::InvalidArgumentError(absl::StrCat(
        Describe(object),
        ": data: has no right source_environment, target_environment and attempt, as a gate's has"));
  }
  subject.namespace_name = Namespace(object);
  subject.tenant = data("tenant");
  subject.artifact_id = data("artifact_id");
  subject.source = data("source_environment");
  subject.target = data("target_environment");
  subject.gate = release::GateName(subject.tenant, {*source, *target});
  copy.status = manifest::GateStatusFromConfigMap(At(object, {"data"})).value_or(release::GateStatus());
  return copy;
}

absl::StatusOr<std::string> ReadKey(const std::string& path, absl::string_view flag) {
  if (path.empty()) return "";
  ASSIGN_OR_RETURN(std::string key, ReadTextFile(path, flag));
  if (!key.empty()) return key;
  return absl::InvalidArgumentError(absl::StrCat(flag, ": ", path, ": is empty"));
}

}  // namespace

absl::StatusOr<ExportedGate> ReadExportedGate(const Json& object, const std::string& namespace_name) {
  ASSIGN_OR_RETURN(const release::Composite composite, PlaceOf(object, namespace_name));
  const std::string wire = codec::EncodeStruct(object);
  release::GateInput gate;
  ASSIGN_OR_RETURN(gate.spec, codec::DecodeGateSpec(codec::StructView(wire)));
  gate.namespace_name = composite.namespace_name;
  gate.name = composite.name;
  AuditCopy copy{"status", SubjectOf(gate), Text(object, {"status", "gate_status"})};
  const std::optional<release::GateStatus> status = manifest::GateStatusFromJson(At(object, {"status"}));
  ExportedGate exported{absl::StrCat(Kind(object), " ", composite.namespace_name, "/", composite.name),
                        composite.namespace_name, composite.name,
                        manifest::GateConfigName(gate.spec.tenant, gate.spec.step)};
  copy.status = status.value_or(release::GateStatus());
  // One that was lost altogether is recovered from the ConfigMap.
  if (status || !copy.gate_status.empty()) exported.audit.copies.push_back(std::move(copy));
  exported.audit.spec = std::move(gate.spec);
  return exported;
}

bool IsGateConfigMap(const Json& object, const std::vector<ExportedGate>& gates) {
  if (Kind(object) != "ConfigMap" || ApiVersion(object) != "v1") return false;
  const Json& data = At(object, {"data"});
  if (data.is_object() && (data.contains("audit.jsonl") || data.contains("gate_status"))) return true;
  return std::any_of(gates.begin(), gates.end(), [&](const ExportedGate& gate) {
    return gate.config_map == Name(object) && gate.namespace_name == Namespace(object);
  });
}

absl::Status AddConfigMap(const Json& object, std::vector<ExportedGate>& gates) {
  ASSIGN_OR_RETURN(const AuditCopy copy, ReadConfigMap(object));
  bool has_gate = false;
  for (ExportedGate& gate : gates) {
    if (gate.config_map != Name(object) || gate.namespace_name != Namespace(object)) continue;
    if (!gate.audit.copies.empty() && gate.audit.copies.back().name == copy.name) {
      return absl::InvalidArgumentError(absl::StrCat(Describe(object), ": is there twice"));
    }
    gate.audit.copies.push_back(copy);
    has_gate = true;
  }
  if (has_gate) return absl::OkStatus();
  ExportedGate alone{Describe(object), Namespace(object), copy.subject.gate, Name(object)};
  alone.audit.copies.push_back(copy);
  gates.push_back(std::move(alone));
  return absl::OkStatus();
}

absl::StatusOr<AuditSecrets> ReadAuditSecrets(const AuditKeyFiles& files) {
  if (files.key_file.empty() && !files.previous_key_file.empty()) {
    return absl::InvalidArgumentError("--previous-key-file: goes with --key-file: give the current key too");
  }
  AuditSecrets secrets;
  ASSIGN_OR_RETURN(secrets.keys.key, ReadKey(files.key_file, "--key-file"));
  ASSIGN_OR_RETURN(secrets.keys.previous_key, ReadKey(files.previous_key_file, "--previous-key-file"));
  if (!files.allowed_signers.empty()) {
    ASSIGN_OR_RETURN(secrets.allowed_signers, ReadAllowedSigners(files.allowed_signers));
  }
  return secrets;
}

}  // namespace cli
