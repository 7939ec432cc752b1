#include "function/cli/report/place.h"

#include "function/cli/gate_file.h"
#include "function/cli/preview_object.h"

namespace cli::report {

Place PlaceIn(const base::Json& object, const std::string& namespace_name) {
  absl::StatusOr<release::Composite> composite = PlaceOf(object, "");
  if (!composite.ok() && !namespace_name.empty()) composite = PlaceOf(object, namespace_name);
  if (composite.ok()) return {composite->namespace_name, composite->name, ""};
  return {Namespace(object), cli::Name(object), std::string(composite.status().message())};
}

}  // namespace cli::report
