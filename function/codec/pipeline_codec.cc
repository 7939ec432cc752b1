#include "function/codec/pipeline_codec.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "function/codec/approval_codec.h"
#include "function/codec/composite_codec.h"
#include "function/codec/policy_codec.h"
#include "function/codec/struct_json.h"
#include "function/manifest/status.h"
#include "function/release/artifact.h"

namespace codec {
namespace {

using release::Environment;
using release::PipelineSpec;

constexpr absl::string_view kEnvironmentNames[] = {"dev", "staging", "production"};

void ReadEnvironments(ObjectReader& spec, PipelineSpec& pipeline) {
  spec.Require("environments");
  const size_t errors_before = spec.errors().size();
  const std::vector<std::string> names =
      spec.StringSet("environments", std::size(kEnvironmentNames), kMaxName);
  if (spec.Has("environments") && names.empty() && spec.errors().size() == errors_before) {
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

bool HasStep(const PipelineSpec& pipeline, const release::Step& step) {
  const std::vector<release::Step> steps = release::StepsOf(pipeline.environments);
  return std::find(steps.begin(), steps.end(), step) != steps.end();
}

std::string NoSuchStep(const PipelineSpec& pipeline) {
  std::vector<std::string> keys;
  for (const release::Step& step : release::StepsOf(pipeline.environments)) keys.push_back(step.Key());
  return absl::StrCat("is no step of this pipeline, whose steps are: ",
                      keys.empty() ? "none" : absl::StrJoin(keys, ", "));
}

// The API server fills in "manual" for steps between neighbours that a pipeline does not have, so that only a
// wish is wrong there. It does not for dev_to_production.
void ReadRules(ObjectReader& spec, PipelineSpec& pipeline) {
  constexpr absl::string_view kRules[] = {"manual", "automatic"};
  for (const release::Step& step : release::StepsOf(pipeline.environments)) {
    pipeline.rules[step.Key()] = release::PromotionRule::kManual;
  }
  const auto skips_staging = [](const release::Step& step) {
    return step.source == Environment::kDev && step.target == Environment::kProduction;
  };
  spec.Object("promotionRules", [&](ObjectReader& reader) {
    for (const release::Step& step : release::AllSteps()) {
      const bool automatic = reader.OneOf(step.Key(), kRules, 0) == 1;
      const bool is_default = !automatic && !skips_staging(step);
      if (reader.Has(step.Key()) && !is_default && !HasStep(pipeline, step)) {
        reader.Error(step.Key(), NoSuchStep(pipeline));
      }
      if (automatic) pipeline.rules[step.Key()] = release::PromotionRule::kAutomatic;
    }
  });
}

void ReadPipelinePolicies(ObjectReader& spec, PipelineSpec& pipeline) {
  Policies policies = ReadPolicies(spec, "promotionPolicies", "allowed_signers");
  for (const std::string& key : policies.declared) {
    const std::vector<release::Step> steps = release::StepsOf(pipeline.environments);
    if (std::none_of(steps.begin(), steps.end(),
                     [&](const release::Step& step) { return step.Key() == key; })) {
      spec.Error(absl::StrCat("promotionPolicies.", key), NoSuchStep(pipeline));
    }
  }
  pipeline.policies = std::move(policies.policies);
  pipeline.trust = std::move(policies.trust);
  for (const auto& [step, rule] : pipeline.rules) {
    pipeline.policies[step].approval_required = rule == release::PromotionRule::kManual;
  }
}

void ReadArtifactConfig(ObjectReader& spec, PipelineSpec& pipeline) {
  spec.Object("artifactConfig", [&](ObjectReader& reader) {
    pipeline.retention_days = reader.Integer("retention_days", 1, 365, pipeline.retention_days);
    const std::optional<std::string> registry = reader.Text("registry", kMaxName);
    if (!registry) return;
    pipeline.registry = *registry;
    if (!release::ParseArtifact(absl::StrCat(pipeline.registry, "/a:abcdef")).ok() ||
        absl::StrContains(pipeline.registry, "/")) {
      reader.Error("registry",
                   "must be a host with an optional port, such as ghcr.io or registry.example.org:5000");
    }
  });
  pipeline.artifact_id = ReadArtifact(spec, "artifact_id");
  if (!pipeline.artifact_id.empty() &&
      !absl::StartsWith(pipeline.artifact_id, absl::StrCat(pipeline.registry, "/"))) {
    spec.Error("artifact_id", absl::StrCat("is not in the registry ", pipeline.registry,
                                           ": release one that is, or set artifactConfig.registry"));
  }
}

void ReadTargets(ObjectReader& spec, PipelineSpec& pipeline) {
  pipeline.approvals = ReadPipelineApprovals(spec);
  const std::vector<release::Step> steps = release::StepsOf(pipeline.environments);
  for (const release::PipelineApproval& entry : pipeline.approvals) {
    if (std::none_of(steps.begin(), steps.end(),
                     [&](const release::Step& step) { return step.target == entry.target; })) {
      spec.Error("approvals", absl::StrCat("the one of \"", entry.approval.approver, "\" is for ",
                                           Name(entry.target), ", which no step of this pipeline leads to"));
    }
  }
}

void ReadSpec(ObjectReader& spec, PipelineSpec& pipeline) {
  constexpr absl::string_view kModes[] = {"preview"};
  pipeline.tenant = ReadTenant(spec);
  ReadEnvironments(spec, pipeline);
  ReadRules(spec, pipeline);
  ReadArtifactConfig(spec, pipeline);
  spec.Object("testing", [&](ObjectReader& reader) {
    reader.OneOf("validation_mode", kModes, 0);
    reader.OneOf("bootstrap_mode", kModes, 0);
  });
  pipeline.requested_by = spec.OptionalLine("requested_by", kMaxName);
  pipeline.attempt = ReadAttempt(spec);
  ReadTargets(spec, pipeline);
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
  absl::StatusOr<base::Json> json = DecodeStruct(status->AsStruct().wire(), kConditions);
  return json.ok() ? manifest::PipelineStatusFromJson(*json) : release::PipelineStatus();
}

std::map<std::string, std::string> DecodeReleased(const StructView& config_map) {
  std::map<std::string, std::string> released;
  const std::optional<ValueView> data = config_map.Find("data");
  if (!data) return released;
  for (const StructView::Field& field : data->AsStruct().All()) {
    absl::string_view key = field.key;
    if (absl::ConsumePrefix(&key, "released."))
      released[std::string(key)] = std::string(field.value.AsString());
  }
  return released;
}

}  // namespace codec
