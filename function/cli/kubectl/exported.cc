#include "function/cli/kubectl/exported.h"

#include <ostream>
#include <utility>

#include "function/base/status_macros.h"
#include "function/cli/problem.h"

namespace cli {

using base::Json;

absl::Status AddConfigMaps(const Kubectl& kubectl, const std::vector<std::string>& call,
                           absl::string_view what, const Console& console, std::vector<Json>& objects) {
  const absl::StatusOr<Json> answer = kubectl.CallForJson(call);
  if (absl::IsPermissionDenied(answer.status())) {
    console.streams.err << "kubectl release: without the " << what << ": " << WrongOf(answer.status())
                        << std::endl;
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(answer.status());
  for (Json& config_map : ItemsOf(*answer)) objects.push_back(std::move(config_map));
  return absl::OkStatus();
}

std::string ExportedList(std::vector<Json> objects) {
  return base::CanonicalJson({{"apiVersion", "v1"}, {"kind", "List"}, {"items", std::move(objects)}});
}

}  // namespace cli
