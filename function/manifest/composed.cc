#include "function/manifest/composed.h"

#include "function/release/composite.h"

namespace manifest {
namespace {

// Kinds whose being there is not yet the point: an ExternalSecret's Secret, a gate's own resources.
bool SaysItselfWhenReady(const base::Json& manifest) {
  const std::string& kind = manifest["kind"].get_ref<const std::string&>();
  return kind == "ExternalSecret" || kind == release::kGateKind || kind == release::kGateClaimKind;
}

}  // namespace

void SetReadiness(std::vector<Composed>& resources, const Observed& observed) {
  for (Composed& composed : resources) {
    composed.displaced = observed.Displaces(composed);
    const ObservedResource* found = observed.FindObserved(composed);
    composed.ready =
        found != nullptr && (!SaysItselfWhenReady(composed.manifest) || found->ready_condition == "True");
  }
}

}  // namespace manifest
