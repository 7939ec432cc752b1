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
constexpr char kPluginFile[] = "kubectl-release";  // what kubectl starts for `kubectl release`
constexpr char kPluginGroup[] = "release";

std::string FileName(const std::string& path) { return path.substr(path.rfind('/') + 1); }

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

// Subcommands below, by their paths from here: "approval sign".
void AddPaths(const CLI::App& app, const std::string& prefix, std::vector<std::string>& paths) {
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    paths.push_back(prefix + sub->get_name());
    AddPaths(*sub, paths.back() + " ", paths);
  }
}

// What somebody means who typed this where a subcommand is expected: one of these, or one below them.
std::string SuggestSubcommand(const std::string& typed, const CLI::App& app) {
  std::vector<std::string> names = SubcommandNames(app);
  names.emplace_back("--help");
  if (const std::string nearest = Suggest(typed, names); !nearest.empty()) return nearest;
  std::vector<std::string> paths;
  AddPaths(app, "", paths);
  std::vector<std::string> below;
  for (const std::string& path : paths) {
    if (path.substr(path.rfind(' ') + 1) == typed) below.push_back(path);
  }
  return absl::StrJoin(below, " or ");
}

std::string DidYouMean(const std::string& suggestion) {
  return suggestion.empty() ? "" : absl::StrCat(": did you mean ", suggestion, "?");
}

// The option that this argument is a name of, or null.
const CLI::Option* FindOption(const CLI::App& app, const std::string& argument) {
  const std::string name = argument.substr(0, argument.find('='));
  for (const CLI::Option* option : app.get_options()) {
    if (IsFlag(argument) && option->check_name(name)) return option;
  }
  return nullptr;
}

// How many arguments the flags of this app take from here on.
size_t FlagsAt(const CLI::App& app, const std::vector<std::string>& arguments, size_t begin) {
  size_t end = begin;
  while (end < arguments.size()) {
    const CLI::Option* option = FindOption(app, arguments[end]);
    if (option == nullptr) break;
    const bool has_value =
        option->get_items_expected_min() > 0 && arguments[end].find('=') == std::string::npos;
    end += has_value ? 2 : 1;
  }
  return std::min(end, arguments.size()) - begin;
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

// "-namespace" is taken for "-n amespace": the long flag that is meant, or "".
std::string LongFlagOf(const CLI::App& app, const std::string& argument) {
  if (!IsFlag(argument) || absl::StartsWith(argument, "--") || argument.size() < 3) return "";
  const std::vector<std::string> flags = FlagNames(app);
  const std::string flag = "-" + argument.substr(0, argument.find('='));
  return std::find(flags.begin(), flags.end(), flag) != flags.end() ? flag : "";
}

// CLI11 says "The following argument(s) was/were not expected: A B".
std::string TooMany(const CLI::ExtrasError& error) {
  const std::string message = error.what();
  const size_t colon = message.find(": ");
  const absl::string_view extra =
      colon == std::string::npos ? "" : absl::string_view(message).substr(colon + 2);
  const absl::string_view first = extra.substr(0, extra.find(' '));
  return first.empty() ? message : absl::StrCat("\"", first, "\" is one argument too many");
}

// What an option is for begins in this column.
constexpr size_t kHelpColumn = 30;
constexpr size_t kHelpWidth = 100;

// Breaks a line that says it.
std::string Wrapped(absl::string_view line) {
  const bool says_it = line.size() > kHelpColumn && line.substr(kHelpColumn - 2, 2) == "  ";
  if (!says_it || line.size() <= kHelpWidth) return std::string(line);
  std::string text(line.substr(0, kHelpColumn));
  size_t column = kHelpColumn;
  for (const absl::string_view word : absl::StrSplit(line.substr(kHelpColumn), ' ')) {
    if (column > kHelpColumn && column + 1 + word.size() > kHelpWidth) {
      absl::StrAppend(&text, "\n", std::string(kHelpColumn, ' '));
      column = kHelpColumn;
    } else if (column > kHelpColumn) {
      text += ' ';
      ++column;
    }
    absl::StrAppend(&text, word);
    column += word.size();
  }
  return text;
}

// With one empty line where CLI11 leaves two, and a newline at its end.
std::string HelpOf(const CLI::App& root) {
  std::vector<std::string> lines;
  for (const absl::string_view line : absl::StrSplit(root.help(), '\n')) {
    if (!line.empty() || lines.empty() || !lines.back().empty()) lines.push_back(Wrapped(line));
  }
  if (!lines.back().empty()) lines.emplace_back();
  return absl::StrJoin(lines, "\n");
}

// A flag that does not exist, or "".
std::string ExplainFlag(const CLI::App& app, const std::string& argument) {
  const std::string flag = argument.substr(0, argument.find('='));
  const std::vector<std::string> flags = FlagNames(app);
  const bool is_long = absl::StartsWith(flag, "--");
  if (!IsFlag(flag) || flag.size() < (is_long ? 3 : 2)) return "";
  if (const std::string meant = LongFlagOf(app, argument); !meant.empty())
    return absl::StrCat(flag, ": there is no such flag", DidYouMean(meant));
  // "-nteam".
  if (!is_long && FindOption(app, flag.substr(0, 2)) != nullptr) return "";
  return absl::StrCat(flag, ": there is no such flag", DidYouMean(Suggest(flag, flags)));
}

// The first one from here on, or "".
std::string WrongFlag(const CLI::App& app, const std::vector<std::string>& arguments, size_t begin) {
  for (size_t i = begin; i < arguments.size(); ++i) {
    const size_t taken = FlagsAt(app, arguments, i);
    const std::string problem = taken > 0 ? "" : ExplainFlag(app, arguments[i]);
    if (!problem.empty()) return problem;
    if (taken > 0) i += taken - 1;
  }
  return "";
}

}  // namespace

Program::Program(const std::string& invoked_as)
    : is_plugin_(FileName(invoked_as) == kPluginFile),
      root_("A Crossplane composition function for release pipelines and promotion gates.",
            is_plugin_ ? "kubectl" : kName) {
  root_.set_version_flag("--version",
                         absl::StrCat(is_plugin_ ? kPluginFile : kName, " ", std::string(base::Version())));
  root_.require_subcommand(1);
  root_.get_formatter()->label("Positionals", "Arguments");
  root_.footer(
      "Without a subcommand, or with a flag first, it serves.\n"
      "Example: see what a gate needs still\n"
      "  function-release-pipeline preview gate.yaml pipeline.yaml -o tree");
}

CLI::App& Program::Add(const std::string& name, const std::string& description, AddOptions add_options,
                       CLI::App& parent) {
  CLI::App* app = parent.add_subcommand(name, description);
  app->footer("");  // it is inherited, and about something else
  incomplete_[app] = [app, add_options = std::move(add_options)] { add_options(*app); };
  // CLI11 understands more than Descend: "-nteam" on the way.
  app->preparse_callback([this, app](size_t) { Complete(*app); });
  return *app;
}

void Program::AddCommand(const std::string& name, const std::string& description, AddOptions add_options,
                         Run run, CLI::App* parent, int usage_code) {
  CLI::App& app = Add(name, description, std::move(add_options), parent == nullptr ? root_ : *parent);
  commands_.push_back({&app, std::move(run), usage_code});
}

CLI::App& Program::AddGroup(const std::string& name, const std::string& description, AddOptions add_options) {
  CLI::App& app = Add(name, description, std::move(add_options), root_);
  app.require_subcommand(1);
  return app;
}

void Program::Complete(const CLI::App& app) {
  const auto found = incomplete_.find(&app);
  if (found == incomplete_.end()) return;
  found->second();
  incomplete_.erase(found);
}

std::vector<std::string> Program::WholeLine(std::vector<std::string> arguments) const {
  const std::string first = arguments.empty() ? "" : arguments[0];
  const bool asks_root = first == "--version" || (!is_plugin_ && (first == "-h" || first == "--help"));
  if (is_plugin_ && !asks_root) arguments.insert(arguments.begin(), kPluginGroup);
  if (!is_plugin_ && (arguments.empty() || (IsFlag(first) && !asks_root))) {
    arguments.insert(arguments.begin(), "serve");
  }
  return arguments;
}

Program::Place Program::Descend(const std::vector<std::string>& arguments) {
  Place place{&root_, {}};
  for (;;) {
    const std::vector<std::string> names = SubcommandNames(*place.app);
    const size_t at = place.next + (names.empty() ? 0 : FlagsAt(*place.app, arguments, place.next));
    if (at >= arguments.size() || std::find(names.begin(), names.end(), arguments[at]) == names.end()) {
      if (!names.empty()) place.next = at;
      return place;
    }
    place.app = place.app->get_subcommand(arguments[at]);
    place.path.push_back(arguments[at]);
    place.next = at + 1;
    Complete(*place.app);
  }
}

// What is wrong, where CLI11 says less than there is to say: names that do not exist.
std::string Program::Explain(const Place& place, const std::vector<std::string>& arguments,
                             const std::string& message) {
  const std::vector<std::string> names = SubcommandNames(*place.app);
  if (!names.empty()) {
    if (place.next == arguments.size())
      return absl::StrCat("a subcommand is missing: ", absl::StrJoin(names, ", "));
    const std::string& typed = arguments[place.next];
    if (!IsFlag(typed)) {
      return absl::StrCat("\"", typed, "\" is no subcommand (", absl::StrJoin(names, ", "), ")",
                          DidYouMean(SuggestSubcommand(typed, *place.app)));
    }
  }
  const std::string problem = WrongFlag(*place.app, arguments, place.next);
  return problem.empty() ? message : problem;
}

int Program::Main(std::vector<std::string> given, std::ostream& out, std::ostream& err) {
  const std::vector<std::string> arguments = WholeLine(std::move(given));
  const Place place = Descend(arguments);
  const std::string wrong_flag = WrongFlag(*place.app, arguments, place.next);
  if (!wrong_flag.empty()) return Fail(place, wrong_flag, err);
  try {
    // CLI11 takes them from the back.
    const std::vector<std::string> split = SplitEmptyValues(arguments);
    root_.parse(std::vector<std::string>(split.rbegin(), split.rend()));
  } catch (const CLI::CallForHelp&) {
    out << HelpOf(root_);
    return kExitOk;
  } catch (const CLI::Success& asked) {
    return root_.exit(asked, out, err);
  } catch (const CLI::ExtrasError& error) {
    return Fail(place, Explain(place, arguments, TooMany(error)), err);
  } catch (const CLI::ParseError& error) {
    return Fail(place, Explain(place, arguments, error.what()), err);
  }
  for (const Command& command : commands_) {
    if (command.app->parsed()) return command.run();
  }
  return kExitFailure;
}

int Program::Fail(const Place& place, const std::string& message, std::ostream& err) const {
  // CLI11's messages may have lines of their own.
  const std::string line = absl::StrJoin(absl::StrSplit(message, '\n', absl::SkipEmpty()), " ");
  std::vector<std::string> command = {root_.get_name()};
  command.insert(command.end(), place.path.begin(), place.path.end());
  err << root_.get_name() << (is_plugin_ ? absl::StrCat(" ", kPluginGroup) : "") << ": " << line << " (see "
      << absl::StrJoin(command, " ") << " --help)" << std::endl;
  const auto found = std::find_if(commands_.begin(), commands_.end(),
                                  [&](const Command& one) { return one.app == place.app; });
  return found == commands_.end() ? kExitUsage : found->usage_code;
}

}  // namespace cli
