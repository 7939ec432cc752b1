// Every --help of the program is worth reading: as reviewed texts, one a subcommand.
#include <unistd.h>

#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "function/cli/process.h"
#include "function/cli/terminal.h"
#include "test/catch.h"
#include "test/support/golden.h"
#include "test/support/source_dir.h"
#include "test/unit/cli/command_run.h"

namespace {

constexpr char kFolder[] = "test/unit/kubectl/help/";
constexpr size_t kWidest = 100;

std::string Help(const std::string& program, std::vector<std::string> command) {
  command.insert(command.begin(), program);
  command.push_back("--help");
  std::string said;
  const absl::StatusOr<cli::Ended> ended =
      cli::RunProcess({command, "", [&](absl::string_view text) { said += std::string(text); }});
  INFO(absl::StrJoin(command, " "));
  REQUIRE(ended.ok());
  CHECK(ended->exit_code == 0);
  CHECK(said.empty());
  return ended->output;
}

std::vector<std::string> SubcommandsIn(const std::string& help) {
  std::vector<std::string> names;
  bool is_there = false;
  for (const absl::string_view line : absl::StrSplit(help, '\n')) {
    if (is_there && line.empty()) break;
    const bool is_name = is_there && absl::StartsWith(line, "  ") && line[2] != ' ';
    if (is_name) names.emplace_back(line.substr(2, line.find(' ', 2) - 2));
    is_there = is_there || line == "Subcommands:";
  }
  return names;
}

// Of this command and all below it; the names of the files that there are.
void Check(const std::vector<std::string>& command, std::vector<std::string>& files) {
  const std::string help = Help(FRP_PROGRAM, command);
  const std::string name = command.empty() ? "function-release-pipeline" : absl::StrJoin(command, "-");
  files.push_back(name + ".txt");
  test_support::CheckGolden(absl::StrCat(kFolder, name, ".txt"), help);
  INFO(name);
  CHECK_THAT(help, Catch::Contains("\nExample"));
  CHECK(help.find("\n\n\n") == std::string::npos);
  CHECK(absl::EndsWith(help, "\n"));
  for (const absl::string_view line : absl::StrSplit(help, '\n')) {
    INFO(line);
    CHECK(cli::Columns(line) <= kWidest);
  }
  for (const std::string& sub : SubcommandsIn(help)) {
    std::vector<std::string> below = command;
    below.push_back(sub);
    Check(below, files);
  }
}

TEST_CASE("the help of every subcommand", "[help]") {
  std::vector<std::string> files;
  Check({}, files);
  CHECK(files.size() > 10);
  // Of those that are gone nothing stays.
  std::vector<std::string> there;
  for (const auto& entry : std::filesystem::directory_iterator(test_support::SourcePath(kFolder)))
    there.push_back(entry.path().filename());
  std::sort(files.begin(), files.end());
  std::sort(there.begin(), there.end());
  CHECK(there == files);
}

TEST_CASE("installed as kubectl-release it calls itself kubectl release", "[help]") {
  const cli_test::TempFolder folder;
  const std::string plugin = folder.Path("kubectl-release");
  std::filesystem::create_symlink(FRP_PROGRAM, plugin);
  for (const char* sub : {"", "why", "approve"}) {
    const std::vector<std::string> command =
        *sub == '\0' ? std::vector<std::string>{} : std::vector<std::string>{sub};
    std::vector<std::string> whole = {"release"};
    whole.insert(whole.end(), command.begin(), command.end());
    CHECK(Help(plugin, command) ==
          absl::StrReplaceAll(Help(FRP_PROGRAM, whole),
                              {{"Usage: function-release-pipeline release", "Usage: kubectl release"}}));
  }
}

}  // namespace
