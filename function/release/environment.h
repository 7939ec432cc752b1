// Environments of a pipeline and the steps between them.
#ifndef FUNCTION_RELEASE_ENVIRONMENT_H_
#define FUNCTION_RELEASE_ENVIRONMENT_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace release {

// In the order of progression: a step goes from a smaller to a greater one.
enum class Environment { kDev, kStaging, kProduction };

inline constexpr Environment kAllEnvironments[] = {Environment::kDev, Environment::kStaging,
                                                   Environment::kProduction};

absl::string_view Name(Environment environment);
std::optional<Environment> ParseEnvironment(absl::string_view name);

// A promotion from one environment of a pipeline to the next.
struct Step {
  Environment source = Environment::kDev;
  Environment target = Environment::kStaging;

  // "dev_to_staging": the key of rules and policies.
  std::string Key() const;
  // "dev-to-staging": the part of a gate's name.
  std::string Slug() const;

  friend bool operator==(const Step&, const Step&) = default;
};

// The steps of a pipeline with these environments (in progression order): one between each two neighbours.
std::vector<Step> StepsOf(const std::vector<Environment>& environments);

// Every step that some pipeline can have.
std::vector<Step> AllSteps();

}  // namespace release

#endif  // FUNCTION_RELEASE_ENVIRONMENT_H_
