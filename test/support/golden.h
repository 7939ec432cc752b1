// Expected texts in files beside the tests. With UPDATE_GOLDENS=1 they are written anew: review what is
// written.
#ifndef TEST_SUPPORT_GOLDEN_H_
#define TEST_SUPPORT_GOLDEN_H_

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "test/catch.h"
#include "test/support/source_dir.h"

namespace test_support {

// `path`: from the root of the sources.
inline std::string ReadSource(const std::string& path) {
  std::ifstream file(SourcePath(path), std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

inline void CheckGolden(const std::string& path, const std::string& actual) {
  if (std::getenv("UPDATE_GOLDENS") != nullptr) {
    std::ofstream(SourcePath(path), std::ios::binary) << actual;
  }
  INFO(path << " (UPDATE_GOLDENS=1 rewrites it). Actual text:\n" << actual);
  CHECK(ReadSource(path) == actual);
}

}  // namespace test_support

#endif  // TEST_SUPPORT_GOLDEN_H_
