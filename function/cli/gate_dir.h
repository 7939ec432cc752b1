// A ConfigMap that the kubelet mounted: a folder of files, one a key.
#ifndef FUNCTION_CLI_GATE_DIR_H_
#define FUNCTION_CLI_GATE_DIR_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace cli {

// The values of these keys, all of one version: the kubelet switches versions by replacing the symbolic link
// `..data`, so that this is resolved once. A folder without it is read as it is. Error: what is missing, led
// by its path.
absl::StatusOr<std::map<std::string, std::string>> ReadConfigMapDir(const std::string& dir,
                                                                    const std::vector<std::string>& keys);

}  // namespace cli

#endif  // FUNCTION_CLI_GATE_DIR_H_
