#include "test/support/fields.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace test {
namespace {

using base::Json;

// The lists whose elements have a key; all others are one leaf.
std::vector<std::string> KeysOfList(const Path& path) {
  const std::string name = absl::StrJoin(path, ".");
  if (name == "f:spec.f:approvals") return {"approver", "target_environment"};
  if (name == "f:spec.f:checks") return {"name"};
  if (name == "f:status.f:conditions") return {"type"};
  if (name == "f:metadata.f:ownerReferences") return {"uid"};
  return {};
}

void FlattenInto(const Json& value, Path& path, Fields& fields) {
  const std::vector<std::string> keys = value.is_array() ? KeysOfList(path) : std::vector<std::string>();
  if (value.is_object() && !value.empty()) {
    for (const auto& [name, child] : value.items()) {
      path.push_back("f:" + name);
      FlattenInto(child, path, fields);
      path.pop_back();
    }
  } else if (!keys.empty() && !value.empty()) {
    for (const Json& element : value) {
      Json key = Json::object();
      for (const std::string& name : keys) {
        if (element.contains(name)) key[name] = element[name];
      }
      path.push_back("k:" + key.dump());
      FlattenInto(element, path, fields);
      path.pop_back();
    }
  } else {
    fields[path] = value;
  }
}

bool IsKey(const std::string& part) { return absl::StartsWith(part, "k:"); }

// The elements of a keyed list carry their key until they are all there.
Json& Descend(Json& parent, const std::string& part) {
  if (!IsKey(part)) {
    if (!parent.is_object()) parent = Json::object();
    return parent[part.substr(2)];
  }
  if (!parent.is_array()) parent = Json::array();
  const Json key = Json::parse(part.substr(2));
  for (Json& element : parent) {
    const bool matches = std::all_of(key.items().begin(), key.items().end(), [&](const auto& item) {
      return element.value(item.key(), Json()) == item.value();
    });
    if (matches && element.size() >= key.size()) return element;
  }
  parent.push_back(key);
  return parent.back();
}

bool HasPrefix(const Path& path, const Path& prefix) {
  return path.size() > prefix.size() && std::equal(prefix.begin(), prefix.end(), path.begin());
}

}  // namespace

Fields Flatten(const Json& object) {
  Json rest = object;
  rest.erase("apiVersion");
  rest.erase("kind");
  if (rest.contains("metadata")) {
    for (const char* name : {"name", "namespace", "uid", "creationTimestamp", "generation", "resourceVersion",
                             "managedFields"}) {
      rest["metadata"].erase(name);
    }
    if (rest["metadata"].empty()) rest.erase("metadata");
  }
  Fields fields;
  Path path;
  if (!rest.empty()) FlattenInto(rest, path, fields);
  return fields;
}

Json Unflatten(const Fields& fields) {
  Json object = Json::object();
  for (const auto& [path, value] : fields) {
    Json* place = &object;
    for (const std::string& part : path) place = &Descend(*place, part);
    const bool is_empty = (value.is_object() || value.is_array()) && value.empty();
    if (!is_empty || place->is_null()) *place = value;
  }
  return object;
}

bool OwnedFields::IsOwned(const Path& path) const {
  return std::any_of(owners_.begin(), owners_.end(),
                     [&](const auto& owner) { return owner.second.count(path) > 0; });
}

bool OwnedFields::IsOwnedBelow(const Path& prefix) const {
  return std::any_of(owners_.begin(), owners_.end(), [&](const auto& owner) {
    const auto next = owner.second.upper_bound(prefix);
    return next != owner.second.end() && HasPrefix(*next, prefix);
  });
}

// A field that nobody owns any more goes, and with the last owned field of a list element the whole element.
void OwnedFields::Drop(const Path& path) {
  if (!IsOwned(path)) values_.erase(path);
  for (size_t i = 0; i < path.size(); ++i) {
    const Path prefix(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    if (!IsKey(path[i]) || IsOwnedBelow(prefix)) continue;
    for (auto next = values_.upper_bound(prefix); next != values_.end() && HasPrefix(next->first, prefix);) {
      next = values_.erase(next);
    }
  }
}

absl::Status OwnedFields::Apply(const std::string& manager, const Fields& wanted, bool force) {
  for (const auto& [path, value] : wanted) {
    const auto found = values_.find(path);
    if (force || found == values_.end() || found->second == value) continue;
    for (const auto& [other, paths] : owners_) {
      if (other != manager && paths.count(path) > 0) {
        return absl::AbortedError(absl::StrCat("conflict with \"", other, "\": ", absl::StrJoin(path, ".")));
      }
    }
  }
  const std::set<Path> before = std::exchange(owners_[manager], {});
  for (const auto& [path, value] : wanted) {
    const auto found = values_.find(path);
    if (found == values_.end() || found->second != value) {
      for (auto& [other, paths] : owners_) paths.erase(path);
    }
    values_[path] = value;
    owners_[manager].insert(path);
  }
  for (const Path& path : before) {
    if (wanted.count(path) == 0) Drop(path);
  }
  ForgetIdleManagers();
  return absl::OkStatus();
}

bool OwnedFields::Has(const std::string& manager, const Fields& wanted) const {
  const auto owner = owners_.find(manager);
  if (owner == owners_.end() || owner->second.size() != wanted.size()) return false;
  return std::all_of(wanted.begin(), wanted.end(), [&](const auto& field) {
    const auto value = values_.find(field.first);
    return owner->second.count(field.first) > 0 && value != values_.end() && value->second == field.second;
  });
}

void OwnedFields::Update(const std::string& manager, const Fields& fields) {
  for (auto value = values_.begin(); value != values_.end();) {
    if (fields.count(value->first) > 0) {
      ++value;
      continue;
    }
    for (auto& [other, paths] : owners_) paths.erase(value->first);
    value = values_.erase(value);
  }
  for (const auto& [path, value] : fields) {
    const auto found = values_.find(path);
    if (found != values_.end() && found->second == value) continue;
    for (auto& [other, paths] : owners_) paths.erase(path);
    values_[path] = value;
    owners_[manager].insert(path);
  }
  ForgetIdleManagers();
}

void OwnedFields::ForgetIdleManagers() {
  for (auto owner = owners_.begin(); owner != owners_.end();) {
    owner = owner->second.empty() ? owners_.erase(owner) : std::next(owner);
  }
}

void OwnedFields::AddDefaults(const Fields& fields) { values_.insert(fields.begin(), fields.end()); }

Json OwnedFields::ManagedFields() const {
  Json managed = Json::array();
  for (const auto& [manager, paths] : owners_) {
    Json tree = Json::object();
    for (const Path& path : paths) {
      Json* place = &tree;
      for (const std::string& part : path) {
        place = &(*place)[part];
        if (place->is_null()) *place = IsKey(part) ? Json({{".", Json::object()}}) : Json::object();
      }
    }
    // "name#status": the subresource that the manager wrote to.
    const std::vector<std::string> parts = absl::StrSplit(manager, '#');
    Json entry = {
        {"manager", parts[0]}, {"operation", "Apply"}, {"fieldsType", "FieldsV1"}, {"fieldsV1", tree}};
    if (parts.size() > 1) entry["subresource"] = parts[1];
    managed.push_back(std::move(entry));
  }
  return managed;
}

}  // namespace test
