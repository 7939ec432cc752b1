// `approval statement` and `approval sign`: what an approver signs, and the entry to commit.
#ifndef FUNCTION_CLI_APPROVAL_H_
#define FUNCTION_CLI_APPROVAL_H_

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "function/cli/gate_file.h"
#include "function/cli/preview.h"
#include "function/cli/program.h"

namespace cli {

struct ApprovalOptions {
  GateFileOptions gate;
  std::string approver;
  std::string decision = "approve";  // or reject, override
  std::string key;
  std::string comment;
  std::string reason;
  std::string output = "yaml";  // or json, manifest
};

// Prints exactly the text that is signed. Without an approver: that of the manifest's only entry for this
// artifact and attempt, with its decision. Exit code: 0; 1 where the manifest is not right, 2 for wrong
// usage.
int RunApprovalStatement(const ApprovalOptions& given, const PreviewStreams& streams);

// Signs it with ssh-keygen and prints the entry to commit; a statement that is signed is on `err` before.
// Exit code: as above, and 1 where it was not signed.
int RunApprovalSign(const ApprovalOptions& options, const PreviewStreams& streams);

// Registers `approval` with statement, sign and verify.
void AddApprovalCommands(Program& program, const std::function<PreviewStreams()>& streams);

}  // namespace cli

#endif  // FUNCTION_CLI_APPROVAL_H_
