// `serve` with a handler that needs no Crossplane: it answers with what it was sent. For the tests that need
// a process of their own (exit codes, signals, environment).
#include <unistd.h>

#include <iostream>

#include "function/cli/parse.h"
#include "function/cli/serve.h"
#include "test/server/whole.h"

int main(int argc, char** argv) {
  CLI::App app{"serve, with an echo behind it"};
  cli::ServeOptions options;
  cli::AddServe(app, options);
  if (const auto exit_code = cli::Parse(app, argc, argv, std::cout, std::cerr)) return *exit_code;
  const auto make_handler = [](const cli::ServeOptions&, runner::Metrics&) {
    return test::Whole([](absl::string_view request, std::string* response) {
      // A call that never returns.
      while (request == "hang") pause();
      response->assign(request.data(), request.size());
      return absl::OkStatus();
    });
  };
  return cli::RunServe(options, make_handler, std::cerr);
}
