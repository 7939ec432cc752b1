#include "function/cli/approval_entry.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "function/cli/preview_object.h"
#include "function/cli/terminal.h"
#include "function/codec/object_reader.h"
#include "function/codec/struct_json.h"
#include "function/release/approval.h"

namespace cli {

using base::Json;

absl::Status CheckEntryField(const std::string& field, const std::string& value, bool is_name) {
  if (value.empty()) return absl::OkStatus();
  const std::string wire = codec::EncodeStruct({{field, value}});
  codec::FieldErrors errors;
  {
    codec::ObjectReader reader(codec::StructView(wire), {}, errors);
    is_name ? reader.Line(field, codec::kMaxName) : reader.String(field, codec::kMaxText);
  }
  if (errors.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("--", errors.ToStatus().message()));
}

std::string Statement(const GateFile& file, const ApprovalEntry& entry) {
  return release::ApprovalStatement(release::SubjectOf(file.gate), entry.decision, entry.approver);
}

void AnnounceEntry(const GateFile& file, const ApprovalEntry& entry, std::ostream& out) {
  const release::GateSpec& spec = file.gate.spec;
  out << entry.decision << " " << spec.artifact_id << "\n"
      << "  for " << Name(spec.step.source) << " -> " << Name(spec.step.target) << ", gate "
      << file.gate.namespace_name << "/" << file.gate.name << ", attempt " << spec.attempt << ", as "
      << OneLine(entry.approver) << "\n";
}

void AnnounceStatement(absl::string_view statement, std::ostream& out) {
  out << "the text that is signed:\n";
  for (const absl::string_view line : absl::StrSplit(statement, '\n', absl::SkipEmpty())) {
    out << "  " << OneLine(line) << "\n";
  }
  out.flush();
}

Json OwnPart(const GateFile& file, const ApprovalEntry& entry) {
  Json part = {{"artifact_id", file.gate.spec.artifact_id}, {"attempt", file.gate.spec.attempt}};
  if (!entry.signature.empty()) part["signature"] = entry.signature;
  if (entry.decision == kOverride) {
    part["by"] = entry.approver;
    part["reason"] = entry.reason;
    return {{"override", std::move(part)}};
  }
  part["approver"] = entry.approver;
  part["decision"] = entry.decision;
  if (!entry.comment.empty()) part["comment"] = entry.comment;
  if (file.is_pipeline) part["target_environment"] = std::string(Name(file.gate.spec.step.target));
  return {{"approvals", Json::array({std::move(part)})}};
}

Json PartialManifest(const GateFile& file, Json spec) {
  std::string kind = Kind(file.object);
  Json metadata = {{"name", file.composite.name}, {"namespace", file.composite.namespace_name}};
  if (file.composite.has_claim) {
    kind = file.is_pipeline ? release::kPipelineClaimKind : release::kGateClaimKind;
  } else if (Namespace(file.object).empty() && !file.composite.uid.empty()) {
    metadata.erase("namespace");  // out of a cluster without one: cluster-scoped
  }
  return {{"apiVersion", ApiVersion(file.object)},
          {"kind", kind},
          {"metadata", std::move(metadata)},
          {"spec", std::move(spec)}};
}

}  // namespace cli
