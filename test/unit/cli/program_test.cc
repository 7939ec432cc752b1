#include "function/cli/program.h"

#include <sstream>

#include "test/catch.h"

namespace cli {
namespace {

struct Outcome {
  int code;
  std::string ran;
  std::string out;
  std::string err;
};

// A program of the shape of ours, in which each subcommand says that it ran.
Outcome Run(std::vector<std::string> arguments) {
  Program program;
  Outcome outcome;
  std::string address, file;
  bool is_insecure = false;
  CLI::App& serve = program.AddCommand("serve", "", [&] {
    outcome.ran = "serve " + address + (is_insecure ? " insecure" : "");
    return 0;
  });
  serve.add_option("--address", address);
  serve.add_flag("--insecure", is_insecure);
  program.AddCommand("preview", "", [&] { return outcome.ran = "preview " + file, 7; })
      .add_option("file", file)
      ->required();
  CLI::App& gate = program.AddGroup("gate", "");
  program.AddCommand(
      "wait", "", [&] { return outcome.ran = "wait", 0; }, &gate, 64);
  std::ostringstream out, err;
  outcome.code = program.Main(std::move(arguments), out, err);
  outcome.out = out.str();
  outcome.err = err.str();
  return outcome;
}

TEST_CASE("what runs") {
  struct Case {
    std::vector<std::string> arguments;
    const char* ran;
    int code;
    const char* reason;
  };
  const Case cases[] = {
      {{}, "serve ", 0, "Crossplane starts the image without arguments"},
      {{"--insecure"}, "serve  insecure", 0, "crossplane render runs it with --insecure"},
      {{"--address", "x"}, "serve x", 0, "a flag first"},
      {{"serve", "--address=x"}, "serve x", 0, "spelled out"},
      {{"serve", "--address=", "--insecure"}, "serve  insecure", 0, "an empty value is a value"},
      {{"preview", "f"}, "preview f", 7, "the exit code is the subcommand's"},
      {{"gate", "wait"}, "wait", 0, "a subcommand of a subcommand"},
  };
  for (const Case& c : cases) {
    INFO(c.reason);
    const Outcome outcome = Run(c.arguments);
    CHECK(outcome.ran == c.ran);
    CHECK(outcome.code == c.code);
    CHECK(outcome.err.empty());
  }
}

TEST_CASE("wrong usage is one line that helps") {
  struct Case {
    std::vector<std::string> arguments;
    int code;
    const char* err;
  };
  const Case cases[] = {
      {{"previwe", "f"},
       2,
       "\"previwe\" is no subcommand (serve, preview, gate): did you mean preview? (see "
       "function-release-pipeline --help)"},
      {{"xyz"}, 2, "\"xyz\" is no subcommand (serve, preview, gate) (see function-release-pipeline --help)"},
      {{"gate"}, 2, "a subcommand is missing: wait (see function-release-pipeline gate --help)"},
      {{"gate", "wiat"},
       2,
       "\"wiat\" is no subcommand (wait): did you mean wait? (see function-release-pipeline gate --help)"},
      {{"gate", "wait", "--dri=x"},
       64,
       "--dri: there is no such flag (see function-release-pipeline gate wait --help)"},
      {{"--insecur"},
       2,
       "--insecur: there is no such flag: did you mean --insecure? (see function-release-pipeline serve "
       "--help)"},
      {{"preview"}, 2, "file is required (see function-release-pipeline preview --help)"},
  };
  for (const Case& c : cases) {
    const Outcome outcome = Run(c.arguments);
    CHECK(outcome.ran.empty());
    CHECK(outcome.code == c.code);
    CHECK(outcome.err == "function-release-pipeline: " + std::string(c.err) + "\n");
  }
}

TEST_CASE("help and version go to standard output") {
  CHECK(Run({"--version"}).code == 0);
  CHECK_THAT(Run({"--version"}).out, Catch::StartsWith("function-release-pipeline "));
  CHECK_THAT(Run({"--help"}).out, Catch::Contains("preview"));
  CHECK_THAT(Run({"serve", "--help"}).out, Catch::Contains("--address"));
}

}  // namespace
}  // namespace cli
