// The fields of an object one by one, each with its path as managedFields spells it, and who owns which: what
// server-side apply works on.
#ifndef TEST_SUPPORT_FIELDS_H_
#define TEST_SUPPORT_FIELDS_H_

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "function/base/json.h"

namespace test {

// "f:spec", "f:approvals", "k:{\"approver\":\"alice\"}", "f:decision", joined by kPathSeparator, which is
// less than whatever is in a part: what is below a field follows it.
using Path = std::string;
inline constexpr char kPathSeparator = '\x1f';

// Values are shared and never changed: most of them, trails among them, stay as they are from write to write.
using Leaf = std::shared_ptr<const base::Json>;
using Fields = std::map<Path, Leaf>;

// Leaves of spec, status, data …: everything but apiVersion, kind and what the API server itself fills in.
Fields Flatten(const base::Json& object);
base::Json Unflatten(const Fields& fields);

// One object's fields and their owners.
class OwnedFields {
 public:
  // Server-side apply: `wanted` is all that this manager wants. Without force, the value that another manager
  // set stays, and the whole apply is a conflict.
  absl::Status Apply(const std::string& manager, const Fields& wanted, bool force);

  // Whether the manager applied exactly this last, and nobody changed it since: another apply would do
  // nothing.
  bool Has(const std::string& manager, const Fields& wanted) const;

  // An update: the object is as given, and what changed is the manager's.
  void Update(const std::string& manager, const Fields& fields);

  // What the API server fills in belongs to nobody.
  void AddDefaults(const Fields& fields);

  const Fields& values() const { return values_; }
  base::Json ManagedFields() const;

  friend bool operator==(const OwnedFields& a, const OwnedFields& b);

 private:
  bool IsOwned(const Path& path) const;
  bool IsOwnedBelow(const Path& prefix) const;
  void Drop(const Path& path);
  void Set(const std::string& manager, const Path& path, const Leaf& value);
  void ForgetIdleManagers();

  Fields values_;
  std::map<std::string, std::set<Path>> owners_;
};

}  // namespace test

#endif  // TEST_SUPPORT_FIELDS_H_
