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
  if (path ==
      "f:spec\x1f"
      "f:approvals")
    return {"approver", "target_environment"};
  if (path ==
      "f:spec\x1f"
      "f:checks")
    return {"name"};
  if (path ==
      "f:status\x1f"
      "f:conditions")
    return {"type"};
  if (path ==
      "f:metadata\x1f"
      "f:ownerReferences")
    return {"uid"};
  return {};
}

// Puts a part at the end of a path, for as long as this lives.
class Below {
 public:
  Below(Path& path, absl::string_view kind, absl::string_view part) : path_(path), size_(path.size()) {
    if (!path.empty()) path += kPathSeparator;
    absl::StrAppend(&path, kind, part);
  }
  ~Below() { path_.resize(size_); }
  Below(const Below&) = delete;
  Below& operator=(const Below&) = delete;

 private:
  Path& path_;
  const size_t size_;
};

void FlattenInto(const Json& value, Path& path, Fields& fields) {
  const std::vector<std::string> keys = value.is_array() ? KeysOfList(path) : std::vector<std::string>();
  if (value.is_object() && !value.empty()) {
    for (const auto& [name, child] : value.items()) {
      const Below below(path, "f:", name);
      FlattenInto(child, path, fields);
    }
  } else if (!keys.empty() && !value.empty()) {
    for (const Json& element : value) {
      Json key = Json::object();
      for (const std::string& name : keys) {
        if (element.contains(name)) key[name] = element[name];
      }
      const Below below(path, "k:", key.dump());
      FlattenInto(element, path, fields);
    }
  } else {
    fields[path] = std::make_shared<const Json>(value);
  }
}

bool IsKey(absl::string_view part) { return absl::StartsWith(part, "k:"); }

bool HasPrefix(const Path& path, const Path& prefix) {
  return path.size() > prefix.size() && path[prefix.size()] == kPathSeparator &&
         absl::StartsWith(path, prefix);
}

bool IsSame(const Leaf& a, const Leaf& b) { return a == b || *a == *b; }

// The tree that sorted paths are the leaves of: each path goes down from where it leaves the one before.
class Tree {
 public:
  using Enter = Json* (*)(Json& parent, absl::string_view part);
  Tree(Json& root, Enter enter) : root_(root), enter_(enter) {}

  Json& At(const Path& path) {
    const std::vector<std::string> parts = absl::StrSplit(path, kPathSeparator);
    size_t common = 0;
    while (common < std::min(parts.size(), parts_.size()) && parts[common] == parts_[common]) ++common;
    places_.resize(common);
    for (size_t i = common; i < parts.size(); ++i) {
      places_.push_back(enter_(places_.empty() ? root_ : *places_.back(), parts[i]));
    }
    parts_ = parts;
    return *places_.back();
  }

 private:
  Json& root_;
  const Enter enter_;
  std::vector<std::string> parts_;
  std::vector<Json*> places_;  // of each part; elements of lists stay put as long as no later one is added
};

// The elements of a keyed list carry their key until they are all there.
Json* EnterValue(Json& parent, absl::string_view part) {
  if (!IsKey(part)) {
    if (!parent.is_object()) parent = Json::object();
    return &parent[std::string(part.substr(2))];
  }
  if (!parent.is_array()) parent = Json::array();
  parent.push_back(Json::parse(part.substr(2)));
  return &parent.back();
}

Json* EnterManaged(Json& parent, absl::string_view part) {
  Json* place = &parent[std::string(part)];
  if (place->is_null()) *place = IsKey(part) ? Json({{".", Json::object()}}) : Json::object();
  return place;
}

// What the API server itself fills in, or says elsewhere.
bool IsLeftOut(absl::string_view name, bool in_metadata) {
  if (!in_metadata) return name == "apiVersion" || name == "kind";
  return name == "name" || name == "namespace" || name == "uid" || name == "creationTimestamp" ||
         name == "generation" || name == "resourceVersion" || name == "managedFields";
}

void FlattenTop(const Json& object, bool in_metadata, Path& path, Fields& fields) {
  for (const auto& [name, value] : object.items()) {
    if (IsLeftOut(name, in_metadata)) continue;
    const Below below(path, "f:", name);
    if (!in_metadata && name == "metadata") {
      FlattenTop(value, /*in_metadata=*/true, path, fields);
    } else {
      FlattenInto(value, path, fields);
    }
  }
}

}  // namespace

Fields Flatten(const Json& object) {
  Fields fields;
  Path path;
  FlattenTop(object, /*in_metadata=*/false, path, fields);
  return fields;
}

Json Unflatten(const Fields& fields) {
  Json object = Json::object();
  Tree tree(object, EnterValue);
  for (const auto& [path, leaf] : fields) {
    Json& place = tree.At(path);
    const bool is_empty = (leaf->is_object() || leaf->is_array()) && leaf->empty();
    if (!is_empty || place.is_null()) place = *leaf;
  }
  return object;
}

bool operator==(const OwnedFields& a, const OwnedFields& b) {
  const auto same = [](const auto& x, const auto& y) {
    return x.first == y.first && IsSame(x.second, y.second);
  };
  return a.owners_ == b.owners_ &&
         std::equal(a.values_.begin(), a.values_.end(), b.values_.begin(), b.values_.end(), same);
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
  for (size_t end = path.find(kPathSeparator); end != Path::npos; end = path.find(kPathSeparator, end + 1)) {
    const Path prefix = path.substr(0, end);
    const size_t start = prefix.rfind(kPathSeparator);
    const absl::string_view last = absl::string_view(prefix).substr(start == Path::npos ? 0 : start + 1);
    if (!IsKey(last) || IsOwnedBelow(prefix)) continue;
    for (auto next = values_.upper_bound(prefix); next != values_.end() && HasPrefix(next->first, prefix);) {
      next = values_.erase(next);
    }
  }
}

// A value that changes is nobody's but the manager's.
void OwnedFields::Set(const std::string& manager, const Path& path, const Leaf& value) {
  const auto [found, is_new] = values_.try_emplace(path, value);
  if (is_new || !IsSame(found->second, value)) {
    for (auto& [other, paths] : owners_) paths.erase(path);
    found->second = value;
  }
  owners_[manager].insert(path);
}

absl::Status OwnedFields::Apply(const std::string& manager, const Fields& wanted, bool force) {
  for (const auto& [path, value] : wanted) {
    const auto found = values_.find(path);
    if (force || found == values_.end() || IsSame(found->second, value)) continue;
    for (const auto& [other, paths] : owners_) {
      if (other != manager && paths.count(path) > 0) {
        return absl::AbortedError(absl::StrCat(
            "conflict with \"", other, "\": ", absl::StrJoin(absl::StrSplit(path, kPathSeparator), ".")));
      }
    }
  }
  const std::set<Path> before = std::exchange(owners_[manager], {});
  for (const auto& [path, value] : wanted) Set(manager, path, value);
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
    return owner->second.count(field.first) > 0 && value != values_.end() &&
           IsSame(value->second, field.second);
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
    if (found == values_.end() || !IsSame(found->second, value)) Set(manager, path, value);
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
    Json fields = Json::object();
    Tree tree(fields, EnterManaged);
    for (const Path& path : paths) tree.At(path);
    // "name#status": the subresource that the manager wrote to.
    const std::vector<std::string> parts = absl::StrSplit(manager, '#');
    Json entry = {{"manager", parts[0]},
                  {"operation", "Apply"},
                  {"fieldsType", "FieldsV1"},
                  {"fieldsV1", std::move(fields)}};
    if (parts.size() > 1) entry["subresource"] = parts[1];
    managed.push_back(std::move(entry));
  }
  return managed;
}

}  // namespace test
