#include "function/cli/kubectl/own_entry.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "function/base/status_macros.h"
#include "function/cli/kubectl/target.h"
#include "function/cli/preview_object.h"
#include "function/cli/problem.h"
#include "function/manifest/names.h"

namespace cli {
namespace {

using base::Json;

constexpr size_t kMaxFieldManager = 128;  // Kubernetes' limit
constexpr int kPatchTries = 5;

// The list's item in managedFields: `k:{"approver":"alice"}`.
bool IsKeyOf(absl::string_view key, const std::string& approver) {
  if (!absl::ConsumePrefix(&key, "k:")) return false;
  const Json json = base::ParseJson(key);
  return Text(json, {"approver"}) == approver;
}

const Json& ManagedFields(const Json& gate) {
  static const Json& none = *new Json(Json::array());
  const Json& fields = At(gate, {"metadata", "managedFields"});
  return fields.is_array() ? fields : none;
}

bool IsOfSpec(const Json& managed) { return Text(managed, {"subresource"}).empty(); }

bool HasEntry(const Json& managed, const std::string& approver) {
  const Json& approvals = At(managed, {"fieldsV1", "f:spec", "f:approvals"});
  if (!approvals.is_object()) return false;
  return std::any_of(approvals.items().begin(), approvals.items().end(),
                     [&](const auto& item) { return IsKeyOf(item.key(), approver); });
}

// Has this manager more under its hand than the approver's entry?
bool HasMore(const Json& managed, const std::string& approver) {
  const auto has_other = [](const Json& fields, auto is_ours) {
    if (!fields.is_object()) return false;
    return std::any_of(fields.items().begin(), fields.items().end(),
                       [&](const auto& item) { return !is_ours(item.key()); });
  };
  const auto is = [](absl::string_view name) {
    return [name](absl::string_view key) { return key == name; };
  };
  const auto is_entry = [&](absl::string_view key) { return key == "." || IsKeyOf(key, approver); };
  return has_other(At(managed, {"fieldsV1"}), is("f:spec")) ||
         has_other(At(managed, {"fieldsV1", "f:spec"}), is("f:approvals")) ||
         has_other(At(managed, {"fieldsV1", "f:spec", "f:approvals"}), is_entry);
}

bool AppliesMore(const Json& gate, const std::string& manager, const std::string& approver) {
  const Json& all = ManagedFields(gate);
  return std::any_of(all.begin(), all.end(), [&](const Json& managed) {
    return Text(managed, {"manager"}) == manager && Text(managed, {"operation"}) == "Apply" &&
           IsOfSpec(managed) && HasMore(managed, approver);
  });
}

// As kubectl finds out whether it has to migrate the object.
bool IsClientSideApplied(const Json& gate) {
  const Json& all = ManagedFields(gate);
  return std::any_of(all.begin(), all.end(), [](const Json& managed) {
    return Text(managed, {"operation"}) == "Update" && IsOfSpec(managed) &&
           At(managed, {"fieldsV1", "f:metadata", "f:annotations",
                        "f:kubectl.kubernetes.io/last-applied-configuration"})
               .is_object();
  });
}

void FindOtherHands(const Json& gate, const std::string& approver, EntryWay& way) {
  for (const Json& managed : ManagedFields(gate)) {
    const std::string manager = Text(managed, {"manager"});
    if (!IsOfSpec(managed) || !HasEntry(managed, approver)) continue;
    if (manager != way.field_manager) {
      way.other_managers.push_back(manager);
    } else if (Text(managed, {"operation"}) != "Apply") {
      way.force = true;
    }
  }
  // What is partly somebody else's is not taken from them.
  if (!way.other_managers.empty()) way.force = false;
}

Json ManifestOf(const LiveGate& gate, const ApprovalEntry& entry) {
  Json manifest = PartialManifest(gate.file, OwnPart(gate.file, entry));
  // Of this very object: one that is gone is not made anew, and another one of its name is not touched.
  manifest["metadata"]["uid"] = gate.file.composite.uid;
  return manifest;
}

absl::Status ExplainConflict(const EntryWay& way, const absl::Status& status) {
  if (!absl::IsAborted(status) || way.other_managers.empty()) return status;
  return Problem(absl::StatusCode::kAborted,
                 absl::StrCat("your entry is under the hand of another field manager: ",
                              absl::StrJoin(way.other_managers, ", ")),
                 absl::StrCat("change it where it comes from, or, if that is you, give --field-manager ",
                              way.other_managers[0]));
}

absl::Status ApplyServerSide(const Kubectl& kubectl, const LiveGate& gate, const ApprovalEntry& entry,
                             const EntryWay& way) {
  std::vector<std::string> call = {"apply", "--server-side",
                                   absl::StrCat("--field-manager=", way.field_manager)};
  if (way.force) call.push_back("--force-conflicts");
  call.insert(call.end(), {"--output=name", "--filename=-"});
  return ExplainConflict(way, kubectl.Call(call, ManifestOf(gate, entry).dump()).status());
}

// The operation that sets the entry in the list of approvals as it is.
Json SetEntry(const Json& object, const ApprovalEntry& entry, Json part) {
  const Json& approvals = At(object, {"spec", "approvals"});
  if (!approvals.is_array()) {
    return {{"op", "add"}, {"path", "/spec/approvals"}, {"value", Json::array({std::move(part)})}};
  }
  for (size_t i = 0; i < approvals.size(); ++i) {
    if (Text(approvals[i], {"approver"}) != entry.approver) continue;
    return {{"op", "replace"}, {"path", absl::StrCat("/spec/approvals/", i)}, {"value", std::move(part)}};
  }
  return {{"op", "add"}, {"path", "/spec/approvals/-"}, {"value", std::move(part)}};
}

absl::Status Patch(const Kubectl& kubectl, const Json& object, const LiveGate& gate,
                   const ApprovalEntry& entry, const EntryWay& way) {
  // Of the list that was seen, or not at all. "replace", because the server answers a "test" that fails with
  // another error than Conflict.
  const Json operations = Json::array({{{"op", "replace"},
                                        {"path", "/metadata/resourceVersion"},
                                        {"value", Text(object, {"metadata", "resourceVersion"})}},
                                       SetEntry(object, entry, OwnPart(gate.file, entry)["approvals"][0])});
  return kubectl
      .Call({"patch", ResourceOf(object), Name(object), "--type=json",
             absl::StrCat("--field-manager=", way.field_manager), "--output=name",
             absl::StrCat("--patch=", operations.dump())})
      .status();
}

absl::Status Gone(const LiveGate& gate) {
  return Problem(absl::StatusCode::kNotFound,
                 absl::StrCat(Describe(gate), " is gone, or was made anew meanwhile"),
                 absl::StrCat("look at what is there: kubectl release why ", AsArguments(gate)));
}

Target TargetOf(const LiveGate& gate) {
  return {TargetKind::kGate, ResourceOf(gate.file.object), {Name(gate.file.object)}};
}

bool IsSame(const LiveGate& gate, const Json& object) {
  return Text(object, {"metadata", "uid"}) == gate.file.composite.uid;
}

absl::Status ApplyPatch(const Kubectl& kubectl, const LiveGate& gate, const ApprovalEntry& entry,
                        const EntryWay& way) {
  absl::Status status;
  for (int i = 0; i < kPatchTries; ++i) {
    ASSIGN_OR_RETURN(const Json object, GetTarget(kubectl, TargetOf(gate)));
    if (!IsSame(gate, object)) return Gone(gate);
    status = Patch(kubectl, object, gate, entry, way);
    if (!absl::IsAborted(status)) return status;
  }
  return status;
}

}  // namespace

absl::StatusOr<EntryWay> PlanEntry(const Json& gate, const std::string& approver,
                                   const std::string& field_manager) {
  EntryWay way;
  way.server_side = !IsClientSideApplied(gate);
  way.field_manager = manifest::FitName(field_manager.empty() ? approver : field_manager, kMaxFieldManager);
  if (way.server_side && AppliesMore(gate, way.field_manager, approver)) {
    if (!field_manager.empty()) {
      return Problem(
          absl::StatusCode::kInvalidArgument,
          absl::StrCat("--field-manager: ", field_manager, " has more of this gate under its hand than your ",
                       "entry, and would lose it"),
          "leave it out, or choose a name that is yours alone");
    }
    way.field_manager = manifest::FitName(absl::StrCat("kubectl-release:", approver), kMaxFieldManager);
  }
  FindOtherHands(gate, approver, way);
  return way;
}

absl::Status ApplyEntry(const Kubectl& kubectl, const LiveGate& gate, const ApprovalEntry& entry,
                        const EntryWay& way) {
  const absl::Status status =
      way.server_side ? ApplyServerSide(kubectl, gate, entry, way) : ApplyPatch(kubectl, gate, entry, way);
  // A conflict that is nobody's field, an object without its required fields: of a gate that is not there any
  // more.
  const bool may_be_gone = absl::IsAborted(status) || absl::IsOutOfRange(status) || absl::IsNotFound(status);
  if (!may_be_gone) return status;
  const absl::StatusOr<Json> object = GetTarget(kubectl, TargetOf(gate));
  const bool is_gone = absl::IsNotFound(object.status()) || (object.ok() && !IsSame(gate, *object));
  return is_gone ? Gone(gate) : status;
}

}  // namespace cli
