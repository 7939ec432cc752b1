#include "function/release/environment.h"

#include <algorithm>
#include <string>
#include <vector>

#include "test/catch.h"

namespace release {
namespace {

TEST_CASE("Every environment has a name that reads back", "[environment]") {
  for (Environment environment : kAllEnvironments) {
    INFO(std::string(Name(environment)));
    CHECK(ParseEnvironment(Name(environment)) == environment);
  }
  CHECK(Name(Environment::kDev) == "dev");
  CHECK(Name(Environment::kStaging) == "staging");
  CHECK(Name(Environment::kProduction) == "production");
}

TEST_CASE("What is no environment reads as none", "[environment]") {
  for (const char* name : {"", "Dev", "prod", "dev ", "development"}) {
    INFO(name);
    CHECK_FALSE(ParseEnvironment(name).has_value());
  }
}

TEST_CASE("A step spells its ends with underscores as a key and with dashes in a name", "[environment]") {
  const Step step{Environment::kStaging, Environment::kProduction};
  CHECK(step.Key() == "staging_to_production");
  CHECK(step.Slug() == "staging-to-production");
}

struct StepsCase {
  std::string reason;
  std::vector<Environment> environments;
  std::vector<std::string> want;
};

TEST_CASE("A pipeline has one step between each two neighbours", "[environment]") {
  const std::vector<StepsCase> cases = {
      {"no environment has no step", {}, {}},
      {"one environment has none either", {Environment::kDev}, {}},
      {"all three have two",
       {Environment::kDev, Environment::kStaging, Environment::kProduction},
       {"dev_to_staging", "staging_to_production"}},
      {"staging can be left out", {Environment::kDev, Environment::kProduction}, {"dev_to_production"}},
  };
  for (const StepsCase& c : cases) {
    INFO(c.reason);
    std::vector<std::string> got;
    for (const Step& step : StepsOf(c.environments)) got.push_back(step.Key());
    CHECK(got == c.want);
  }
}

TEST_CASE("Every step of every pipeline is among all steps", "[environment]") {
  const std::vector<Step> all = AllSteps();
  for (int mask = 0; mask < 8; ++mask) {
    std::vector<Environment> environments;
    for (int i = 0; i < 3; ++i) {
      if (mask & (1 << i)) environments.push_back(kAllEnvironments[i]);
    }
    for (const Step& step : StepsOf(environments)) {
      INFO(step.Key());
      CHECK(std::count(all.begin(), all.end(), step) == 1);
    }
  }
  CHECK(all.size() == 3);
}

}  // namespace
}  // namespace release
