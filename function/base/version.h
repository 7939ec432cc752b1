// The version of this program, as CMake's project() says it.
#ifndef FUNCTION_BASE_VERSION_H_
#define FUNCTION_BASE_VERSION_H_

#include "absl/strings/string_view.h"

namespace base {

absl::string_view Version();

}  // namespace base

#endif  // FUNCTION_BASE_VERSION_H_
