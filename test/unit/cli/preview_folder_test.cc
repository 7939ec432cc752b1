// `preview` of folders, and what it shows of pipelines and gates together.
#include <filesystem>

#include "test/catch.h"
#include "test/unit/cli/command_run.h"

namespace cli {
namespace {

using cli_test::Output;
using cli_test::TempFolder;

constexpr char kPipeline[] = R"(
apiVersion: platform.zerotouch.dev/v1alpha1
kind: XReleasePipeline
metadata: {name: app-pipeline, namespace: team}
spec: {tenant: app, environments: [dev, staging, production]}
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
// The same gate somewhere else: its pipeline is not there.
constexpr char kStray[] = R"(
apiVersion: platform.zerotouch.dev/v1alpha1
kind: XPromotionGate
metadata: {name: app-dev-to-staging, namespace: elsewhere}
spec:
  tenant: app
  artifact_id: ghcr.io/acme/app:main-abc123
  source_environment: dev
  target_environment: staging
)";
constexpr char kDriving[] = R"(
apiVersion: platform.zerotouch.dev/v1alpha1
kind: XReleasePipeline
metadata: {name: shop-pipeline, namespace: team}
spec:
  tenant: shop
  environments: [dev, staging, production]
  artifact_id: ghcr.io/acme/shop:main-abc123
)";
constexpr char kDrivingClaim[] = R"(
apiVersion: platform.zerotouch.dev/v1alpha1
kind: ReleasePipeline
metadata: {name: shop-pipeline, namespace: team}
spec:
  tenant: shop
  environments: [dev, production]
  artifact_id: ghcr.io/acme/shop:main-abc123
  approvals:
  - {approver: eve, target_environment: production, decision: approve, artifact_id: "ghcr.io/acme/shop:main-abc123"}
)";
constexpr char kComposition[] = R"(
apiVersion: apiextensions.crossplane.io/v1
kind: Composition
metadata: {name: platform}
spec:
  compositeTypeRef: {apiVersion: platform.zerotouch.dev/v1alpha1, kind: XReleasePipeline}
  pipeline:
  - step: release
)";

Output Preview(const std::vector<std::string>& paths, const std::string& format) {
  PreviewOptions options;
  options.files = paths;
  options.output = format;
  options.now = "2026-01-02T03:04:05Z";
  return cli_test::RunCommand(RunPreview, options);
}

// The lines that say where things belong.
std::string Outline(const std::string& tree) {
  std::istringstream lines(tree);
  std::string outline;
  for (std::string line; std::getline(lines, line);) {
    for (const char* what : {"XReleasePipeline", "XPromotionGate", "steps", " → ", "verdict:", "pipeline:"}) {
      const bool repeats =
          line.find("promotion:") != std::string::npos || line.find("  gate-") != std::string::npos;
      if (line.find(what) == std::string::npos || repeats) continue;
      outline += line + "\n";
      break;
    }
  }
  return outline;
}

TEST_CASE("a folder is read to its bottom, and what is not about pipelines and gates is passed over") {
  const TempFolder folder;
  std::filesystem::create_directories(folder.Path("apps/team"));
  folder.Write("apps/team/gate.yml", kGate);
  folder.Write("apps/pipeline.json",
               R"({"apiVersion": "v1", "kind": "List", "items": [
                 {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team"}},
                 {"apiVersion": "platform.zerotouch.dev/v1alpha1", "kind": "XReleasePipeline",
                  "metadata": {"name": "app-pipeline", "namespace": "team"},
                  "spec": {"tenant": "app", "environments": ["dev", "staging", "production"]}}]})");
  folder.Write("composition.yaml", kComposition);
  // All of these are errors in a file that is named.
  folder.Write("kustomization.yaml", "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n");
  folder.Write("values.yaml", "- a\n- b\n");
  folder.Write("template.yaml", "a: {{ .Values.a }}\n{{- if b }}\n");
  folder.Write("service.yaml",
               "{apiVersion: platform.zerotouch.dev/v1alpha1, kind: WebService, metadata: {name: a}}");
  folder.Write("other.yaml",
               "{apiVersion: apiextensions.crossplane.io/v1, kind: Composition, metadata: {name: b}, spec: "
               "{compositeTypeRef: {apiVersion: a/v1, kind: XDatabase}, pipeline: []}}");
  folder.Write("README.md", kGate);
  const Output output = Preview({folder.Path("")}, "tree");
  CHECK(output.code == 0);
  CHECK(output.err.empty());
  CHECK(Outline(output.out) == R"(XReleasePipeline team/app-pipeline
├─ steps
│  ├─ dev → staging
│  │  └─ XPromotionGate team/app-dev-to-staging
│  │     ├─ verdict: pending
│  └─ staging → production, no gate among the files
)");
}

TEST_CASE("links in a folder are not followed") {
  const TempFolder outside;
  outside.Write("secret.yaml", kStray);
  const TempFolder folder;
  std::filesystem::create_directories(folder.Path("real"));
  folder.Write("real/pipeline.yaml", kPipeline);
  std::filesystem::create_directory_symlink(outside.Path(""), folder.Path("link"));
  std::filesystem::create_symlink(outside.Path("secret.yaml"), folder.Path("file.yaml"));
  std::filesystem::create_directory_symlink(folder.Path(""), folder.Path("loop"));
  // As in a volume of a ConfigMap: read in its own place, and once.
  std::filesystem::create_symlink(folder.Path("real/pipeline.yaml"), folder.Path("pipeline.yaml"));
  const Output output = Preview({folder.Path("")}, "tree");
  CHECK(output.code == 0);
  CHECK(Outline(output.out) == R"(XReleasePipeline team/app-pipeline
├─ steps
│  ├─ dev → staging, no gate among the files
│  └─ staging → production, no gate among the files
)");
}

TEST_CASE("what is wrong in a folder is told with the files") {
  struct Case {
    const char* reason;
    std::string a;
    std::string b;
    const char* err;  // of FOLDER
  };
  const Case cases[] = {
      {"the same object twice", kGate, kGate,
       "FOLDER/b.yaml: XPromotionGate team/app-dev-to-staging: is in FOLDER/a.yaml already: give one of "
       "them"},
      {"two Compositions for one kind", kComposition, kComposition,
       "FOLDER/b.yaml: Composition platform: platform in FOLDER/a.yaml is for XReleasePipeline too: give one "
       "of "
       "them"},
      {"two Inputs", "{apiVersion: release.fn.zerotouch.dev/v1beta1, kind: Input}",
       "{apiVersion: release.fn.zerotouch.dev/v1beta1, kind: Input}",
       "FOLDER/b.yaml: there is an Input in FOLDER/a.yaml already: give one of them"},
      {"ours without a name", kGate,
       "{apiVersion: platform.zerotouch.dev/v1alpha1, kind: PromotionGate, metadata: {namespace: a}}",
       "FOLDER/b.yaml: PromotionGate: metadata.name: is missing"},
      {"ours in a version that there is not", kGate,
       "{apiVersion: platform.zerotouch.dev/v9, kind: XPromotionGate, metadata: {name: a}}",
       "FOLDER/b.yaml: XPromotionGate of platform.zerotouch.dev/v9 is nothing to preview"},
      {"ours that is no YAML", kGate, "apiVersion: platform.zerotouch.dev/v1alpha1\nkind: [",
       "FOLDER/b.yaml:2"},
      {"nothing of ours", "{apiVersion: v1, kind: Namespace, metadata: {name: a}}", "a: b",
       "there is nothing to preview: give a XReleasePipeline"},
  };
  for (const Case& c : cases) {
    INFO(c.reason);
    const TempFolder folder;
    folder.Write("a.yaml", c.a);
    folder.Write("b.yaml", c.b);
    const std::string path = folder.Path("x").substr(0, folder.Path("x").size() - 2);
    const Output output = Preview({path}, "tree");
    std::string err = c.err;
    for (size_t at; (at = err.find("FOLDER")) != std::string::npos;) err.replace(at, 6, path);
    CHECK(output.code == 1);
    CHECK(output.out.empty());
    CHECK_THAT(output.err, Catch::StartsWith("function-release-pipeline: " + err));
  }
}

TEST_CASE("a folder without any manifest is told") {
  const TempFolder folder;
  folder.Write("a.txt", kGate);
  const Output output = Preview({folder.Path("")}, "yaml");
  CHECK(output.code == 1);
  CHECK_THAT(output.err, Catch::Contains("there is no *.yaml, *.yml or *.json below this folder"));
}

TEST_CASE("gates are under their pipeline's steps") {
  struct Case {
    const char* reason;
    std::string manifests;
    const char* outline;
  };
  const Case cases[] = {
      {"a pipeline that drives composes the first gate, which sees what the pipeline becomes", kDriving,
       R"(XReleasePipeline team/shop-pipeline
├─ steps
│  ├─ dev → staging
│  │  └─ XPromotionGate team/shop-dev-to-staging, composed by the pipeline
│  │     ├─ verdict: pending
│  └─ staging → production, no gate yet
)"},
      {"with claims it composes a claim", kDrivingClaim,
       R"(XReleasePipeline shop-pipeline-13d35 of claim ReleasePipeline team/shop-pipeline
├─ steps
│  └─ dev → production
│     └─ XPromotionGate shop-dev-to-production-a7320 of claim PromotionGate team/shop-dev-to-production, composed by the pipeline
│        ├─ verdict: approved
)"},
      {"gates without a pipeline come last", std::string(kStray) + "---" + kPipeline,
       R"(XReleasePipeline team/app-pipeline
├─ steps
│  ├─ dev → staging, no gate among the files
│  └─ staging → production, no gate among the files
XPromotionGate elsewhere/app-dev-to-staging
├─ pipeline: XReleasePipeline elsewhere/app-pipeline is not among the files
├─ verdict: pending
)"},
      {"a gate for a step that the pipeline does not have", std::string(kPipeline) + R"(---
apiVersion: platform.zerotouch.dev/v1alpha1
kind: XPromotionGate
metadata: {name: app-dev-to-production, namespace: team}
spec:
  tenant: app
  artifact_id: ghcr.io/acme/app:main-abc123
  source_environment: dev
  target_environment: production
)",
       R"(XReleasePipeline team/app-pipeline
├─ steps
│  ├─ dev → staging, no gate among the files
│  ├─ staging → production, no gate among the files
│  └─ dev → production, no step of this pipeline
│     └─ XPromotionGate team/app-dev-to-production
│        ├─ verdict: pending
)"},
  };
  for (const Case& c : cases) {
    INFO(c.reason);
    const TempFolder folder;
    const Output output = Preview({folder.Write("all.yaml", c.manifests)}, "tree");
    CHECK(output.code == 0);
    CHECK(output.err.empty());
    CHECK(Outline(output.out) == c.outline);
  }
}

TEST_CASE("people are shown where it leads: pipelines see their gates' verdicts, and gates the pipelines") {
  struct Case {
    const char* reason;
    std::string manifests;
    const char* outline;
  };
  const std::string released = R"(---
apiVersion: platform.zerotouch.dev/v1alpha1
kind: XReleasePipeline
metadata: {name: shop-pipeline, namespace: team}
spec:
  tenant: shop
  environments: [dev, staging, production]
  artifact_id: ghcr.io/acme/shop:main-abc123
  promotionRules: {dev_to_staging: automatic, staging_to_production: RULE}
)";
  const auto with_rule = [&](const std::string& rule) {
    std::string manifest = released;
    return manifest.replace(manifest.find("RULE"), 4, rule);
  };
  const Case cases[] = {
      {"an automatic step is taken, and the next one is told", with_rule("manual"),
       R"(XReleasePipeline team/shop-pipeline
├─ steps
│  ├─ dev → staging
│  │  └─ XPromotionGate team/shop-dev-to-staging, composed by the pipeline
│  │     ├─ verdict: approved
│  └─ staging → production
│     └─ XPromotionGate team/shop-staging-to-production, composed by the pipeline
│        ├─ verdict: pending
)"},
      {"to the end", with_rule("automatic"),
       R"(XReleasePipeline team/shop-pipeline
├─ steps
│  ├─ dev → staging
│  │  └─ XPromotionGate team/shop-dev-to-staging, composed by the pipeline
│  │     ├─ verdict: approved
│  └─ staging → production
│     └─ XPromotionGate team/shop-staging-to-production, composed by the pipeline
│        ├─ verdict: approved
)"},
  };
  for (const Case& c : cases) {
    INFO(c.reason);
    for (const bool claims : {false, true}) {
      const TempFolder folder;
      std::string manifests = c.manifests;
      if (claims) manifests.replace(manifests.find("XRelease"), 8, "Release");
      const Output output = Preview({folder.Write("all.yaml", manifests)}, "tree");
      CHECK(output.code == 0);
      CHECK(output.err.empty());
      if (!claims) CHECK(Outline(output.out) == c.outline);
      if (claims)
        CHECK(output.out.find("of claim PromotionGate team/shop-staging-to-production") != std::string::npos);
      const bool is_released = std::string(c.reason) == "to the end";
      CHECK((output.out.find("Released True InLastEnvironment") != std::string::npos) == is_released);
    }
  }
}

TEST_CASE("a gate among the files opens for the pipeline, too") {
  const TempFolder folder;
  folder.Write("pipeline.yaml", kPipeline);
  folder.Write("gate.yaml",
               std::string(kGate) +
                   "  approvals:\n"
                   "  - {approver: eve, decision: approve, artifact_id: \"ghcr.io/acme/app:main-abc123\"}\n");
  const Output output = Preview({folder.Path("")}, "tree");
  CHECK(output.code == 0);
  CHECK(output.out.find("staging     ghcr.io/acme/app:main-abc123, since 2026-01-02T03:04:05Z, gate "
                        "app-dev-to-staging approved") != std::string::npos);
  // As it is for Crossplane's render: each of them once.
  CHECK(Preview({folder.Path("")}, "yaml").out.find("current_environment: dev") != std::string::npos);
}

TEST_CASE("what is refused is told with its file, and has its place in what is drawn") {
  const TempFolder folder;
  folder.Write("good.yaml", kPipeline);
  std::string bad = kDriving;
  bad.replace(bad.find("main-abc123"), 11, "latest");
  folder.Write("bad.yaml", bad);
  std::string second = kPipeline;
  second.replace(second.find("app-pipeline"), 12, "app-another");
  folder.Write("second.yaml", second);
  const Output tree = Preview({folder.Path("")}, "tree");
  CHECK(tree.code == 1);
  CHECK_THAT(
      tree.err,
      Catch::Contains("function-release-pipeline: " + folder.Path("bad.yaml") +
                      ": XReleasePipeline team/shop-pipeline: ") &&
          Catch::Contains("spec.artifact_id: ") &&
          Catch::Contains(folder.Path("second.yaml") + ": XReleasePipeline team/app-another: ") &&
          Catch::Contains("spec.tenant: app already has a pipeline in namespace team: XReleasePipeline "
                          "app-pipeline; delete one of the two"));
  CHECK_THAT(tree.out, Catch::Contains("XReleasePipeline team/shop-pipeline\n└─ ✗ refused: pipeline step") &&
                           Catch::Contains("XReleasePipeline team/app-another\n└─ ✗ refused: "));
  const Output chart = Preview({folder.Path("")}, "mermaid");
  CHECK(chart.code == 1);
  CHECK_THAT(chart.out,
             Catch::Contains("[\"XReleasePipeline team/shop-pipeline<br/>is refused\"]:::rejected"));
}

TEST_CASE("a gate that is composed is no output of its own in YAML, as for Crossplane's render") {
  const TempFolder folder;
  const Output output = Preview({folder.Write("a.yaml", kDriving)}, "yaml");
  CHECK(output.out.find("gate_status: pending") == std::string::npos);
}

TEST_CASE("a flowchart of a folder has the composed gates too") {
  const TempFolder folder;
  folder.Write("a.yaml", kDriving);
  folder.Write("b.yaml", kStray);
  const Output output = Preview({folder.Path("")}, "mermaid");
  CHECK(output.code == 0);
  CHECK(output.out.substr(0, output.out.find("  classDef")) == R"(flowchart LR
  subgraph p0["XReleasePipeline team/shop-pipeline"]
    direction LR
    p0e0["dev<br/>ghcr.io/acme/shop#58;main-abc123"]
    p0e1["staging<br/>nothing yet"]:::pending
    p0e2["production<br/>nothing yet"]
    p0e0 -->|"pending main-abc123<br/>Approvals 0 of 1"| p0e1
    p0e1 -.->|"no gate"| p0e2
  end
  subgraph p1["XReleasePipeline elsewhere/app-pipeline<br/>is not among the files"]
    direction LR
    p1e0["dev"]
    p1e1["staging"]:::pending
    p1e0 -->|"pending main-abc123<br/>Progression, Artifact, Approvals 0 of 1"| p1e1
  end
)");
}

}  // namespace
}  // namespace cli
