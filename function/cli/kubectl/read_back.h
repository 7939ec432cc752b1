// What became of an entry that was put onto a gate.
#ifndef FUNCTION_CLI_KUBECTL_READ_BACK_H_
#define FUNCTION_CLI_KUBECTL_READ_BACK_H_

#include <string>

#include "absl/time/time.h"
#include "function/cli/approval_entry.h"
#include "function/cli/kubectl/live_gate.h"

namespace cli {

struct Outcome {
  enum class Kind {
    kUndecided,  // the gate has not looked at it yet
    kCounted,
    kIgnored,
    kLate,   // the gate was decided without it
    kMoved,  // the gate is about something else by now
  };
  Kind kind = Kind::kUndecided;
  std::string rule;        // of one that is counted and fills a slot
  bool is_signed = false;  // of one that is counted
  std::string reason;      // of one that is ignored, in one word
  std::string message;     // a clause
  std::string next;        // what to do; may be empty

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

// What the gate's status says of the approver's entry with this decision. `given`: the gate as it was when
// the entry was made; `now`: as it is.
Outcome OutcomeOf(const LiveGate& given, const LiveGate& now, const ApprovalEntry& entry);

}  // namespace cli

#endif  // FUNCTION_CLI_KUBECTL_READ_BACK_H_
