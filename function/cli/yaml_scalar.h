// Plain scalars of YAML, as Kubernetes' tools resolve them: the rules of Go's yaml.v2.
#ifndef FUNCTION_CLI_YAML_SCALAR_H_
#define FUNCTION_CLI_YAML_SCALAR_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "function/base/json.h"

namespace cli {

// What a plain (unquoted) scalar is: null, a boolean, a number, else text. Dates stay text. Error: .inf and
// .nan, which JSON does not have.
absl::StatusOr<base::Json> ResolvePlainScalar(absl::string_view text);

}  // namespace cli

#endif  // FUNCTION_CLI_YAML_SCALAR_H_
