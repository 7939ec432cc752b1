// The program: each subcommand is a file pair in function/cli, registered here.
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "function/cli/approval.h"
#include "function/cli/audit.h"
#include "function/cli/exit_codes.h"
#include "function/cli/function_handler.h"
#include "function/cli/gate_wait.h"
#include "function/cli/kubectl/commands.h"
#include "function/cli/preview.h"
#include "function/cli/program.h"
#include "function/cli/report.h"
#include "function/cli/serve.h"
#include "function/cli/standard_streams.h"

namespace {

bool HasVariable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

cli::PreviewStreams Terminal() {
  const bool is_terminal = isatty(STDOUT_FILENO) == 1;
  const bool is_dumb = HasVariable("TERM") && std::string(std::getenv("TERM")) == "dumb";
  return {std::cin, std::cout, std::cerr, is_terminal, is_terminal && !is_dumb && !HasVariable("NO_COLOR")};
}

cli::Console ReleaseConsole() {
  static const base::SystemClock clock;
  const char* kubectl = std::getenv("KUBECTL");
  return {Terminal(), isatty(STDIN_FILENO) == 1, kubectl == nullptr ? "" : kubectl, clock, absl::SleepFor};
}

}  // namespace

int main(int argc, char** argv) {
  cli::OpenStandardStreams();
  cli::Program program(argc > 0 ? argv[0] : "");

  cli::ServeOptions serve;
  program.AddCommand(
      "serve", "Serve the function to Crossplane (the default)",
      [&](CLI::App& app) {
        cli::AddServe(app, serve);
        app.footer(
            "Example: for crossplane composition render, on this machine only\n"
            "  function-release-pipeline serve --insecure --address localhost:9443");
      },
      [&] { return cli::RunServe(serve, cli::MakeFunctionHandler, std::cerr); });

  cli::PreviewOptions preview;
  program.AddCommand(
      "preview", "Show what Crossplane would make of pipelines and gates, offline",
      [&](CLI::App& app) { cli::AddPreview(app, preview); },
      [&] { return cli::RunPreview(preview, Terminal()); });

  CLI::App& gate = program.AddGroup("gate", "About one gate", [](CLI::App& app) {
    app.footer(
        "Example: in a Job that mounts the gate's ConfigMap at /gate\n"
        "  function-release-pipeline gate wait --dir /gate --subject \"$SUBJECT\"");
  });
  cli::GateWaitOptions gate_wait;
  program.AddCommand(
      "wait", "Wait for a gate's verdict, as the gate's Job does",
      [&](CLI::App& app) { cli::AddGateWait(app, gate_wait); },
      [&] { return cli::RunGateWait(gate_wait, std::cerr); }, &gate, cli::kExitWaitUsage);

  cli::AddApprovalCommands(program, Terminal);
  cli::AddAuditCommands(program, Terminal);
  cli::AddReportCommand(program, Terminal);
  cli::AddReleaseCommands(program, ReleaseConsole);

  const int code = program.Main(std::vector<std::string>(argv + 1, argv + argc), std::cout, std::cerr);
  if (!std::cout.flush()) {
    std::cerr << "function-release-pipeline: standard output: cannot be written" << std::endl;
    return code == cli::kExitOk ? cli::kExitFailure : code;
  }
  return code;
}
