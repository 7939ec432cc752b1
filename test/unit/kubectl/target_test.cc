// Which gate is meant.
#include "function/cli/kubectl/target.h"

#include "function/cli/problem.h"
#include "test/catch.h"
#include "test/unit/kubectl/fake.h"

namespace {

using base::Json;
using cli::TargetKind;
using kubectl_test::FakeKubectl;

constexpr char kGates[] = "xpromotiongates.platform.zerotouch.dev";

TEST_CASE("what the words on the command line mean", "[kubectl]") {
  struct Case {
    const char* argument;
    TargetKind wanted;
    const char* resource;
    std::vector<std::string> names;  // empty: refused
    const char* reason;
  };
  const TargetKind gate = TargetKind::kGate, pipeline = TargetKind::kPipeline, either = TargetKind::kEither;
  const Case cases[] = {
      {"shop-dev-to-staging", gate, "", {"shop-dev-to-staging"}, "a name"},
      {"xpromotiongate/a", gate, kGates, {"a"}, "as kubectl get -o name prints it, but for the group"},
      {"xpromotiongate.platform.zerotouch.dev/a", gate, kGates, {"a"}, "as it prints it"},
      {"XPromotionGate.v1alpha1.platform.zerotouch.dev/a", gate, kGates, {"a"}, "as kubectl takes it"},
      {"xpg/a", gate, kGates, {"a"}, "the short name"},
      {"pg/a", gate, "promotiongates.platform.zerotouch.dev", {"a"}, "the claim's short name"},
      {"promotiongates/a", gate, "promotiongates.platform.zerotouch.dev", {"a"}, "the plural"},
      {"gate/a", gate, "", {"a"}, "whichever the cluster has"},
      {"shop/staging", gate, "", {"shop-dev-to-staging"}, "a tenant and where it goes"},
      {"shop/production", gate, "", {"shop-dev-to-production", "shop-staging-to-production"}, "one of two"},
      {"shop/dev_to_staging", gate, "", {"shop-dev-to-staging"}, "a tenant and a step"},
      {"shop/staging-to-production", gate, "", {"shop-staging-to-production"}, "spelled as in the name"},
      {"rp/shop", pipeline, "releasepipelines.platform.zerotouch.dev", {"shop"}, "a pipeline"},
      {"shop-pipeline", either, "", {"shop-pipeline"}, "a name of whatever kind"},
      {"xrp/shop", either, "xreleasepipelines.platform.zerotouch.dev", {"shop"}, "it says which"},
      {"shop/staging", either, "", {"shop-dev-to-staging"}, "only gates have steps"},
      {"xrp/shop", gate, "", {}, "a pipeline is no gate"},
      {"secret/shop", gate, "", {}, "another kind"},
      {"xpg.example.org/shop", gate, "", {}, "another group"},
      {"shop/staging", pipeline, "", {}, "a step is no pipeline"},
      {"shop/qa", gate, "", {}, "no environment"},
      {"", gate, "", {}, "nothing"},
      {"a b", gate, "", {}, "no name"},
      {"a,b", gate, "", {}, "kubectl would take it for two"},
      {"--all", gate, "", {}, "kubectl would take it for a flag"},
      {"xpg/", gate, "", {}, "no name"},
      {"xpg/--all", gate, "", {}, "no name"},
      {"a/b/c", gate, "", {}, "too much"},
  };
  for (const Case& c : cases) {
    INFO(c.argument << ": " << c.reason);
    const absl::StatusOr<cli::Target> target = cli::ParseTarget(c.argument, c.wanted, "GATE");
    REQUIRE(target.ok() == !c.names.empty());
    if (target.ok()) {
      CHECK(target->resource == c.resource);
      std::vector<std::string> names = target->names;
      std::sort(names.begin(), names.end());
      CHECK(names == c.names);
      continue;
    }
    CHECK(absl::IsInvalidArgument(target.status()));
    CHECK(cli::WrongOf(target.status()).find("GATE: ") == 0);
    CHECK(!cli::NextOf(target.status()).empty());
  }
}

TEST_CASE("a kind that is spelled wrong", "[kubectl]") {
  const absl::Status status = cli::ParseTarget("xpromotoingate/a", TargetKind::kGate, "GATE").status();
  CHECK(cli::NextOf(status) == "did you mean xpromotiongate/a?");
}

TEST_CASE("the kinds that a cluster has", "[kubectl]") {
  std::ostringstream err;
  for (const bool claims : {false, true}) {
    FakeKubectl fake;
    fake.AddApi(claims);
    const absl::StatusOr<cli::ApiResources> api =
        cli::FindApiResources(cli::Kubectl(fake.program(), {}, err));
    REQUIRE(api.ok());
    CHECK(api->gates == (claims ? "promotiongates.platform.zerotouch.dev" : kGates));
    CHECK(api->pipelines ==
          (claims ? "releasepipelines.platform.zerotouch.dev" : "xreleasepipelines.platform.zerotouch.dev"));
  }
  const FakeKubectl::Answer without[] = {
      {"raw", "", 1, "Error from server (NotFound): the server could not find the requested resource\n"},
      {"raw", "{\"resources\": []}"},
      {"raw", "{}"},
      {"raw", "{\"resources\": [{\"name\": \"others\"}]}"},
  };
  for (const FakeKubectl::Answer& answer : without) {
    FakeKubectl fake;
    fake.Add(answer);
    const absl::Status status = cli::FindApiResources(cli::Kubectl(fake.program(), {}, err)).status();
    CHECK(cli::WrongOf(status) ==
          "this cluster does not have platform.zerotouch.dev/v1alpha1, the API of gates and pipelines");
  }
}

TEST_CASE("getting a gate", "[kubectl]") {
  struct Case {
    const char* reason;
    const char* argument;
    std::string out;    // of kubectl get
    std::string names;  // of kubectl get -o name
    absl::StatusCode code;
    const char* wrong;
    const char* next;
  };
  Json second = kubectl_test::Gate();
  second["metadata"]["name"] = "shop-staging-to-production";
  Json secret = {
      {"apiVersion", "v1"}, {"kind", "Secret"}, {"metadata", {{"name", "shop"}, {"namespace", "team"}}}};
  const std::string one = kubectl_test::Gate().dump();
  const Case cases[] = {
      {"it is there", "shop-dev-to-staging", one, "", absl::StatusCode::kOk, "", ""},
      {"in a list", "shop/staging", kubectl_test::ListOf({kubectl_test::Gate()}).dump(), "",
       absl::StatusCode::kOk, "", ""},
      {"nearly its name", "shop-dev-to-stagin", "",
       "xpromotiongate.platform.zerotouch.dev/other\nxpromotiongate.platform.zerotouch.dev/"
       "shop-dev-to-staging\n",
       absl::StatusCode::kNotFound, "there is no gate shop-dev-to-stagin in the current namespace",
       "did you mean shop-dev-to-staging? kubectl release status shows what there is"},
      {"nothing like it", "shop-dev-to-staging", "", "xpromotiongate.platform.zerotouch.dev/other\n",
       absl::StatusCode::kNotFound, "there is no gate shop-dev-to-staging in the current namespace",
       "kubectl release status shows what there is"},
      {"none of two", "shop/production", "", "", absl::StatusCode::kNotFound,
       "there is no gate shop-staging-to-production or shop-dev-to-production in the current namespace",
       "choose the namespace with -n; kubectl release status -A shows all of them"},
      {"both", "shop/production", kubectl_test::ListOf({kubectl_test::Gate(), second}).dump(), "",
       absl::StatusCode::kInvalidArgument,
       "both XPromotionGate team/shop-dev-to-staging and XPromotionGate team/shop-staging-to-production can "
       "be meant",
       "say which one, as in xpromotiongate/shop-dev-to-staging"},
      {"another kind in the list", "shop", kubectl_test::ListOf({kubectl_test::Gate(), secret}).dump(), "",
       absl::StatusCode::kDataLoss,
       "kubectl answered with Secret team/shop of \"v1\" where a gate was asked for",
       "see what it prints for: kubectl get xpromotiongates.platform.zerotouch.dev shop -o json"},
      {"something else", "shop", "{\"a\": 1}", "", absl::StatusCode::kDataLoss,
       "kubectl answered with something of \"\" where a gate was asked for",
       "see what it prints for: kubectl get xpromotiongates.platform.zerotouch.dev shop -o json"},
  };
  for (const Case& c : cases) {
    INFO(c.reason);
    FakeKubectl fake;
    fake.AddApi();
    fake.Add({"output=name", c.names});
    fake.Add({"output=json", c.out});
    std::ostringstream err;
    const absl::StatusOr<Json> gate = cli::FindGate(cli::Kubectl(fake.program(), {}, err), c.argument);
    CHECK(gate.status().code() == c.code);
    CHECK(cli::WrongOf(gate.status()) == c.wrong);
    CHECK(cli::NextOf(gate.status()) == c.next);
    if (gate.ok()) CHECK(*gate == kubectl_test::Gate());
  }
}

TEST_CASE("a kind that is said is not looked for", "[kubectl]") {
  FakeKubectl fake;
  fake.Add({"^get", kubectl_test::Gate().dump()});
  std::ostringstream err;
  cli::KubectlOptions options;
  options.namespace_name = "team";
  CHECK(cli::FindGate(cli::Kubectl(fake.program(), options, err), "xpg/a", {"--show-managed-fields"}).ok());
  CHECK(fake.Calls() ==
        std::vector<std::string>{"get xpromotiongates.platform.zerotouch.dev a --ignore-not-found "
                                 "--output=json --show-managed-fields --namespace=team"});
}

}  // namespace
