// What has to hold for a step, as the platform and the pipeline's owner demand it.
#ifndef FUNCTION_RELEASE_POLICY_H_
#define FUNCTION_RELEASE_POLICY_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "function/release/environment.h"

namespace release {

// `required` different people out of `approvers` (empty: anyone who is named) have to approve.
struct ApprovalRule {
  std::string name;
  std::vector<std::string> approvers;
  int required = 1;

  friend bool operator==(const ApprovalRule&, const ApprovalRule&) = default;
  friend auto operator<=>(const ApprovalRule&, const ApprovalRule&) = default;
};

// A daily stretch of local time in which a promotion may happen.
struct Window {
  std::string name;
  std::vector<int>
      days;  // 1 = Monday … 7 = Sunday, sorted; empty: every day. The day on which the window starts.
  int start_minute = 0;           // minutes since local midnight, 0–1439
  int end_minute = 0;             // not after start_minute: on the next day
  std::string time_zone = "UTC";  // IANA name

  friend bool operator==(const Window&, const Window&) = default;
  friend auto operator<=>(const Window&, const Window&) = default;
};

// No promotion from `from` (included) until `until` (excluded).
struct Freeze {
  std::string name;
  absl::Time from;
  absl::Time until;
  std::string reason;

  friend bool operator==(const Freeze&, const Freeze&) = default;
};

// What one side (or both, merged) demands of a step. The default demands nothing. Lists are sets: Merge sorts
// them.
struct StepPolicy {
  std::vector<ApprovalRule> approvals;  // all of them have to be met
  bool approval_required = false;       // an approval is needed even where `approvals` is empty
  bool forbid_self_approval = false;
  bool require_signatures = false;
  bool require_digest = false;
  int soak_hours = 0;
  std::vector<std::string> required_checks;
  std::vector<std::vector<Window>> windows;  // inside one window of every set
  std::vector<Freeze> freezes;
  std::optional<int> timeout_hours;

  friend bool operator==(const StepPolicy&, const StepPolicy&) = default;
};

// What a policy says beside the demands: whom it trusts. Here the platform's word replaces the pipeline's.
struct StepTrust {
  std::optional<std::vector<std::string>> override_approvers;  // an empty list forbids overrides
  std::optional<std::string> allowed_signers;                  // text of OpenSSH's allowed_signers file
};

// The stricter of both in everything: commutative, associative, idempotent, and never laxer than either. The
// result is canonical: lists are sorted and have nothing twice, and an empty set of windows, which asks for
// nothing, is left out.
StepPolicy Merge(const StepPolicy& a, const StepPolicy& b);

// What one side demands of a step and whom it trusts there.
struct StepFloor {
  StepPolicy policy;
  StepTrust trust;
};

// The platform's floor for a step, out of what it says by Step::Key(): what it demands of any way into the
// step's target, so that nobody gets around it by leaving an environment out. A tenant can't name those who
// may override what the platform demands: where it demands something and names nobody, nobody may.
StepFloor PlatformFloor(const std::map<std::string, StepPolicy>& policies,
                        const std::map<std::string, StepTrust>& trust, const Step& step);

// `platform` where it says something, else `pipeline`.
StepTrust Prefer(const StepTrust& platform, const StepTrust& pipeline);

}  // namespace release

#endif  // FUNCTION_RELEASE_POLICY_H_
