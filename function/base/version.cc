#include "function/base/version.h"

#include "absl/strings/str_cat.h"

namespace base {

absl::string_view Version() { return FRP_VERSION; }

std::string Image() { return absl::StrCat("ghcr.io/zerotouch/function-release-pipeline:v", Version()); }

}  // namespace base
