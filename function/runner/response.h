// Builds the answer of one call. It starts as a pass-through: the tag, the desired state of the functions
// before this one and the context are the request's.
#ifndef FUNCTION_RUNNER_RESPONSE_H_
#define FUNCTION_RUNNER_RESPONSE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "function/base/json.h"
#include "function/manifest/composed.h"
#include "function/release/event.h"
#include "proto/run_function_lazy.pb.h"

namespace runner {

// What a call asks Crossplane for. The namespace is empty only for what is cluster-scoped: another one is
// never read.
struct RequiredResource {
  std::string key;
  std::string api_version;
  std::string kind;
  std::string name;
  std::string namespace_name;
};

class Response {
 public:
  // Moves what is passed through out of the request.
  Response(fn::lazy::RunFunctionRequest& request, fn::lazy::RunFunctionResponse& response);

  void SetTtl(absl::Duration ttl);

  // Puts `status` into the desired composite. Fields of it that are not ours stay.
  void SetStatus(const base::Json& status);

  // Adds resources. The composite is not ready while one of them is not; if all are, that stays for
  // Crossplane to derive, which knows the resources of the other functions too.
  void SetResources(const std::vector<manifest::Composed>& resources);

  void Require(const RequiredResource& resource);

  void AddEvent(const release::Event& event);
  void AddCondition(const release::Condition& condition);

  // Ends the call with an error that changes nothing in the cluster. A FATAL result is invisible on a claim,
  // so that a warning and `condition` go before it.
  void Fail(absl::string_view reason, absl::string_view message, const release::Condition& condition);

 private:
  fn::lazy::RunFunctionResponse& response_;
  bool asks_the_old_way_;
};

}  // namespace runner

#endif  // FUNCTION_RUNNER_RESPONSE_H_
