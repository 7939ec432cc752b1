// Whether one approval, reject or override may count, before anybody asks whether it is needed.
#ifndef FUNCTION_RELEASE_APPROVAL_ELIGIBILITY_H_
#define FUNCTION_RELEASE_APPROVAL_ELIGIBILITY_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "function/release/gate.h"

namespace release {

// Whether the rule takes an approval by this person.
bool Accepts(const ApprovalRule& rule, const std::string& approver);

// Cheap for entries without a signature; each one that gets as far as its signature costs one verification.
// Holds references to `gate` and `rules`.
class Eligibility {
 public:
  Eligibility(const GateInput& gate, const std::vector<ApprovalRule>& rules, absl::Time now);

  // Why the entry is ignored (approval.h); empty: it is eligible. `public_key` is set where it is signed.
  absl::string_view Check(const Approval& approval, std::string& public_key) const;
  absl::string_view Check(const Override& override) const;

 private:
  absl::string_view CheckBinding(const std::string& artifact_id, int attempt) const;
  bool IsApprover(const std::string& approver) const;
  absl::string_view CheckRequester(const std::string& approver) const;
  absl::string_view CheckSigned(const std::string& by, absl::string_view decision,
                                const std::string& signature, std::string& public_key) const;
  bool IsRequestersKey(const std::string& public_key) const;
  absl::string_view Signers() const;

  const GateInput& gate_;
  const std::vector<ApprovalRule>& rules_;
  const absl::Time now_;
  const Subject subject_;
  // Looked up for the first signature, as it takes all signers.
  mutable std::optional<std::vector<std::string>> requesters_keys_;
};

}  // namespace release

#endif  // FUNCTION_RELEASE_APPROVAL_ELIGIBILITY_H_
