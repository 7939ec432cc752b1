// Writes the exports that the browser's tests make reports of:
//   REPORT_SAMPLES=FOLDER report_test "write the samples"
#include <cstdlib>
#include <fstream>
#include <string>

#include "function/cli/yaml.h"
#include "test/catch.h"
#include "test/report/samples.h"

namespace {

void Write(const std::string& path, const std::string& text) {
  if (text.empty()) return;
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  REQUIRE((file << text && file.flush()));
}

TEST_CASE("write the samples", "[.]") {
  const char* folder = std::getenv("REPORT_SAMPLES");
  REQUIRE(folder != nullptr);
  for (const test::Sample& sample : test::AllSamples()) {
    const std::string path = std::string(folder) + "/" + sample.name;
    Write(path + ".yaml", cli::ToYaml(sample.list));
    Write(path + ".json", sample.list.dump());
    Write(path + ".signers", sample.allowed_signers);
    Write(path + ".key", sample.audit_key);
  }
}

}  // namespace
