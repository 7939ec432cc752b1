// The example scripts with a kubectl that only records: what they ask for, what they make of the answers, and
// that the Role that a pipeline composes allows every call.
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "function/manifest/access.h"
#include "function/release/gate.h"
#include "test/catch.h"
#include "test/support/source_dir.h"

namespace {

using base::Json;
namespace fs = std::filesystem;

constexpr char kArtifact[] = "ghcr.io/acme/web:main-abc123";

std::string Read(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// A run of one script, in a folder of its own.
struct Run {
  int exit_code = 0;
  std::string out;
  std::string error;
  std::vector<std::vector<std::string>> calls;
  std::vector<Json> applied;
};

class Sandbox {
 public:
  Sandbox() {
    std::string name = (fs::temp_directory_path() / "scripts-XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  ~Sandbox() { fs::remove_all(folder_); }
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  const fs::path& folder() const { return folder_; }

  // `command`: environment, the script's name and its arguments, as in a shell.
  Run Start(const std::string& command, const std::vector<std::string>& answers) {
    std::ofstream file(folder_ / "answers");
    for (const std::string& answer : answers) file << answer << "\n";
    file.close();
    const std::string scripts = test_support::SourcePath("examples/scripts");
    const std::string fakes = test_support::SourcePath("test/scripts/bin");
    const std::string whole = absl::StrCat("cd ", folder_.string(), " && export FAKE=$PWD PATH=", fakes, ":",
                                           scripts, ":$PATH && ( ", command, " ) >out 2>error");
    Run run;
    run.exit_code = WEXITSTATUS(std::system(whole.c_str()));
    run.out = Read(folder_ / "out");
    run.error = Read(folder_ / "error");
    for (int i = 0; fs::exists(folder_ / absl::StrCat("call.", i)); ++i) {
      run.calls.push_back(absl::StrSplit(Read(folder_ / absl::StrCat("call.", i)), '\n', absl::SkipEmpty()));
      const fs::path applied = folder_ / absl::StrCat("applied.", i);
      if (fs::exists(applied)) run.applied.push_back(Json::parse(Read(applied)));
    }
    return run;
  }

 private:
  fs::path folder_;
};

// What one call asks of the API server.
struct Access {
  std::vector<std::string> verbs;
  std::string group;
  std::string resource;
  std::string name;
  std::string namespace_name;
};

std::string Option(const std::vector<std::string>& call, const std::string& name) {
  const auto found = std::find(call.begin(), call.end(), name);
  return found == call.end() || found + 1 == call.end() ? "" : *(found + 1);
}

Access AccessOf(const std::vector<std::string>& call, const Json& applied) {
  Access access;
  std::string type;
  if (call[0] == "apply") {
    // A server-side apply is a patch, and a creation where there is nothing yet.
    access.verbs = {"patch", "create"};
    access.group = std::vector<std::string>(absl::StrSplit(applied["apiVersion"].get<std::string>(), '/'))[0];
    access.resource = absl::AsciiStrToLower(applied["kind"].get<std::string>()) + "s";
    access.name = applied["metadata"]["name"];
    access.namespace_name = applied["metadata"]["namespace"];
    return access;
  }
  access.verbs =
      call[0] == "wait" ? std::vector<std::string>{"list", "watch"} : std::vector<std::string>{call[0]};
  const std::vector<std::string> slash = absl::StrSplit(call[1], absl::MaxSplits('/', 1));
  access.name = slash.size() > 1 ? slash[1] : call[2];
  const std::vector<std::string> dot = absl::StrSplit(slash[0], absl::MaxSplits('.', 1));
  access.resource = dot[0];
  access.group = dot.size() > 1 ? dot[1] : "";
  if (access.group.empty()) access.resource += "s";  // "configmap", "secret"
  access.namespace_name = Option(call, "--namespace");
  return access;
}

bool Has(const Json& list, const std::string& value) {
  return std::count(list.begin(), list.end(), value) > 0;
}

bool Allows(const Json& role, const Access& access, const std::string& verb) {
  return std::any_of(role["rules"].begin(), role["rules"].end(), [&](const Json& rule) {
    return Has(rule["apiGroups"], access.group) && Has(rule["resources"], access.resource) &&
           Has(rule["verbs"], verb) &&
           (!rule.contains("resourceNames") || Has(rule["resourceNames"], access.name));
  });
}

Json RoleOf(release::Flavour flavour) {
  release::Composite composite{release::kPipelineKind, flavour, "web-pipeline",
                               "web-pipeline",         "team",  "uid"};
  composite.has_claim = flavour == release::Flavour::kClaims;
  release::PipelineSpec spec;
  spec.tenant = "web";
  spec.environments = {release::Environment::kDev, release::Environment::kStaging,
                       release::Environment::kProduction};
  return manifest::Role(composite, spec);
}

void CheckAllowed(const Run& run, release::Flavour flavour) {
  const Json role = RoleOf(flavour);
  size_t applies = 0;
  for (const std::vector<std::string>& call : run.calls) {
    const Access access = AccessOf(call, call[0] == "apply" ? run.applied.at(applies++) : Json());
    CHECK(access.namespace_name == "team");
    for (const std::string& verb : access.verbs) {
      INFO(verb << " " << access.resource << "." << access.group << " " << access.name);
      CHECK(Allows(role, access, verb));
    }
  }
}

std::string SubjectOf(int attempt) {
  return release::Subject{"team", "web-dev-to-staging", "web", kArtifact, "dev", "staging", attempt}.Hash();
}

TEST_CASE("discover-config.sh prints what scripts need, and nothing else") {
  Sandbox sandbox;
  const Run run =
      sandbox.Start("NAMESPACE=team discover-config.sh web",
                    {R"(0 artifact-config={"registry":"ghcr.io"}\nenvironments=["dev","staging"]\n)"
                     R"(registry=ghcr.io\nreleased.dev=a/b:c=d\nrule.dev_to_staging=manual\ntenant=web\n)"});
  CHECK(run.error == "");
  CHECK(run.exit_code == 0);
  CHECK(run.out ==
        "environments=dev "
        "staging\nregistry=ghcr.io\nreleased.dev=a/b:c=d\nrule.dev_to_staging=manual\ntenant=web\n");
  REQUIRE(run.calls.size() == 1);
  CheckAllowed(run, release::Flavour::kNamespaced);
}

TEST_CASE("a kubectl that fails ends every script with an error") {
  for (const char* command : {"discover-config.sh web", "read-credentials.sh web github-token",
                              "report-check.sh web-dev-to-staging tests success ghcr.io/acme/web:main-abc123",
                              "promote.sh web dev staging ghcr.io/acme/web:main-abc123"}) {
    INFO(command);
    Sandbox sandbox;
    const Run run =
        sandbox.Start(absl::StrCat("NAMESPACE=team ", command), {"7 Error from server (Forbidden)"});
    CHECK(run.exit_code != 0);
    CHECK(run.calls.size() == 1);
    Sandbox another;
    const Run without = another.Start(absl::StrCat("unset NAMESPACE; ", command), {});
    CHECK(without.exit_code != 0);
    CHECK(absl::StrContains(without.error, "NAMESPACE"));
    CHECK(without.calls.empty());
  }
}

TEST_CASE("read-credentials.sh prints one token") {
  Sandbox sandbox;
  const Run run = sandbox.Start("NAMESPACE=team read-credentials.sh web registry-token", {"0 secret"});
  CHECK(run.exit_code == 0);
  CHECK(run.out == "secret");
  CheckAllowed(run, release::Flavour::kNamespaced);
}

TEST_CASE("read-credentials.sh writes both tokens for the user alone") {
  Sandbox sandbox;
  const Run run = sandbox.Start("NAMESPACE=team read-credentials.sh web --to keys", {"0 one", "0 two"});
  CHECK(run.exit_code == 0);
  CHECK(run.out == "");
  CHECK(Read(sandbox.folder() / "keys/github-token") == "one");
  CHECK(Read(sandbox.folder() / "keys/registry-token") == "two");
  CHECK((fs::status(sandbox.folder() / "keys").permissions() & fs::perms::all) == fs::perms::owner_all);
  CHECK((fs::status(sandbox.folder() / "keys/github-token").permissions() & fs::perms::all) ==
        (fs::perms::owner_read | fs::perms::owner_write));
  CheckAllowed(run, release::Flavour::kClaims);
}

TEST_CASE("read-credentials.sh leaves no empty token behind") {
  Sandbox sandbox;
  const Run run = sandbox.Start("NAMESPACE=team read-credentials.sh web --to keys", {"0 one", "0 "});
  CHECK(run.exit_code == 1);
  CHECK(absl::StrContains(run.error, "the Secret has no registry-token yet"));
  CHECK_FALSE(fs::exists(sandbox.folder() / "keys/registry-token"));
  CHECK_FALSE(fs::exists(sandbox.folder() / "keys/.registry-token.new"));
}

struct PromoteCase {
  std::string name;
  std::string because;
  std::vector<std::string> verdicts;  // of the looks at the gate, one after the other
  int exit_code;
};

TEST_CASE("promote.sh ends as its gate ends") {
  const std::string ours = SubjectOf(2);
  const auto cases = std::vector<PromoteCase>{
      {"approved", "the one answer that lets the script go on", {ours + " approved"}, 0},
      {"approved later", "pending is no end", {ours + " pending", ours + " pending", ours + " approved"}, 0},
      {"rejected", "a person said no", {ours + " rejected"}, 1},
      {"timed out", "nobody said anything", {ours + " pending", ours + " timeout"}, 2},
      {"superseded", "an approval of another attempt is none of this one", {SubjectOf(3) + " approved"}, 3},
      {"without a status", "nothing is no approval", {" "}, 3},
  };
  for (const PromoteCase& each : cases) {
    INFO(each.name << ": " << each.because);
    std::vector<std::string> answers = {"0 applied", "0 condition met"};
    for (const std::string& verdict : each.verdicts) {
      answers.push_back(absl::EndsWith(verdict, "approved") ? "0 condition met" : "1 timed out waiting");
      answers.push_back("0 " + verdict);
    }
    Sandbox sandbox;
    const Run run =
        sandbox.Start(absl::StrCat("NAMESPACE=team REQUESTED_BY=bob@example.org promote.sh web dev staging ",
                                   kArtifact, " 2"),
                      answers);
    CHECK(run.exit_code == each.exit_code);
    CHECK(run.calls.size() == answers.size());
    REQUIRE(run.applied.size() == 1);
    CHECK(run.applied[0] ==
          Json::parse(R"({"apiVersion": "platform.zerotouch.dev/v1alpha1", "kind": "XPromotionGate",
      "metadata": {"name": "web-dev-to-staging", "namespace": "team"},
      "spec": {"tenant": "web", "pipeline": "web-pipeline", "artifact_id": "ghcr.io/acme/web:main-abc123",
               "source_environment": "dev", "target_environment": "staging", "attempt": 2,
               "requested_by": "bob@example.org"}})"));
    CHECK(Option(run.calls[0], "--field-manager") == "release-script");
    CHECK(std::count(run.calls[0].begin(), run.calls[0].end(), "--server-side") == 1);
    CHECK(std::count(run.calls[0].begin(), run.calls[0].end(), "--force-conflicts") == 0);
    CHECK(Has(run.calls[1], "--for=jsonpath={.status.subject}=" + ours));
    CHECK(Has(run.calls[2], absl::StrCat("--for=jsonpath={.status.approved_artifact_id}=", kArtifact)));
    CheckAllowed(run, release::Flavour::kNamespaced);
  }
}

TEST_CASE("promote.sh speaks of claims where KIND says so") {
  Sandbox sandbox;
  const Run run =
      sandbox.Start(absl::StrCat("NAMESPACE=team KIND=PromotionGate promote.sh web dev staging ", kArtifact),
                    {"0 ", "0 ", "0 ", "0 " + SubjectOf(1) + " approved"});
  CHECK(run.error == "");
  CHECK(run.exit_code == 0);
  CHECK(run.applied.at(0)["kind"] == "PromotionGate");
  CHECK_FALSE(run.applied.at(0)["spec"].contains("requested_by"));
  CheckAllowed(run, release::Flavour::kClaims);
}

TEST_CASE("promote.sh takes nothing that could change the manifest") {
  for (const char* arguments : {"web dev staging 'a\",\"x\":\"y'", "web dev staging \"$(printf 'a\\nb')\"",
                                "web dev staging a 0", "web dev staging a 1,2", "web dev staging"}) {
    INFO(arguments);
    Sandbox sandbox;
    const Run run = sandbox.Start(absl::StrCat("NAMESPACE=team promote.sh ", arguments), {});
    CHECK(run.exit_code == 4);
    CHECK(run.calls.empty());
  }
}

TEST_CASE("report-check.sh applies one entry under a manager of its own") {
  const auto [kind, flavour] = GENERATE(table<std::string, release::Flavour>(
      {{"XPromotionGate", release::Flavour::kNamespaced}, {"PromotionGate", release::Flavour::kClaims}}));
  Sandbox sandbox;
  const Run run = sandbox.Start(absl::StrCat("export NAMESPACE=team KIND=", kind,
                                             " MESSAGE='12 \"odd\" \\ ones' URL=https://ci.example.org/1; "
                                             "report-check.sh web-dev-to-staging 'unit tests' failure ",
                                             kArtifact, " 3"),
                                {"0 applied"});
  CHECK(run.error == "");
  CHECK(run.exit_code == 0);
  CHECK(Option(run.calls.at(0), "--field-manager") == "check-unit-tests");
  CHECK(run.applied.at(0) == Json({{"apiVersion", "platform.zerotouch.dev/v1alpha1"},
                                   {"kind", kind},
                                   {"metadata", {{"name", "web-dev-to-staging"}, {"namespace", "team"}}},
                                   {"spec",
                                    {{"checks", Json::array({{{"name", "unit tests"},
                                                              {"state", "failure"},
                                                              {"artifact_id", kArtifact},
                                                              {"attempt", 3},
                                                              {"message", "12 \"odd\" \\ ones"},
                                                              {"url", "https://ci.example.org/1"}}})}}}}));
  CheckAllowed(run, flavour);
}

}  // namespace
