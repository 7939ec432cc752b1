// `report` over exports as they come, and over those that went wrong.
#include "function/cli/report.h"

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "function/cli/audit.h"
#include "function/cli/report/html.h"
#include "function/cli/yaml.h"
#include "test/catch.h"
#include "test/report/samples.h"
#include "test/support/golden.h"
#include "test/unit/cli/command_run.h"

namespace {

using base::Json;
using cli_test::Output;
using cli_test::RunCommand;
using cli_test::TempFolder;

Output Report(const std::string& input, cli::ReportOptions options = {}) {
  options.files = {"-"};
  return RunCommand(cli::RunReport, options, input);
}

// A page without its style sheet, which has a file of its own, and without the version of this program.
std::string WithoutStyle(std::string page) {
  const size_t begin = page.find("<style>");
  const size_t end = page.find("</style>");
  REQUIRE(begin != std::string::npos);
  page.erase(begin, end + 8 - begin);
  const size_t hash = page.find("sha256-");
  REQUIRE(hash != std::string::npos);
  page.erase(hash, page.find('&', hash) - hash);
  for (size_t at = page.find("function-release-pipeline "); at != std::string::npos;
       at = page.find("function-release-pipeline ", at + 1)) {
    const size_t version = at + sizeof("function-release-pipeline");
    page.erase(version, page.find_first_not_of("0123456789.", version) - version);
  }
  return page;
}

// From one text to another one.
std::string Between(const std::string& page, const std::string& from, const std::string& to) {
  const size_t begin = page.find(from);
  REQUIRE(begin != std::string::npos);
  return page.substr(begin, page.find(to, begin) - begin);
}

bool Shows(const std::string& page, const std::string& text) {
  return absl::StrContains(page, cli::report::Text(text).markup());
}

// A gate that Crossplane has not looked at yet, and its pipeline.
Json FreshList() { return test::Fresh().list; }

Json& GateOf(Json& list) { return list["items"][1]; }

}  // namespace

TEST_CASE("the page of a quiet pipeline", "[report]") {
  const TempFolder folder;
  const test::Sample sample = test::Quiet();
  cli::ReportOptions options;
  options.key_file = folder.Write("key", sample.audit_key);
  options.allowed_signers = folder.Write("signers", sample.allowed_signers);
  const Output output = Report(sample.list.dump(), options);
  CHECK(output.code == 0);
  CHECK(output.err.empty());
  test_support::CheckGolden("test/report/golden/quiet.html", WithoutStyle(output.out));
}

TEST_CASE("the page of what was just made", "[report]") {
  const Output output = Report(FreshList().dump());
  CHECK(output.code == 0);
  test_support::CheckGolden("test/report/golden/fresh.html", WithoutStyle(output.out));
}

TEST_CASE("what is to be seen first", "[report]") {
  for (const release::Flavour flavour : {release::Flavour::kNamespaced, release::Flavour::kClaims}) {
    const Output output = Report(test::Shop(flavour).list.dump());
    CHECK(output.code == 0);
    test_support::CheckGolden(
        "test/report/golden/shop-overview.html",
        Between(output.out, "<section class=\"overview\"", "<section aria-labelledby=\"pipelines\""));
  }
}

TEST_CASE("the report finds what audit verify finds", "[report]") {
  const TempFolder folder;
  const test::Sample quiet = test::Quiet();
  const std::string key = folder.Write("key", quiet.audit_key);
  const std::string signers = folder.Write("signers", quiet.allowed_signers);
  const auto forge = [](Json list) {
    for (Json& item : list["items"]) {
      if (item["kind"] == "XPromotionGate") item["status"]["gate_status"] = "rejected";
    }
    return list;
  };
  struct AuditCase {
    const char* name;
    Json list;
    std::string key;
    std::string signers;
  };
  const AuditCase cases[] = {
      {"with all that it takes", quiet.list, key, signers},
      {"without the key", quiet.list, "", signers},
      {"without signers", quiet.list, key, ""},
      {"with forged verdicts", forge(quiet.list), key, signers},
      {"of many gates", test::Shop(release::Flavour::kNamespaced).list, "", ""},
      {"of composites of claims", test::Shop(release::Flavour::kClaims).list, "", signers},
  };
  for (const AuditCase& c : cases) {
    INFO(c.name);
    cli::AuditVerifyOptions verify;
    verify.files = {"-"};
    verify.output = "json";
    verify.key_file = c.key;
    verify.allowed_signers = c.signers;
    const Output verified = RunCommand(cli::RunAuditVerify, verify, c.list.dump());
    cli::ReportOptions options;
    options.key_file = c.key;
    options.allowed_signers = c.signers;
    const std::string page = Report(c.list.dump(), options).out;
    const Json gates = Json::parse(verified.out);
    size_t intact = 0;
    for (const Json& gate : gates) {
      intact += gate["intact"] == true ? 1 : 0;
      for (const char* kind : {"proved", "broken", "not_proved"}) {
        for (const std::string message : gate[kind]) {
          INFO(message);
          CHECK(Shows(page, message));
        }
      }
    }
    // Each is told at its gate.
    size_t shown = 0;
    for (size_t at = page.find("<h5>Audit trail <span class=\"badge good\""); at != std::string::npos;
         at = page.find("<h5>Audit trail <span class=\"badge good\"", at + 1)) {
      ++shown;
    }
    CHECK(shown == intact);
  }
}

namespace {

struct BadInput {
  const char* name;
  const char* why;
  std::string input;
  std::string err;  // without the program's name
};

constexpr char kAdvice[] =
    "give what `kubectl get xreleasepipelines,xpromotiongates,configmaps -A -o yaml` prints, whole";

}  // namespace

TEST_CASE("bad input gets a line on what is wrong and one on what to do", "[report]") {
  const std::string whole = cli::ToYaml(test::Quiet().list);
  const std::string json = test::Quiet().list.dump();
  const std::vector<BadInput> cases = {
      {"an empty file", "kubectl failed, and a redirection made the file", "",
       "standard input: it is empty: there is no pipeline and no gate in it"},
      {"an empty list", "there is nothing in the namespace", "apiVersion: v1\nitems: []\nkind: List\n",
       "standard input: it is empty: there is no pipeline and no gate in it"},
      {"other kinds", "another resource was typed",
       "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n---\napiVersion: v1\nkind: Secret\nmetadata: "
       "{name: b}\n",
       "standard input: there is no pipeline and no gate in it, but 2 Secret"},
      {"another group's gate", "the kind alone says nothing",
       "apiVersion: example.org/v1\nkind: XPromotionGate\nmetadata: {name: a}\n",
       "standard input: there is no pipeline and no gate in it, but 1 XPromotionGate"},
      {"a list that was cut off", "kubectl was stopped: the kind of a list is at its end",
       whole.substr(0, whole.find("\nkind: List") + 1),
       "standard input: kind: is missing: the export seems to be cut off"},
      {"JSON that was cut off", "likewise", json.substr(0, json.size() / 2), ""},
      {"not YAML", "some other file", "<html>\n<body>: [\n", ""},
      {"a scalar", "a text is YAML", "error: the server doesn't have a resource type\n", ""},
      {"bytes", "a compressed file", std::string("\x1f\x8b\x08\x00\x00\x00", 6), ""},
  };
  for (const BadInput& c : cases) {
    INFO(c.name << ": " << c.why);
    const Output output = Report(c.input);
    CHECK(output.code == 2);
    CHECK(output.out.empty());
    INFO(output.err);
    const std::string last = absl::StrCat("function-release-pipeline: ", kAdvice, "\n");
    CHECK(absl::EndsWith(output.err, last));
    const std::string first =
        output.err.substr(0, output.err.size() - std::min(output.err.size(), last.size()));
    CHECK(std::count(first.begin(), first.end(), '\n') == 1);
    CHECK(absl::StartsWith(first, "function-release-pipeline: standard input:"));
    if (!c.err.empty()) CHECK(first == absl::StrCat("function-release-pipeline: ", c.err, "\n"));
  }
}

TEST_CASE("wrong options get two lines, too", "[report]") {
  const TempFolder folder;
  struct OptionCase {
    const char* name;
    std::function<void(cli::ReportOptions&)> set;
    std::string err;
  };
  const OptionCase cases[] = {
      {"no file", [&](cli::ReportOptions& options) { options.files = {folder.Path("none.yaml")}; },
       folder.Path("none.yaml") + ": cannot be read: No such file or directory"},
      {"no time", [](cli::ReportOptions& options) { options.now = "yesterday"; },
       "--now: \"yesterday\" is no RFC 3339 time: write it as 2026-01-02T15:04:05Z"},
      {"no key", [&](cli::ReportOptions& options) { options.key_file = folder.Path("key"); },
       "--key-file: " + folder.Path("key") + ": cannot be read: No such file or directory"},
      {"signers that are none",
       [&](cli::ReportOptions& options) { options.allowed_signers = folder.Write("signers", "alice\n"); },
       "--allowed-signers: " + folder.Path("signers") + ": line 1: "},
      {"no folder for the page",
       [&](cli::ReportOptions& options) { options.output = folder.Path("a/b.html"); },
       "--output: " + folder.Path("a/b.html") + ": cannot be written: No such file or directory"},
  };
  for (const OptionCase& c : cases) {
    INFO(c.name);
    cli::ReportOptions options;
    options.files = {"-"};
    c.set(options);
    const Output output = RunCommand(cli::RunReport, options, FreshList().dump());
    INFO(output.err);
    CHECK(output.code == 2);
    CHECK(output.out.empty());
    CHECK(absl::StartsWith(output.err, absl::StrCat("function-release-pipeline: ", c.err)));
    CHECK(std::count(output.err.begin(), output.err.end(), '\n') == 2);
  }
}

TEST_CASE("the page goes into a file", "[report]") {
  const TempFolder folder;
  cli::ReportOptions options;
  options.output = folder.Write("page.html", "something that is longer than nothing");
  const Output output = Report(FreshList().dump(), options);
  CHECK(output.code == 0);
  CHECK(output.out.empty());
  CHECK(folder.Read("page.html") == Report(FreshList().dump()).out);
}

TEST_CASE("what is none of ours is skipped with one line", "[report]") {
  Json list = FreshList();
  for (const char* kind : {"Secret", "Deployment", "Secret", "ConfigMap"}) {
    list["items"].push_back({{"apiVersion", "v1"}, {"kind", kind}, {"metadata", {{"name", "a"}}}});
  }
  const Output output = Report(list.dump());
  CHECK(output.code == 0);
  CHECK(
      output.err ==
      "function-release-pipeline: skipped, as they are no pipelines and no gates: 1 ConfigMap, 1 Deployment, "
      "2 Secret\n");
  CHECK(Shows(output.out, "objects that are no pipelines and no gates: 1 ConfigMap, 1 Deployment, 2 Secret"));
}

TEST_CASE("what cannot be read whole is shown as far as it can be", "[report]") {
  struct Unreadable {
    const char* name;
    std::function<void(Json&)> edit;
    std::string err;
    std::vector<std::string> shown;
  };
  const Unreadable cases[] = {
      {"a field of a newer version",
       [](Json& list) { GateOf(list)["spec"]["quorum"] = 2; },
       "XPromotionGate team/web-dev-to-staging: spec: has no field \"quorum\": remove it or correct its name",
       {"web-dev-to-staging", "spec: has no field \"quorum\"", "ghcr.io/acme/web:main-abc1234"}},
      {"an artifact that is none",
       [](Json& list) { GateOf(list)["spec"]["artifact_id"] = 7; },
       "XPromotionGate team/web-dev-to-staging: spec.artifact_id: ",
       {"web-dev-to-staging", "spec.artifact_id: "}},
      {"no namespace",
       [](Json& list) { GateOf(list)["metadata"].erase("namespace"); },
       "XPromotionGate web-dev-to-staging: metadata.namespace: is missing",
       {"web-dev-to-staging"}},
      {"a pipeline's policy",
       [](Json& list) {
         list["items"][0]["spec"]["environments"] = {"dev", "moon"};
       },
       "XReleasePipeline team/web-pipeline: spec.environments: ",
       {"moon"}},
      {"a gate twice",
       [](Json& list) { list["items"].push_back(GateOf(list)); },
       "XPromotionGate team/web-dev-to-staging: is there twice: the first one is shown",
       {}},
      {"a ConfigMap without its fields",
       [](Json& list) {
         list["items"].push_back({{"apiVersion", "v1"},
                                  {"kind", "ConfigMap"},
                                  {"metadata", {{"name", "web-dev-to-staging-gate"}, {"namespace", "team"}}},
                                  {"data", {{"gate_status", "approved"}}}});
       },
       "ConfigMap team/web-dev-to-staging-gate: data: has no right source_environment",
       {}},
  };
  for (const Unreadable& c : cases) {
    INFO(c.name);
    Json list = FreshList();
    c.edit(list);
    const Output output = Report(list.dump());
    INFO(output.err);
    CHECK(output.code == 1);
    CHECK(absl::StartsWith(output.err, absl::StrCat("function-release-pipeline: standard input: ", c.err)));
    CHECK(std::count(output.err.begin(), output.err.end(), '\n') == 1);
    for (const std::string& text : c.shown) {
      INFO(text);
      CHECK(Shows(output.out, text));
    }
  }
}

TEST_CASE("of a claim and its composite the composite is shown", "[report]") {
  Json list = test::Shop(release::Flavour::kClaims).list;
  const Output alone = Report(list.dump());
  Json claims = Json::array();
  for (const Json& item : list["items"]) {
    if (item["kind"] != "XPromotionGate") continue;
    const Json& claim = item["spec"]["claimRef"];
    Json spec = item["spec"];
    for (const char* field : {"claimRef", "resourceRefs", "crossplane"}) spec.erase(field);
    claims.push_back({{"apiVersion", item["apiVersion"]},
                      {"kind", "PromotionGate"},
                      {"metadata", {{"name", claim["name"]}, {"namespace", claim["namespace"]}}},
                      {"spec", spec}});
  }
  REQUIRE(claims.size() == 5);
  Json before = list;
  before["items"] = claims;
  for (const Json& item : list["items"]) before["items"].push_back(item);
  for (const Json& claim : claims) list["items"].push_back(claim);
  for (const Json& both : {list, before}) {
    const Output output = Report(both.dump());
    CHECK(output.code == 0);
    CHECK(Shows(output.out, "5 claims, whose composites are in the export too"));
    CHECK(Between(output.out, "<main", "</main>") == Between(alone.out, "<main", "</main>"));
  }
}

TEST_CASE("a page is as of a time that nobody has to remember", "[report]") {
  const std::string list = test::Shop(release::Flavour::kNamespaced).list.dump();
  struct TimeCase {
    const char* name;
    std::string now;
    std::string shown;
    std::string older;
  };
  const TimeCase cases[] = {
      {"the newest in the export", "", "2026-03-09 07:12 UTC</time>, the newest time in the export.", ""},
      {"the one that was given", "2026-03-09T12:00:00Z", "2026-03-09 12:00 UTC</time>.", ""},
      {"long afterwards", "2026-04-20T12:00:00Z", "2026-04-20 12:00 UTC</time>.",
       "3 before the last 30 days: see the attempts of the gates below."},
  };
  for (const TimeCase& c : cases) {
    INFO(c.name);
    cli::ReportOptions options;
    options.now = c.now;
    const std::string page = Report(list, options).out;
    CHECK(absl::StrContains(page, c.shown));
    CHECK(Shows(page, "before the last 30 days") == !c.older.empty());
    CHECK(Shows(page, c.older));
    CHECK(page == Report(list, options).out);
  }
}

TEST_CASE("what is cluster-scoped and has no claim is where --namespace says", "[report]") {
  Json list = FreshList();
  for (Json& item : list["items"]) item["metadata"].erase("namespace");
  list["items"].push_back(FreshList()["items"][0]);
  cli::ReportOptions options;
  options.namespace_name = "platform";
  const Output output = Report(list.dump(), options);
  CHECK(output.err.empty());
  CHECK(output.code == 0);
  CHECK(Shows(output.out, "platform/web-dev-to-staging"));
  CHECK(Shows(output.out, "team/"));
}

TEST_CASE("the second copy of what runs is held against the first", "[report]") {
  Json list = test::Quiet().list;
  for (Json& item : list["items"]) {
    if (item["kind"] == "ConfigMap" && item["data"].contains("released.production"))
      item["data"]["released.production"] = "ghcr.io/acme/ledger:main-bad0bad";
  }
  const Output output = Report(list.dump());
  CHECK(output.code == 0);
  CHECK(Shows(output.out,
              "its status and its ConfigMap do not agree on what production runs: "
              "ghcr.io/acme/ledger:main-bad0bad by the ConfigMap"));
}

TEST_CASE("a gate of which only the ConfigMap is left is shown from it", "[report]") {
  Json list = test::Quiet().list;
  Json maps = Json::array();
  for (const Json& item : list["items"]) {
    if (item["kind"] == "ConfigMap") maps.push_back(item);
  }
  list["items"] = maps;
  const Output output = Report(list.dump());
  CHECK(output.code == 0);
  CHECK(Shows(output.out, "This pipeline is not in the export; only gates of it are."));
  CHECK(Shows(output.out, "ledger-staging-to-production"));
  CHECK(Shows(output.out, "only the ConfigMap was given"));
}
