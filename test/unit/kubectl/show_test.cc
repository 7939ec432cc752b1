// What `kubectl release why`, `status`, `history` and `audit` show, with a kubectl that only answers.
#include "absl/strings/str_cat.h"
#include "function/cli/kubectl/audit_gate.h"
#include "function/cli/kubectl/history.h"
#include "function/cli/kubectl/report_cluster.h"
#include "function/cli/kubectl/status.h"
#include "function/cli/kubectl/why.h"
#include "test/catch.h"
#include "test/support/golden.h"
#include "test/unit/kubectl/fake.h"

namespace {

using base::Json;
using cli_test::Output;
using kubectl_test::Approval;
using kubectl_test::Decided;
using kubectl_test::FakeKubectl;
using kubectl_test::Gate;
using kubectl_test::Pipeline;
using kubectl_test::RunRelease;

constexpr char kFolder[] = "test/unit/kubectl/golden/";

// What a run printed and how it ended, as one reviewed text.
std::string Transcript(const Output& output) {
  return absl::StrCat(output.out, output.err.empty() ? "" : absl::StrCat("--- standard error\n", output.err),
                      "--- exit code ", output.code, "\n");
}

Json WithApprovals(const std::vector<Json>& approvals) { return Gate({{"approvals", approvals}}); }

// A gate whose spec was edited after this was decided.
Json Edited(Json decided) {
  decided["spec"]["artifact_id"] = kubectl_test::kOtherArtifact;
  return decided;
}

Json Hostile() {
  Json gate = Decided(WithApprovals({Approval("ev\u202eil\u009b[31m")}), Pipeline());
  gate["status"]["requirements"][0]["message"] = "one\nline \x1b[2J only";
  return gate;
}

TEST_CASE("why", "[kubectl]") {
  struct Case {
    const char* name;
    Json gate;
    bool with_color;
  };
  const Json window = {
      {{"name", "office"}, {"days", {"Mon"}}, {"start", "09:00"}, {"end", "17:00"}, {"time_zone", "UTC"}}};
  const std::vector<Json> both = {Approval("alice"), Approval("bob")};
  const Case cases[] = {
      {"why-pending",
       Decided(WithApprovals({Approval("alice"), Approval("mallory"),
                              Approval("bob", "approve", kubectl_test::kOtherArtifact)}),
               Pipeline({{"windows", window}, {"required_checks", {"unit"}}})),
       false},
      {"why-pending-color", Decided(WithApprovals({Approval("alice")}), Pipeline()), true},
      {"why-approved", Decided(WithApprovals(both), Pipeline()), false},
      {"why-rejected", Decided(WithApprovals({Approval("alice", "reject")}), Pipeline()), false},
      {"why-timeout", Decided(Gate(), Pipeline(), "2026-01-04T12:00:00Z"), false},
      {"why-edited", Edited(Decided(WithApprovals(both), Pipeline())), false},
      {"why-new", Gate(), false},
      {"why-hostile", Hostile(), false},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    FakeKubectl fake;
    fake.AddApi();
    fake.Add({"^get", c.gate.dump()});
    const Output output = RunRelease(cli::RunWhy, fake, {"shop-dev-to-staging"}, {"", false, c.with_color});
    test_support::CheckGolden(absl::StrCat(kFolder, c.name, ".txt"), Transcript(output));
    const Output json = RunRelease(cli::RunWhy, fake, {"shop-dev-to-staging", "json"});
    CHECK(json.code == output.code);
    CHECK(Json::parse(json.out)["open"] == (output.code == 0));
  }
}

TEST_CASE("why, as JSON", "[kubectl]") {
  FakeKubectl fake;
  fake.AddApi();
  fake.Add({"^get", Decided(WithApprovals({Approval("alice"), Approval("mallory")}), Pipeline()).dump()});
  test_support::CheckGolden(absl::StrCat(kFolder, "why.json.txt"),
                            Transcript(RunRelease(cli::RunWhy, fake, {"shop/staging", "json"})));
}

TEST_CASE("why, where nobody can know", "[kubectl]") {
  struct Case {
    const char* reason;
    FakeKubectl::Answer answer;
    const char* err;
  };
  const Case cases[] = {
      {"no cluster",
       {"^get", "", 1, "The connection to the server localhost:8080 was refused - did you?\n"},
       "kubectl release: The connection to the server localhost:8080 was refused - did you?\n"
       "  next: see that the cluster is up and that this is the right one: kubectl config current-context\n"},
      {"no rights",
       {"^get x", "", 1, "Error from server (Forbidden): you may not\n"},
       "kubectl release: you may not\n"
       "  next: ask whoever runs the cluster for this right; docs/kubectl-release.md has the Role for it\n"},
      {"gone",
       {"^get x", ""},
       "kubectl release: there is no gate shop-dev-to-staging in the current namespace\n"
       "  next: choose the namespace with -n; kubectl release status -A shows all of them\n"},
      {"half an answer",
       {"^get x", "{\"kind\":"},
       "kubectl release: kubectl get xpromotiongates.platform.zerotouch.dev shop-dev-to-staging "
       "--ignore-not-found "
       "--output=json: its answer of 8 bytes is no whole JSON object\n"
       "  next: run that by hand and see what it prints; then try again\n"},
      {"another API",
       {"^get --raw", "{}"},
       "kubectl release: this cluster does not have platform.zerotouch.dev/v1alpha1, the API of gates and "
       "pipelines\n"
       "  next: install the configuration in it (README.md), or choose another cluster with --context\n"},
  };
  for (const Case& c : cases) {
    INFO(c.reason);
    FakeKubectl fake;
    fake.Add(c.answer);
    fake.AddApi();
    const Output output = RunRelease(cli::RunWhy, fake, {"shop-dev-to-staging"});
    CHECK(output.code == 4);
    CHECK(output.out.empty());
    CHECK(output.err == c.err);
  }
}

// A pipeline that drives, its gate, a gate of another tenant, and one whose manifest is not right.
std::vector<Json> Team() {
  Json pipeline = Pipeline();
  pipeline["spec"]["artifact_id"] = kubectl_test::kArtifact;
  pipeline["spec"]["environments"].push_back("production");
  const Json gate = Decided(WithApprovals({Approval("alice")}), pipeline);
  Json stray = Gate({{"tenant", "pay"}});
  stray["metadata"]["name"] = "pay-dev-to-staging";
  Json wrong = Gate({{"tenant", "old"}, {"colour", "red"}});
  wrong["metadata"]["name"] = "old-dev-to-staging";
  return {kubectl_test::DecidedPipeline(pipeline, {gate}), gate, stray, wrong};
}

TEST_CASE("status", "[kubectl]") {
  FakeKubectl fake;
  fake.AddApi();
  fake.Add({"^get x", kubectl_test::ListOf(Team()).dump()});
  struct Case {
    const char* name;
    cli::StatusOptions options;
    bool with_color;
  };
  const Case cases[] = {
      {"status.txt", {}, false},
      {"status-color.txt", {}, true},
      {"status-all.txt", {"", true}, false},
      {"status-one.txt", {"shop-pipeline"}, false},
      {"status-json.txt", {"xrp/shop-pipeline", false, false, 2, "json"}, false},
      {"status-none.txt", {"shop-pipelin"}, false},
      {"status-bad.txt", {"", false, true, 0}, false},
  };
  for (const Case& c : cases) {
    const Output output = RunRelease(cli::RunStatus, fake, c.options, {"", false, c.with_color});
    test_support::CheckGolden(absl::StrCat(kFolder, c.name), Transcript(output));
  }
  const std::vector<std::string> calls = fake.Calls();
  CHECK(
      std::count(
          calls.begin(), calls.end(),
          "get xreleasepipelines.platform.zerotouch.dev,xpromotiongates.platform.zerotouch.dev --output=json "
          "--all-namespaces") == 1);
}

TEST_CASE("status of nothing, and of something else", "[kubectl]") {
  FakeKubectl empty;
  empty.AddApi(/*claims=*/true);
  empty.Add({"^get releasepipelines.platform.zerotouch.dev,promotiongates", kubectl_test::ListOf({}).dump()});
  CHECK(RunRelease(cli::RunStatus, empty, {}).out == "no pipelines and no gates\n");
  FakeKubectl other;
  other.AddApi();
  other.Add({"^get x", kubectl_test::ListOf({{{"apiVersion", "v1"}, {"kind", "Secret"}}}).dump()});
  const Output output = RunRelease(cli::RunStatus, other, {});
  CHECK(output.code == 4);
  CHECK_THAT(output.err, Catch::StartsWith("kubectl release: kubectl answered with Secret "));
}

TEST_CASE("watching goes on until kubectl fails, and says what changed", "[kubectl]") {
  for (const std::string format : {"text", "json"}) {
    FakeKubectl fake;
    fake.AddApi();
    std::vector<Json> team = Team();
    fake.Add({"^get x", kubectl_test::ListOf(team).dump(), 0, "", /*once=*/true});
    fake.Add({"^get x", kubectl_test::ListOf(team).dump(), 0, "", /*once=*/true});
    team.pop_back();
    fake.Add({"^get x", kubectl_test::ListOf(team).dump(), 0, "", /*once=*/true});
    fake.Add({"^get x", "", 1, "Unable to connect to the server: EOF\n"});
    const Output output = RunRelease(cli::RunStatus, fake, {"", false, true, 1, format});
    CHECK(output.code == 4);
    test_support::CheckGolden(absl::StrCat(kFolder, "status-watch-", format, ".txt"), Transcript(output));
  }
}

// What the gate was before, and how it went on: another artifact, and that one again.
Json WithHistory() {
  Json gate = Decided(WithApprovals({Approval("alice"), Approval("bob")}), Pipeline());
  gate["spec"]["artifact_id"] = kubectl_test::kOtherArtifact;
  gate = Decided(gate, Pipeline(), "2026-01-02T13:00:00Z");
  gate["spec"]["attempt"] = 2;
  return Decided(gate, Pipeline(), "2026-01-02T14:00:00Z");
}

TEST_CASE("history", "[kubectl]") {
  Json pipeline = Pipeline();
  pipeline["spec"]["artifact_id"] = kubectl_test::kArtifact;
  pipeline = kubectl_test::DecidedPipeline(pipeline, {});
  pipeline["status"]["history"] = {{{"artifact_id", kubectl_test::kOtherArtifact},
                                    {"environment", "dev"},
                                    {"since", "2026-01-01T00:00:00Z"},
                                    {"until", "2026-01-02T00:00:00Z"},
                                    {"expires", "2026-02-01T00:00:00Z"}}};
  struct Case {
    const char* name;
    Json object;
    const char* argument;
  };
  const Case cases[] = {
      {"history-gate", WithHistory(), "shop/staging"},
      {"history-approved", Decided(WithApprovals({Approval("alice"), Approval("bob")}), Pipeline()), "xpg/a"},
      {"history-new", Gate(), "shop-dev-to-staging"},
      {"history-pipeline", pipeline, "shop-pipeline"},
  };
  for (const Case& c : cases) {
    FakeKubectl fake;
    fake.AddApi();
    fake.Add({"^get x", c.object.dump()});
    for (const std::string format : {"text", "json"}) {
      const Output output = RunRelease(cli::RunHistory, fake, {c.argument, format});
      test_support::CheckGolden(absl::StrCat(kFolder, c.name, ".", format, ".txt"), Transcript(output));
    }
  }
}

TEST_CASE("audit", "[kubectl]") {
  const Json gate = Decided(WithApprovals({Approval("alice"), Approval("bob")}), Pipeline());
  const Json config_map = kubectl_test::ConfigMapOf(gate, Pipeline());
  Json forged = gate;
  forged["status"]["audit"][0]["actor"] = "mallory";
  const FakeKubectl::Answer forbidden = {"^get configmaps", "", 1,
                                         "Error from server (Forbidden): not for you\n"};
  struct Case {
    const char* name;
    Json gate;
    FakeKubectl::Answer config_map;
  };
  const FakeKubectl::Answer both = {"^get configmaps shop-dev-to-staging-gate .*namespace=team",
                                    config_map.dump()};
  const Case cases[] = {
      {"audit-intact.txt", gate, both},
      {"audit-forged.txt", forged, both},
      {"audit-status-only.txt", gate, {"^get configmaps", ""}},
      {"audit-forbidden.txt", gate, forbidden},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    FakeKubectl fake;
    fake.AddApi();
    fake.Add(c.config_map);
    fake.Add({"^get x", c.gate.dump()});
    const Output output = RunRelease(cli::RunAuditGate, fake, {"shop-dev-to-staging", {}});
    test_support::CheckGolden(absl::StrCat(kFolder, c.name), Transcript(output));
  }
}

TEST_CASE("report", "[kubectl]") {
  const Json gate = Decided(WithApprovals({Approval("alice"), Approval("bob")}), Pipeline());
  const std::string everything =
      kubectl_test::ListOf({kubectl_test::DecidedPipeline(Pipeline(), {gate}), gate}).dump();
  const std::string config_maps = kubectl_test::ListOf({kubectl_test::ConfigMapOf(gate, Pipeline())}).dump();
  const FakeKubectl::Answer copies = {"^get configmaps --selector=crossplane.io/composite ", config_maps};
  struct Case {
    const char* name;
    FakeKubectl::Answer objects;
    FakeKubectl::Answer config_maps;
    int code;
    const char* in_page;
    const char* err;
  };
  const Case cases[] = {
      {"with the second copies", {"^get x", everything}, copies, 0, "team/shop-dev-to-staging", ""},
      {"without the right to read them",
       {"^get x", everything},
       {"^get configmaps", "", 1, "Error from server (Forbidden): not for you\n"},
       0,
       "only the status was given",
       "kubectl release: without the ConfigMaps: "},
      {"an empty namespace",
       {"^get x", kubectl_test::ListOf({}).dump()},
       copies,
       4,
       "",
       "kubectl release: there are no pipelines and no gates there\n"
       "  next: name the namespace with -n, or take all with -A\n"},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    FakeKubectl fake;
    fake.AddApi();
    fake.Add(c.config_maps);
    fake.Add(c.objects);
    const Output page = RunRelease(cli::RunReportCluster, fake, {});
    CHECK(page.code == c.code);
    CHECK_THAT(page.out, Catch::Contains(c.in_page));
    CHECK_THAT(page.err, Catch::StartsWith(c.err));
    cli::ReportClusterOptions as_json;
    as_json.output = "json";
    const Output objects = RunRelease(cli::RunReportCluster, fake, as_json);
    CHECK(objects.code == c.code);
    if (c.code == 0) CHECK(Json::parse(objects.out)["items"].size() >= 2);
  }
}

TEST_CASE("report: what is wrong with the words", "[kubectl]") {
  FakeKubectl fake;
  fake.AddApi();
  fake.Add({"^get", kubectl_test::ListOf({Decided(Gate(), Pipeline())}).dump()});
  cli::ReportClusterOptions options;
  options.report.output = fake.folder().Path("page.html");
  CHECK(RunRelease(cli::RunReportCluster, fake, options).out.empty());
  CHECK_THAT(fake.folder().Read("page.html"), Catch::Contains("team/shop-dev-to-staging"));
  options.report.output = fake.folder().Path("no/page.html");
  options.output = "json";
  const Output nowhere = RunRelease(cli::RunReportCluster, fake, options);
  CHECK(nowhere.code == 2);
  CHECK_THAT(nowhere.err,
             Catch::Contains("cannot be written: No such file or directory\n  next: give another"));
  options.output = "pdf";
  const Output pdf = RunRelease(cli::RunReportCluster, fake, options);
  CHECK(pdf.code == 2);
  CHECK_THAT(pdf.err, Catch::Contains("-o: \"pdf\" is no format"));
}

}  // namespace
