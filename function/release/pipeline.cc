#include "function/release/pipeline.h"

#include "absl/strings/str_cat.h"

namespace release {

absl::string_view Name(PromotionRule rule) { return rule == PromotionRule::kManual ? "manual" : "automatic"; }

std::string DefaultPipelineName(absl::string_view tenant) { return absl::StrCat(tenant, "-pipeline"); }

}  // namespace release
