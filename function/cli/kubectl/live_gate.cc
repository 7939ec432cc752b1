#include "function/cli/kubectl/live_gate.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "function/base/status_macros.h"
#include "function/cli/kubectl/target.h"
#include "function/cli/preview_object.h"
#include "function/cli/problem.h"
#include "function/codec/gate_codec.h"
#include "function/codec/struct_json.h"
#include "function/manifest/status.h"

namespace cli {
namespace {

using base::Json;

absl::Status Unreadable(const Json& object, const absl::Status& status) {
  return Problem(absl::StatusCode::kFailedPrecondition,
                 absl::StrCat(Describe(object), ": ", status.message()),
                 "correct the gate's manifest, or use the version of this program that the cluster's gates "
                 "are made for");
}

absl::StatusOr<GateFile> ReadFile(const Json& object, const std::string& namespace_name) {
  GateFile file;
  file.object = object;
  // Of one that has a namespace kubectl looked after it already.
  const bool is_namespaced = !Namespace(object).empty();
  ASSIGN_OR_RETURN(file.composite, PlaceOf(object, is_namespaced ? "" : namespace_name));
  const std::string wire = codec::EncodeStruct(object);
  ASSIGN_OR_RETURN(file.gate.spec, codec::DecodeGateSpec(codec::StructView(wire)));
  file.gate.namespace_name = file.composite.namespace_name;
  file.gate.name = file.composite.name;
  return file;
}

}  // namespace

release::Verdict LiveGate::verdict() const {
  return is_decided ? status->verdict : release::Verdict::kPending;
}

bool LiveGate::IsOpen() const {
  return verdict() == release::Verdict::kApproved && status->approved_artifact_id == spec().artifact_id;
}

std::optional<absl::Time> LiveGate::NextChange() const {
  if (!is_decided || verdict() != release::Verdict::kPending) return std::nullopt;
  absl::Time next = status->deadline;
  for (const release::Requirement& requirement : status->requirements) {
    if (requirement.next_change) next = std::min(next, *requirement.next_change);
  }
  return next;
}

absl::StatusOr<LiveGate> ReadLiveGate(const Json& object, const std::string& namespace_name) {
  absl::StatusOr<GateFile> file = ReadFile(object, namespace_name);
  if (!file.ok()) return Unreadable(object, file.status());
  LiveGate gate;
  gate.file = *std::move(file);
  gate.status = manifest::GateStatusFromJson(At(object, {"status"}));
  gate.is_decided = gate.status && gate.status->subject == release::SubjectOf(gate.file.gate).Hash();
  return gate;
}

absl::StatusOr<LiveGate> FindLiveGate(const Kubectl& kubectl, const std::string& argument,
                                      const std::vector<std::string>& flags) {
  ASSIGN_OR_RETURN(const Json object, FindGate(kubectl, argument, flags));
  return ReadLiveGate(object, kubectl.options().namespace_name);
}

std::string Describe(const LiveGate& gate) {
  return absl::StrCat("gate ", gate.namespace_name(), "/", gate.name());
}

std::string AsArguments(const LiveGate& gate) {
  // A cluster-scoped one without a claim is found by its kind.
  const bool is_cluster_scoped = Namespace(gate.file.object).empty() && !gate.file.composite.has_claim;
  return absl::StrCat(
      is_cluster_scoped ? absl::StrCat(absl::AsciiStrToLower(Kind(gate.file.object)), "/") : "", gate.name(),
      " -n ", gate.namespace_name());
}

}  // namespace cli
