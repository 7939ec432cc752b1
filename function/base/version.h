// The version of this program, as CMake's project() says it.
#ifndef FUNCTION_BASE_VERSION_H_
#define FUNCTION_BASE_VERSION_H_

#include <string>

#include "absl/strings/string_view.h"

namespace base {

absl::string_view Version();  // "0.1.0"

// This project's own image at this version: what a gate's Job runs where the Input names no other.
std::string Image();

}  // namespace base

#endif  // FUNCTION_BASE_VERSION_H_
