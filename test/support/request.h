// Calls of RunFunction as Crossplane makes them: bytes in, bytes out, both through the public messages and
// not through the ones that the server uses.
#ifndef TEST_SUPPORT_REQUEST_H_
#define TEST_SUPPORT_REQUEST_H_

#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "function/base/json.h"
#include "proto/run_function.pb.h"

namespace test_support {

namespace fnv1 = apiextensions::fn::proto::v1;

class Request {
 public:
  explicit Request(const base::Json& xr);

  Request& Xr(const base::Json& xr);
  Request& Input(const base::Json& input);
  Request& Context(const base::Json& context);
  Request& Observed(const std::string& key, const base::Json& resource);
  Request& Desired(const std::string& key, const base::Json& resource);
  // The answer to a required resource: each call adds an item; RequiredNothing says that there is none.
  Request& Required(const std::string& key, const base::Json& resource);
  Request& RequiredNothing(const std::string& key);
  Request& Extra(const std::string& key, const base::Json& resource);
  Request& AuditKey(const std::string& key, const std::string& previous = "");

  std::string Bytes() const;
  fnv1::RunFunctionRequest& proto() { return request_; }

 private:
  fnv1::RunFunctionRequest request_;
};

struct Answer {
  std::string bytes;
  fnv1::RunFunctionResponse proto;

  base::Json Status() const;  // of the desired composite
  base::Json Resource(const std::string& key) const;
  std::vector<std::string> ResourceKeys() const;
  // "FATAL InvalidInput: message"
  std::vector<std::string> Results() const;
  // "Approved=True (RequirementsMet): message"
  std::vector<std::string> Conditions() const;
  // The one condition of a type without its message: "True RequirementsMet".
  std::string Condition(const std::string& type) const;
  absl::Duration Ttl() const;
  bool AsksTheOldWay(const std::string& key) const;
};

// Fails the test where the bytes are refused or the answer is no RunFunctionResponse.
Answer Call(const Request& request, absl::Time now, bool clock_from_context = false);

// `patch` merged into `object` as a JSON Merge Patch (RFC 7396).
base::Json Patched(base::Json object, const base::Json& patch);

}  // namespace test_support

#endif  // TEST_SUPPORT_REQUEST_H_
