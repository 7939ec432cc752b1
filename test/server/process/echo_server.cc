// `serve` with a handler that needs no Crossplane: it answers with what it was sent. For the tests that need a process
// of their own (exit codes, signals, environment).
#include <iostream>

#include "function/cli/serve.h"

int main(int argc, char** argv) {
  CLI::App app{"serve, with an echo behind it"};
  cli::ServeOptions options;
  cli::AddServe(app, options);
  CLI11_PARSE(app, argc, argv);
  const auto make_handler = [](const cli::ServeOptions&, runner::Metrics&) {
    return [](absl::string_view request, std::string* response) {
      response->assign(request.data(), request.size());
      return absl::OkStatus();
    };
  };
  return cli::RunServe(options, make_handler, std::cerr);
}
