// What calls come to, counted: every call's outcome, and every transition once.
#include "function/runner/run_metrics.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "function/release/approval.h"
#include "function/release/signature.h"
#include "test/catch.h"
#include "test/support/test_keys.h"
#include "test/unit/release/ssh_signer.h"
#include "test/unit/runner/objects.h"

namespace runner {
namespace {

// Calls the function and counts, as the server does.
class Counted {
 public:
  // `status`: goes into the XR, and becomes what was answered.
  Json Look(Request request, absl::Time now = kNow) {
    const base::FixedClock clock(now);
    Answer answer;
    RunSummary summary;
    REQUIRE(RunFunctionOnBytes(request.Bytes(), {clock}, &answer.bytes, &summary).ok());
    REQUIRE(answer.proto.ParseFromString(answer.bytes));
    run_metrics_.Count(summary);
    return answer.Results().empty() || !absl::StartsWith(answer.Results().back(), "FATAL") ? answer.Status()
                                                                                           : Json();
  }

  // The samples of release_* metrics that are not zero: "gate_attempts_total{step="dev_to_staging"} 1", …
  std::vector<std::string> Samples(const std::string& prefix = "") const {
    std::vector<std::string> samples;
    const std::string text = metrics_.Expose();
    for (absl::string_view line : absl::StrSplit(text, '\n')) {
      const bool is_zero = absl::EndsWith(line, " 0");
      const bool is_bucket = absl::StrContains(line, "_bucket{") || absl::StrContains(line, "_sum{");
      if (!absl::ConsumePrefix(&line, "release_") || is_zero || is_bucket) continue;
      if (absl::StartsWith(line, prefix)) samples.emplace_back(line);
    }
    return samples;
  }
  std::string text() const { return metrics_.Expose(); }

 private:
  Metrics metrics_;
  RunMetrics run_metrics_{metrics_};
};

Request Answered(const Json& gate, const Json& pipeline = PipelineXr()) {
  return Request(gate).Required("pipeline", pipeline).RequiredNothing("pipeline-config");
}

Json With(Json xr, const Json& status) {
  xr["status"] = status;
  return xr;
}

using Strings = std::vector<std::string>;

TEST_CASE("A call that asks for a resource counts as that and as nothing else", "[runner]") {
  Counted counted;
  counted.Look(Request(GateXr()));
  CHECK(counted.Samples() == Strings{R"(function_runs_total{kind="XPromotionGate",outcome="asked"} 1)"});
  counted.Look(Request(PipelineXr()));
  CHECK(counted.Samples("pipeline").empty());
}

TEST_CASE("An old Crossplane's answers count as answers", "[runner]") {
  Counted counted;
  Request request(GateXr());
  request.proto().mutable_meta()->clear_capabilities();
  counted.Look(request.Extra("pipeline", PipelineXr()).Extra("pipeline-config", Json::object()));
  CHECK(counted.Samples("function") ==
        Strings{R"(function_runs_total{kind="XPromotionGate",outcome="ok"} 1)"});
}

TEST_CASE("A gate that waits counts what it waits for at every look", "[runner]") {
  Counted counted;
  const Json status = counted.Look(Answered(GateXr()));
  counted.Look(Answered(With(GateXr(), status)));
  CHECK(counted.Samples("gate") == Strings{R"(gate_attempts_total{step="dev_to_staging"} 1)",
                                           R"(gate_evaluations_total{verdict="pending"} 2)",
                                           R"(gate_waiting_evaluations_total{requirement="Approvals"} 2)"});
}

TEST_CASE("A verdict counts once, with the time since the attempt's start", "[runner]") {
  Counted counted;
  Json gate = WithSpec(GateXr(), {{"approvals", Json::array({Approval("alice"), Approval("")})}});
  gate["spec"]["approvals"][1]["approver"] = "bob";
  gate["spec"]["approvals"][1]["artifact_id"] = kOtherApp;
  const Json status = counted.Look(Answered(gate), kCreated + absl::Minutes(10));
  REQUIRE(status["gate_status"] == "approved");
  counted.Look(Answered(With(gate, status)));
  CHECK(counted.Samples("gate") ==
        Strings{R"(gate_approvals_total{step="dev_to_staging",signed="false"} 1)",
                R"(gate_attempts_total{step="dev_to_staging"} 1)",
                R"(gate_evaluations_total{verdict="approved"} 2)",
                R"(gate_ignored_entries_total{reason="OtherArtifact"} 1)",
                R"(gate_time_to_verdict_seconds_count{step="dev_to_staging",verdict="approved"} 1)",
                R"(gate_verdicts_total{step="dev_to_staging",verdict="approved"} 1)"});
  const std::string series = R"(release_gate_time_to_verdict_seconds_)";
  const std::string labels = R"({step="dev_to_staging",verdict="approved")";
  CHECK(absl::StrContains(counted.text(), series + "sum" + labels + "} 600\n"));
  CHECK(absl::StrContains(counted.text(), series + "bucket" + labels + R"(,le="300"} 0)"));
  CHECK(absl::StrContains(counted.text(), series + "bucket" + labels + R"(,le="900"} 1)"));
}

TEST_CASE("A reject and a timeout count as what they are", "[runner]") {
  Counted counted;
  Json reject = Approval("bob");
  reject["decision"] = "reject";
  counted.Look(Answered(WithSpec(GateXr(), {{"approvals", Json::array({reject})}})));
  Json late = GateXr();
  late["metadata"]["uid"] = "another";
  counted.Look(Answered(late), kCreated + absl::Hours(24));
  CHECK(counted.Samples("gate_verdicts") ==
        Strings{R"(gate_verdicts_total{step="dev_to_staging",verdict="rejected"} 1)",
                R"(gate_verdicts_total{step="dev_to_staging",verdict="timeout"} 1)"});
}

TEST_CASE("An answer that is lost and given again counts once", "[runner]") {
  Counted counted;
  const Json gate = WithSpec(GateXr(), {{"approvals", Json::array({Approval("alice")})}});
  const Json first = counted.Look(Answered(gate));
  const Json again = counted.Look(Answered(gate), kNow + absl::Minutes(3));
  CHECK(first["audit"] != again["audit"]);  // decided anew, at another time
  CHECK(counted.Samples("gate_verdicts") ==
        Strings{R"(gate_verdicts_total{step="dev_to_staging",verdict="approved"} 1)"});
  Json another = gate;  // deleted and made again
  another["metadata"]["uid"] = "another";
  counted.Look(Answered(another));
  CHECK(counted.Samples("gate_verdicts") ==
        Strings{R"(gate_verdicts_total{step="dev_to_staging",verdict="approved"} 2)"});
}

TEST_CASE("A verdict that the ConfigMap kept is not counted again", "[runner]") {
  Counted counted;
  const Json gate = WithSpec(GateXr(), {{"approvals", Json::array({Approval("alice")})}});
  const base::FixedClock clock(kNow);
  const Answer before = Call(Answered(gate), kNow);  // by another replica
  counted.Look(Answered(gate).Observed("gate-config", AsObserved(before.Resource("gate-config"))));
  CHECK(counted.Samples("gate_verdicts").empty());
}

TEST_CASE("Another artifact supersedes a pending attempt", "[runner]") {
  Counted counted;
  const Json status = counted.Look(Answered(GateXr()));
  counted.Look(Answered(With(WithSpec(GateXr(), {{"artifact_id", kOtherApp}}), status)));
  CHECK(counted.Samples("gate_attempts") == Strings{R"(gate_attempts_total{step="dev_to_staging"} 2)"});
  CHECK(counted.Samples("gate_superseded") == Strings{R"(gate_superseded_total{step="dev_to_staging"} 1)"});
}

TEST_CASE("An override counts beside the verdict", "[runner]") {
  Counted counted;
  const Json pipeline = WithSpec(
      PipelineXr(), {{"promotionPolicies", {{"dev_to_staging", {{"override_approvers", {"erin"}}}}}}});
  counted.Look(Answered(
      WithSpec(GateXr(), {{"override", {{"by", "erin"}, {"reason", "down"}, {"artifact_id", kApp}}}}),
      pipeline));
  CHECK(counted.Samples("gate_overrides") == Strings{R"(gate_overrides_total{step="dev_to_staging"} 1)"});
  CHECK(counted.Samples("gate_verdicts") ==
        Strings{R"(gate_verdicts_total{step="dev_to_staging",verdict="approved"} 1)"});
}

TEST_CASE("A broken trail counts once, and holds the gate at every look", "[runner]") {
  Counted counted;
  Json status = counted.Look(Answered(GateXr()));
  status["audit"][0]["actor"] = "mallory";
  const Json held = counted.Look(Answered(With(GateXr(), status)));
  counted.Look(Answered(With(GateXr(), held)));
  counted.Look(Answered(With(GateXr(), status)));  // the answer was lost
  CHECK(counted.Samples("gate_audit") == Strings{"gate_audit_broken_total 1"});
  CHECK(counted.Samples("gate_waiting_evaluations_total{requirement=\"Audit\"}") ==
        Strings{R"(gate_waiting_evaluations_total{requirement="Audit"} 3)"});
}

TEST_CASE("Refused input counts by kind", "[runner]") {
  Counted counted;
  counted.Look(Request(WithSpec(GateXr(), {{"artifact_id", "latest"}})));
  counted.Look(Request(WithSpec(PipelineXr(), {{"evil", 1}})));
  counted.Look(Request(Patched(GateXr(), {{"kind", "XOther"}})));
  CHECK(counted.Samples() == Strings{R"(function_runs_total{kind="XPromotionGate",outcome="invalid"} 1)",
                                     R"(function_runs_total{kind="XReleasePipeline",outcome="invalid"} 1)",
                                     R"(function_runs_total{kind="other",outcome="invalid"} 1)"});
}

TEST_CASE("What comes into an environment counts once", "[runner]") {
  Counted counted;
  const auto answered = [](const Json& pipeline) {
    Request request(pipeline);
    const Answer asked = Call(request, kNow);
    for (const auto& [key, selector] : asked.proto.requirements().resources()) request.RequiredNothing(key);
    return request;
  };
  const Json pipeline = WithSpec(PipelineXr(), {{"artifact_id", kApp}});
  const Json status = counted.Look(answered(pipeline));
  counted.Look(answered(pipeline));  // the first answer was lost
  counted.Look(answered(With(pipeline, status)));
  CHECK(counted.Samples("pipeline") == Strings{R"(pipeline_releases_total{environment="dev"} 1)"});
}

TEST_CASE("Every series is there from the start, and no call adds one", "[runner]") {
  const auto names = [](const std::string& text) {
    Strings found;
    for (absl::string_view line : absl::StrSplit(text, '\n')) {
      if (!absl::StartsWith(line, "#")) found.emplace_back(line.substr(0, line.rfind(' ')));
    }
    return found;
  };
  Counted counted;
  const Strings before = names(counted.text());
  const Json gate = WithSpec(GateXr(), {{"approvals", Json::array({Approval("a\"{}\n")})}});
  counted.Look(Answered(gate));
  counted.Look(Answered(gate, WithSpec(PipelineXr(), {{"evil", 1}})));
  CHECK(names(counted.text()) == before);
}

TEST_CASE("Every reason for which an entry can be ignored has a series", "[runner]") {
  const std::string text = Counted().text();
  for (const absl::string_view reason : release::IgnoredReasons()) {
    INFO(reason);
    CHECK(absl::StrContains(text,
                            absl::StrCat("release_gate_ignored_entries_total{reason=\"", reason, "\"} 0\n")));
  }
  for (const auto check :
       {release::SignatureCheck::kInvalid, release::SignatureCheck::kSignerNotAllowed,
        release::SignatureCheck::kSignerExpired, release::SignatureCheck::kWrongNamespace}) {
    INFO(release::Reason(check));
    CHECK(absl::StrContains(text, absl::StrCat("{reason=\"", release::Reason(check), "\"}")));
  }
}

}  // namespace
}  // namespace runner
