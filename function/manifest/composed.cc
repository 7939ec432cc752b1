#include "function/manifest/composed.h"

namespace manifest {

void SetReadiness(std::vector<Composed>& resources, const Observed& observed) {
  for (Composed& composed : resources) {
    const ObservedResource* found = observed.FindObserved(composed);
    const bool says_so_itself = composed.manifest["kind"] == "ExternalSecret";
    composed.ready = found != nullptr && (!says_so_itself || found->ready_condition == "True");
  }
}

}  // namespace manifest
