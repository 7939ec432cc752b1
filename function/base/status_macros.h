// Early return on error for functions that return absl::Status or absl::StatusOr.
#ifndef FUNCTION_BASE_STATUS_MACROS_H_
#define FUNCTION_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define FRP_CONCAT_INNER(a, b) a##b
#define FRP_CONCAT(a, b) FRP_CONCAT_INNER(a, b)

// RETURN_IF_ERROR(Validate(x));
#define RETURN_IF_ERROR(expr)                                                  \
  do {                                                                         \
    if (absl::Status frp_status = (expr); !frp_status.ok()) return frp_status; \
  } while (false)

// ASSIGN_OR_RETURN(Artifact artifact, ParseArtifact(text));
#define ASSIGN_OR_RETURN(lhs, expr) ASSIGN_OR_RETURN_INNER(FRP_CONCAT(frp_or_, __LINE__), lhs, expr)
#define ASSIGN_OR_RETURN_INNER(tmp, lhs, expr) \
  auto tmp = (expr);                           \
  if (!tmp.ok()) return tmp.status();          \
  lhs = *std::move(tmp)

#endif  // FUNCTION_BASE_STATUS_MACROS_H_
