// What time a call has, and when the next call is asked for.
#include <string>
#include <vector>

#include "test/catch.h"
#include "test/unit/runner/objects.h"

namespace runner {
namespace {

constexpr char kNowKey[] = "platform.zerotouch.dev/now";

Request GateRequest() { return Request(GateXr()).Required("pipeline", PipelineXr()); }

TEST_CASE("The context sets the time only where the server was told to listen to it", "[runner]") {
  Request request = GateRequest();
  request.Context({{kNowKey, "2026-01-03T13:00:00Z"}});
  CHECK(Call(request, kNow).Status()["gate_status"] == "pending");
  CHECK(Call(request, kNow, /*clock_from_context=*/true).Status()["gate_status"] == "timeout");
  CHECK(Call(GateRequest(), kNow, /*clock_from_context=*/true).Status()["gate_status"] == "pending");
}

TEST_CASE("A time in the context that is none is told", "[runner]") {
  for (const Json& value : {Json("yesterday"), Json(5), Json("2026-01-03"), Json::object()}) {
    Request request = GateRequest();
    request.Context({{kNowKey, value}});
    CHECK(Call(request, kNow).Status()["gate_status"] == "pending");
    const std::string text = value.is_string() ? value.get<std::string>() : "";
    CHECK(Call(request, kNow, true).Results().back() ==
          "FATAL InvalidInput: context[platform.zerotouch.dev/now]: \"" + text +
              "\" is no RFC 3339 time: write it as 2026-01-02T15:04:05Z");
  }
}

struct TtlCase {
  std::string reason;
  absl::Duration until_deadline;
  absl::Duration ttl;
};

TEST_CASE("The ttl converges on the next change in spite of Crossplane's jitter", "[runner]") {
  const std::vector<TtlCase> cases = {
      {"far away: the poll interval", absl::Hours(20), absl::Seconds(60)},
      {"two polls away: half of it is one poll", absl::Seconds(120), absl::Seconds(60)},
      {"half of what is left", absl::Seconds(119), absl::Milliseconds(59500)},
      {"half of what is left", absl::Seconds(10), absl::Seconds(5)},
      {"never less than a second", absl::Seconds(1), absl::Seconds(1)},
      {"fractions of a second are no reason to hurry", absl::Milliseconds(1), absl::Seconds(1)},
      {"the deadline itself: final, so the heartbeat", absl::ZeroDuration(), absl::Minutes(10)},
      {"long after", absl::Hours(-100), absl::Minutes(10)},
  };
  for (const TtlCase& c : cases) {
    INFO(c.reason << ", " << absl::FormatDuration(c.until_deadline));
    CHECK(Call(GateRequest(), kCreated + absl::Hours(24) - c.until_deadline).Ttl() == c.ttl);
  }
}

TEST_CASE("Following the ttl ends within a second of the deadline, whatever the jitter", "[runner]") {
  for (const double jitter : {0.9, 1.0, 1.1}) {
    absl::Time now = kCreated + absl::Hours(23) + absl::Minutes(55);
    Answer answer = Call(GateRequest(), now);
    int calls = 1;
    while (answer.Status()["gate_status"] == "pending") {
      now += answer.Ttl() * jitter;
      answer = Call(GateRequest(), now);
      REQUIRE(++calls < 30);
    }
    CHECK(now - (kCreated + absl::Hours(24)) <= absl::Milliseconds(1100));
  }
}

TEST_CASE("The poll interval and the heartbeat are the Input's", "[runner]") {
  Request request = GateRequest();
  request.Input({{"pollInterval", "5s"}, {"heartbeat", "1h30m"}});
  CHECK(Call(request, kNow).Ttl() == absl::Seconds(5));
  CHECK(Call(request, kCreated + absl::Hours(30)).Ttl() == absl::Minutes(90));
}

TEST_CASE("A window's edge and the end of a soak wake the gate up", "[runner]") {
  const Json windows = Json::array({Json::object({{"name", "w"}, {"start", "12:02"}, {"end", "13:00"}})});
  Request request = Request(GateXr()).Required(
      "pipeline",
      WithSpec(PipelineXr(), {{"promotionPolicies", {{"dev_to_staging", {{"windows", windows}}}}}}));
  CHECK(Call(request, kNow).Ttl() == absl::Seconds(30));
}

TEST_CASE("Every answer has a ttl, pipelines' too", "[runner]") {
  CHECK(Call(Request(PipelineXr()), kNow).Ttl() == absl::Minutes(10));
  CHECK(Call(Request(WithSpec(PipelineXr(), {{"artifact_id", kApp}})), kNow).Ttl() == absl::Minutes(1));
}

TEST_CASE("A quiet gate answers the same bytes a minute later", "[runner]") {
  Request request = GateRequest();
  const Answer first = Call(request, kNow);
  for (const std::string& key : first.ResourceKeys()) request.Observed(key, AsObserved(first.Resource(key)));
  request.Xr(WithStatus(GateXr(), first));
  const Answer second = Call(request, kNow + absl::Minutes(1));
  CHECK(second.Results().empty());
  CHECK(second.Status() == first.Status());
  for (int minute = 2; minute < 10; ++minute) {
    CHECK((Call(request, kNow + absl::Minutes(minute)).bytes == second.bytes));
  }
}

}  // namespace
}  // namespace runner
