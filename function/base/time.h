// Times as the API spells them: RFC 3339, UTC, whole seconds ("2026-01-02T03:04:05Z").
#ifndef FUNCTION_BASE_TIME_H_
#define FUNCTION_BASE_TIME_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace base {

// Accepts any RFC 3339 offset and fraction; the result is cut to whole seconds.
absl::StatusOr<absl::Time> ParseTime(absl::string_view text);
std::string FormatTime(absl::Time time);

}  // namespace base

#endif  // FUNCTION_BASE_TIME_H_
