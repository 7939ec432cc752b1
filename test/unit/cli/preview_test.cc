#include "function/cli/preview.h"

#include <sstream>

#include "function/cli/preview_claim.h"
#include "function/cli/preview_fetch.h"
#include "function/cli/preview_object.h"
#include "function/cli/preview_render.h"
#include "function/cli/tree.h"
#include "function/codec/struct_json.h"
#include "test/catch.h"

namespace cli {
namespace {

using base::Json;
using fn::lazy::RunFunctionRequest;
using fn::lazy::RunFunctionResponse;

constexpr char kPipeline[] = R"(
apiVersion: platform.zerotouch.dev/v1alpha1
kind: XReleasePipeline
metadata: {name: app-pipeline, namespace: team}
spec: {tenant: app, environments: [dev, staging]}
)";
constexpr char kGate[] = R"(
apiVersion: platform.zerotouch.dev/v1alpha1
kind: XPromotionGate
metadata: {name: app-dev-to-staging, namespace: team}
spec:
  tenant: app
  artifact_id: ghcr.io/acme/app:main-abc123
  source_environment: dev
  target_environment: staging
)";
constexpr char kClaim[] = R"(
apiVersion: platform.zerotouch.dev/v1alpha1
kind: ReleasePipeline
metadata: {name: app-pipeline, namespace: team}
spec: {tenant: app, environments: [dev, staging]}
)";

struct Outcome {
  int code;
  std::string out;
  std::string err;
};

// Previews what comes in on standard input.
Outcome Preview(const std::string& manifests, PreviewOptions options = {}) {
  if (options.files.empty()) options.files = {"-"};
  if (options.now.empty()) options.now = "2026-01-02T03:04:05Z";
  std::istringstream in(manifests);
  std::ostringstream out, err;
  Outcome outcome{RunPreview(options, {in, out, err}), "", ""};
  outcome.out = out.str();
  outcome.err = err.str();
  return outcome;
}

PreviewOptions As(const std::string& output) {
  PreviewOptions options;
  options.output = output;
  return options;
}

TEST_CASE("a gate finds its pipeline among the files, and the tree says what it needs") {
  const Outcome outcome = Preview(std::string(kPipeline) + "---" + kGate, As("tree"));
  CHECK(outcome.code == 0);
  CHECK(outcome.err.empty());
  CHECK(outcome.out == R"(XReleasePipeline team/app-pipeline
├─ environments
│  ├─ dev      ghcr.io/acme/app:main-abc123, since 2026-01-02T03:04:05Z
│  └─ staging  nothing yet, gate app-dev-to-staging pending
├─ steps
│  └─ dev → staging
│     └─ XPromotionGate team/app-dev-to-staging
│        ├─ verdict: pending
│        ├─ artifact: ghcr.io/acme/app:main-abc123
│        ├─ promotion: dev → staging, attempt 1
│        ├─ deadline: 2026-01-03T03:04:05Z
│        ├─ requirements
│        │  ├─ ✓ Progression  Met: dev_to_staging is a step of pipeline "app-pipeline"
│        │  ├─ ✓ Artifact     Met: "ghcr.io/acme/app:main-abc123" is immutable and may take this step
│        │  ├─ ✓ Checks       NotRequired: no check is required
│        │  ├─ ✓ Soak         NotRequired: no soak is required
│        │  ├─ ✓ Window       NotRequired: no window is set, and no freeze
│        │  └─ ✗ Approvals    AwaitingApprovals: 0 of 1 approval, missing: 1 by anyone
│        ├─ approvals: 0 of 1
│        ├─ conditions
│        │  ├─ Approved Unknown AwaitingApprovals: Approvals: 0 of 1 approval, missing: 1 by anyone
│        │  ├─ ArtifactVerified True Met: "ghcr.io/acme/app:main-abc123" is immutable and may take this step
│        │  └─ AuditIntact True ChainVerified
│        ├─ composed (✓ ready, · not yet)
│        │  ├─ · ConfigMap team/app-dev-to-staging-gate  gate-config
│        │  └─ · Job team/app-dev-to-staging-timeout-c5e3a1be  gate-job-c5e3a1be
│        └─ looked at again after 1m
├─ conditions
│  ├─ Promoting True GatePending: gate app-dev-to-staging is pending
│  └─ Released False NotInLastEnvironment: ghcr.io/acme/app:main-abc123 is not in staging yet
├─ composed (✓ ready, · not yet)
│  ├─ · ConfigMap team/app-release-pipeline-config  pipeline-config
│  ├─ · ExternalSecret team/app-release-pipeline-credentials  pipeline-credentials
│  ├─ · Role team/app-release-pipeline-role  pipeline-role
│  ├─ · ServiceAccount team/app-release-pipeline-sa  pipeline-service-account
│  └─ · RoleBinding: once its Role is there
└─ looked at again after 1m
)");
}

TEST_CASE("one bad manifest does not keep the others from being previewed") {
  const Outcome outcome = Preview(std::string(kPipeline) + R"(---
apiVersion: platform.zerotouch.dev/v1alpha1
kind: XPromotionGate
metadata: {name: bad, namespace: team}
spec: {tenant: app, artifact_id: "ghcr.io/acme/app:main-abc123", source_environment: staging, target_environment: staging}
)",
                                  As("json"));
  CHECK(outcome.code == 1);
  CHECK(outcome.err ==
        "function-release-pipeline: standard input: XPromotionGate team/bad: pipeline step \"release\" "
        "returned a fatal "
        "result: spec.target_environment: must come after source_environment, but staging does not come "
        "after staging\n");
  const Json list = Json::parse(outcome.out);
  CHECK(list["items"].size() == 5);
  CHECK(list["items"][0]["metadata"]["name"] == "app-pipeline");
}

TEST_CASE("what is wrong is said, with the exit code") {
  struct Case {
    const char* name;
    const char* manifests;
    PreviewOptions options;
    int code;
    const char* err;
  };
  PreviewOptions no_file, bad_time, two_inputs;
  no_file.files = {"/nonexistent/x.yaml"};
  bad_time.now = "noon";
  const Case cases[] = {
      {"no file", "", no_file, 1, "/nonexistent/x.yaml: cannot be read: No such file or directory"},
      {"no manifest", "", {}, 1, "there is nothing to preview: give a XReleasePipeline"},
      {"a text", "hello", {}, 1, "standard input: is no Kubernetes manifest: it must be an object"},
      {"no kind", "apiVersion: v1", {}, 1, "standard input: kind: is missing"},
      {"no name",
       "{apiVersion: v1, kind: Secret}",
       {},
       1,
       "standard input: Secret: metadata.name: is missing"},
      {"something else",
       "{apiVersion: v1, kind: Secret, metadata: {name: a}}",
       {},
       1,
       "standard input: Secret of v1 is nothing to preview: give pipelines and gates or their claims"},
      {"a claim without a namespace",
       "{apiVersion: platform.zerotouch.dev/v1alpha1, kind: PromotionGate, metadata: {name: a}}",
       {},
       1,
       "PromotionGate a: metadata.namespace: is missing: a claim lives in a namespace"},
      {"a claim whose spec is text",
       "{apiVersion: platform.zerotouch.dev/v1alpha1, kind: PromotionGate, metadata: {name: a, namespace: "
       "b}, "
       "spec: text}",
       {},
       1,
       "spec: must be an object, but is a string"},
      {"a time that is none", kGate, bad_time, 2, "--now: "},
      {"a format that is none", kGate, As("xml"), 2, "-o: \"xml\" is none of yaml, json, tree and mermaid"},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    const Outcome outcome = Preview(c.manifests, c.options);
    CHECK(outcome.code == c.code);
    CHECK(outcome.out.empty());
    CHECK_THAT(outcome.err, Catch::StartsWith("function-release-pipeline: ") && Catch::Contains(c.err));
  }
}

TEST_CASE("a Composition's step names itself and has the Input") {
  const Outcome outcome = Preview(std::string(kPipeline) + R"(---
apiVersion: apiextensions.crossplane.io/v1
kind: Composition
metadata: {name: platform}
spec:
  compositeTypeRef: {apiVersion: platform.zerotouch.dev/v1alpha1, kind: XReleasePipeline}
  pipeline:
  - step: other
  - step: ours
    input: {apiVersion: release.fn.zerotouch.dev/v1beta1, kind: Input, nonsense: true}
)");
  CHECK(outcome.code == 1);
  CHECK_THAT(
      outcome.err,
      Catch::Contains("pipeline step \"ours\" returned a fatal result: input: has no field \"nonsense\""));
}

TEST_CASE("a claim is previewed through the XR that Crossplane makes of it") {
  PreviewOptions options = As("json");
  options.include_full_xr = true;
  const Outcome outcome = Preview(kClaim, options);
  REQUIRE(outcome.code == 0);
  Json xr = Json::parse(outcome.out)["items"][0];
  CHECK(xr["status"]["claimConditionTypes"] == Json({"Promoting", "Released"}));
  CHECK(xr["spec"]["resourceRefs"].size() == 5);
  xr.erase("status");
  xr["spec"].erase("resourceRefs");
  CHECK(xr == Json::parse(R"({
    "apiVersion": "platform.zerotouch.dev/v1alpha1",
    "kind": "XReleasePipeline",
    "metadata": {
      "name": "app-pipeline-5e9b6",
      "labels": {
        "crossplane.io/claim-name": "app-pipeline",
        "crossplane.io/claim-namespace": "team",
        "crossplane.io/composite": "app-pipeline-5e9b6"
      }
    },
    "spec": {
      "tenant": "app",
      "environments": ["dev", "staging"],
      "claimRef": {
        "apiVersion": "platform.zerotouch.dev/v1alpha1",
        "kind": "ReleasePipeline",
        "name": "app-pipeline",
        "namespace": "team"
      }
    }
  })"));
}

TEST_CASE("a claim that is bound keeps its XR's name") {
  const Json claim = {{"apiVersion", "platform.zerotouch.dev/v1alpha1"},
                      {"kind", "PromotionGate"},
                      {"metadata", {{"name", "a"}, {"namespace", "b"}}},
                      {"spec", {{"resourceRef", {{"name", "a-x7k2p"}}}}}};
  const absl::StatusOr<Json> xr = XrOfClaim(claim);
  REQUIRE(xr.ok());
  CHECK((*xr)["metadata"]["name"] == "a-x7k2p");
  CHECK_FALSE((*xr)["spec"].contains("resourceRef"));
}

TEST_CASE("the uid is the one of Crossplane's render engine") {
  // What crossplane-core 2.4.0 printed for this XR.
  CHECK(RenderUid({{"apiVersion", "platform.zerotouch.dev/v1alpha1"},
                   {"kind", "XPromotionGate"},
                   {"metadata", {{"name", "hello-dev-to-staging"}, {"namespace", "hello"}}}}) ==
        "f9334aa4-da46-5292-8a67-5bfe5ff9851c");
}

// A function that asks for an object named after the round, until `last`.
struct Asking {
  int last;
  int calls = 0;

  absl::StatusOr<std::string> operator()(const std::string& bytes) {
    RunFunctionRequest request;
    request.ParseFromString(bytes);
    RunFunctionResponse response;
    fn::lazy::ResourceSelector& selector = (*response.mutable_requirements()->mutable_resources())["it"];
    selector.set_api_version("v1");
    selector.set_kind("ConfigMap");
    selector.set_match_name("round-" + std::to_string(std::min(calls++, last)));
    return response.SerializeAsString();
  }
};

TEST_CASE("requirements are fetched until they settle, at most five times") {
  struct Case {
    int last;
    int calls;
    bool settles;
    const char* reason;
  };
  const Case cases[] = {{0, 2, true, "asked and answered"},
                        {1, 3, true, "asked for another"},
                        {4, 6, true, "the last one that settles"},
                        {5, 6, false, "one too many"}};
  for (const Case& c : cases) {
    INFO(c.reason);
    Asking asking{c.last};
    const auto response = CallUntilSettled(RunFunctionRequest(), {}, std::ref(asking));
    CHECK(response.ok() == c.settles);
    CHECK(asking.calls == c.calls);
  }
}

TEST_CASE("a server that is not there is told") {
  PreviewOptions options;
  options.server = "127.0.0.1:1";
  const Outcome outcome = Preview(kGate, options);
  CHECK(outcome.code == 1);
  CHECK_THAT(outcome.err, Catch::Contains("--server: 127.0.0.1:1: "));
}

TEST_CASE("branches of a tree") {
  CHECK(FormatTree({"a", {{"b", {{"c"}, {"d", {{"e"}}}}}, {"f", {{"g"}}}}}) ==
        "a\n├─ b\n│  ├─ c\n│  └─ d\n│     └─ e\n└─ f\n   └─ g\n");
}

TEST_CASE("no control character of a manifest reaches the terminal") {
  const Json xr = {{"apiVersion", "a"}, {"kind", "XPromotionGate"}, {"metadata", {{"name", "x\x1b[31my"}}}};
  CHECK(DescribePreviewed({xr, xr}, /*with_color=*/false).text == "XPromotionGate x [31my");
  // Nor one that turns what follows around, in an error.
  CHECK(Preview("{apiVersion: a, kind: \"B\\n\\x1B[31m\\u202E\"}").err ==
        "function-release-pipeline: standard input: B  [31m : metadata.name: is missing\n");
}

}  // namespace
}  // namespace cli
