#include "function/release/requirement.h"

namespace release {

Requirement CheckApprovals(const RequirementContext& context) {
  const ApprovalCount& count = context.approvals;
  return {"Approvals", count.satisfied, count.reason, count.message, std::nullopt};
}

}  // namespace release
