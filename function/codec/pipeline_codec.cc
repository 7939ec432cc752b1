#include "function/codec/pipeline_codec.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "function/codec/approval_codec.h"
#include "function/codec/composite_codec.h"
#include "function/codec/policy_codec.h"
#include "function/codec/struct_json.h"
#include "function/manifest/status.h"

namespace codec {
namespace {

using release::Environment;
using release::PipelineSpec;

constexpr absl::string_view kEnvironmentNames[] = {"dev", "staging", "production"};

void ReadEnvironments(ObjectReader& spec, PipelineSpec& pipeline) {
  spec.Require("environments");
  const std::vector<std::string> names = spec.StringSet("environments", std::size(kEnvironmentNames), kMaxName);
  if (spec.Has("environments") && names.empty()) {
    spec.Error("environments", "must name at least one of dev, staging, production");
  }
  for (const std::string& name : names) {
    const std::optional<Environment> environment = release::ParseEnvironment(name);
    if (!environment) {
      spec.Error("environments", absl::StrCat("must be of dev, staging, production, but has \"", name, "\""));
    } else {
      pipeline.environments.push_back(*environment);
    }
  }
  if (!std::is_sorted(pipeline.environments.begin(), pipeline.environments.end())) {
    spec.Error("environments", "must be in the order of promotion: dev, staging, production");
  }
}

void ReadRules(ObjectReader& spec, PipelineSpec& pipeline) {
  constexpr absl::string_view kRules[] = {"manual", "automatic"};
  std::map<std::string, release::PromotionRule> rules;
  spec.Object("promotionRules", [&](ObjectReader& reader) {
    for (const release::Step& step : release::AllSteps()) {
      rules[step.Key()] = reader.OneOf(step.Key(), kRules, 0) == 0 ? release::PromotionRule::kManual
                                                                   : release::PromotionRule::kAutomatic;
    }
  });
  for (const release::Step& step : release::StepsOf(pipeline.environments)) {
    pipeline.rules[step.Key()] = rules[step.Key()];
  }
}

void ReadPipelinePolicies(ObjectReader& spec, PipelineSpec& pipeline) {
  Policies policies = ReadPolicies(spec, "promotionPolicies", "allowed_signers");
  pipeline.policies = std::move(policies.policies);
  pipeline.trust = std::move(policies.trust);
  for (const auto& [step, rule] : pipeline.rules) {
    pipeline.policies[step].approval_required = rule == release::PromotionRule::kManual;
  }
  const bool has_staging = std::find(pipeline.environments.begin(), pipeline.environments.end(),
                                     Environment::kStaging) != pipeline.environments.end();
  spec.Object("promotionPolicies", [&](ObjectReader& reader) {
    if (has_staging && reader.Has("dev_to_production")) {
      reader.Error("dev_to_production", "is only for a pipeline without staging: set dev_to_staging and "
                                        "staging_to_production");
    }
    reader.IgnoreIf([](absl::string_view) { return true; });
  });
}

void ReadSpec(ObjectReader& spec, PipelineSpec& pipeline) {
  constexpr absl::string_view kModes[] = {"preview"};
  pipeline.tenant = ReadTenant(spec);
  ReadEnvironments(spec, pipeline);
  ReadRules(spec, pipeline);
  spec.Object("artifactConfig", [&](ObjectReader& reader) {
    pipeline.registry = reader.Line("registry", kMaxName, pipeline.registry);
    pipeline.retention_days = reader.Integer("retention_days", 1, 365, pipeline.retention_days);
  });
  spec.Object("testing", [&](ObjectReader& reader) {
    reader.OneOf("validation_mode", kModes, 0);
    reader.OneOf("bootstrap_mode", kModes, 0);
  });
  pipeline.artifact_id = ReadArtifact(spec, "artifact_id");
  pipeline.requested_by = spec.String("requested_by", kMaxName);
  pipeline.attempt = ReadAttempt(spec);
  pipeline.approvals = ReadPipelineApprovals(spec);
  ReadPipelinePolicies(spec, pipeline);
  IgnoreCrossplaneFields(spec);
}

}  // namespace

absl::StatusOr<PipelineSpec> DecodePipelineSpec(const StructView& object) {
  FieldErrors errors;
  PipelineSpec pipeline;
  {
    ObjectReader root(object, {}, errors);
    root.IgnoreIf([](absl::string_view key) { return key != "spec"; });
    root.Require("spec");
    root.Object("spec", [&](ObjectReader& spec) { ReadSpec(spec, pipeline); });
  }
  if (!errors.empty()) return errors.ToStatus();
  return pipeline;
}

release::PipelineStatus DecodePipelineStatus(const StructView& object) {
  const std::optional<ValueView> status = object.Find("status");
  if (!status) return {};
  absl::StatusOr<base::Json> json = DecodeStruct(status->AsStruct().wire());
  return json.ok() ? manifest::PipelineStatusFromJson(*json) : release::PipelineStatus();
}

}  // namespace codec
