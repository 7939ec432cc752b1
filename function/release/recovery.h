// What a gate knows from before, out of the two copies of its status: one in the XR, one in the ConfigMap.
#ifndef FUNCTION_RELEASE_RECOVERY_H_
#define FUNCTION_RELEASE_RECOVERY_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "function/release/gate.h"

namespace release {

struct Recovered {
  std::vector<AuditEntry> trail;  // empty where there is a problem with it
  std::vector<PastAttempt> history;  // of both copies where there is a problem
  std::string problem;  // why the trail, or the history that it recorded, can't be trusted; empty: intact
};

// Holds both copies against each other and against the trail.
Recovered Recover(const GateInput& input);

// Appends an attempt that is not there yet, and drops the oldest over kMaxHistory.
void AddPast(std::vector<PastAttempt>& history, PastAttempt past);

// A field of a copy, or an empty list where there is no such copy.
template <typename T>
std::vector<T> Copy(const std::optional<GateStatus>& status, std::vector<T> GateStatus::*field) {
  return status ? (*status).*field : std::vector<T>();
}

// Whether this copy says that it is about the subject, in its field or in its trail.
bool IsAbout(const std::optional<GateStatus>& copy, absl::string_view subject);

}  // namespace release

#endif  // FUNCTION_RELEASE_RECOVERY_H_
