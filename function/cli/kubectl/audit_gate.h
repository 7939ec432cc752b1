// `kubectl release audit`: `audit verify` over what the cluster has of a gate.
#ifndef FUNCTION_CLI_KUBECTL_AUDIT_GATE_H_
#define FUNCTION_CLI_KUBECTL_AUDIT_GATE_H_

#include <string>

#include "function/cli/audit.h"
#include "function/cli/kubectl/console.h"
#include "function/cli/kubectl/kubectl.h"

namespace cli {

struct AuditGateOptions {
  std::string gate;
  AuditVerifyOptions verify;  // but for the files and the namespace
};

// Gets the gate and its ConfigMap and checks them. Exit code: 0 intact, 1 not, else as Fail says.
int RunAuditGate(const KubectlOptions& kubectl, const AuditGateOptions& options, const Console& console);

}  // namespace cli

#endif  // FUNCTION_CLI_KUBECTL_AUDIT_GATE_H_
