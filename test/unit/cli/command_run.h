// Commands as a user runs them: files in a temporary folder, and what comes out.
#ifndef TEST_UNIT_CLI_COMMAND_RUN_H_
#define TEST_UNIT_CLI_COMMAND_RUN_H_

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string>

#include "function/cli/preview.h"

namespace cli_test {

class TempFolder {
 public:
  TempFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "release-cli-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make a temporary folder");
    path_ = pattern;
  }
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  std::string Path(const std::string& name) const { return path_ + "/" + name; }

  // Returns the path.
  std::string Write(const std::string& name, const std::string& content) const {
    std::ofstream(Path(name), std::ios::binary) << content;
    return Path(name);
  }

  std::string Read(const std::string& name) const {
    std::ifstream file(Path(name), std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }

 private:
  std::string path_;
};

struct Output {
  int code = 0;
  std::string out;
  std::string err;
};

template <typename Options>
Output RunCommand(int (*run)(const Options&, const cli::PreviewStreams&), const Options& options,
                  const std::string& input = "", bool with_color = false) {
  std::istringstream in(input);
  std::ostringstream out;
  std::ostringstream err;
  Output output;
  output.code = run(options, {in, out, err, false, with_color});
  output.out = out.str();
  output.err = err.str();
  return output;
}

}  // namespace cli_test

#endif  // TEST_UNIT_CLI_COMMAND_RUN_H_
