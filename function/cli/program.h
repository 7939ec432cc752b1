// The program's command line: its subcommands, and what to do with it.
#ifndef FUNCTION_CLI_PROGRAM_H_
#define FUNCTION_CLI_PROGRAM_H_

#include <CLI/CLI.hpp>
#include <functional>
#include <iosfwd>
#include <map>
#include <string>
#include <vector>

namespace cli {

class Program {
 public:
  // Gives a subcommand its options, its arguments and its footer. Called when the command line leads to it:
  // those of all subcommands take longer to make than anything else before the server listens.
  using AddOptions = std::function<void(CLI::App&)>;
  // Runs the subcommand and returns the exit code.
  using Run = std::function<int()>;

  // `invoked_as`: argv[0]. Installed under the name kubectl-release it is a plugin of kubectl: every command
  // line is one of the subcommand `release`, and its messages say "kubectl release".
  explicit Program(const std::string& invoked_as = "");

  // Registers a subcommand of `parent`, or of the program. `usage_code`: the exit code for wrong usage of it.
  void AddCommand(const std::string& name, const std::string& description, AddOptions add_options, Run run,
                  CLI::App* parent = nullptr, int usage_code = 2);
  // One that has only subcommands of its own.
  CLI::App& AddGroup(const std::string& name, const std::string& description, AddOptions add_options);

  // Without arguments, or with a flag as the first one, it is `serve`: Crossplane starts the image with no
  // arguments, `crossplane render` with --insecure. Wrong usage is one line on `err`, which names what was
  // probably meant.
  int Main(std::vector<std::string> given, std::ostream& out, std::ostream& err);

 private:
  struct Command {
    CLI::App* app;
    Run run;
    int usage_code;
  };

  // The app that the arguments lead to, its path, and where that stops.
  struct Place {
    const CLI::App* app;
    std::vector<std::string> path;
    size_t next = 0;  // of the arguments
  };

  CLI::App& Add(const std::string& name, const std::string& description, AddOptions add_options,
                CLI::App& parent);
  void Complete(const CLI::App& app);
  std::vector<std::string> WholeLine(std::vector<std::string> arguments) const;
  Place Descend(const std::vector<std::string>& arguments);
  static std::string Explain(const Place& place, const std::vector<std::string>& arguments,
                             const std::string& message);
  int Fail(const Place& place, const std::string& message, std::ostream& err) const;

  const bool is_plugin_;
  CLI::App root_;
  std::vector<Command> commands_;
  // Of the apps that have not got their options yet.
  std::map<const CLI::App*, std::function<void()>> incomplete_;
};

}  // namespace cli

#endif  // FUNCTION_CLI_PROGRAM_H_
