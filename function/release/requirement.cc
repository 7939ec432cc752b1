#include "function/release/requirement.h"

namespace release {

absl::Span<const RequirementEntry> Requirements() {
  static constexpr RequirementEntry kRequirements[] = {
      {"Progression", CheckProgression, false},
      {"Artifact", CheckArtifact, false},
      {"Checks", CheckChecks, true},
      {"Soak", CheckSoak, true},
      {"Window", CheckWindow, true},
      {"Approvals", CheckApprovals, true},
  };
  return kRequirements;
}

}  // namespace release
