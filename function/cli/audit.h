// `audit verify`: is a gate's audit trail intact, and does the gate show what the trail says?
#ifndef FUNCTION_CLI_AUDIT_H_
#define FUNCTION_CLI_AUDIT_H_

#include <functional>
#include <string>
#include <vector>

#include "function/cli/preview.h"
#include "function/cli/program.h"

namespace cli {

struct AuditVerifyOptions {
  std::vector<std::string> files;  // exported gates, their ConfigMaps, Lists of them; "-": standard input
  std::string namespace_name;      // of cluster-scoped gates without a claim
  std::string key_file;
  std::string previous_key_file;
  std::string allowed_signers;
  std::string output = "text";  // or json
};

// Reports on each gate. A ConfigMap belongs to the gate of its name and namespace; one without its gate is
// checked alone. Exit code: 0 where all are intact; 1 where one is not; 2 for what can't be read and for
// wrong usage.
int RunAuditVerify(const AuditVerifyOptions& options, const PreviewStreams& streams);

// Registers `audit` with verify.
void AddAuditCommands(Program& program, const std::function<PreviewStreams()>& streams);

}  // namespace cli

#endif  // FUNCTION_CLI_AUDIT_H_
