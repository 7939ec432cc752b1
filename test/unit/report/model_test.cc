// The parts that a report is made of.
#include <string>
#include <vector>

#include "function/base/time.h"
#include "function/cli/report/build_attempts.h"
#include "function/cli/report/demands.h"
#include "function/cli/report/lane.h"
#include "function/cli/report/newest.h"
#include "function/cli/report/parts.h"
#include "function/cli/report/svg.h"
#include "function/cli/report/timeline.h"
#include "function/release/attempt.h"
#include "test/catch.h"
#include "test/unit/release/gate_input.h"

namespace cli::report {
namespace {

using base::Json;

absl::Time At(const std::string& time) { return *base::ParseTime(time); }

TEST_CASE("how far a time is from another one", "[report]") {
  struct DistanceCase {
    absl::Duration after;
    const char* text;
  };
  const DistanceCase cases[] = {
      {absl::ZeroDuration(), "at that time"},
      {absl::Seconds(59), "at that time"},
      {absl::Seconds(60), "in 1 min"},
      {absl::Minutes(119), "in 119 min"},
      {absl::Hours(2), "in 2 h"},
      {absl::Hours(47), "in 47 h"},
      {absl::Hours(48), "in 2 d"},
      {-absl::Minutes(5), "5 min ago"},
      {-absl::Hours(24 * 400), "400 d ago"},
  };
  for (const DistanceCase& c : cases) {
    INFO(c.text);
    CHECK(Distance(release::kNow + c.after, release::kNow) == c.text);
  }
}

TEST_CASE("versions in drawings are short, and still known", "[report]") {
  struct VersionCase {
    const char* artifact;
    const char* text;
    const char* why;
  };
  const VersionCase cases[] = {
      {"ghcr.io/acme/app:main-abc123", "main-abc123", "the tag"},
      {"ghcr.io/acme/app@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
       "9f86d081884c", "the beginning of the digest"},
      {"ghcr.io/acme/app:release-candidate-0f3c9a1b", "relea…0f3c9a1b", "a commit is at the end"},
      {"nonsense", "nonsense", "what else there is"},
      {"", "", "nothing"},
  };
  for (const VersionCase& c : cases) {
    INFO(c.why);
    CHECK(TinyVersion(c.artifact) == c.text);
  }
}

TEST_CASE("the newest time is of what is over", "[report]") {
  const Json object = Json::parse(R"({
    "metadata": {"creationTimestamp": "2026-01-01T00:00:00Z",
                 "managedFields": [{"time": "2026-01-02T00:00:00Z"}]},
    "spec": {"freezes": [{"from": "2027-01-01T00:00:00Z", "until": "2027-02-01T00:00:00Z"}]},
    "status": {"deadline": "2026-02-01T00:00:00Z",
               "requirements": [{"next_change": "2026-02-01T00:00:00Z"}],
               "history": [{"expires": "2026-02-01T00:00:00Z", "until": "2026-01-03T00:00:00Z"}],
               "conditions": [{"lastTransitionTime": "yesterday"}]}})");
  CHECK(NewestTimeIn(object) == At("2026-01-03T00:00:00Z"));
  CHECK(NewestTimeIn(Json::object()) == Moment());
  CHECK(NewestTimeIn(Json::parse(R"({"status": "time", "metadata": []})")) == Moment());
}

// What a gate decided on three artifacts, of which the last one waits.
release::GateStatus ThreeAttempts() {
  release::GateInput gate = release::OpenGate();
  gate.creation_timestamp = release::kNow;
  const auto decide = [&](const std::string& artifact, absl::Duration after) {
    gate.spec.artifact_id = artifact;
    gate.pipeline.source_artifact_id = artifact;
    gate.previous = Decide(gate, release::kNow + after).status;
    gate.config_map = gate.previous;
  };
  decide(release::kApp, absl::ZeroDuration());
  gate.spec.approvals.clear();
  decide(release::kOtherApp, absl::Hours(1));
  decide("ghcr.io/acme/app:main-0ddba11", absl::Hours(2));
  return *gate.previous;
}

TEST_CASE("attempts are told by the history and by the trail", "[report]") {
  const release::GateStatus status = ThreeAttempts();
  const std::vector<AttemptView> attempts =
      AttemptsOf(status, "ghcr.io/acme/app:main-0ddba11", 1, State::kPending);
  REQUIRE(attempts.size() == 3);
  CHECK(attempts[0].is_current);
  CHECK(attempts[0].state == State::kPending);
  CHECK(attempts[0].start == release::kNow + absl::Hours(2));
  CHECK(attempts[0].deadline == release::kNow + absl::Hours(26));
  CHECK(attempts[0].end == Moment());
  CHECK(attempts[1].artifact_id == release::kOtherApp);
  CHECK(attempts[1].state == State::kSuperseded);
  CHECK(attempts[1].start == release::kNow + absl::Hours(1));
  CHECK(attempts[1].end == release::kNow + absl::Hours(2));
  CHECK(attempts[2].state == State::kApproved);
  CHECK(attempts[2].approver == "alice");
  CHECK(attempts[2].start == release::kNow);
}

TEST_CASE("an attempt whose beginning is not in the trail any more has an end alone", "[report]") {
  release::GateStatus status = ThreeAttempts();
  status.audit.clear();
  const std::vector<AttemptView> attempts =
      AttemptsOf(status, "ghcr.io/acme/app:main-0ddba11", 1, State::kPending);
  REQUIRE(attempts.size() == 3);
  CHECK(attempts[2].start == Moment());
  CHECK(attempts[2].end.has_value());
}

TEST_CASE("what a pipeline demands, in words", "[report]") {
  release::PipelineSpec spec;
  spec.environments = {release::Environment::kDev, release::Environment::kStaging,
                       release::Environment::kProduction};
  spec.rules = {{"dev_to_staging", release::PromotionRule::kAutomatic},
                {"staging_to_production", release::PromotionRule::kManual}};
  release::StepPolicy& policy = spec.policies["staging_to_production"];
  policy.approvals = {{"sre", {"carol", "dave"}, 2}, {"anybody", {}, 1}};
  policy.forbid_self_approval = true;
  policy.require_signatures = true;
  policy.require_digest = true;
  policy.soak_hours = 1;
  policy.required_checks = {"e2e", "scan"};
  policy.windows = {{{"day", {1, 5}, 540, 1020, "Europe/Berlin"}, {"night", {}, 1320, 0, "UTC"}}};
  policy.freezes = {{"holidays", At("2026-12-20T00:00:00Z"), At("2027-01-02T00:00:00Z"), "few people"}};
  policy.timeout_hours = 12;
  spec.trust["staging_to_production"].override_approvers = {{"erin"}};
  const std::vector<DemandView> demands = DemandsOf(spec);
  REQUIRE(demands.size() == 2);
  CHECK(demands[0].step == "dev → staging");
  CHECK(demands[0].lines == std::vector<std::string>{"automatic: it takes no approval"});
  CHECK(demands[1].lines ==
        std::vector<std::string>{
            "manual: it takes approval", "2 approvals by rule \"sre\": carol, dave",
            "1 approval by rule \"anybody\": anyone", "not by the one who asked for it",
            "signed approvals only", "artifacts by digest only", "1 hour in the source environment before",
            "checks: e2e, scan",
            "inside one of: day (Mon Fri, 09:00 to 17:00, Europe/Berlin); night (every day, 22:00 to 00:00, "
            "UTC)",
            "frozen by holidays from 2026-12-20T00:00:00Z until 2027-01-02T00:00:00Z: few people",
            "within 12 hours", "may override: erin"});
}

PipelineView SmallPipeline() {
  PipelineView pipeline;
  pipeline.environments = {{"dev", release::kApp, release::kNow}, {"staging"}};
  GateView gate;
  gate.source = "dev";
  gate.target = "staging";
  gate.state = State::kPending;
  gate.approvals_have = 1;
  gate.approvals_need = 2;
  pipeline.gates = {gate};
  return pipeline;
}

TEST_CASE("a lane says what it shows", "[report]") {
  PipelineView pipeline = SmallPipeline();
  CHECK(DescribeLane(pipeline) ==
        "dev runs main-abc123 since 2026-01-02 12:00 UTC. The gate to staging: waiting. staging runs nothing "
        "yet.");
  CHECK(DrawLane(pipeline).markup().find("waiting 1/2") != std::string::npos);
  pipeline.gates[0].audit.standing = AuditView::Standing::kBroken;
  CHECK(DescribeLane(pipeline).find("The gate to staging: waiting, its audit trail is broken.") !=
        std::string::npos);
  pipeline.environments.clear();
  CHECK(DrawLane(pipeline).empty());
}

TEST_CASE("a timeline of whatever times there are", "[report]") {
  PipelineView pipeline = SmallPipeline();
  CHECK(DrawTimeline(pipeline, release::kNow).empty());
  CHECK(DrawTimeline(pipeline, Moment()).empty());
  AttemptView attempt;
  attempt.state = State::kApproved;
  attempt.end = release::kNow;
  pipeline.gates[0].attempts = {attempt};
  CHECK_FALSE(DrawTimeline(pipeline, Moment()).empty());
  // Times that somebody made up: a drawing all the same, and none that never ends.
  pipeline.gates[0].attempts[0].start = At("0000-01-01T00:00:00Z");
  pipeline.gates[0].attempts[0].deadline = At("9999-12-31T23:59:59Z");
  const std::string markup = DrawTimeline(pipeline, release::kNow).markup();
  CHECK(markup.size() < 10000);
  CHECK(markup.find("nan") == std::string::npos);
  CHECK(markup.find("inf%") == std::string::npos);
}

}  // namespace
}  // namespace cli::report
