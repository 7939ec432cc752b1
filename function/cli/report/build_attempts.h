// The attempts of a gate, from its history and its audit trail.
#ifndef FUNCTION_CLI_REPORT_BUILD_ATTEMPTS_H_
#define FUNCTION_CLI_REPORT_BUILD_ATTEMPTS_H_

#include <string>
#include <vector>

#include "function/cli/report/model.h"
#include "function/release/gate.h"

namespace cli::report {

State StateOf(release::Verdict verdict);

// The newest first: the one that is about `artifact_id` and `number`, and those of the history. Of those
// whose beginning is still in the trail, it tells when they started, who approved and who overrode.
std::vector<AttemptView> AttemptsOf(const release::GateStatus& status, const std::string& artifact_id,
                                    int number, State state);

}  // namespace cli::report

#endif  // FUNCTION_CLI_REPORT_BUILD_ATTEMPTS_H_
