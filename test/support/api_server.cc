#include "test/support/api_server.h"

#include "absl/strings/str_cat.h"
#include "function/base/status_macros.h"
#include "function/base/time.h"
#include "function/release/composite.h"

namespace test {
namespace {

using base::Json;

const Json* At(const Json& json, std::initializer_list<const char*> path) {
  const Json* place = &json;
  for (const char* name : path) {
    if (!place->is_object() || !place->contains(name)) return nullptr;
    place = &(*place)[name];
  }
  return place;
}

absl::Status Immutable(const Ref& ref, const Json& before, const Json& after,
                       std::initializer_list<const char*> path) {
  const Json* old_value = At(before, path);
  const Json* new_value = At(after, path);
  if (old_value == nullptr || (new_value != nullptr && *old_value == *new_value)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(ToString(ref), ": ", *(path.end() - 1), ": field is immutable"));
}

bool IsSameAt(const Json& a, const Json& b, const char* name) {
  const Json* in_a = At(a, {name});
  const Json* in_b = At(b, {name});
  return in_a == nullptr || in_b == nullptr ? in_a == in_b : *in_a == *in_b;
}

}  // namespace

Ref RefOf(const Json& object) {
  const Json& metadata = object["metadata"];
  return {object["apiVersion"], object["kind"], metadata.value("namespace", ""), metadata["name"]};
}

std::string ToString(const Ref& ref) {
  return absl::StrCat(ref.kind, " ", ref.namespace_name, "/", ref.name);
}

std::string ControllerOf(const Json& object) {
  const Json* owners = At(object, {"metadata", "ownerReferences"});
  if (owners == nullptr) return "";
  for (const Json& owner : *owners) {
    if (owner.value("controller", false)) return owner.value("uid", "");
  }
  return "";
}

ApiServer::ApiServer(const base::Clock& clock, std::set<std::string> cluster_scoped, Watcher watcher)
    : clock_(clock), cluster_scoped_(std::move(cluster_scoped)), watcher_(std::move(watcher)) {
  const Schema pipeline = Schema::Load("releasepipeline.yaml");
  const Schema gate = Schema::Load("promotiongate.yaml");
  schemas_ = {{release::kPipelineKind, pipeline},
              {release::kPipelineClaimKind, pipeline},
              {release::kGateKind, gate},
              {release::kGateClaimKind, gate}};
}

absl::Status ApiServer::CheckScope(const Ref& ref) const {
  const bool is_cluster_scoped = cluster_scoped_.count(ref.kind) > 0;
  if (is_cluster_scoped == ref.namespace_name.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      ToString(ref), is_cluster_scoped ? ": the kind is cluster-scoped" : ": the kind is namespaced"));
}

absl::Status ApiServer::CheckUpdate(const Ref& ref, const Json* before, const Json& after) const {
  if (const auto schema = schemas_.find(ref.kind); schema != schemas_.end()) {
    RETURN_IF_ERROR(schema->second.Check(after));
    if (!after.contains("spec"))
      return absl::InvalidArgumentError(absl::StrCat(ToString(ref), ": spec is required"));
  }
  if (before == nullptr) return absl::OkStatus();
  if (ref.kind == "Job") RETURN_IF_ERROR(Immutable(ref, *before, after, {"spec", "template"}));
  if (ref.kind == "RoleBinding") RETURN_IF_ERROR(Immutable(ref, *before, after, {"roleRef"}));
  if (ref.kind == release::kGateKind || ref.kind == release::kGateClaimKind) {
    RETURN_IF_ERROR(Immutable(ref, *before, after, {"spec", "tenant"}));
    if (At(after, {"spec", "attempt"})->get<int>() < At(*before, {"spec", "attempt"})->get<int>()) {
      return absl::InvalidArgumentError(absl::StrCat(ToString(ref), ": spec.attempt never goes back"));
    }
  }
  return absl::OkStatus();
}

// Adds to the object's fields who it is and what the server fills in.
Json ApiServer::Render(const Ref& ref, const Stored& stored, Json object) {
  object["apiVersion"] = ref.api_version;
  object["kind"] = ref.kind;
  Json& metadata = object["metadata"];
  metadata["name"] = ref.name;
  if (!ref.namespace_name.empty()) metadata["namespace"] = ref.namespace_name;
  metadata["uid"] = stored.uid;
  metadata["creationTimestamp"] = base::FormatTime(stored.created);
  metadata["generation"] = stored.generation;
  metadata["resourceVersion"] = absl::StrCat(stored.version);
  metadata["managedFields"] = stored.fields.ManagedFields();
  return object;
}

// A write that changes nothing is none: no version, no watch event.
absl::Status ApiServer::Write(const Ref& ref, Stored stored) {
  const auto found = objects_.find(ref);
  const bool is_new = found == objects_.end();
  if (!is_new && found->second.fields == stored.fields) return absl::OkStatus();
  Json after = Unflatten(stored.fields.values());
  if (const auto schema = schemas_.find(ref.kind);
      schema != schemas_.end() && schema->second.AddDefaults(after)) {
    stored.fields.AddDefaults(Flatten(after));
    if (!is_new && found->second.fields == stored.fields) return absl::OkStatus();
  }
  const ObjectPtr before = is_new ? nullptr : found->second.object;
  RETURN_IF_ERROR(CheckUpdate(ref, before.get(), after));
  if (is_new) {
    stored.uid = absl::StrCat("uid-", ++last_uid_);
    stored.created = clock_.Now();
  }
  if (is_new || !IsSameAt(*before, after, "spec")) ++stored.generation;
  stored.version = ++last_version_;
  const ObjectPtr object = std::make_shared<const Json>(Render(ref, stored, std::move(after)));
  stored.object = object;
  objects_[ref] = std::move(stored);
  watcher_(ref, *object);
  return absl::OkStatus();
}

absl::Status ApiServer::Apply(const Json& object, const std::string& manager, bool force) {
  const Ref ref = RefOf(object);
  RETURN_IF_ERROR(CheckScope(ref));
  const auto found = objects_.find(ref);
  const Fields wanted = Flatten(object);
  if (found != objects_.end() && found->second.fields.Has(manager, wanted)) return absl::OkStatus();
  Stored stored = found == objects_.end() ? Stored() : found->second;
  RETURN_IF_ERROR(stored.fields.Apply(manager, wanted, force));
  return Write(ref, std::move(stored));
}

absl::Status ApiServer::Edit(const Ref& ref, const std::string& manager,
                             const std::function<void(Json&)>& edit) {
  const auto found = objects_.find(ref);
  if (found == objects_.end()) return absl::NotFoundError(absl::StrCat(ToString(ref), " not found"));
  Stored stored = found->second;
  Json object = *stored.object;
  edit(object);
  stored.fields.Update(manager, Flatten(object));
  return Write(ref, std::move(stored));
}

void ApiServer::Delete(const Ref& ref) {
  const auto found = objects_.find(ref);
  if (found == objects_.end()) return;
  const ObjectPtr object = found->second.object;
  const std::string uid = found->second.uid;
  objects_.erase(found);
  watcher_(ref, *object);
  for (const Ref& other : List()) {
    const ObjectPtr owned = Get(other);
    if (owned && ControllerOf(*owned) == uid) Delete(other);
  }
}

ObjectPtr ApiServer::Get(const Ref& ref) const {
  const auto found = objects_.find(ref);
  return found == objects_.end() ? nullptr : found->second.object;
}

std::optional<Ref> ApiServer::FindByUid(const std::string& uid) const {
  for (const auto& [ref, stored] : objects_) {
    if (stored.uid == uid) return ref;
  }
  return std::nullopt;
}

std::vector<Ref> ApiServer::List() const {
  std::vector<Ref> refs;
  for (const auto& [ref, stored] : objects_) refs.push_back(ref);
  return refs;
}

}  // namespace test
