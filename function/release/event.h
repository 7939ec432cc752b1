// What the domain has to say to people: events once, at a transition; conditions on every call.
#ifndef FUNCTION_RELEASE_EVENT_H_
#define FUNCTION_RELEASE_EVENT_H_

#include <string>

namespace release {

struct Event {
  enum class Severity { kNormal, kWarning };
  Severity severity = Severity::kNormal;
  std::string reason;  // CamelCase
  std::string message;
};

struct Condition {
  enum class Status { kTrue, kFalse, kUnknown };
  std::string type;
  Status status = Status::kUnknown;
  std::string reason;
  std::string message;
};

}  // namespace release

#endif  // FUNCTION_RELEASE_EVENT_H_
