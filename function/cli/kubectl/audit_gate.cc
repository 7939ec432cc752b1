#include "function/cli/kubectl/audit_gate.h"

#include <ostream>
#include <sstream>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "function/base/status_macros.h"
#include "function/cli/kubectl/live_gate.h"
#include "function/cli/preview_object.h"
#include "function/cli/problem.h"
#include "function/manifest/names.h"

namespace cli {
namespace {

using base::Json;

// The second copy. One that is not there, or that the user may not read, is left out: `audit verify` says
// what is not proved without it.
absl::StatusOr<std::vector<Json>> GetConfigMap(const LiveGate& gate, const KubectlOptions& options,
                                               const Console& console) {
  KubectlOptions in_place = options;
  in_place.namespace_name = gate.namespace_name();
  const Kubectl kubectl(console.kubectl, in_place, console.streams.err);
  const std::string name = manifest::GateConfigName(gate.spec().tenant, gate.spec().step);
  const absl::StatusOr<Json> answer =
      kubectl.CallForJson({"get", "configmaps", name, "--ignore-not-found", "--output=json"});
  if (absl::IsPermissionDenied(answer.status())) {
    console.streams.err << "kubectl release: without the ConfigMap " << name << ": "
                        << WrongOf(answer.status()) << std::endl;
    return std::vector<Json>();
  }
  RETURN_IF_ERROR(answer.status());
  return ItemsOf(*answer);
}

absl::StatusOr<std::string> Export(const KubectlOptions& options, const AuditGateOptions& audit,
                                   const Console& console) {
  const Kubectl kubectl(console.kubectl, options, console.streams.err);
  ASSIGN_OR_RETURN(const LiveGate gate, FindLiveGate(kubectl, audit.gate));
  ASSIGN_OR_RETURN(std::vector<Json> objects, GetConfigMap(gate, options, console));
  objects.insert(objects.begin(), gate.file.object);
  return Json{{"apiVersion", "v1"}, {"kind", "List"}, {"items", std::move(objects)}}.dump(
      -1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
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
