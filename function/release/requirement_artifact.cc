#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "function/base/time.h"
#include "function/release/artifact.h"
#include "function/release/pipeline_problem.h"
#include "function/release/requirement.h"

namespace release {
namespace {

Requirement Closed(absl::string_view reason, std::string message) {
  return {"Artifact", false, std::string(reason), std::move(message), std::nullopt};
}

// Artifacts come into being in the first environment, so nothing has to show them there.
bool IsFirstStep(const GateInput& gate) {
  const std::vector<Environment>& environments = gate.pipeline.environments;
  return !environments.empty() && gate.spec.step.source == environments.front();
}

std::string WhatTheSourceHas(const GateInput& gate) {
  const absl::string_view source = Name(gate.spec.step.source);
  const std::string& there = gate.pipeline.source_artifact_id;
  const std::string what = there.empty() ? "no artifact" : absl::StrCat("\"", there, "\"");
  return absl::StrCat("pipeline \"", gate.spec.pipeline, "\" has ", what, " in ", source, ": promote \"",
                      gate.spec.artifact_id, "\" there first");
}

// The attempt of the history that this one repeats.
const PastAttempt* FindUsed(const GateInput& gate) {
  if (!gate.previous) return nullptr;
  const std::vector<PastAttempt>& history = gate.previous->history;
  const auto used = std::find_if(history.begin(), history.end(), [&](const PastAttempt& past) {
    return past.artifact_id == gate.spec.artifact_id && past.attempt == gate.spec.attempt;
  });
  return used == history.end() ? nullptr : &*used;
}

}  // namespace

Requirement CheckArtifact(const RequirementContext& context) {
  const GateInput& gate = context.gate;
  const std::string& reference = gate.spec.artifact_id;
  const absl::StatusOr<Artifact> artifact = ParseArtifact(reference);
  if (!artifact.ok()) return Closed("NotImmutable", std::string(artifact.status().message()));
  if (std::optional<PipelineProblem> problem = FindPipelineProblem(gate)) {
    return Closed(problem->reason, std::move(problem->message));
  }
  if (!gate.pipeline.releasing.empty() && gate.pipeline.releasing != reference) {
    return Closed("Superseded", absl::StrCat("pipeline \"", gate.spec.pipeline, "\" releases \"",
                                             gate.pipeline.releasing, "\" now"));
  }
  // A pipeline may name a part of a registry, too: "ghcr.io/acme".
  if (!absl::StartsWith(reference, absl::StrCat(gate.pipeline.registry, "/"))) {
    return Closed("RegistryMismatch", absl::StrCat("\"", reference, "\" is not in the pipeline's registry \"",
                                                   gate.pipeline.registry, "\""));
  }
  if (gate.policy.require_digest && !artifact->HasDigest()) {
    return Closed("DigestRequired",
                  absl::StrCat("\"", reference, "\" has a tag, and the policy demands a digest: use ",
                               artifact->registry, "/", artifact->repository, "@sha256:DIGEST"));
  }
  if (!IsFirstStep(gate) && gate.pipeline.source_artifact_id != reference) {
    return Closed("NotInSourceEnvironment", WhatTheSourceHas(gate));
  }
  if (const PastAttempt* used = FindUsed(gate)) {
    return Closed("AttemptUsed",
                  absl::StrCat("attempt ", used->attempt, " with this artifact ended ", used->verdict, " at ",
                               base::FormatTime(used->time), ": raise spec.attempt"));
  }
  return {"Artifact", true, std::string(kMet),
          absl::StrCat("\"", reference, "\" is immutable and may take this step"), std::nullopt};
}

}  // namespace release
