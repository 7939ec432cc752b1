// Bad input: a FATAL result that changes nothing in the cluster, and that people can see.
#include <google/protobuf/stubs/logging.h>

#include <random>
#include <string>
#include <vector>

#include "function/runner/run_function.h"
#include "test/catch.h"
#include "test/support/proto_struct.h"
#include "test/unit/runner/objects.h"

namespace runner {
namespace {

using test_support::fnv1::RunFunctionResponse;

struct FailureCase {
  std::string reason;
  void (*change)(Request&);
  std::string message;
  std::string condition;
};

const std::vector<FailureCase> kFailures = {
    {"the XR is gone", [](Request& r) { r.proto().clear_observed(); },
     "observed.composite.resource: is missing: call this function from a Composition", "Promoting"},
    {"a kind that is not ours",
     [](Request& r) {
       r.Xr(Patched(GateXr(), {{"kind", "XOther"}}));
     },
     "observed.composite.resource.kind: is XOther of platform.zerotouch.dev/v1alpha1, but this function "
     "composes "
     "XReleasePipeline and XPromotionGate of platform.zerotouch.dev/v1alpha1: use it in a Composition with "
     "that "
     "compositeTypeRef",
     "Promoting"},
    {"our kind of another version",
     [](Request& r) {
       r.Xr(Patched(GateXr(), {{"apiVersion", "platform.zerotouch.dev/v2"}}));
     },
     "observed.composite.resource.kind: is XPromotionGate of platform.zerotouch.dev/v2, but this function "
     "composes "
     "XReleasePipeline and XPromotionGate of platform.zerotouch.dev/v1alpha1: use it in a Composition with "
     "that "
     "compositeTypeRef",
     "Promoting"},
    {"an XR without a name",
     [](Request& r) {
       r.Xr(Patched(GateXr(), {{"metadata", {{"name", nullptr}}}}));
     },
     "observed.composite.resource: has no metadata.name: call this function from a Composition", "Approved"},
    {"a gate without an artifact",
     [](Request& r) {
       r.Xr(Patched(GateXr(), {{"spec", {{"artifact_id", nullptr}}}}));
     },
     "spec.artifact_id: is required", "Approved"},
    {"a pipeline without environments",
     [](Request& r) {
       r.Xr(Patched(PipelineXr(), {{"spec", {{"environments", nullptr}}}}));
     },
     "spec.environments: is required", "Promoting"},
    {"an audit credential without a key, which would pass for no key at all",
     [](Request& r) { r.AuditKey(""); },
     "credentials.audit: has no key: put one under \"key\" into its Secret, or remove the credential from "
     "the "
     "Composition",
     "Approved"},
    {"an input with a field that is not known",
     [](Request& r) {
       r.Input({{"polcy", Json::object()}});
     },
     "input: has no field \"polcy\": remove it or correct its name", "Approved"},
    {"an input that is no Input",
     [](Request& r) {
       r.Input({{"apiVersion", "pt.fn.crossplane.io/v1beta1"}, {"kind", "Resources"}});
     },
     "input.apiVersion: must be release.fn.zerotouch.dev/v1beta1, but is \"pt.fn.crossplane.io/v1beta1\"; "
     "input.kind: must be Input, but is \"Resources\"",
     "Approved"},
};

TEST_CASE("Every failure is a warning, a condition and a FATAL result, in this order", "[runner]") {
  for (const FailureCase& c : kFailures) {
    INFO(c.reason);
    Request request = Request(GateXr()).Required("pipeline", PipelineXr());
    request.Desired("theirs", {{"kind", "Theirs"}}).Context({{"theirs", 1}});
    c.change(request);
    const Answer answer = Call(request, kNow);
    CHECK(answer.Results() ==
          std::vector<std::string>{"WARNING InvalidInput: " + c.message, "FATAL InvalidInput: " + c.message});
    CHECK(answer.Conditions() ==
          std::vector<std::string>{c.condition + "=Unknown InvalidInput: " + c.message});
    CHECK(answer.proto.results(0).target() == test_support::fnv1::TARGET_COMPOSITE_AND_CLAIM);
    CHECK(answer.proto.conditions(0).target() == test_support::fnv1::TARGET_COMPOSITE_AND_CLAIM);
    CHECK(answer.Ttl() == absl::Minutes(1));
    CHECK(answer.proto.meta().tag() == "tag");
    CHECK(answer.ResourceKeys() == std::vector<std::string>{"theirs"});
    CHECK(answer.Status().is_null());
    CHECK(test_support::FromStruct(answer.proto.context()) == Json({{"theirs", 1}}));
  }
}

TEST_CASE("An empty request is answered", "[runner]") {
  Request request((Json::object()));
  request.proto().Clear();
  const Answer answer = Call(request, kNow);
  CHECK(answer.Results().back() ==
        "FATAL InvalidInput: observed.composite.resource: is missing: call this function from a Composition");
  CHECK(answer.Ttl() == absl::Minutes(1));
}

TEST_CASE("A second pipeline of one tenant changes nothing and names the first", "[runner]") {
  Json config = {{"apiVersion", "v1"},
                 {"kind", "ConfigMap"},
                 {"metadata", {{"name", "acme-release-pipeline-config"}, {"namespace", "team"}}}};
  config = AsObserved(config, "another-uid");
  config["metadata"]["ownerReferences"][0]["kind"] = "XReleasePipeline";
  config["metadata"]["ownerReferences"][0]["name"] = "first";
  const Answer answer = Call(Request(PipelineXr()).Required("pipeline-config", config), kNow);
  CHECK(answer.Results().back() ==
        "FATAL InvalidInput: spec.tenant: acme already has a pipeline in namespace team: XReleasePipeline "
        "first; "
        "delete one of the two, or give it a tenant of its own");
  CHECK(answer.ResourceKeys().empty());
}

TEST_CASE("Bytes that are no request are refused, and whatever is one is answered with valid UTF-8",
          "[runner]") {
  const google::protobuf::LogSilencer no_complaints_about_utf8;
  const std::string valid = Request(GateXr()).Required("pipeline", PipelineXr()).Bytes();
  const base::FixedClock clock(kNow);
  std::mt19937 random(7);
  int answered = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string bytes = valid;
    if (round % 3 == 0) bytes.resize(random() % bytes.size());
    for (size_t flips = random() % 4; flips > 0 && !bytes.empty(); --flips) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    std::string response;
    RunSummary summary;
    if (!RunFunctionOnBytes(bytes, {clock}, &response, &summary).ok()) continue;
    ++answered;
    // proto3 strings that are not UTF-8 do not parse in Crossplane. What is passed through is theirs.
    RunFunctionResponse parsed;
    parsed.ParseFromString(response);
    test_support::fnv1::Result last;
    for (const auto& result : parsed.results()) CHECK(last.ParseFromString(result.SerializeAsString()));
    CHECK(parsed.meta().has_ttl());
  }
  CHECK(answered > 100);
}

TEST_CASE("A message quotes what is not UTF-8 as U+FFFD", "[runner]") {
  Request request(GateXr());
  std::string bytes = Request(Patched(GateXr(), {{"kind", "XQther"}})).Bytes();
  bytes[bytes.find("XQther") + 1] = static_cast<char>(0xff);
  const base::FixedClock clock(kNow);
  Answer answer;
  RunSummary summary;
  REQUIRE(RunFunctionOnBytes(bytes, {clock}, &answer.bytes, &summary).ok());
  REQUIRE(answer.proto.ParseFromString(answer.bytes));
  CHECK(answer.Results().back().find("is X\xEF\xBF\xBDther of") != std::string::npos);
}

}  // namespace
}  // namespace runner
