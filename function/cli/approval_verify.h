// `approval verify`: which approvals of a gate count, offline.
#ifndef FUNCTION_CLI_APPROVAL_VERIFY_H_
#define FUNCTION_CLI_APPROVAL_VERIFY_H_

#include <string>

#include "function/cli/gate_file.h"
#include "function/cli/preview.h"

namespace cli {

struct ApprovalVerifyOptions {
  GateFileOptions gate;
  std::string pipeline;
  std::string input;
  std::string allowed_signers;
  std::string now;              // RFC 3339; empty: the clock
  std::string output = "text";  // or json
};

// Prints each approval and the override: counted, or ignored and why. Exit code: 0 where they suffice, as the
// function would see it (nobody eligible rejects, and every slot is filled, none is needed, or the override
// is valid); 1 where they do not; 2 for what can't be read and for wrong usage.
int RunApprovalVerify(const ApprovalVerifyOptions& options, const PreviewStreams& streams);

}  // namespace cli

#endif  // FUNCTION_CLI_APPROVAL_VERIFY_H_
