// Forged resourceRefs: something of somebody else is observed in the place of ours.
#include <algorithm>
#include <string>
#include <vector>

#include "test/catch.h"
#include "test/unit/runner/objects.h"

namespace runner {
namespace {

using test_support::fnv1::READY_FALSE;

Request GateRequest() { return Request(GateXr()).Required("pipeline", PipelineXr()); }

bool Has(const std::vector<std::string>& keys, const std::string& key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

TEST_CASE(
    "A resource whose place is taken by another name is left out once, and composed when the place is free",
    "[runner]") {
  Request request = GateRequest();
  const Answer before = Call(request, kNow);
  Json attacker = before.Resource("gate-config");
  attacker["metadata"]["name"] = "attacker";
  struct Case {
    std::string name;
    std::string reason;
    Json observed;
    bool composed;
  };
  const Case cases[] = {
      {"ours", "its own name, controlled by the XR", AsObserved(before.Resource("gate-config")), true},
      {"not controlled yet", "its own name: Crossplane takes it, or refuses to where another controls it",
       before.Resource("gate-config"), true},
      {"another name", "Crossplane would write to that one", attacker, false},
      {"another name, taken before", "Crossplane deletes what it controls and nobody wants",
       AsObserved(attacker), false},
  };
  for (const Case& c : cases) {
    INFO(c.name << ": " << c.reason);
    Request observed = GateRequest();
    observed.Observed("gate-config", c.observed);
    const Answer answer = Call(observed, kNow);
    CHECK(Has(answer.ResourceKeys(), "gate-config") == c.composed);
    CHECK(answer.Status()["gate_status"] == "pending");
    CHECK(answer.proto.desired().composite().ready() == READY_FALSE);
  }
}

// Or the API server would refuse the very thing that puts it right: an attempt never goes back.
TEST_CASE("A composed gate whose step somebody changed is composed as it was", "[runner]") {
  const Json changes[] = {
      {{"pipeline", "another"}}, {{"source_environment", "staging"}}, {{"target_environment", "production"}}};
  for (const Json& change : changes) {
    for (const Json& drives : {Json::object(), Json({{"artifact_id", kApp}})}) {
      INFO(change << " where the pipeline has " << drives);
      Json gate = WithSpec(GateXr(), {{"attempt", 5}});
      gate = AsObserved(WithSpec(gate, change));
      Request request(WithSpec(PipelineXr(), drives));
      request.Observed("gate-dev-to-staging", gate);
      const Json spec = Call(request, kNow).Resource("gate-dev-to-staging")["spec"];
      CHECK(spec["artifact_id"] == kApp);
      CHECK(spec["attempt"] == 5);
      CHECK(spec["source_environment"] == "dev");
      CHECK(spec["target_environment"] == "staging");
    }
  }
}

}  // namespace
}  // namespace runner
