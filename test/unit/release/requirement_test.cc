#include "function/release/requirement.h"

#include <string>
#include <vector>

#include "test/catch.h"
#include "test/unit/release/requirement_cases.h"

namespace release {
namespace {

const std::string kDigest(64, 'd');

TEST_CASE("The table lists every requirement, and an override never waives Progression or Artifact",
          "[requirement]") {
  std::vector<std::string> names;
  for (const RequirementEntry& entry : Requirements()) {
    names.push_back(std::string(entry.name) + (entry.waived_by_override ? " (waived)" : ""));
    CHECK(Run(entry.check, OpenGate()).name == entry.name);
    CHECK(Run(entry.check, OpenGate()).satisfied);
  }
  CHECK(names == std::vector<std::string>{"Progression", "Artifact", "Checks (waived)", "Soak (waived)",
                                          "Window (waived)", "Approvals (waived)"});
}

TEST_CASE("Progression: the gate is that of a step of the tenant's pipeline", "[requirement]") {
  const std::string n = "Progression";
  RunCases(CheckProgression,
           {
               {"all is well",
                [](GateInput&) {},
                {n, true, "Met", "staging_to_production is a step of pipeline \"acme-pipeline\"", {}}},
               {"a second gate for the same step",
                [](GateInput& g) { g.name = "my-gate"; },
                {n,
                 false,
                 "GateNameMismatch",
                 "the gate is named \"my-gate\" and has to be named \"acme-staging-to-production\": a step "
                 "has one gate",
                 {}}},
               {"the pipeline has not been answered yet",
                [](GateInput& g) { g.pipeline.state = PipelineFacts::State::kUnknown; },
                {n,
                 false,
                 "PipelineUnknown",
                 "pipeline \"acme-pipeline\" was asked for and has not come yet",
                 {}}},
               {"there is no pipeline",
                [](GateInput& g) { g.pipeline.state = PipelineFacts::State::kNotFound; },
                {n,
                 false,
                 "PipelineNotFound",
                 "pipeline \"acme-pipeline\" does not exist in namespace \"team\"",
                 {}}},
               {"the pipeline is not valid",
                [](GateInput& g) {
                  g.pipeline.state = PipelineFacts::State::kInvalid;
                  g.pipeline.problem = "spec.tenant is missing";
                },
                {n,
                 false,
                 "PipelineInvalid",
                 "pipeline \"acme-pipeline\" is not valid: spec.tenant is missing",
                 {}}},
               {"a pipeline of somebody else can't be borrowed",
                [](GateInput& g) { g.pipeline.tenant = "evil"; },
                {n,
                 false,
                 "PipelineOfAnotherTenant",
                 "pipeline \"acme-pipeline\" belongs to tenant \"evil\" and not to \"acme\"",
                 {}}},
               {"staging can't be left out of a pipeline that has it",
                [](GateInput& g) {
                  g.name = "acme-dev-to-production";
                  g.spec.step = {Environment::kDev, Environment::kProduction};
                },
                {n,
                 false,
                 "NotAStep",
                 "pipeline \"acme-pipeline\" has no step dev_to_production: it has dev_to_staging, "
                 "staging_to_production",
                 {}}},
               {"a pipeline of one environment has no step",
                [](GateInput& g) { g.pipeline.environments = {Environment::kProduction}; },
                {n,
                 false,
                 "NotAStep",
                 "pipeline \"acme-pipeline\" has no step staging_to_production: it has none",
                 {}}},
               {"staging may be left out where the pipeline has none",
                [](GateInput& g) {
                  g.name = "acme-dev-to-production";
                  g.spec.step = {Environment::kDev, Environment::kProduction};
                  g.pipeline.environments = {Environment::kDev, Environment::kProduction};
                },
                {n, true, "Met", "dev_to_production is a step of pipeline \"acme-pipeline\"", {}}},
           });
}

void ToDevToStaging(GateInput& gate) {
  gate.name = "acme-dev-to-staging";
  gate.spec.step = {Environment::kDev, Environment::kStaging};
  gate.pipeline.source_artifact_id.clear();
  gate.pipeline.source_since.reset();
}

TEST_CASE("Artifact: immutable, from the right place, and its attempt is a new one", "[requirement]") {
  const std::string n = "Artifact";
  const Requirement met{
      n, true, "Met", "\"ghcr.io/acme/app:main-abc123\" is immutable and may take this step", {}};
  RunCases(CheckArtifact,
           {
               {"all is well", [](GateInput&) {}, met},
               {"a mutable tag",
                [](GateInput& g) { g.spec.artifact_id = "ghcr.io/acme/app:latest"; },
                {n,
                 false,
                 "NotImmutable",
                 "\"ghcr.io/acme/app:latest\" is mutable: the tag carries no commit SHA of 6 to 40 "
                 "lower-case hex digits; "
                 "use registry/path:TAG with a tag that is or ends in a commit SHA (main-abc123), or "
                 "registry/path@sha256:DIGEST",
                 {}}},
               {"there is no pipeline to compare with",
                [](GateInput& g) { g.pipeline.state = PipelineFacts::State::kNotFound; },
                {n,
                 false,
                 "PipelineNotFound",
                 "pipeline \"acme-pipeline\" does not exist in namespace \"team\"",
                 {}}},
               {"another registry",
                [](GateInput& g) { g.spec.artifact_id = "evil.example.org/acme/app:main-abc123"; },
                {n,
                 false,
                 "RegistryMismatch",
                 "\"evil.example.org/acme/app:main-abc123\" is not in the pipeline's registry \"ghcr.io\"",
                 {}}},
               {"a registry whose name begins alike",
                [](GateInput& g) { g.spec.artifact_id = "ghcr.io.evil.org/acme/app:main-abc123"; },
                {n,
                 false,
                 "RegistryMismatch",
                 "\"ghcr.io.evil.org/acme/app:main-abc123\" is not in the pipeline's registry \"ghcr.io\"",
                 {}}},
               {"a part of a registry", [](GateInput& g) { g.pipeline.registry = "ghcr.io/acme"; }, met},
               {"another part of a registry",
                [](GateInput& g) { g.pipeline.registry = "ghcr.io/ac"; },
                {n,
                 false,
                 "RegistryMismatch",
                 "\"ghcr.io/acme/app:main-abc123\" is not in the pipeline's registry \"ghcr.io/ac\"",
                 {}}},
               {"the policy demands a digest",
                [](GateInput& g) { g.policy.require_digest = true; },
                {n,
                 false,
                 "DigestRequired",
                 "\"ghcr.io/acme/app:main-abc123\" has a tag, and the policy demands a digest: use "
                 "ghcr.io/acme/app@sha256:DIGEST",
                 {}}},
               {"and there is one",
                [](GateInput& g) {
                  g.policy.require_digest = true;
                  g.spec.artifact_id = "ghcr.io/acme/app@sha256:" + kDigest;
                  g.pipeline.source_artifact_id = g.spec.artifact_id;
                },
                {n,
                 true,
                 "Met",
                 "\"ghcr.io/acme/app@sha256:" + kDigest + "\" is immutable and may take this step",
                 {}}},
               {"another artifact is in the source environment",
                [](GateInput& g) { g.pipeline.source_artifact_id = kOtherApp; },
                {n,
                 false,
                 "NotInSourceEnvironment",
                 "pipeline \"acme-pipeline\" has \"ghcr.io/acme/app:main-def456\" in staging: promote "
                 "\"ghcr.io/acme/app:main-abc123\" there first",
                 {}}},
               {"none is",
                [](GateInput& g) { g.pipeline.source_artifact_id.clear(); },
                {n,
                 false,
                 "NotInSourceEnvironment",
                 "pipeline \"acme-pipeline\" has no artifact in staging: promote "
                 "\"ghcr.io/acme/app:main-abc123\" there "
                 "first",
                 {}}},
               {"in the first step nothing has to be there", ToDevToStaging, met},
               {"this attempt was used up before",
                [](GateInput& g) {
                  g.previous = GateStatus();
                  g.previous->history = {{kOtherApp, 1, "approved", kNow}, {kApp, 1, "rejected", kNow}};
                },
                {n,
                 false,
                 "AttemptUsed",
                 "attempt 1 with this artifact ended rejected at 2026-01-02T12:00:00Z: raise spec.attempt",
                 {}}},
               {"a higher attempt is a new one",
                [](GateInput& g) {
                  g.spec.attempt = 2;
                  g.previous = GateStatus();
                  g.previous->history = {{kApp, 1, "rejected", kNow}, {kOtherApp, 2, "approved", kNow}};
                },
                met},
           });
}

Check Reported(const std::string& name, CheckState state) {
  Check check;
  check.name = name;
  check.state = state;
  check.artifact_id = kApp;
  return check;
}

TEST_CASE("Checks: each required one is a success", "[requirement]") {
  const std::string n = "Checks";
  RunCases(
      CheckChecks,
      {
          {"none is required, whatever is reported",
           [](GateInput& g) { g.spec.checks = {Reported("unit", CheckState::kFailure)}; },
           {n, true, "NotRequired", "no check is required", {}}},
          {"all succeeded",
           [](GateInput& g) {
             g.policy.required_checks = {"unit", "scan", "unit"};
             g.spec.checks = {Reported("unit", CheckState::kSuccess), Reported("scan", CheckState::kSuccess),
                              Reported("other", CheckState::kFailure)};
           },
           {n, true, "Met", "2 of 2 required checks succeeded for this artifact and attempt", {}}},
          {"some are pending or missing",
           [](GateInput& g) {
             g.policy.required_checks = {"unit", "scan", "e2e"};
             g.spec.checks = {Reported("unit", CheckState::kSuccess), Reported("scan", CheckState::kPending)};
           },
           {n,
            false,
            "AwaitingChecks",
            "1 of 3 required checks succeeded for this artifact and attempt; pending: \"scan\"; not "
            "reported: \"e2e\"",
            {}}},
          {"one failed",
           [](GateInput& g) {
             g.policy.required_checks = {"unit", "scan"};
             g.spec.checks = {Reported("unit", CheckState::kFailure)};
           },
           {n,
            false,
            "CheckFailed",
            "0 of 2 required checks succeeded for this artifact and attempt; failed: \"unit\"; not reported: "
            "\"scan\"",
            {}}},
          {"a success of another artifact or attempt is none",
           [](GateInput& g) {
             g.policy.required_checks = {"unit", "scan"};
             g.spec.checks = {Reported("unit", CheckState::kSuccess), Reported("scan", CheckState::kSuccess)};
             g.spec.checks[0].artifact_id = kOtherApp;
             g.spec.checks[1].attempt = 2;
           },
           {n,
            false,
            "AwaitingChecks",
            "0 of 2 required checks succeeded for this artifact and attempt; not reported: \"scan\", "
            "\"unit\"",
            {}}},
          {"of two reports of one check the worse one holds",
           [](GateInput& g) {
             g.policy.required_checks = {"scan", "unit"};
             g.spec.checks = {Reported("unit", CheckState::kSuccess), Reported("unit", CheckState::kFailure),
                              Reported("scan", CheckState::kPending), Reported("scan", CheckState::kSuccess)};
           },
           {n,
            false,
            "CheckFailed",
            "0 of 2 required checks succeeded for this artifact and attempt; failed: \"unit\"; pending: "
            "\"scan\"",
            {}}},
      });
}

TEST_CASE("Approvals: as they were counted", "[requirement]") {
  const std::string n = "Approvals";
  RunCases(CheckApprovals,
           {
               {"there is one", [](GateInput&) {}, {n, true, "Met", "1 of 1 approval: \"alice\"", {}}},
               {"none is needed",
                [](GateInput& g) { g.spec.approval_required = false; },
                {n, true, "NotRequired", "no approval is required", {}}},
               {"there is none",
                [](GateInput& g) { g.spec.approvals.clear(); },
                {n, false, "AwaitingApprovals", "0 of 1 approval, missing: 1 by anyone", {}}},
           });
}

}  // namespace
}  // namespace release
