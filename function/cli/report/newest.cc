#include "function/cli/report/newest.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "absl/strings/string_view.h"
#include "function/base/time.h"
#include "function/cli/preview_object.h"
#include "function/manifest/status.h"

namespace cli::report {
namespace {

using base::Json;

// The fields of metadata and status that say when something was.
bool IsPast(absl::string_view key) {
  constexpr absl::string_view kKeys[] = {"creationTimestamp",
                                         "time",
                                         "lastTransitionTime",
                                         "approval_timestamp",
                                         "created_timestamp",
                                         "since",
                                         "until"};
  return std::find(std::begin(kKeys), std::end(kKeys), key) != std::end(kKeys);
}

void Newer(const absl::StatusOr<absl::Time>& time, Moment& newest) {
  if (time.ok() && (!newest || *time > *newest)) newest = *time;
}

// YAML is read up to 100 levels, so that this needs no bound of its own.
void LookInto(const Json& value, Moment& newest) {
  for (const auto& [key, child] : value.items()) {
    if (child.is_structured()) LookInto(child, newest);
    if (value.is_object() && child.is_string() && IsPast(key))
      Newer(base::ParseTime(child.get<std::string>()), newest);
  }
}

}  // namespace

Moment NewestTimeIn(const Json& object) {
  Moment newest;
  for (const char* part : {"metadata", "status"}) {
    if (At(object, {part}).is_structured()) LookInto(At(object, {part}), newest);
  }
  // A ConfigMap has its times in texts.
  if (const std::string trail = cli::Text(object, {"data", "audit.jsonl"}); !trail.empty()) {
    for (const release::AuditEntry& entry : manifest::AuditFromJsonLines(trail)) Newer(entry.time, newest);
  }
  return newest;
}

}  // namespace cli::report
