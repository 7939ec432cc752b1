// Where the project's sources are, for tests that read files of it.
#ifndef TEST_SUPPORT_SOURCE_DIR_H_
#define TEST_SUPPORT_SOURCE_DIR_H_

#include <string>

namespace test_support {

// The absolute path of a file or folder; `path` is relative to the project's root.
std::string SourcePath(const std::string& path);

}  // namespace test_support

#endif  // TEST_SUPPORT_SOURCE_DIR_H_
