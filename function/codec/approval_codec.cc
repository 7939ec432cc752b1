#include "function/codec/approval_codec.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "function/codec/policy_codec.h"

namespace codec {
namespace {

release::Approval ReadApproval(ObjectReader& item) {
  constexpr absl::string_view kDecisions[] = {"approve", "reject"};
  for (absl::string_view key : {"approver", "decision", "artifact_id"}) item.Require(key);
  release::Approval approval;
  approval.approver = item.Line("approver", kMaxName);
  approval.decision =
      item.OneOf("decision", kDecisions, 0) == 0 ? release::Decision::kApprove : release::Decision::kReject;
  approval.artifact_id = ReadArtifact(item, "artifact_id");
  approval.attempt = ReadAttempt(item);
  approval.comment = item.String("comment", kMaxText);
  approval.signature = item.String("signature", kMaxSignature);
  return approval;
}

}  // namespace

std::vector<release::Approval> ReadApprovals(ObjectReader& spec) {
  std::vector<release::Approval> approvals;
  spec.ObjectList("approvals", [&](ObjectReader& item) {
    release::Approval approval = ReadApproval(item);
    if (std::any_of(approvals.begin(), approvals.end(),
                    [&](const release::Approval& other) { return other.approver == approval.approver; })) {
      item.Error("approver",
                 absl::StrCat("\"", approval.approver, "\" is there twice: an approver has one entry"));
    }
    approvals.push_back(std::move(approval));
  });
  return approvals;
}

std::vector<release::PipelineApproval> ReadPipelineApprovals(ObjectReader& spec) {
  constexpr absl::string_view kTargets[] = {"staging", "production"};
  std::vector<release::PipelineApproval> approvals;
  spec.ObjectList("approvals", [&](ObjectReader& item) {
    release::PipelineApproval entry;
    item.Require("target_environment");
    entry.target = item.OneOf("target_environment", kTargets, 0) == 0 ? release::Environment::kStaging
                                                                      : release::Environment::kProduction;
    entry.approval = ReadApproval(item);
    if (std::any_of(approvals.begin(), approvals.end(), [&](const release::PipelineApproval& other) {
          return other.target == entry.target && other.approval.approver == entry.approval.approver;
        })) {
      item.Error("approver",
                 absl::StrCat("\"", entry.approval.approver,
                              "\" is there twice: an approver has one entry a target environment"));
    }
    approvals.push_back(std::move(entry));
  });
  return approvals;
}

}  // namespace codec
