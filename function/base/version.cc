#include "function/base/version.h"

namespace base {

const char* Version() { return FRP_VERSION; }
const char* Image() { return "ghcr.io/zerotouch/function-release-pipeline:v" FRP_VERSION; }

}  // namespace base
