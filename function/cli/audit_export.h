// Gates as an export has them: their manifests, their ConfigMaps, or both.
#ifndef FUNCTION_CLI_AUDIT_EXPORT_H_
#define FUNCTION_CLI_AUDIT_EXPORT_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "function/base/json.h"
#include "function/cli/audit_check.h"
#include "function/release/audit.h"

namespace cli {

// A gate and the copies of its trail; `audit` has no keys and no signers yet.
struct ExportedGate {
  std::string title;
  std::string namespace_name;
  std::string name;        // the claim's where there is one
  std::string config_map;  // the name of its ConfigMap
  AuditCase audit;
};

// A gate or its claim. `namespace_name`: for one that does not say it. Errors lead with the field path.
absl::StatusOr<ExportedGate> ReadExportedGate(const base::Json& object, const std::string& namespace_name);

// Any trace of a gate makes a ConfigMap one of a gate: what was cut out of it must not make it disappear.
bool IsGateConfigMap(const base::Json& object, const std::vector<ExportedGate>& gates);

// Puts the ConfigMap's copy beside the gate of its name and namespace; one without its gate becomes a gate of
// its own. Error: it has not what a gate's has, or it is there twice.
absl::Status AddConfigMap(const base::Json& object, std::vector<ExportedGate>& gates);

struct AuditKeyFiles {
  std::string key_file;
  std::string previous_key_file;
  std::string allowed_signers;
};

// What it takes to check a trail that was made with a key, or to check signatures.
struct AuditSecrets {
  release::AuditKeys keys;
  std::optional<std::string> allowed_signers;
};

// Errors lead with the flag: --key-file, --previous-key-file, --allowed-signers. An empty path: none.
absl::StatusOr<AuditSecrets> ReadAuditSecrets(const AuditKeyFiles& files);

}  // namespace cli

#endif  // FUNCTION_CLI_AUDIT_EXPORT_H_
