#include "function/cli/audit.h"

#include <algorithm>
#include <istream>
#include <memory>
#include <ostream>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "function/base/status_macros.h"
#include "function/base/time.h"
#include "function/cli/audit_check.h"
#include "function/cli/exit_codes.h"
#include "function/cli/gate_file.h"
#include "function/cli/preview_files.h"
#include "function/cli/preview_object.h"
#include "function/cli/terminal.h"
#include "function/codec/gate_codec.h"
#include "function/codec/struct_json.h"
#include "function/manifest/names.h"
#include "function/manifest/status.h"
#include "function/release/attempt.h"

namespace cli {
namespace {

using base::Json;

constexpr int kExitUnreadable = 2;

// A gate to report on.
struct Exported {
  std::string title;
  std::string namespace_name;
  std::string config_map;  // its name
  AuditCase audit;
};

// Any trace of a gate makes it one: what was cut out of it must not make it disappear.
bool IsGateConfigMap(const Json& object, const std::vector<Exported>& gates) {
  if (Kind(object) != "ConfigMap" || ApiVersion(object) != "v1") return false;
  const Json& data = At(object, {"data"});
  if (data.is_object() && (data.contains("audit.jsonl") || data.contains("gate_status"))) return true;
  return std::any_of(gates.begin(), gates.end(), [&](const Exported& gate) {
    return gate.config_map == Name(object) && gate.namespace_name == Namespace(object);
  });
}

absl::StatusOr<Exported> ReadGate(const Json& object, const std::string& namespace_name) {
  ASSIGN_OR_RETURN(const release::Composite composite, PlaceOf(object, namespace_name));
  const std::string wire = codec::EncodeStruct(object);
  release::GateInput gate;
  ASSIGN_OR_RETURN(gate.spec, codec::DecodeGateSpec(codec::StructView(wire)));
  gate.namespace_name = composite.namespace_name;
  gate.name = composite.name;
  AuditCopy copy{"status", SubjectOf(gate), Text(object, {"status", "gate_status"})};
  const std::optional<release::GateStatus> status = manifest::GateStatusFromJson(At(object, {"status"}));
  Exported exported{absl::StrCat(Kind(object), " ", composite.namespace_name, "/", composite.name),
                    composite.namespace_name, manifest::GateConfigName(gate.spec.tenant, gate.spec.step)};
  copy.status = status.value_or(release::GateStatus());
  // One that was lost altogether is recovered from the ConfigMap.
  if (status || !copy.gate_status.empty()) exported.audit.copies.push_back(std::move(copy));
  exported.audit.spec = std::move(gate.spec);
  return exported;
}

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

absl::Status AddConfigMap(const Json& object, std::vector<Exported>& gates) {
  ASSIGN_OR_RETURN(const AuditCopy copy, ReadConfigMap(object));
  bool has_gate = false;
  for (Exported& gate : gates) {
    if (gate.config_map != Name(object) || gate.namespace_name != Namespace(object)) continue;
    if (!gate.audit.copies.empty() && gate.audit.copies.back().name == copy.name) {
      return absl::InvalidArgumentError(absl::StrCat(Describe(object), ": is there twice"));
    }
    gate.audit.copies.push_back(copy);
    has_gate = true;
  }
  if (has_gate) return absl::OkStatus();
  Exported alone{Describe(object), Namespace(object), Name(object)};
  alone.audit.copies.push_back(copy);
  gates.push_back(std::move(alone));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Exported>> ReadGates(const AuditVerifyOptions& options, std::istream& in) {
  std::vector<Manifest> manifests;
  for (const std::string& path : options.files) {
    ASSIGN_OR_RETURN(const std::vector<Manifest> more, ReadManifests(path, in));
    manifests.insert(manifests.end(), more.begin(), more.end());
  }
  const auto led = [](const Manifest& manifest, const absl::Status& status) {
    return absl::InvalidArgumentError(absl::StrCat(manifest.source, ": ", status.message()));
  };
  std::vector<Exported> gates;
  for (const Manifest& manifest : manifests) {
    if (!IsGate(manifest.object)) continue;
    absl::StatusOr<Exported> gate = ReadGate(manifest.object, options.namespace_name);
    if (!gate.ok()) return led(manifest, gate.status());
    gates.push_back(*std::move(gate));
  }
  for (const Manifest& manifest : manifests) {
    if (!IsGateConfigMap(manifest.object, gates)) continue;
    const absl::Status status = AddConfigMap(manifest.object, gates);
    if (!status.ok()) return led(manifest, status);
  }
  if (!gates.empty()) return gates;
  return absl::NotFoundError(absl::StrCat(
      options.files[0], ": has no gate in it: give what `kubectl get xpromotiongate NAME -o yaml` prints, ",
      "the gate's ConfigMap, or both"));
}

absl::StatusOr<std::string> ReadKey(const std::string& path, absl::string_view flag) {
  if (path.empty()) return "";
  ASSIGN_OR_RETURN(std::string key, ReadTextFile(path, flag));
  if (!key.empty()) return key;
  return absl::InvalidArgumentError(absl::StrCat(flag, ": ", path, ": is empty"));
}

absl::StatusOr<std::vector<Exported>> Read(const AuditVerifyOptions& options, std::istream& in) {
  if (options.output != "text" && options.output != "json") {
    return absl::InvalidArgumentError(
        absl::StrCat("-o: \"", OneLine(options.output), "\" is none of text, json"));
  }
  if (options.key_file.empty() && !options.previous_key_file.empty()) {
    return absl::InvalidArgumentError("--previous-key-file: goes with --key-file: give the current key too");
  }
  release::AuditKeys keys;
  std::optional<std::string> signers;
  ASSIGN_OR_RETURN(keys.key, ReadKey(options.key_file, "--key-file"));
  ASSIGN_OR_RETURN(keys.previous_key, ReadKey(options.previous_key_file, "--previous-key-file"));
  if (!options.allowed_signers.empty()) {
    ASSIGN_OR_RETURN(signers, ReadAllowedSigners(options.allowed_signers));
  }
  ASSIGN_OR_RETURN(std::vector<Exported> gates, ReadGates(options, in));
  for (Exported& gate : gates) {
    gate.audit.keys = keys;
    gate.audit.allowed_signers = signers;
  }
  return gates;
}

// How an entry of a trail stands.
enum class Standing { kIntact, kBroken, kAfterBroken };

Standing StandingOf(const AuditTrail& trail, size_t index) {
  if (index < trail.intact) return Standing::kIntact;
  return index == trail.intact ? Standing::kBroken : Standing::kAfterBroken;
}

class TextPrinter {
 public:
  explicit TextPrinter(const PreviewStreams& streams) : out_(streams.out), marks_(streams.with_color) {}

  void Print(const Exported& gate, const AuditReport& report) {
    if (count_++ > 0) out_ << "\n";
    out_ << OneLine(gate.title) << "\n";
    for (const AuditTrail& trail : report.trails) PrintTrail(trail);
    for (const AuditFinding& finding : report.findings) {
      out_ << "  " << Mark(finding.kind) << " " << OneLine(finding.message) << "\n";
    }
    out_ << (report.IsIntact() ? "intact" : "not intact") << "\n";
  }

 private:
  void PrintTrail(const AuditTrail& trail) {
    size_t actor = 0;
    size_t action = 0;
    for (const release::AuditEntry& entry : trail.entries) {
      actor = std::max(actor, Columns(OneLine(entry.actor)));
      action = std::max(action, Columns(OneLine(entry.action)));
    }
    out_ << "  " << trail.name << ":\n";
    for (size_t i = 0; i < trail.entries.size(); ++i) {
      const release::AuditEntry& entry = trail.entries[i];
      out_ << "  " << Mark(StandingOf(trail, i)) << " " << Padded(absl::StrCat(entry.seq), 4) << " "
           << base::FormatTime(entry.time) << "  " << Padded(OneLine(entry.actor), actor) << "  "
           << Padded(OneLine(entry.action), action) << "  " << OneLine(Describe(entry)) << "\n";
    }
  }

  std::string Mark(Standing standing) const {
    if (standing == Standing::kIntact) return marks_.Good();
    return standing == Standing::kBroken ? marks_.Bad() : marks_.Open();
  }

  std::string Mark(AuditFinding::Kind kind) const {
    if (kind == AuditFinding::Kind::kProved) return marks_.Good();
    return kind == AuditFinding::Kind::kBroken ? marks_.Bad() : marks_.Note();
  }

  std::ostream& out_;
  const Marks marks_;
  int count_ = 0;
};

Json Messages(const AuditReport& report, AuditFinding::Kind kind) {
  Json messages = Json::array();
  for (const AuditFinding& finding : report.findings) {
    if (finding.kind == kind) messages.push_back(finding.message);
  }
  return messages;
}

Json ToJson(const Exported& gate, const AuditReport& report) {
  Json trails = Json::array();
  for (const AuditTrail& trail : report.trails) {
    Json entries = manifest::AuditToJson(trail.entries);
    for (size_t i = 0; i < trail.entries.size(); ++i) {
      const Standing standing = StandingOf(trail, i);
      entries[i]["standing"] = standing == Standing::kIntact   ? "intact"
                               : standing == Standing::kBroken ? "broken"
                                                               : "after a broken one";
      entries[i]["description"] = Describe(trail.entries[i]);
    }
    trails.push_back({{"copy", trail.name}, {"entries", std::move(entries)}});
  }
  return {{"gate", gate.title},
          {"intact", report.IsIntact()},
          {"last_hash", report.last_hash},
          {"proved", Messages(report, AuditFinding::Kind::kProved)},
          {"broken", Messages(report, AuditFinding::Kind::kBroken)},
          {"not_proved", Messages(report, AuditFinding::Kind::kNotProved)},
          {"trails", std::move(trails)}};
}

void AddVerify(CLI::App& app, AuditVerifyOptions& options) {
  app.add_option(
         "files", options.files,
         "What kubectl get -o yaml or -o json prints of gates (or their claims), of their ConfigMaps, or of "
         "both; a file, a folder, or - for standard input")
      ->required()
      ->type_name("FILE");
  app.add_option("-n,--namespace", options.namespace_name,
                 "Where the gate is, if it is cluster-scoped without a claim")
      ->type_name("NAME");
  app.add_option("--key-file", options.key_file, "The key of the function's credential `audit`, byte by byte")
      ->type_name("FILE");
  app.add_option("--previous-key-file", options.previous_key_file,
                 "Its previous-key, while it is being rotated")
      ->type_name("FILE");
  app.add_option("--allowed-signers", options.allowed_signers,
                 "Check the signatures of what the trail says was signed, as of then")
      ->type_name("FILE");
  app.add_option("-o,--output", options.output, "text (the default) or json")->type_name("FORMAT");
  app.footer(
      "Exit code: 0 intact, 1 not intact, 2 something cannot be read.\n"
      "Example: with both copies, and the key of the function's credential\n"
      "  kubectl get xpromotiongate,configmap -n NAMESPACE -o yaml |\n"
      "    function-release-pipeline audit verify - --key-file audit.key");
}

}  // namespace

int RunAuditVerify(const AuditVerifyOptions& options, const PreviewStreams& streams) {
  const absl::StatusOr<std::vector<Exported>> gates = Read(options, streams.in);
  if (!gates.ok()) {
    streams.err << "function-release-pipeline: " << gates.status().message() << std::endl;
    return kExitUnreadable;
  }
  TextPrinter printer(streams);
  Json list = Json::array();
  bool intact = true;
  for (const Exported& gate : *gates) {
    const AuditReport report = CheckAudit(gate.audit);
    intact = intact && report.IsIntact();
    if (options.output == "json") {
      list.push_back(ToJson(gate, report));
    } else {
      printer.Print(gate, report);
    }
  }
  if (options.output == "json") {
    streams.out << list.dump(2, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace) << "\n";
  }
  return intact ? kExitOk : kExitFailure;
}

void AddAuditCommands(Program& program, const std::function<PreviewStreams()>& streams) {
  CLI::App& group = program.AddGroup("audit", "The audit trail of a gate");
  group.footer(
      "Example: check everything in an export\n"
      "  function-release-pipeline audit verify export.yaml");
  const auto verify = std::make_shared<AuditVerifyOptions>();
  AddVerify(program.AddCommand(
                "verify", "Check a gate's audit trail, and that the gate shows what the trail says",
                [=] { return RunAuditVerify(*verify, streams()); }, &group),
            *verify);
}

}  // namespace cli
