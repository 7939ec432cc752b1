#include "test/support/source_dir.h"

namespace test_support {

std::string SourcePath(const std::string& path) { return std::string(FRP_SOURCE_DIR) + "/" + path; }

}  // namespace test_support
