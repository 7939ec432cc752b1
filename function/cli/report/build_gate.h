// One gate of an export, as the report shows it.
#ifndef FUNCTION_CLI_REPORT_BUILD_GATE_H_
#define FUNCTION_CLI_REPORT_BUILD_GATE_H_

#include <string>
#include <vector>

#include "function/base/json.h"
#include "function/cli/audit_export.h"
#include "function/cli/report/model.h"

namespace cli::report {

// `object`: its manifest, or its ConfigMap where that is all there is of it. `exported`: the same, read; its
// spec is what the view is made of where there is one. The id is left empty.
GateView BuildGate(const base::Json& object, const ExportedGate& exported);

// One that could not be read whole: what can be had of it.
GateView BuildUnreadableGate(const base::Json& object, const std::string& problem);

// status.conditions of any object.
std::vector<ConditionView> ConditionsOf(const base::Json& object);

// None for a time that was not there or not one.
Moment MomentOf(absl::Time time);
Moment MomentAt(const base::Json& object, std::initializer_list<absl::string_view> path);

}  // namespace cli::report

#endif  // FUNCTION_CLI_REPORT_BUILD_GATE_H_
