#include "test/unit/kubectl/fake.h"
#include "test/support/source_dir.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "function/base/time.h"
#include "function/cli/preview_object.h"
#include "function/cli/preview_render.h"
#include "function/runner/run_function.h"
#include "test/catch.h"

namespace kubectl_test {

using base::Json;

namespace {

cli::Rendered Render(const Json& xr, const std::vector<Json>& others, const std::string& now) {
  cli::RenderInput input;
  input.xr = xr;
  input.required = others;
  const base::FixedClock clock(*base::ParseTime(now));
  absl::StatusOr<cli::Rendered> rendered =
      cli::RenderComposite(input, [&](const std::string& request) -> absl::StatusOr<std::string> {
        std::string response;
        runner::RunSummary summary;
        const absl::Status status = runner::RunFunctionOnBytes(request, {clock}, &response, &summary);
        if (!status.ok()) return status;
        return response;
      });
  INFO(rendered.status().ToString());
  REQUIRE(rendered.ok());
  return *std::move(rendered);
}

Json Object(const char* kind, const char* name, const char* uid) {
  return {{"apiVersion", "platform.zerotouch.dev/v1alpha1"},
          {"kind", kind},
          {"metadata",
           {{"name", name},
            {"namespace", "team"},
            {"uid", uid},
            {"resourceVersion", "7"},
            {"creationTimestamp", "2026-01-02T11:00:00Z"}}}};
}

}  // namespace

absl::Time TestClock::Start() { return *base::ParseTime(kNow); }

void FakeKubectl::Add(const Answer& answer) {
  const std::string rule = absl::StrCat(count_++);
  folder_.Write(rule + ".out", answer.out);
  folder_.Write(rule + ".err", answer.err);
  folder_.Write(rule + ".code", absl::StrCat(answer.code));
  if (answer.once) folder_.Write(rule + ".once", "");
  folder_.Write(rule + ".when", answer.when);
}

void FakeKubectl::AddApi(bool claims) {
  Json resources = Json::array();
  for (const char* name : {"xpromotiongates", "xpromotiongates/status", "xreleasepipelines"}) {
    resources.push_back({{"name", name}, {"namespaced", !claims}});
  }
  if (claims) {
    for (const char* name : {"promotiongates", "releasepipelines"}) {
      resources.push_back({{"name", name}, {"namespaced", true}});
    }
  }
  Add({"^get --raw /apis/platform", Json{{"kind", "APIResourceList"}, {"resources", resources}}.dump()});
  Add({"^auth whoami", Json{{"status", {{"userInfo", {{"username", "alice"}}}}}}.dump()});
}

std::string FakeKubectl::program() const {
  return absl::StrCat(test_support::SourcePath("test/unit/kubectl/fake_kubectl"), " ", folder_.Path(""));
}

std::vector<std::string> FakeKubectl::Calls() const {
  return absl::StrSplit(folder_.Read("calls"), '\n', absl::SkipEmpty());
}

Json Gate(const Json& spec) {
  Json gate = Object("XPromotionGate", "shop-dev-to-staging", "6a7e0000-0000-4000-8000-000000000001");
  gate["spec"] = {{"tenant", "shop"},
                  {"artifact_id", kArtifact},
                  {"source_environment", "dev"},
                  {"target_environment", "staging"},
                  {"requested_by", "rita"}};
  gate["spec"].update(spec);
  return gate;
}

Json Pipeline(const Json& policy) {
  Json pipeline = Object("XReleasePipeline", "shop-pipeline", "6a7e0000-0000-4000-8000-000000000002");
  Json whole = {{"approvals", {{{"name", "owners"}, {"approvers", {"alice", "bob"}}, {"required", 2}}}}};
  whole.update(policy);
  pipeline["spec"] = {{"tenant", "shop"},
                      {"environments", {"dev", "staging"}},
                      {"promotionPolicies", {{"dev_to_staging", whole}}}};
  return pipeline;
}

Json Decided(const Json& gate, const Json& pipeline, const std::string& now) {
  Json decided = gate;
  decided["status"] = Render(gate, {pipeline}, now).xr["status"];
  return decided;
}

Json DecidedPipeline(const Json& pipeline, const std::vector<Json>& gates) {
  Json decided = pipeline;
  decided["status"] = Render(pipeline, gates, kNow).xr["status"];
  return decided;
}

Json ConfigMapOf(const Json& gate, const Json& pipeline, const std::string& now) {
  for (const cli::RenderedResource& resource : Render(gate, {pipeline}, now).resources) {
    if (resource.object["kind"] == "ConfigMap") return resource.object;
  }
  FAIL("no ConfigMap");
  return {};
}

Json Approval(const std::string& approver, const std::string& decision, const std::string& artifact) {
  return {{"approver", approver}, {"decision", decision}, {"artifact_id", artifact}, {"attempt", 1}};
}

Json ListOf(const std::vector<Json>& objects) {
  return {{"apiVersion", "v1"}, {"kind", "List"}, {"items", objects}};
}

}  // namespace kubectl_test
