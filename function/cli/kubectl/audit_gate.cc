#include "function/cli/kubectl/audit_gate.h"

#include <ostream>
#include <sstream>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "function/base/status_macros.h"
#include "function/cli/kubectl/exported.h"
#include "function/cli/kubectl/live_gate.h"
#include "function/manifest/names.h"

namespace cli {
namespace {

using base::Json;

absl::StatusOr<std::string> Export(const KubectlOptions& options, const AuditGateOptions& audit,
                                   const Console& console) {
  const Kubectl kubectl(console.kubectl, options, console.streams.err);
  ASSIGN_OR_RETURN(const LiveGate gate, FindLiveGate(kubectl, audit.gate));
  std::vector<Json> objects;
  objects.push_back(gate.file.object);
  KubectlOptions in_place = options;
  in_place.namespace_name = gate.namespace_name();
  const std::string name = manifest::GateConfigName(gate.spec().tenant, gate.spec().step);
  RETURN_IF_ERROR(AddConfigMaps(Kubectl(console.kubectl, in_place, console.streams.err),
                                {"get", "configmaps", name, "--ignore-not-found", "--output=json"},
                                absl::StrCat("ConfigMap ", name), console, objects));
  return ExportedList(std::move(objects));
}

}  // namespace

int RunAuditGate(const KubectlOptions& kubectl, const AuditGateOptions& options, const Console& console) {
  if (const absl::Status status = CheckOutput(options.verify.output, {"text", "json"}); !status.ok()) {
    return Fail(console, status);
  }
  const absl::StatusOr<std::string> objects = Export(kubectl, options, console);
  if (!objects.ok()) return Fail(console, objects.status());
  std::istringstream in(*objects);
  AuditVerifyOptions verify = options.verify;
  verify.files = {"-"};
  const PreviewStreams& streams = console.streams;
  return RunAuditVerify(verify, {in, streams.out, streams.err, streams.is_terminal, streams.with_color});
}

}  // namespace cli
