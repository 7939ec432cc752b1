#include "function/release/pipeline.h"

#include "absl/strings/str_cat.h"

namespace release {

absl::string_view Name(PromotionRule rule) { return rule == PromotionRule::kManual ? "manual" : "automatic"; }

PipelineDecision Decide(const PipelineInput& input) {
  PipelineDecision decision;
  decision.status = input.previous;
  decision.status.pipeline_id = absl::StrCat(input.namespace_name, "/", input.name);
  decision.status.environments.clear();
  for (Environment environment : input.spec.environments) {
    EnvironmentStatus status;
    for (const EnvironmentStatus& before : input.previous.environments) {
      if (before.name == Name(environment)) status = before;
    }
    status.name = std::string(Name(environment));
    decision.status.environments.push_back(std::move(status));
  }
  return decision;
}

std::string DefaultPipelineName(absl::string_view tenant) { return absl::StrCat(tenant, "-pipeline"); }

}  // namespace release
