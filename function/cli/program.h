// The program's command line: its subcommands, and what to do with it.
#ifndef FUNCTION_CLI_PROGRAM_H_
#define FUNCTION_CLI_PROGRAM_H_

#include <CLI/CLI.hpp>
#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

namespace cli {

class Program {
 public:
  // Runs the subcommand and returns the exit code.
  using Run = std::function<int()>;

  // `invoked_as`: argv[0]. Installed under the name kubectl-release it is a plugin of kubectl: every command
  // line is one of the subcommand `release`, and its messages say "kubectl release".
  explicit Program(const std::string& invoked_as = "");

  // Registers a subcommand of `parent`, or of the program. `usage_code`: the exit code for wrong usage of it.
  CLI::App& AddCommand(const std::string& name, const std::string& description, Run run,
                       CLI::App* parent = nullptr, int usage_code = 2);
  // One that has only subcommands of its own.
  CLI::App& AddGroup(const std::string& name, const std::string& description);

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

  int Fail(const std::vector<std::string>& arguments, const std::string& message, std::ostream& err) const;

  std::vector<std::string> WholeLine(std::vector<std::string> arguments) const;

  const bool is_plugin_;
  CLI::App root_;
  std::vector<Command> commands_;
};

}  // namespace cli

#endif  // FUNCTION_CLI_PROGRAM_H_
