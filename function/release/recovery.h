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
  std::vector<AuditEntry> trail;     // empty where there is a problem with it
  std::vector<PastAttempt> history;  // of both copies where there is a problem
  // Where the copies differ and nobody but us can have made the difference with a key, but anybody without
  // one: what only one copy has is no more than a claim. An approval is decided again as of the time that it
  // claims; a start only moves the clock back.
  std::optional<absl::Time> claimed_approval;
  std::optional<absl::Time> claimed_start;
  std::string problem;  // why the trail, or the history that it recorded, can't be trusted; empty: intact
};

// Holds both copies against each other and against the trail. `subject`: what the gate is about now.
Recovered Recover(const GateInput& input, absl::string_view subject);

// What a gate's trail proves to those who only read it. Without a key anybody who can write one copy can make
// it longer, or a trail of their own where there is no other one: what both copies have. With a key the
// longer of the two, or the only one. Empty where that is broken.
std::vector<AuditEntry> ProvenTrail(std::vector<AuditEntry> in_status, std::vector<AuditEntry> in_config_map,
                                    const AuditKeys& keys);

// The highest attempt that either copy tells of, in its trail or its history; at least 1.
int HighestAttempt(const GateInput& input);

// Appends an attempt that is not there yet. Over kMaxHistory the oldest one goes, of those that were
// superseded first: a verdict is remembered longer than a change of mind.
void AddPast(std::vector<PastAttempt>& history, PastAttempt past);

// A field of a copy, or an empty list where there is no such copy.
template <typename T>
std::vector<T> Copy(const std::optional<GateStatus>& status, std::vector<T> GateStatus::*field) {
  return status ? (*status).*field : std::vector<T>();
}

}  // namespace release

#endif  // FUNCTION_RELEASE_RECOVERY_H_
