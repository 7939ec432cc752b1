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
  std::vector<std::string> has_options;  // the subcommands that got them
};

// A program of the shape of ours, in which each subcommand says that it ran.
Outcome Run(std::vector<std::string> arguments, const std::string& invoked_as = "") {
  Program program(invoked_as);
  Outcome outcome;
  std::string address, file;
  bool is_insecure = false;
  const auto add_options = [&](const char* of, const Program::AddOptions& add) {
    return [&, of, add](CLI::App& app) { outcome.has_options.emplace_back(of), add(app); };
  };
  program.AddCommand("serve", "",
                     add_options("serve",
                                 [&](CLI::App& app) {
                                   app.add_option("--address", address);
                                   app.add_flag("--insecure", is_insecure);
                                 }),
                     [&] { return outcome.ran = "serve " + address + (is_insecure ? " insecure" : ""), 0; });
  program.AddCommand("preview", "",
                     add_options("preview", [&](CLI::App& app) { app.add_option("file", file)->required(); }),
                     [&] { return outcome.ran = "preview " + file, 7; });
  CLI::App& gate = program.AddGroup("gate", "", add_options("gate", [](CLI::App&) {}));
  program.AddCommand(
      "wait", "", add_options("gate wait", [](CLI::App&) {}), [&] { return outcome.ran = "wait", 0; }, &gate,
      64);
  std::string name, space;
  CLI::App& release = program.AddGroup(
      "release", "", add_options("release", [&](CLI::App& app) { app.add_option("-n,--namespace", space); }));
  program.AddCommand(
      "why", "",
      add_options("release why",
                  [&](CLI::App& app) {
                    app.add_option("GATE", name)->required();
                    app.add_option("-n,--namespace", space);
                    app.add_option("--allowed-signers", address);
                  }),
      [&] { return outcome.ran = "why " + name + " in " + space, 0; }, &release);
  std::ostringstream out, err;
  outcome.code = program.Main(std::move(arguments), out, err);
  outcome.out = out.str();
  outcome.err = err.str();
  return outcome;
}

TEST_CASE("options are made for what the command line leads to, once") {
  using Names = std::vector<std::string>;
  CHECK(Run({}).has_options == Names{"serve"});
  CHECK(Run({"serve", "--address", "preview"}).has_options == Names{"serve"});
  CHECK(Run({"release", "-n", "team", "why", "g"}).has_options == Names{"release", "release why"});
  CHECK(Run({"release", "-nteam", "why", "g"}).has_options == Names{"release", "release why"});
  CHECK(Run({"release", "-nteam", "why", "g"}).ran == "why g in team");
  CHECK(Run({"gate", "--help"}).has_options == Names{"gate"});
  CHECK(Run({"--help"}).has_options.empty());
  CHECK(Run({"nothing"}).has_options.empty());
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
       "\"previwe\" is no subcommand (serve, preview, gate, release): did you mean preview? (see "
       "function-release-pipeline --help)"},
      {{"xyz"},
       2,
       "\"xyz\" is no subcommand (serve, preview, gate, release) (see function-release-pipeline --help)"},
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
      {{"wait"},
       2,
       "\"wait\" is no subcommand (serve, preview, gate, release): did you mean gate wait? (see "
       "function-release-pipeline --help)"},
      {{"help"},
       2,
       "\"help\" is no subcommand (serve, preview, gate, release): did you mean --help? (see "
       "function-release-pipeline --help)"},
      {{"release", "-n", "team", "wyh", "x"},
       2,
       "\"wyh\" is no subcommand (why): did you mean why? (see function-release-pipeline release --help)"},
      {{"release", "-n", "team"},
       2,
       "a subcommand is missing: why (see function-release-pipeline release --help)"},
      {{"release", "-n", "team", "why", "x", "--namspace=y"},
       2,
       "--namspace: there is no such flag: did you mean --namespace? (see function-release-pipeline release "
       "why "
       "--help)"},
      {{"release", "why", "x", "-namespace", "team"},
       2,
       "-namespace: there is no such flag: did you mean --namespace? (see function-release-pipeline release "
       "why "
       "--help)"},
      {{"release", "why", "x", "--allowed", "f"},
       2,
       "--allowed: there is no such flag: did you mean --allowed-signers? (see function-release-pipeline "
       "release why "
       "--help)"},
      {{"release", "why", "x", "-z"},
       2,
       "-z: there is no such flag (see function-release-pipeline release why --help)"},
      {{"release", "why", "x", "y"},
       2,
       "\"y\" is one argument too many (see function-release-pipeline release why --help)"},
  };
  for (const Case& c : cases) {
    const Outcome outcome = Run(c.arguments);
    CHECK(outcome.ran.empty());
    CHECK(outcome.code == c.code);
    CHECK(outcome.err == "function-release-pipeline: " + std::string(c.err) + "\n");
  }
}

TEST_CASE("a plugin of kubectl") {
  struct Case {
    std::vector<std::string> arguments;
    const char* ran;
    int code;
    const char* err;
    const char* reason;
  };
  const Case cases[] = {
      {{"why", "x"}, "why x in ", 0, "", "the group goes without saying"},
      {{"why", "x", "-n", "team"}, "why x in team", 0, "", "a flag after it"},
      {{"-n", "team", "why", "x"}, "why x in team", 0, "", "a flag before it"},
      {{"why", "x", "-nteam"}, "why x in team", 0, "", "a value without a blank"},
      {{}, "", 2, "kubectl release: a subcommand is missing: why (see kubectl release --help)\n", "nothing"},
      {{"wyh"},
       "",
       2,
       "kubectl release: \"wyh\" is no subcommand (why): did you mean why? (see kubectl release --help)\n",
       "a typing error"},
      {{"serve"},
       "",
       2,
       "kubectl release: \"serve\" is no subcommand (why) (see kubectl release --help)\n",
       "the others are not there"},
      {{"why"},
       "",
       2,
       "kubectl release: GATE is required (see kubectl release why --help)\n",
       "something missing"},
  };
  for (const Case& c : cases) {
    INFO(c.reason);
    const Outcome outcome = Run(c.arguments, "/usr/local/bin/kubectl-release");
    CHECK(outcome.ran == c.ran);
    CHECK(outcome.code == c.code);
    CHECK(outcome.err == c.err);
  }
  CHECK_THAT(Run({"--version"}, "kubectl-release").out, Catch::StartsWith("kubectl-release "));
  CHECK_THAT(Run({"--help"}, "kubectl-release").out, Catch::Contains("Usage: kubectl release "));
  CHECK_THAT(Run({"why", "--help"}, "kubectl-release").out, Catch::Contains("Usage: kubectl release why "));
}

TEST_CASE("help and version go to standard output") {
  CHECK(Run({"--version"}).code == 0);
  CHECK_THAT(Run({"--version"}).out, Catch::StartsWith("function-release-pipeline "));
  CHECK_THAT(Run({"--help"}).out, Catch::Contains("preview"));
  CHECK_THAT(Run({"serve", "--help"}).out, Catch::Contains("--address"));
}

}  // namespace
}  // namespace cli
