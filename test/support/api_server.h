// A Kubernetes API server, as far as a story about composition sees it: objects with owners of fields,
// defaults and validation of our own kinds, and deletion of what an object owns.
#ifndef TEST_SUPPORT_API_SERVER_H_
#define TEST_SUPPORT_API_SERVER_H_

#include <compare>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "function/base/clock.h"
#include "function/base/json.h"
#include "test/support/fields.h"
#include "test/support/schema.h"

namespace test {

struct Ref {
  std::string api_version;
  std::string kind;
  std::string namespace_name;  // empty: cluster-scoped
  std::string name;

  auto operator<=>(const Ref&) const = default;
};

Ref RefOf(const base::Json& object);
std::string ToString(const Ref& ref);

// The uid of the owner that controls the object, or "".
std::string ControllerOf(const base::Json& object);

// Null: there is no such object.
using ObjectPtr = std::shared_ptr<const base::Json>;

class ApiServer {
 public:
  // The object as it is after the change; as it was before a deletion.
  using Watcher = std::function<void(const Ref&, const base::Json&)>;

  // `cluster_scoped`: the kinds that have no namespace. `clock` must outlive this.
  ApiServer(const base::Clock& clock, std::set<std::string> cluster_scoped, Watcher watcher);

  // Server-side apply. A manager "name#status" is the manager `name` that writes to the status.
  absl::Status Apply(const base::Json& object, const std::string& manager, bool force);

  // Reads, edits and writes the whole object.
  absl::Status Edit(const Ref& ref, const std::string& manager, const std::function<void(base::Json&)>& edit);

  // Deletes the object and everything that it owns. Nothing where it is not there.
  void Delete(const Ref& ref);

  ObjectPtr Get(const Ref& ref) const;
  std::vector<Ref> List() const;
  std::optional<Ref> FindByUid(const std::string& uid) const;
  // Grows with every write that changes something.
  int64_t version() const { return last_version_; }

 private:
  struct Stored {
    std::string uid;
    absl::Time created;
    int64_t generation = 0;
    int64_t version = 0;
    OwnedFields fields;
    ObjectPtr object;  // what readers get
  };

  static base::Json Render(const Ref& ref, const Stored& stored, base::Json object);
  absl::Status CheckScope(const Ref& ref) const;
  absl::Status CheckUpdate(const Ref& ref, const base::Json* before, const base::Json& after) const;
  absl::Status Write(const Ref& ref, Stored stored);

  const base::Clock& clock_;
  const std::set<std::string> cluster_scoped_;
  const Watcher watcher_;
  std::map<std::string, Schema> schemas_;  // by kind
  std::map<Ref, Stored> objects_;
  int64_t last_uid_ = 0;
  int64_t last_version_ = 0;
};

}  // namespace test

#endif  // TEST_SUPPORT_API_SERVER_H_
