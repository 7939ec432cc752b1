// The schema of an XRD, as far as the API server's work with it shows in a story: defaults, and fields that
// are not declared or are missing.
#ifndef TEST_SUPPORT_SCHEMA_H_
#define TEST_SUPPORT_SCHEMA_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "function/base/json.h"

namespace test {

class Schema {
 public:
  // Reads xrds/namespaced/<file> of the source tree.
  static Schema Load(const std::string& file);

  // Whether there was anything to add.
  bool AddDefaults(base::Json& object) const;

  // An error names the first field of spec or status that is not declared, is missing, or has a value that an
  // enum or a least length forbids.
  absl::Status Check(const base::Json& object) const;

 private:
  std::shared_ptr<const base::Json> schema_;
};

}  // namespace test

#endif  // TEST_SUPPORT_SCHEMA_H_
