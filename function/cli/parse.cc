#include "function/cli/parse.h"

#include <algorithm>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "function/cli/problem.h"

namespace cli {
namespace {

// CLI11 takes `--flag=` for a flag without its value; everybody else for one with an empty value.
std::vector<std::string> SplitEmptyValues(int argc, const char* const* argv) {
  std::vector<std::string> arguments;
  for (int i = 1; i < argc; ++i) {
    std::string argument = argv[i];
    const bool empty_value =
        argument.size() > 3 && argument.rfind("--", 0) == 0 && argument.find('=') == argument.size() - 1;
    if (empty_value) argument.pop_back();
    arguments.push_back(std::move(argument));
    if (empty_value) arguments.emplace_back();
  }
  return arguments;
}

}  // namespace

std::optional<int> Parse(CLI::App& app, int argc, const char* const* argv, std::ostream& out,
                         std::ostream& err) {
  try {
    std::vector<std::string> arguments = SplitEmptyValues(argc, argv);
    // The order that CLI11 wants.
    std::reverse(arguments.begin(), arguments.end());
    if (argc > 0 && app.get_name().empty()) app.name(argv[0]);
    app.parse(std::move(arguments));
    return std::nullopt;
  } catch (const CLI::Success& asked) {
    return app.exit(asked, out, err);
  } catch (const CLI::ParseError& error) {
    SayError(err, absl::StrCat(error.what(), "; --help lists what is allowed"));
    return kExitUsage;
  }
}

}  // namespace cli
