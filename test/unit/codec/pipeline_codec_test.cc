#include "function/codec/pipeline_codec.h"

#include <string>
#include <vector>

#include "function/codec/struct_json.h"
#include "test/catch.h"
#include "test/unit/codec/cases.h"

namespace codec {
namespace {

using base::Json;
using release::Environment;
using release::PromotionRule;

Json Minimal() {
  return {{"tenant", "acme"}, {"environments", Json::array({"dev", "staging", "production"})}};
}

absl::StatusOr<release::PipelineSpec> Decode(const Json& spec) {
  const std::string object = EncodeStruct({{"spec", spec}});
  return DecodePipelineSpec(StructView(object));
}

TEST_CASE("A pipeline's defaults", "[codec]") {
  const absl::StatusOr<release::PipelineSpec> pipeline = Decode(Minimal());
  REQUIRE(pipeline.ok());
  CHECK(pipeline->tenant == "acme");
  CHECK(pipeline->environments ==
        std::vector<Environment>{Environment::kDev, Environment::kStaging, Environment::kProduction});
  CHECK(pipeline->rules ==
        std::map<std::string, PromotionRule>{{"dev_to_staging", PromotionRule::kManual},
                                             {"staging_to_production", PromotionRule::kManual}});
  CHECK(pipeline->registry == "ghcr.io");
  CHECK(pipeline->retention_days == 30);
  CHECK(pipeline->validation_mode == "preview");
  CHECK(pipeline->bootstrap_mode == "preview");
  CHECK(pipeline->artifact_id.empty());
  CHECK(pipeline->requested_by.empty());
  CHECK(pipeline->attempt == 1);
  CHECK(pipeline->approvals.empty());
  release::StepPolicy manual;
  manual.approval_required = true;
  CHECK(pipeline->policies.at("dev_to_staging") == manual);
  CHECK(pipeline->policies.at("staging_to_production") == manual);
  CHECK(pipeline->policies.at("dev_to_production") == release::StepPolicy());
  for (const auto& [step, trust] : pipeline->trust) {
    CHECK_FALSE(trust.override_approvers.has_value());
    CHECK_FALSE(trust.allowed_signers.has_value());
  }
}

TEST_CASE("Every field of a pipeline", "[codec]") {
  const absl::StatusOr<release::PipelineSpec> pipeline = Decode(Patch(Minimal(), R"({
      "promotionRules": {"dev_to_staging": "automatic"},
      "artifactConfig": {"registry": "registry.example.org:5000", "retention_days": 365},
      "testing": {"validation_mode": "preview", "bootstrap_mode": "preview"},
      "artifact_id": "registry.example.org:5000/a/b:abcdef", "requested_by": "rita", "attempt": 5,
      "approvals": [{"approver": "alice", "target_environment": "production", "decision": "approve",
                     "artifact_id": "registry.example.org:5000/a/b:abcdef"},
                    {"approver": "alice", "target_environment": "staging", "decision": "reject",
                     "artifact_id": "registry.example.org:5000/a/b:abcdef"}],
      "promotionPolicies": {"staging_to_production": {
        "approvals": [{"name": "sre", "approvers": ["carol", "dave"], "required": 2}, {"name": "any"}],
        "forbid_self_approval": true, "require_signatures": true, "require_digest": true, "soak_hours": 168,
        "required_checks": ["unit", "e2e"],
        "windows": [{"name": "w", "days": ["Fri", "Mon"], "start": "22:00", "end": "02:30",
                     "time_zone": "Europe/Berlin"}],
        "override_approvers": ["boss"], "timeout_hours": 2}},
      "freezes": [{"name": "xmas", "from": "2026-12-24T00:00:00+01:00", "until": "2026-12-27T00:00:00+01:00",
                   "reason": "holidays"}],
      "allowed_signers": "# nobody yet"})"));
  INFO(pipeline.status().message());
  REQUIRE(pipeline.ok());
  CHECK(pipeline->rules.at("dev_to_staging") == PromotionRule::kAutomatic);
  CHECK(pipeline->registry == "registry.example.org:5000");
  CHECK(pipeline->retention_days == 365);
  CHECK(pipeline->artifact_id == "registry.example.org:5000/a/b:abcdef");
  CHECK(pipeline->requested_by == "rita");
  CHECK(pipeline->attempt == 5);
  REQUIRE(pipeline->approvals.size() == 2);
  CHECK(pipeline->approvals[0].target == Environment::kProduction);
  CHECK(pipeline->approvals[1].approval.decision == release::Decision::kReject);
  CHECK_FALSE(pipeline->policies.at("dev_to_staging").approval_required);

  release::StepPolicy want;
  want.approvals = {{"sre", {"carol", "dave"}, 2}, {"any", {}, 1}};
  want.approval_required = want.forbid_self_approval = want.require_signatures = want.require_digest = true;
  want.soak_hours = 168;
  want.required_checks = {"unit", "e2e"};
  want.windows = {{{"w", {1, 5}, 22 * 60, 2 * 60 + 30, "Europe/Berlin"}}};
  want.freezes = {{"xmas", absl::FromUnixSeconds(1798066800), absl::FromUnixSeconds(1798326000), "holidays"}};
  want.timeout_hours = 2;
  CHECK(pipeline->policies.at("staging_to_production") == want);
  CHECK(pipeline->policies.at("dev_to_staging").freezes == want.freezes);
  CHECK(pipeline->trust.at("staging_to_production").override_approvers == std::vector<std::string>{"boss"});
  CHECK_FALSE(pipeline->trust.at("dev_to_staging").override_approvers.has_value());
  CHECK(pipeline->trust.at("dev_to_staging").allowed_signers == "# nobody yet");
}

// A patch of the policy of staging_to_production.
std::string Policy(const std::string& patch) {
  return R"({"promotionPolicies":{"staging_to_production":)" + patch + "}}";
}

const std::vector<PatchCase> kInvalid = {
    {"an empty spec", R"({"tenant":null,"environments":null})"},
    {"tenant: an underscore", R"({"tenant":"a_b"})"},
    {"environments: none", R"({"environments":[]})"},
    {"environments: text", R"({"environments":"dev"})"},
    {"environments: no such one", R"({"environments":["dev","qa"]})"},
    {"environments: one twice", R"({"environments":["dev","dev"]})"},
    {"environments: out of order", R"({"environments":["staging","dev"]})"},
    {"environments: four", R"({"environments":["dev","staging","production","dev"]})"},
    {"environments: a number", R"({"environments":[1]})"},
    {"promotionRules: no such rule", R"({"promotionRules":{"dev_to_staging":"never"}})"},
    {"promotionRules: no such step at all", R"({"promotionRules":{"dev_to_prod":"manual"}})"},
    {"promotionRules: not a step of this pipeline",
     R"({"environments":["dev"],"promotionRules":{"dev_to_staging":"automatic"}})"},
    {"promotionRules: staging can't be skipped", R"({"promotionRules":{"dev_to_production":"manual"}})"},
    {"artifactConfig: a URL", R"({"artifactConfig":{"registry":"https://ghcr.io"}})"},
    {"artifactConfig: a path", R"({"artifactConfig":{"registry":"ghcr.io/acme"}})"},
    {"artifactConfig: an empty registry", R"({"artifactConfig":{"registry":""}})"},
    {"artifactConfig: retention out of range", R"({"artifactConfig":{"retention_days":366}})"},
    {"artifactConfig: an unknown field", R"({"artifactConfig":{"retentionDays":30}})"},
    {"testing: no such modes", R"({"testing":{"validation_mode":"full","bootstrap_mode":"none"}})"},
    {"artifact_id: latest", R"({"artifact_id":"ghcr.io/a/b:latest"})"},
    {"artifact_id: in another registry", R"({"artifact_id":"quay.io/a/b:abcdef"})"},
    {"artifact_id: in a registry that begins alike", R"({"artifact_id":"ghcr.io.evil.example/a/b:abcdef"})"},
    {"requested_by: a tab", R"({"requested_by":"a\tb"})"},
    {"attempt: none", R"({"attempt":0})"},
    {"approvals: no target",
     R"({"approvals":[{"approver":"a","decision":"approve","artifact_id":"ghcr.io/a/b:abcdef"}]})"},
    {"approvals: no such target",
     R"({"approvals":[{"approver":"a","target_environment":"dev","decision":"approve","artifact_id":"ghcr.io/a/b:abcdef"}]})"},
    {"approvals: a target that this pipeline does not have",
     R"({"environments":["dev","staging"],"approvals":[{"approver":"a","target_environment":"production","decision":"approve","artifact_id":"ghcr.io/a/b:abcdef"}]})"},
    {"approvals: a target that nothing leads to",
     R"({"environments":["staging","production"],"approvals":[{"approver":"a","target_environment":"staging","decision":"approve","artifact_id":"ghcr.io/a/b:abcdef"}]})"},
    {"approvals: one approver twice for a target",
     R"({"approvals":[{"approver":"a","target_environment":"staging","decision":"approve","artifact_id":"ghcr.io/a/b:abcdef"},{"approver":"a","target_environment":"staging","decision":"reject","artifact_id":"ghcr.io/a/b:abcdef"}]})"},
    {"promotionPolicies: a list", R"({"promotionPolicies":[]})"},
    {"promotionPolicies: no such step at all", R"({"promotionPolicies":{"to_production":{}}})"},
    {"promotionPolicies: not a step of this pipeline",
     R"({"environments":["dev","production"],"promotionPolicies":{"dev_to_staging":{}}})"},
    {"policy: an unknown field", Policy(R"({"require_signature":true})")},
    {"policy: flags that are text",
     Policy(R"({"forbid_self_approval":"yes","require_signatures":1,"require_digest":[]})")},
    {"policy: a soak of more than a week", Policy(R"({"soak_hours":169})")},
    {"policy: a soak that goes back", Policy(R"({"soak_hours":-1})")},
    {"policy: a timeout of nothing", Policy(R"({"timeout_hours":0})")},
    {"policy: checks that are no names", Policy(R"({"required_checks":["unit","unit","",7," x"]})")},
    {"policy: 51 checks",
     Policy(
         R"({"required_checks":["0","1","2","3","4","5","6","7","8","9","10","11","12","13","14","15","16","17","18","19","20","21","22","23","24","25","26","27","28","29","30","31","32","33","34","35","36","37","38","39","40","41","42","43","44","45","46","47","48","49","50"]})")},
    {"policy: override approvers that are no list", Policy(R"({"override_approvers":"boss"})")},
    {"rule: no name", Policy(R"({"approvals":[{"approvers":["a"]}]})")},
    {"rule: one name twice", Policy(R"({"approvals":[{"name":"r"},{"name":"r"}]})")},
    {"rule: more than there are",
     Policy(R"({"approvals":[{"name":"r","approvers":["a","b"],"required":3}]})")},
    {"rule: nobody", Policy(R"({"approvals":[{"name":"r","required":0}]})")},
    {"rule: 51 rules", Policy(R"({"approvals":{"of":{"name":"r%"},"times":51}})")},
    {"window: nothing in it", Policy(R"({"windows":[{}]})")},
    {"window: hours that are none", Policy(R"({"windows":[{"name":"w","start":"24:00","end":"9:30"}]})")},
    {"window: hours that are numbers", Policy(R"({"windows":[{"name":"w","start":9,"end":"10:00"}]})")},
    {"window: days that are none",
     Policy(R"({"windows":[{"name":"w","days":["mon","Mon","Mon"],"start":"09:00","end":"10:00"}]})")},
    {"window: no such zone",
     Policy(R"({"windows":[{"name":"w","start":"09:00","end":"10:00","time_zone":"Europe/Atlantis"}]})")},
    {"window: a zone that is a path",
     Policy(R"({"windows":[{"name":"w","start":"09:00","end":"10:00","time_zone":"../../etc/passwd"}]})")},
    {"window: an empty zone",
     Policy(R"({"windows":[{"name":"w","start":"09:00","end":"10:00","time_zone":""}]})")},
    {"window: one name twice",
     Policy(
         R"({"windows":[{"name":"w","start":"09:00","end":"10:00"},{"name":"w","start":"09:00","end":"10:00"}]})")},
    {"freeze: nothing in it", R"({"freezes":[{}]})"},
    {"freeze: times that are none", R"({"freezes":[{"name":"f","from":"2026-01-01","until":"tomorrow"}]})"},
    {"freeze: ends before it begins",
     R"({"freezes":[{"name":"f","from":"2026-01-02T00:00:00Z","until":"2026-01-01T00:00:00Z"}]})"},
    {"freeze: one name twice",
     R"({"freezes":[{"name":"f","from":"2026-01-01T00:00:00Z","until":"2026-01-02T00:00:00Z"},{"name":"f","from":"2026-01-01T00:00:00Z","until":"2026-01-02T00:00:00Z"}]})"},
    {"freeze: an unknown field and a long reason",
     R"({"freezes":[{"name":"f","from":"2026-01-01T00:00:00Z","until":"2026-01-02T00:00:00Z","days":[],"reason":{"of":"x","times":1025}}]})"},
    {"allowed_signers: a line that is none", R"({"allowed_signers":"alice ssh-ed25519\n"})"},
    {"allowed_signers: too long", R"({"allowed_signers":{"of":"#","times":65537}})"},
    {"an unknown field", R"({"promotionPolicy":{}})"},
};

TEST_CASE("What is wrong with a pipeline is told with its place and what is allowed", "[codec]") {
  CheckMessages("pipeline.txt", kInvalid,
                [](const std::string& patch) { return Decode(Patch(Minimal(), patch)).status(); });
}

}  // namespace
}  // namespace codec
