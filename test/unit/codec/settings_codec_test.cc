#include "function/codec/settings_codec.h"

#include <string>
#include <vector>

#include "function/base/version.h"
#include "function/codec/struct_json.h"
#include "function/release/environment.h"
#include "test/catch.h"
#include "test/unit/codec/cases.h"

namespace codec {
namespace {

using base::Json;

TEST_CASE("The Input's defaults, with no Input and with an empty one", "[codec]") {
  for (const bool there : {false, true}) {
    const absl::StatusOr<release::Settings> settings =
        there ? DecodeSettings(absl::string_view()) : DecodeSettings(std::nullopt);
    REQUIRE(settings.ok());
    CHECK(settings->namespace_name == "platform-system");
    CHECK(settings->secret_store.name == "aws-parameter-store");
    CHECK(settings->secret_store.kind == "ClusterSecretStore");
    CHECK(settings->secret_paths.github_token == "/zerotouch/prod/release-pipeline/github-token");
    CHECK(settings->secret_paths.registry_token == "/zerotouch/prod/release-pipeline/registry-token");
    CHECK(settings->refresh_interval == "1h");
    CHECK(settings->service_account_annotations.empty());
    CHECK(settings->gate_job.image == base::Image());
    CHECK_FALSE(settings->gate_job.suspend);
    CHECK(settings->poll_interval == absl::Seconds(60));
    CHECK(settings->heartbeat == absl::Minutes(10));
    for (const release::Step& step : release::AllSteps()) {
      CHECK(settings->policy.at(step.Key()) == release::StepPolicy());
      CHECK_FALSE(settings->trust.at(step.Key()).override_approvers.has_value());
      CHECK_FALSE(settings->trust.at(step.Key()).allowed_signers.has_value());
    }
  }
}

TEST_CASE("Every field of the Input", "[codec]") {
  const Json input = Json::parse(R"({
      "apiVersion": "release.fn.zerotouch.dev/v1beta1", "kind": "Input", "metadata": {"name": "x"},
      "namespace": "platform", "secretStore": {"name": "vault", "kind": "SecretStore"},
      "secretPaths": {"githubToken": "/{tenant}/g", "registryToken": "/{tenant}/r"}, "refreshInterval": "0",
      "serviceAccountAnnotations": {"eks.amazonaws.com/role-arn": "arn:{tenant}", "empty": ""},
      "gateJob": {"image": "registry.example.org/x:v1", "suspend": true},
      "policy": {"dev_to_staging": {"soak_hours": 3, "override_approvers": []}},
      "allowedSigners": "", "freezes": [{"name": "f", "from": "2026-01-01T00:00:00Z", "until": "2026-01-02T00:00:00Z"}],
      "pollInterval": "1s", "heartbeat": "24h"})");
  const absl::StatusOr<release::Settings> settings = DecodeSettings(EncodeStruct(input));
  INFO(settings.status().message());
  REQUIRE(settings.ok());
  CHECK(settings->namespace_name == "platform");
  CHECK(settings->secret_store.name == "vault");
  CHECK(settings->secret_store.kind == "SecretStore");
  CHECK(settings->secret_paths.github_token == "/{tenant}/g");
  CHECK(settings->secret_paths.registry_token == "/{tenant}/r");
  CHECK(settings->refresh_interval == "0");
  CHECK(settings->service_account_annotations ==
        std::map<std::string, std::string>{{"eks.amazonaws.com/role-arn", "arn:{tenant}"}, {"empty", ""}});
  CHECK(settings->gate_job.image == "registry.example.org/x:v1");
  CHECK(settings->gate_job.suspend);
  CHECK(settings->policy.at("dev_to_staging").soak_hours == 3);
  CHECK(settings->policy.at("staging_to_production").freezes.size() == 1);
  CHECK(settings->trust.at("dev_to_staging").override_approvers == std::vector<std::string>());
  CHECK_FALSE(settings->trust.at("dev_to_production").override_approvers.has_value());
  CHECK(settings->trust.at("dev_to_production").allowed_signers == "");
  CHECK(settings->poll_interval == absl::Seconds(1));
  CHECK(settings->heartbeat == absl::Hours(24));
}

const std::vector<PatchCase> kInvalid = {
    {"another apiVersion and kind", R"({"apiVersion":"v1","kind":"ConfigMap"})"},
    {"namespace: a dot", R"({"namespace":"a.b"})"},
    {"secretStore: no such kind, an empty name", R"({"secretStore":{"kind":"Vault","name":""}})"},
    {"secretStore: an unknown field", R"({"secretStore":{"namespace":"x"}})"},
    {"secretPaths: an empty path", R"({"secretPaths":{"githubToken":""}})"},
    {"secretPaths: snake case", R"({"secretPaths":{"github_token":"/x"}})"},
    {"refreshInterval: no unit", R"({"refreshInterval":"60"})"},
    {"refreshInterval: goes back", R"({"refreshInterval":"-1h"})"},
    {"refreshInterval: for ever", R"({"refreshInterval":"inf"})"},
    {"refreshInterval: a number", R"({"refreshInterval":60})"},
    {"serviceAccountAnnotations: a number", R"({"serviceAccountAnnotations":{"a":1}})"},
    {"serviceAccountAnnotations: a list", R"({"serviceAccountAnnotations":[]})"},
    {"serviceAccountAnnotations: a long value",
     R"({"serviceAccountAnnotations":{"a":{"of":"x","times":1025}}})"},
    {"gateJob: an empty image, suspend as text", R"({"gateJob":{"image":"","suspend":"yes"}})"},
    {"gateJob: an unknown field", R"({"gateJob":{"tag":"v1"}})"},
    {"policy: no such step", R"({"policy":{"production":{}}})"},
    {"policy: an unknown field", R"({"policy":{"dev_to_staging":{"approvers":[]}}})"},
    {"policy: more than there are",
     R"({"policy":{"dev_to_staging":{"approvals":[{"name":"r","approvers":["a"],"required":2}]}}})"},
    {"freezes: ends as it begins",
     R"({"freezes":[{"name":"f","from":"2026-01-01T00:00:00Z","until":"2026-01-01T00:00:00Z"}]})"},
    {"allowedSigners: a certificate authority",
     R"({"allowedSigners":"alice cert-authority ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJjqJ2lFgaKqoVZ8rIhTS9oUlWUo0rBkJFIsJYZZPiXT"})"},
    {"allowedSigners: snake case", R"({"allowed_signers":""})"},
    {"pollInterval: less than a second", R"({"pollInterval":"500ms"})"},
    {"pollInterval: nothing", R"({"pollInterval":"0s"})"},
    {"heartbeat: more than a day", R"({"heartbeat":"25h"})"},
    {"heartbeat: days", R"({"heartbeat":"1d"})"},
};

TEST_CASE("What is wrong with the Input is told with its place and what is allowed", "[codec]") {
  CheckMessages("input.txt", kInvalid, [](const std::string& patch) {
    return DecodeSettings(EncodeStruct(Patch(Json::object(), patch))).status();
  });
}

TEST_CASE("51 annotations are too many, and told once", "[codec]") {
  Json annotations = Json::object();
  for (int i = 0; i < 51; ++i) annotations["a" + std::to_string(i)] = "x";
  CHECK(DecodeSettings(EncodeStruct({{"serviceAccountAnnotations", annotations}})).status().message() ==
        "input.serviceAccountAnnotations: must have at most 50 entries, but has 51");
}

}  // namespace
}  // namespace codec
