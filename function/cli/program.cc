#include "function/cli/program.h"

#include <algorithm>
#include <ostream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "function/base/version.h"
#include "function/cli/exit_codes.h"
#include "function/cli/suggestion.h"

namespace cli {
namespace {

constexpr char kName[] = "function-release-pipeline";

bool IsFlag(const std::string& argument) { return absl::StartsWith(argument, "-"); }

std::vector<std::string> SubcommandNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(sub->get_name());
  return names;
}

std::vector<std::string> FlagNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::string DidYouMean(const std::string& suggestion) {
  return suggestion.empty() ? "" : absl::StrCat(": did you mean ", suggestion, "?");
}

// The app that the arguments lead to, and where that stops.
std::pair<const CLI::App*, size_t> Descend(const CLI::App& root, const std::vector<std::string>& arguments) {
  const CLI::App* app = &root;
  size_t depth = 0;
  for (; depth < arguments.size(); ++depth) {
    const std::vector<std::string> names = SubcommandNames(*app);
    if (std::find(names.begin(), names.end(), arguments[depth]) == names.end()) break;
    app = app->get_subcommand(arguments[depth]);
  }
  return {app, depth};
}

// CLI11 takes "--flag=" for a flag whose value is to come; it is one whose value is empty.
std::vector<std::string> SplitEmptyValues(const std::vector<std::string>& arguments) {
  std::vector<std::string> split;
  for (const std::string& argument : arguments) {
    if (!absl::StartsWith(argument, "--") || !absl::EndsWith(argument, "=")) {
      split.push_back(argument);
      continue;
    }
    split.push_back(argument.substr(0, argument.size() - 1));
    split.emplace_back();
  }
  return split;
}

// What is wrong, where CLI11 says less than there is to say: names that do not exist.
std::string Explain(const CLI::App& root, const std::vector<std::string>& arguments,
                    const std::string& message) {
  const auto [app, depth] = Descend(root, arguments);
  const std::vector<std::string> names = SubcommandNames(*app);
  if (!names.empty()) {
    if (depth == arguments.size())
      return absl::StrCat("a subcommand is missing: ", absl::StrJoin(names, ", "));
    const std::string& typed = arguments[depth];
    if (!IsFlag(typed)) {
      return absl::StrCat("\"", typed, "\" is no subcommand (", absl::StrJoin(names, ", "), ")",
                          DidYouMean(Suggest(typed, names)));
    }
  }
  const std::vector<std::string> flags = FlagNames(*app);
  for (size_t i = depth; i < arguments.size(); ++i) {
    const std::string flag = std::string(absl::string_view(arguments[i]).substr(0, arguments[i].find('=')));
    if (!absl::StartsWith(flag, "--") || flag.size() < 3) continue;
    if (std::find(flags.begin(), flags.end(), flag) != flags.end()) continue;
    return absl::StrCat(flag, ": there is no such flag", DidYouMean(Suggest(flag, flags)));
  }
  return message;
}

}  // namespace

Program::Program()
    : root_("A Crossplane composition function for release pipelines and promotion gates.", kName) {
  root_.set_version_flag("--version", absl::StrCat(kName, " ", std::string(base::Version())));
  root_.require_subcommand(1);
  root_.footer(
      "Without a subcommand, or with a flag first, it serves.\n"
      "Example: see what a gate needs still\n"
      "  function-release-pipeline preview gate.yaml pipeline.yaml -o tree");
}

CLI::App& Program::AddCommand(const std::string& name, const std::string& description, Run run,
                              CLI::App* parent, int usage_code) {
  CLI::App* app = (parent == nullptr ? &root_ : parent)->add_subcommand(name, description);
  commands_.push_back({app, std::move(run), usage_code});
  return *app;
}

CLI::App& Program::AddGroup(const std::string& name, const std::string& description) {
  CLI::App* app = root_.add_subcommand(name, description);
  app->require_subcommand(1);
  return *app;
}

int Program::Main(std::vector<std::string> arguments, std::ostream& out, std::ostream& err) {
  const bool asks_root =
      !arguments.empty() && (arguments[0] == "-h" || arguments[0] == "--help" || arguments[0] == "--version");
  if (arguments.empty() || (IsFlag(arguments[0]) && !asks_root)) arguments.insert(arguments.begin(), "serve");
  try {
    // CLI11 takes them from the back.
    const std::vector<std::string> split = SplitEmptyValues(arguments);
    root_.parse(std::vector<std::string>(split.rbegin(), split.rend()));
  } catch (const CLI::Success& asked) {
    return root_.exit(asked, out, err);
  } catch (const CLI::ParseError& error) {
    return Fail(arguments, Explain(root_, arguments, error.what()), err);
  }
  for (const Command& command : commands_) {
    if (command.app->parsed()) return command.run();
  }
  return kExitFailure;
}

const Program::Command* Program::CommandOf(const std::vector<std::string>& arguments) const {
  const CLI::App* app = Descend(root_, arguments).first;
  for (const Command& command : commands_) {
    if (command.app == app) return &command;
  }
  return nullptr;
}

int Program::Fail(const std::vector<std::string>& arguments, const std::string& message,
                  std::ostream& err) const {
  const auto [app, depth] = Descend(root_, arguments);
  // CLI11's messages may have lines of their own.
  const std::string line = absl::StrJoin(absl::StrSplit(message, '\n', absl::SkipEmpty()), " ");
  const std::string path =
      absl::StrJoin(arguments.begin(), arguments.begin() + static_cast<std::ptrdiff_t>(depth), " ");
  err << kName << ": " << line << " (see " << kName << " " << path << (path.empty() ? "" : " ") << "--help)"
      << std::endl;
  const Command* command = CommandOf(arguments);
  return command == nullptr ? kExitUsage : command->usage_code;
}

}  // namespace cli
