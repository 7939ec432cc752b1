#include "function/release/policy.h"

#include "test/catch.h"
#include "test/unit/release/random_policy.h"

namespace release {
namespace {

const absl::Time kDay = absl::FromUnixSeconds(1767225600);

TEST_CASE("The stricter side wins in every demand", "[policy]") {
  StepPolicy platform;
  platform.approvals = {{"sre", {"dave", "carol", "dave"}, 1}};
  platform.approval_required = true;
  platform.require_signatures = true;
  platform.soak_hours = 4;
  platform.required_checks = {"scan", "unit"};
  platform.windows = {{{"office", {5, 1, 5}, 540, 1020, "UTC"}}, {}};
  platform.freezes = {{"xmas", kDay, kDay + absl::Hours(24), "holidays"}};
  platform.timeout_hours = 12;
  StepPolicy pipeline;
  pipeline.approvals = {{"owners", {"alice"}, 1}, {"sre", {"carol", "dave"}, 1}};
  pipeline.forbid_self_approval = true;
  pipeline.require_digest = true;
  pipeline.soak_hours = 2;
  pipeline.required_checks = {"unit", "e2e"};
  pipeline.windows = {{{"night", {}, 1320, 360, "Europe/Berlin"}, {"lunch", {}, 720, 780, "UTC"}}};
  pipeline.timeout_hours = 24;

  StepPolicy want;
  want.approvals = {{"owners", {"alice"}, 1}, {"sre", {"carol", "dave"}, 1}};
  want.approval_required = true;
  want.forbid_self_approval = true;
  want.require_signatures = true;
  want.require_digest = true;
  want.soak_hours = 4;
  want.required_checks = {"e2e", "scan", "unit"};
  want.windows = {{{"lunch", {}, 720, 780, "UTC"}, {"night", {}, 1320, 360, "Europe/Berlin"}},
                  {{"office", {1, 5}, 540, 1020, "UTC"}}};
  want.freezes = {{"xmas", kDay, kDay + absl::Hours(24), "holidays"}};
  want.timeout_hours = 12;
  CHECK(Merge(platform, pipeline) == want);
}

struct TimeoutCase {
  std::string reason;
  std::optional<int> a;
  std::optional<int> b;
  std::optional<int> want;
};

TEST_CASE("The least of the timeouts that are set is the timeout", "[policy]") {
  const std::vector<TimeoutCase> cases = {
      {"nobody sets one", std::nullopt, std::nullopt, std::nullopt},
      {"one side sets one", 5, std::nullopt, 5},
      {"the other side sets one", std::nullopt, 7, 7},
      {"both set one", 9, 3, 3},
  };
  for (const TimeoutCase& c : cases) {
    INFO(c.reason);
    StepPolicy a, b;
    a.timeout_hours = c.a;
    b.timeout_hours = c.b;
    CHECK(Merge(a, b).timeout_hours == c.want);
  }
}

TEST_CASE("Policies form a lattice", "[policy]") {
  constexpr unsigned kSeed = 7;
  Random random(kSeed);
  for (int i = 0; i < 3000; ++i) {
    INFO("seed " << kSeed << ", round " << i);
    const StepPolicy a = RandomPolicy(random);
    const StepPolicy b = RandomPolicy(random);
    const StepPolicy c = RandomPolicy(random);
    const StepPolicy ab = Merge(a, b);
    REQUIRE(ab == Merge(b, a));
    REQUIRE(Merge(ab, c) == Merge(a, Merge(b, c)));
    REQUIRE(Merge(ab, ab) == ab);
    REQUIRE(Merge(ab, a) == ab);
    REQUIRE(Merge(a, StepPolicy()) == Merge(a, a));
  }
}

using Names = std::vector<std::string>;

struct TrustCase {
  std::string reason;
  StepTrust platform;
  StepTrust pipeline;
  std::optional<Names> override_approvers;
  std::optional<std::string> allowed_signers;
};

TEST_CASE("The platform's word on trust replaces the pipeline's", "[policy]") {
  const std::vector<TrustCase> cases = {
      {"the platform says nothing", {}, {Names{"a"}, "keys"}, Names{"a"}, "keys"},
      {"the platform says everything",
       {Names{"p"}, "platform"},
       {Names{"a"}, "keys"},
       Names{"p"},
       "platform"},
      {"an empty list forbids overrides", {Names{}, std::nullopt}, {Names{"a"}, "keys"}, Names{}, "keys"},
      {"an empty text trusts no key", {std::nullopt, ""}, {Names{"a"}, "keys"}, Names{"a"}, ""},
      {"nobody says anything", {}, {}, std::nullopt, std::nullopt},
  };
  for (const TrustCase& c : cases) {
    INFO(c.reason);
    const StepTrust got = Prefer(c.platform, c.pipeline);
    CHECK(got.override_approvers == c.override_approvers);
    CHECK(got.allowed_signers == c.allowed_signers);
  }
}

}  // namespace
}  // namespace release
