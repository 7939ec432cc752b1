// As little of Crossplane as it takes to lead one XR through its life: what is required is looked up among a
// few objects, what is composed is observed the next time.
#ifndef TEST_ROBUSTNESS_FUZZ_CROSSPLANE_H_
#define TEST_ROBUSTNESS_FUZZ_CROSSPLANE_H_

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "function/base/json.h"
#include "function/runner/run_function.h"

namespace fuzz {

// A gate's verdict; "" where it was no gate, or was refused.
std::string VerdictOf(const runner::RunSummary& summary);

struct Outcome {
  runner::RunSummary summary;
  base::Json status;  // of the XR, as desired; null where the function refused
};

class Crossplane {
 public:
  // `objects`: the first one is the XR. `audit_key`: empty for none.
  Crossplane(std::vector<base::Json> objects, base::Json input, std::string audit_key);

  base::Json& xr() { return objects_[0]; }
  bool Any(const std::function<bool(const base::Json& object)>& is_it) const {
    return std::any_of(objects_.begin(), objects_.end(), is_it);
  }
  // A ConfigMap that is gone, as when somebody deleted it.
  void ForgetObserved() { observed_.clear(); }

  // Calls until nothing more is required, and applies what came of it.
  Outcome Reconcile(absl::Time now);

  // A composed resource as it is observed; null where there is none.
  base::Json Observed(const std::string& key) const;

  // The bytes of the last request.
  const std::string& request() const { return request_; }

 private:
  struct Requirement {
    std::string api_version, kind, name, namespace_name;
    bool operator==(const Requirement&) const = default;
  };
  using Requirements = std::map<std::string, Requirement>;

  std::string Request(const Requirements& required) const;

  std::vector<base::Json> objects_;
  const base::Json input_;
  const std::string audit_key_;
  std::map<std::string, std::string> observed_;  // Struct bytes
  std::string request_;
};

}  // namespace fuzz

#endif  // TEST_ROBUSTNESS_FUZZ_CROSSPLANE_H_
