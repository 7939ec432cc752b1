// Composed resources: what is wanted, and what is there.
#ifndef FUNCTION_MANIFEST_COMPOSED_H_
#define FUNCTION_MANIFEST_COMPOSED_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "function/base/json.h"

namespace manifest {

struct Composed {
  std::string key;
  base::Json manifest;
  bool ready = false;
  // Something under another name is observed in its place. Crossplane would keep that name and write to that
  // object, so it is left out of one answer: Crossplane then forgets what it thought to be ours, and the next
  // call composes it anew.
  bool displaced = false;
};

// What is observed under a key.
struct ObservedResource {
  std::string name;
  bool controlled = false;  // by this very XR: whoever writes an XR can point its resourceRefs anywhere
  std::string
      ready_condition;    // the status of its condition Ready: "True", "False", "Unknown", or "" without one
  std::string job_image;  // of a Job: the image of its first container
};

class Observed {
 public:
  void Add(std::string key, ObservedResource resource) { resources_[std::move(key)] = std::move(resource); }

  // The resource under this key, where it counts: under its expected name and controlled by this XR.
  const ObservedResource* Find(absl::string_view key, absl::string_view name) const {
    const auto found = resources_.find(std::string(key));
    if (found == resources_.end() || !found->second.controlled || found->second.name != name) return nullptr;
    return &found->second;
  }

  bool Has(const Composed& composed) const { return FindObserved(composed) != nullptr; }

  bool Displaces(const Composed& composed) const {
    const auto found = resources_.find(composed.key);
    return found != resources_.end() && found->second.name != NameOf(composed);
  }

  const ObservedResource* FindObserved(const Composed& composed) const {
    return Find(composed.key, NameOf(composed));
  }

 private:
  static const std::string& NameOf(const Composed& composed) {
    return composed.manifest["metadata"]["name"].get_ref<const std::string&>();
  }

  std::map<std::string, ObservedResource> resources_;
};

// Sets `ready` and `displaced`. Ready is what is there. An ExternalSecret and a gate also have to say so
// themselves.
void SetReadiness(std::vector<Composed>& resources, const Observed& observed);

}  // namespace manifest

#endif  // FUNCTION_MANIFEST_COMPOSED_H_
