// Where an object of an export lives, and under which name people know it.
#ifndef FUNCTION_CLI_REPORT_PLACE_H_
#define FUNCTION_CLI_REPORT_PLACE_H_

#include <string>

#include "function/base/json.h"

namespace cli::report {

struct Place {
  std::string namespace_name;
  std::string name;
  std::string problem;  // why it is not known for sure
};

// `namespace_name`: of what is cluster-scoped and has no claim; others say themselves where they are.
Place PlaceIn(const base::Json& object, const std::string& namespace_name);

}  // namespace cli::report

#endif  // FUNCTION_CLI_REPORT_PLACE_H_
