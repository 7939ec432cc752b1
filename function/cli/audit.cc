#include "function/cli/audit.h"

#include <algorithm>
#include <istream>
#include <memory>
#include <ostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "function/base/status_macros.h"
#include "function/base/time.h"
#include "function/cli/audit_check.h"
#include "function/cli/audit_export.h"
#include "function/cli/exit_codes.h"
#include "function/cli/gate_file.h"
#include "function/cli/preview_files.h"
#include "function/cli/problem.h"
#include "function/cli/terminal.h"
#include "function/manifest/status.h"
#include "function/release/attempt.h"

namespace cli {
namespace {

using base::Json;

absl::StatusOr<std::vector<ExportedGate>> ReadGates(const AuditVerifyOptions& options, std::istream& in) {
  std::vector<Manifest> manifests;
  for (const std::string& path : options.files) {
    ASSIGN_OR_RETURN(const std::vector<Manifest> more, ReadManifests(path, in));
    manifests.insert(manifests.end(), more.begin(), more.end());
  }
  const auto led = [](const Manifest& manifest, const absl::Status& status) {
    return absl::InvalidArgumentError(absl::StrCat(manifest.source, ": ", status.message()));
  };
  std::vector<ExportedGate> gates;
  for (const Manifest& manifest : manifests) {
    if (!IsGate(manifest.object)) continue;
    absl::StatusOr<ExportedGate> gate = ReadExportedGate(manifest.object, options.namespace_name);
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

absl::StatusOr<std::vector<ExportedGate>> Read(const AuditVerifyOptions& options, std::istream& in) {
  if (options.output != "text" && options.output != "json") {
    return absl::InvalidArgumentError(absl::StrCat("-o: \"", options.output, "\" is none of text, json"));
  }
  ASSIGN_OR_RETURN(const AuditSecrets secrets,
                   ReadAuditSecrets({options.key_file, options.previous_key_file, options.allowed_signers}));
  ASSIGN_OR_RETURN(std::vector<ExportedGate> gates, ReadGates(options, in));
  for (ExportedGate& gate : gates) {
    gate.audit.keys = secrets.keys;
    gate.audit.allowed_signers = secrets.allowed_signers;
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

  void Print(const ExportedGate& gate, const AuditReport& report) {
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

Json ToJson(const ExportedGate& gate, const AuditReport& report) {
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
  const absl::StatusOr<std::vector<ExportedGate>> gates = Read(options, streams.in);
  if (!gates.ok()) {
    SayError(streams.err, gates.status().message());
    return kExitUnreadable;
  }
  TextPrinter printer(streams);
  Json list = Json::array();
  bool intact = true;
  for (const ExportedGate& gate : *gates) {
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
  CLI::App& group = program.AddGroup("audit", "The audit trail of a gate", [](CLI::App& app) {
    app.footer(
        "Example: check everything in an export\n"
        "  function-release-pipeline audit verify export.yaml");
  });
  const auto verify = std::make_shared<AuditVerifyOptions>();
  program.AddCommand(
      "verify", "Check a gate's audit trail, and that the gate shows what the trail says",
      [=](CLI::App& app) { AddVerify(app, *verify); }, [=] { return RunAuditVerify(*verify, streams()); },
      &group);
}

}  // namespace cli
