// The two plainest objects, and the largest ones that the API takes.
#include <string>
#include <vector>

#include "test/catch.h"
#include "test/support/golden.h"
#include "test/support/proto_struct.h"
#include "test/unit/runner/objects.h"

namespace runner {
namespace {

// Everything that an answer has, as people would read it.
std::string Print(const Answer& answer) {
  Json print = {{"status", answer.Status()},         {"results", answer.Results()},
                {"conditions", answer.Conditions()}, {"ttl", absl::FormatDuration(answer.Ttl())},
                {"resources", Json::object()},       {"required", Json::object()}};
  for (const std::string& key : answer.ResourceKeys()) {
    const Json resource = answer.Resource(key);
    print["resources"][key] =
        resource["kind"].get<std::string>() + " " + resource["metadata"]["name"].get<std::string>();
  }
  for (const auto& [key, selector] : answer.proto.requirements().resources()) {
    print["required"][key] = selector.kind() + " " + selector.namespace_() + "/" + selector.match_name();
  }
  return print.dump(2) + "\n";
}

TEST_CASE("A minimal gate and a minimal pipeline, whole", "[runner]") {
  test_support::CheckGolden("test/unit/runner/testdata/gate.json",
                            Print(Call(Request(GateXr()).Required("pipeline", PipelineXr()), kNow)));
  test_support::CheckGolden("test/unit/runner/testdata/pipeline.json",
                            Print(Call(Request(PipelineXr()), kNow)));
}

TEST_CASE("A gate with everything at its bounds is answered, within the bounds of Kubernetes", "[attack]") {
  Json approvals = Json::array(), checks = Json::array();
  for (int i = 0; i < 50; ++i) {
    const std::string name = std::string(250, '"') + std::to_string(100 + i);
    Json approval = Approval(name);
    approval["comment"] = std::string(1024, 'x');
    approval["signature"] = std::string(16384, 'x');
    approvals.push_back(std::move(approval));
    checks.push_back(
        {{"name", name}, {"state", "success"}, {"artifact_id", kApp}, {"message", std::string(1024, 'x')}});
  }
  const Json gate = WithSpec(GateXr(), {{"approvals", approvals}, {"checks", checks}});
  const Answer answer = Call(Request(gate).Required("pipeline", PipelineXr()), kNow);
  CHECK(answer.Results().back().find("FATAL") == std::string::npos);
  CHECK(answer.Status()["gate_status"] == "pending");
  CHECK(answer.Status()["approvals"]["ignored"].size() == 50);
  CHECK(answer.Resource("gate-config").dump().size() < 1024 * 1024);
  CHECK(answer.bytes.size() < 4 * 1024 * 1024);
}

TEST_CASE("Policies of both sides at their bounds are merged and told briefly", "[attack]") {
  Json rules = Json::array(), names = Json::array(), windows = Json::array(), freezes = Json::array();
  for (int i = 0; i < 50; ++i) names.push_back(std::string(250, 'n') + std::to_string(100 + i));
  for (int i = 0; i < 50; ++i) {
    rules.push_back({{"name", names[i]}, {"approvers", names}, {"required", 50}});
    windows.push_back(
        {{"name", names[i]}, {"start", "01:00"}, {"end", "02:00"}, {"time_zone", "Europe/Berlin"}});
    freezes.push_back({{"name", names[i]},
                       {"from", "2026-01-01T00:00:00Z"},
                       {"until", "2026-12-31T00:00:00Z"},
                       {"reason", std::string(1024, 'x')}});
  }
  const Json policy = {
      {"dev_to_staging", {{"approvals", rules}, {"required_checks", names}, {"windows", windows}}}};
  Request request = Request(GateXr()).Required(
      "pipeline", WithSpec(PipelineXr(), {{"promotionPolicies", policy}, {"freezes", freezes}}));
  request.Input({{"policy", policy}, {"freezes", freezes}});
  const Answer answer = Call(request, kNow);
  CHECK(
      answer.Results() ==
      std::vector<std::string>{"NORMAL AttemptStarted: an attempt started for ghcr.io/acme/app:main-abc123"});
  const Json status = answer.Status();
  CHECK(status["gate_status"] == "pending");
  for (const Json& requirement : status["requirements"]) {
    INFO(requirement["name"]);
    CHECK(requirement["message"].get<std::string>().size() <= 32768);
  }
}

TEST_CASE("A key in the function's credentials keys the trail, and is told to nobody", "[attack]") {
  Request request = Request(GateXr()).Required("pipeline", PipelineXr()).AuditKey("a very secret key");
  const Answer keyed = Call(request, kNow);
  const Answer plain = Call(Request(GateXr()).Required("pipeline", PipelineXr()), kNow);
  CHECK(keyed.Status()["audit"][0]["hash"] != plain.Status()["audit"][0]["hash"]);
  CHECK(keyed.bytes.find("a very secret key") == std::string::npos);
  request.Xr(WithStatus(GateXr(), plain));
  CHECK(Call(request, kNow).Condition("AuditIntact") == "False AuditBroken");
  request.Xr(WithStatus(GateXr(), keyed)).AuditKey("another key", "a very secret key");
  CHECK(Call(request, kNow).Condition("AuditIntact") == "True ChainVerified");
}

}  // namespace
}  // namespace runner
