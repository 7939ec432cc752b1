#include "function/release/environment.h"

#include "absl/strings/str_cat.h"

namespace release {

absl::string_view Name(Environment environment) {
  switch (environment) {
    case Environment::kDev:
      return "dev";
    case Environment::kStaging:
      return "staging";
    case Environment::kProduction:
      return "production";
  }
  return "";
}

std::optional<Environment> ParseEnvironment(absl::string_view name) {
  for (Environment environment : kAllEnvironments) {
    if (name == Name(environment)) return environment;
  }
  return std::nullopt;
}

std::string Step::Key() const { return absl::StrCat(Name(source), "_to_", Name(target)); }
std::string Step::Slug() const { return absl::StrCat(Name(source), "-to-", Name(target)); }

std::vector<Step> StepsOf(const std::vector<Environment>& environments) {
  std::vector<Step> steps;
  for (size_t i = 1; i < environments.size(); ++i) steps.push_back({environments[i - 1], environments[i]});
  return steps;
}

std::vector<Step> AllSteps() {
  return {{Environment::kDev, Environment::kStaging},
          {Environment::kStaging, Environment::kProduction},
          {Environment::kDev, Environment::kProduction}};
}

}  // namespace release
