// Required and observed resources: only the very object that was asked for counts.
#include <string>
#include <tuple>
#include <vector>

#include "test/catch.h"
#include "test/unit/runner/objects.h"

namespace runner {
namespace {

std::string Progression(const Answer& answer) { return answer.Status()["requirements"][0]["reason"]; }

TEST_CASE("The gate asks for its pipeline by name, in its namespace", "[runner]") {
  const Answer answer = Call(Request(GateXr()), kNow);
  const auto& asked = answer.proto.requirements().resources();
  REQUIRE(asked.size() == 2);  // and for the ConfigMap of the pipeline in charge
  const auto& pipeline = asked.at("pipeline");
  CHECK(pipeline.api_version() == "platform.zerotouch.dev/v1alpha1");
  CHECK(pipeline.kind() == "XReleasePipeline");
  CHECK(pipeline.match_name() == "acme-pipeline");
  CHECK(pipeline.namespace_() == "team");
  CHECK_FALSE(answer.AsksTheOldWay("pipeline"));
}

TEST_CASE("A Crossplane without capabilities is asked the old way too, and its answer is read", "[runner]") {
  Request request(GateXr());
  request.proto().mutable_meta()->clear_capabilities();
  const Answer first = Call(request, kNow);
  CHECK(first.AsksTheOldWay("pipeline"));
  CHECK(first.proto.requirements().resources().at("pipeline").match_name() == "acme-pipeline");
  CHECK(Progression(first) == "PipelineUnknown");
  CHECK(Progression(Call(request.Extra("pipeline", PipelineXr()), kNow)) == "Met");
}

// As the gate from dev to staging composed it, or somebody else under its name.
Json Composed(const Json& config_map, const std::string& uid) {
  Json composed = AsObserved(config_map, uid);
  composed["metadata"]["ownerReferences"][0]["name"] = "acme-dev-to-staging";
  return composed;
}

struct RequiredCase {
  std::string reason;
  Json pipeline;
  std::string progression;
};

TEST_CASE("A pipeline that is not the one asked for does not count", "[runner]") {
  const std::vector<RequiredCase> cases = {
      {"the one", PipelineXr(), "Met"},
      {"of another namespace", Patched(PipelineXr(), {{"metadata", {{"namespace", "evil"}}}}),
       "PipelineNotFound"},
      {"without a namespace", Patched(PipelineXr(), {{"metadata", {{"namespace", nullptr}}}}),
       "PipelineNotFound"},
      {"of another name", Patched(PipelineXr(), {{"metadata", {{"name", "evil"}}}}), "PipelineNotFound"},
      {"of another kind", Patched(PipelineXr(), {{"kind", "ReleasePipeline"}}), "PipelineNotFound"},
      {"of another group", Patched(PipelineXr(), {{"apiVersion", "evil.dev/v1alpha1"}}), "PipelineNotFound"},
      {"of another tenant", Patched(PipelineXr(), {{"spec", {{"tenant", "evil"}}}}),
       "PipelineOfAnotherTenant"},
      {"one that is not valid", Patched(PipelineXr(), {{"spec", {{"evil", 1}}}}), "PipelineInvalid"},
      {"an empty object", Json::object(), "PipelineNotFound"},
  };
  for (const RequiredCase& c : cases) {
    INFO(c.reason);
    const Json gate = WithSpec(GateXr(), {{"approval_required", false}});
    const Json pipeline = WithSpec(c.pipeline, {{"promotionRules", {{"dev_to_staging", "automatic"}}}});
    const Answer answer =
        Call(Request(gate).Required("pipeline", c.pipeline.empty() ? c.pipeline : pipeline), kNow);
    CHECK(Progression(answer) == c.progression);
    CHECK(answer.Status()["gate_status"] == (c.progression == "Met" ? "approved" : "pending"));
  }
}

TEST_CASE("The right pipeline counts among wrong ones", "[runner]") {
  Request request(GateXr());
  request.Required("pipeline", Patched(PipelineXr(), {{"metadata", {{"namespace", "evil"}}}}));
  request.Required("pipeline", PipelineXr());
  CHECK(Progression(Call(request, kNow)) == "Met");
}

TEST_CASE("Nothing found is not the same as not answered yet", "[runner]") {
  CHECK(Progression(Call(Request(GateXr()), kNow)) == "PipelineUnknown");
  CHECK(Progression(Call(Request(GateXr()).RequiredNothing("pipeline"), kNow)) == "PipelineNotFound");
  CHECK(Call(Request(GateXr()).RequiredNothing("pipeline"), kNow).Condition("Approved") ==
        "Unknown PipelineNotFound");
}

TEST_CASE("A gate with a claim asks for the claim of its pipeline", "[runner]") {
  Json xr = Patched(GateXr(), {{"metadata", {{"name", "acme-x7k2p"}, {"namespace", nullptr}}}});
  xr["spec"]["claimRef"] = {{"name", "acme-dev-to-staging"}, {"namespace", "team"}};
  const auto asked = Call(Request(xr), kNow).proto.requirements().resources().at("pipeline");
  CHECK(asked.kind() == "ReleasePipeline");
  CHECK(asked.namespace_() == "team");
  const Json claim = Patched(PipelineXr(), {{"kind", "ReleasePipeline"}});
  CHECK(Progression(Call(Request(xr).Required("pipeline", claim), kNow)) == "Met");
  CHECK(Progression(Call(Request(xr).Required("pipeline", PipelineXr()), kNow)) == "PipelineNotFound");
}

TEST_CASE("A cluster-scoped gate without a claim asks for a cluster-scoped pipeline", "[runner]") {
  const Json no_namespace = {{"metadata", {{"namespace", nullptr}}}};
  Request request(Patched(GateXr(), no_namespace));
  const auto asked = Call(request, kNow).proto.requirements().resources().at("pipeline");
  CHECK(asked.kind() == "XReleasePipeline");
  CHECK_FALSE(asked.has_namespace_());
  const Answer answer = Call(request.Required("pipeline", Patched(PipelineXr(), no_namespace)), kNow);
  CHECK(Progression(answer) == "Met");
  CHECK(answer.Resource("gate-config")["metadata"]["namespace"] == "platform-system");
}

TEST_CASE("Attack: a second pipeline of the tenant, which is not in charge, brings no policies", "[attack]") {
  Json config = {{"apiVersion", "v1"},
                 {"kind", "ConfigMap"},
                 {"metadata", {{"name", "acme-release-pipeline-config"}, {"namespace", "team"}}}};
  const Json gate = WithSpec(GateXr(), {{"approval_required", false}});
  const Json pipeline = WithSpec(PipelineXr(), {{"promotionRules", {{"dev_to_staging", "automatic"}}}});
  for (const bool in_charge : {true, false}) {
    Request request = Request(gate).Required("pipeline", pipeline);
    Json controlled = AsObserved(config, in_charge ? kUid : "another-uid");
    controlled["metadata"]["ownerReferences"][0]["name"] = "acme-pipeline";
    request.Required("pipeline-config", controlled);
    const Answer answer = Call(request, kNow);
    CHECK(Progression(answer) == (in_charge ? "Met" : "PipelineNotInCharge"));
    CHECK(answer.Status()["gate_status"] == (in_charge ? "approved" : "pending"));
  }
}

// The second step takes what the pipeline's status has in staging, where the trail of the gate that leads
// there says the same, in both of its copies.
TEST_CASE("Attack: whoever can write the pipeline's status, or the gate's, opens nothing", "[attack]") {
  const Json open = {{"approval_required", false}};
  const Json first_xr = WithSpec(GateXr(), {{"approvals", Json::array({Approval("alice")})}});
  const Answer approving = Call(Request(first_xr).Required("pipeline", PipelineXr()), kNow);
  const Json approved = WithStatus(first_xr, approving);
  const Json config = Composed(approving.Resource("gate-config"), kUid);
  REQUIRE(approved["status"]["gate_status"] == "approved");
  Json forged = GateXr();  // says so without a trail
  forged["status"] = {{"gate_status", "approved"}, {"approved_artifact_id", kApp}, {"subject", "x"}};
  Json gate = WithSpec(GateXr(), open);
  gate["metadata"]["name"] = "acme-staging-to-production";
  gate["spec"]["source_environment"] = "staging";
  gate["spec"]["target_environment"] = "production";
  Json pipeline = WithSpec(PipelineXr(), {{"promotionRules", {{"staging_to_production", "automatic"}}}});
  const Json in_staging = Json::array(
      {Json::object({{"name", "staging"}, {"artifact_id", kApp}, {"since", "2026-01-02T12:01:00Z"}})});
  const Json of_another_namespace = Patched(approved, {{"metadata", {{"namespace", "evil"}}}});
  Json started = config;  // behind the status, as far as its first entry
  std::string& lines = started["data"]["audit.jsonl"].get_ref<std::string&>();
  lines.resize(lines.find('\n') + 1);
  const Json elsewhere = Patched(config, {{"metadata", {{"namespace", "evil"}}}});
  const char* const closed = "NotInSourceEnvironment";
  const std::vector<std::tuple<std::string, Json, Json, Json, std::string>> cases = {
      {"all agree", in_staging, approved, config, "Met"},
      {"the status alone", in_staging, Json(), Json(), closed},
      {"the trail alone", Json::array(), approved, config, closed},
      {"a gate's status without a trail", in_staging, forged, config, closed},
      {"a gate of another namespace", in_staging, of_another_namespace, config, closed},
      {"a trail that no ConfigMap has", in_staging, approved, Json(), closed},
      {"a trail that the ConfigMap does not have yet", in_staging, approved, started, closed},
      {"a ConfigMap of another controller", in_staging, approved, Composed(config, "evil"), closed},
      {"a ConfigMap of another namespace", in_staging, approved, elsewhere, closed},
  };
  for (const auto& [reason, environments, source_gate, config_map, want] : cases) {
    INFO(reason);
    pipeline["status"]["environments"] = environments;
    Request request = Request(gate).Required("pipeline", pipeline);
    if (!source_gate.is_null()) request.Required("source-gate", source_gate);
    if (!config_map.is_null()) request.Required("source-gate-config", config_map);
    const Answer answer = Call(request, kNow + absl::Minutes(1));
    CHECK(answer.Status()["requirements"][1]["reason"] == want);
    CHECK(answer.Status()["gate_status"] == (want == "Met" ? "approved" : "pending"));
  }
}

// With a key nobody else can have written the trail: one copy is enough, and nobody asks for the other.
TEST_CASE("A key vouches for the source gate's trail", "[runner]") {
  const Json first_xr = WithSpec(GateXr(), {{"approvals", Json::array({Approval("alice")})}});
  const Answer approving =
      Call(Request(first_xr).Required("pipeline", PipelineXr()).AuditKey("secret"), kNow);
  Json gate = WithSpec(GateXr(), {{"approval_required", false}});
  gate["metadata"]["name"] = "acme-staging-to-production";
  gate["spec"]["source_environment"] = "staging";
  gate["spec"]["target_environment"] = "production";
  Json pipeline = WithSpec(PipelineXr(), {{"promotionRules", {{"staging_to_production", "automatic"}}}});
  pipeline["status"]["environments"] =
      Json::array({Json::object({{"name", "staging"}, {"artifact_id", kApp}})});
  for (const std::string key : {"secret", "another"}) {
    INFO(key);
    Request request = Request(gate).AuditKey(key).Required("pipeline", pipeline);
    request.Required("source-gate", WithStatus(first_xr, approving));
    const Answer answer = Call(request, kNow + absl::Minutes(1));
    CHECK(answer.proto.requirements().resources().count("source-gate-config") == 0);
    CHECK(answer.Status()["gate_status"] == (key == "secret" ? "approved" : "pending"));
  }
}

struct ConfigMapCase {
  std::string reason;
  void (*change)(Json&);
  std::string status;
};

// The status is lost; what is left is the ConfigMap, which says approved.
TEST_CASE("An observed ConfigMap counts under its own name and with this XR as its controller only",
          "[runner]") {
  const std::vector<ConfigMapCase> cases = {
      {"the one", [](Json&) {}, "approved"},
      {"under another name", [](Json& c) { c["metadata"]["name"] = "evil"; }, "pending"},
      {"of another controller",
       [](Json& c) { c["metadata"]["ownerReferences"][0]["uid"] = "99999999-2222-3333-4444-555555555555"; },
       "pending"},
      {"of an owner that is not the controller",
       [](Json& c) { c["metadata"]["ownerReferences"][0]["controller"] = false; }, "pending"},
      {"of nobody", [](Json& c) { c["metadata"].erase("ownerReferences"); }, "pending"},
      {"with another one as the controller, and this XR as an owner",
       [](Json& c) {
         Json other = c["metadata"]["ownerReferences"][0];
         other["uid"] = "99999999-2222-3333-4444-555555555555";
         c["metadata"]["ownerReferences"][0]["controller"] = false;
         c["metadata"]["ownerReferences"].insert(c["metadata"]["ownerReferences"].begin(), other);
       },
       "pending"},
  };
  const Json approvals = {{"approvals", Json::array({Approval("alice")})}};
  const Answer before = Call(Request(WithSpec(GateXr(), approvals)).Required("pipeline", PipelineXr()), kNow);
  REQUIRE(before.Status()["gate_status"] == "approved");
  for (const ConfigMapCase& c : cases) {
    INFO(c.reason);
    Json config = AsObserved(before.Resource("gate-config"));
    c.change(config);
    Request request = Request(GateXr()).Required("pipeline", PipelineXr()).Observed("gate-config", config);
    CHECK(Call(request, kNow).Status()["gate_status"] == c.status);
  }
}

TEST_CASE("The job keeps the image that it was made with, as long as it is ours", "[runner]") {
  Request request = Request(GateXr()).Required("pipeline", PipelineXr());
  request.Input({{"gateJob", {{"image", "registry.example.org/fn:v1"}}}});
  const Answer first = Call(request, kNow);
  const auto image = [](const Answer& answer, const std::string& key) {
    return answer.Resource(key)["spec"]["template"]["spec"]["containers"][0]["image"];
  };
  const std::string key = first.ResourceKeys().at(1);
  REQUIRE(image(first, key) == "registry.example.org/fn:v1");
  request.Input({{"gateJob", {{"image", "registry.example.org/fn:v2"}}}});
  CHECK(image(Call(request, kNow), key) == "registry.example.org/fn:v2");
  CHECK(image(Call(request.Observed(key, AsObserved(first.Resource(key))), kNow), key) ==
        "registry.example.org/fn:v1");
  CHECK(image(Call(request.Observed(key, AsObserved(first.Resource(key), "evil")), kNow), key) ==
        "registry.example.org/fn:v2");
}

}  // namespace
}  // namespace runner
