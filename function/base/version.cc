#include "function/base/version.h"

namespace base {

absl::string_view Version() { return FRP_VERSION; }

}  // namespace base
