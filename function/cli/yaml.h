// YAML ↔ JSON values, in the dialect that Kubernetes' tools read: plain scalars are resolved as kubectl and
// crossplane resolve them (YAML 1.1: `yes` is true, `0o17` and `1_000` are numbers), and what is written
// reads the same in either version of YAML.
#ifndef FUNCTION_CLI_YAML_H_
#define FUNCTION_CLI_YAML_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "function/base/json.h"

namespace cli {

// Every document of a stream; empty ones are left out. JSON is YAML. Errors lead with `source` and the line.
// Refused: a key that is there twice, keys that are not text, numbers that JSON does not have, more than 100
// levels, and documents that grow beyond 1,000,000 values through their aliases.
absl::StatusOr<std::vector<base::Json>> ParseYaml(const std::string& text, absl::string_view source);

// One document in block style, without "---", ending in a newline.
std::string ToYaml(const base::Json& value);

}  // namespace cli

#endif  // FUNCTION_CLI_YAML_H_
