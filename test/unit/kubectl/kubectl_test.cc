// Calling kubectl: what it is given, and what its errors mean.
#include "function/cli/kubectl/kubectl.h"

#include "absl/strings/match.h"
#include "function/cli/kubectl/kubectl_error.h"
#include "function/cli/problem.h"
#include "test/catch.h"
#include "test/unit/kubectl/fake.h"

namespace {

using base::Json;
using kubectl_test::FakeKubectl;

TEST_CASE("kubectl's errors are a problem and what to do", "[kubectl]") {
  struct Case {
    const char* said;
    absl::StatusCode code;
    const char* wrong;
    const char* next;  // a part of it
  };
  const Case cases[] = {
      {"Error from server (Forbidden): xpromotiongates.platform.zerotouch.dev \"a\" is forbidden: User "
       "\"eve\" cannot "
       "get resource \"xpromotiongates\" in API group \"platform.zerotouch.dev\" in the namespace \"team\"\n",
       absl::StatusCode::kPermissionDenied,
       "xpromotiongates.platform.zerotouch.dev \"a\" is forbidden: User \"eve\" cannot get resource "
       "\"xpromotiongates\" in API group \"platform.zerotouch.dev\" in the namespace \"team\"",
       "ask whoever runs the cluster for this right"},
      {"Error from server (Forbidden): xpromotiongates.platform.zerotouch.dev \"a\" is forbidden: "
       "ValidatingAdmissionPolicy 'release-approvals.platform.zerotouch.dev' with binding "
       "'release-approvals.platform.zerotouch.dev' denied request: spec.approvals: eve may only add, change "
       "or "
       "withdraw the entry that bears their own name\n",
       absl::StatusCode::kPermissionDenied,
       "xpromotiongates.platform.zerotouch.dev \"a\" is forbidden: ValidatingAdmissionPolicy "
       "'release-approvals.platform.zerotouch.dev' with binding 'release-approvals.platform.zerotouch.dev' "
       "denied "
       "request: spec.approvals: eve may only add, change or withdraw the entry that bears their own name",
       "leave --as-approver out"},
      {"E1125 22:43:28.123456   71 memcache.go:265] \"Unhandled Error\" err=\"couldn't get current server "
       "API group "
       "list: Get \\\"http://localhost:8080/api?timeout=32s\\\": dial tcp 127.0.0.1:8080: connect: "
       "connection "
       "refused\"\nThe connection to the server localhost:8080 was refused - did you specify the right host "
       "or port?\n",
       absl::StatusCode::kUnavailable,
       "The connection to the server localhost:8080 was refused - did you specify the right host or port?",
       "kubectl config current-context"},
      {"Unable to connect to the server: dial tcp: lookup nowhere.example: no such host\n",
       absl::StatusCode::kUnavailable,
       "Unable to connect to the server: dial tcp: lookup nowhere.example: no such host",
       "that the cluster is up"},
      {"error: context \"prod\" does not exist\n", absl::StatusCode::kFailedPrecondition,
       "context \"prod\" does not exist", "kubectl config get-contexts"},
      {"Error in configuration: context was not found for specified context: prod\n",
       absl::StatusCode::kFailedPrecondition,
       "Error in configuration: context was not found for specified context: prod",
       "kubectl config get-contexts"},
      {"error: stat /nowhere: no such file or directory\n", absl::StatusCode::kFailedPrecondition,
       "stat /nowhere: no such file or directory", "kubectl config get-contexts"},
      {"error: You must be logged in to the server (Unauthorized)\n", absl::StatusCode::kUnauthenticated,
       "You must be logged in to the server (Unauthorized)", "sign in again"},
      {"error: unknown command \"whoami\" for \"kubectl auth\"\n", absl::StatusCode::kFailedPrecondition,
       "unknown command \"whoami\" for \"kubectl auth\"", "install kubectl 1.28 or newer"},
      {"Error: unknown flag: --server-side\nSee 'kubectl apply --help' for usage.\n",
       absl::StatusCode::kFailedPrecondition, "unknown flag: --server-side", "install kubectl 1.28 or newer"},
      {"error: the server doesn't have a resource type \"xpromotiongates\"\n", absl::StatusCode::kNotFound,
       "the server doesn't have a resource type \"xpromotiongates\"", "install the configuration"},
      {"error: Apply failed with 1 conflict: conflict with \"bob\": "
       ".spec.approvals[approver=\"alice\"].decision\n"
       "Please review the fields above--they currently have other managers.\n",
       absl::StatusCode::kAborted,
       "Apply failed with 1 conflict: conflict with \"bob\": .spec.approvals[approver=\"alice\"].decision",
       "try again"},
      {"error: Operation cannot be fulfilled on xpromotiongates.platform.zerotouch.dev \"a\": uid mismatch: "
       "the provided "
       "object specified uid 1, and no existing object was found\nPlease review the fields above\n",
       absl::StatusCode::kAborted,
       "Operation cannot be fulfilled on xpromotiongates.platform.zerotouch.dev \"a\": uid mismatch: the "
       "provided object "
       "specified uid 1, and no existing object was found",
       "try again"},
      {"The XPromotionGate \"a\" is invalid: spec.tenant: Required value\n", absl::StatusCode::kOutOfRange,
       "The XPromotionGate \"a\" is invalid: spec.tenant: Required value", "kubectl explain"},
      {"something new\n", absl::StatusCode::kUnknown, "something new", "this is what kubectl says"},
      {"", absl::StatusCode::kUnknown, "kubectl ended with exit code 7", "what it says is above"},
  };
  for (const Case& c : cases) {
    INFO(c.said);
    const absl::Status problem = cli::ExplainKubectlError(c.said, 7);
    CHECK(problem.code() == c.code);
    CHECK(cli::WrongOf(problem) == c.wrong);
    CHECK_THAT(std::string(cli::NextOf(problem)), Catch::Contains(c.next));
  }
}

TEST_CASE("what is for the user is passed on at once, errors are held", "[kubectl]") {
  struct Case {
    const char* reason;
    std::vector<std::string> chunks;
    const char* passed;
    const char* held;
  };
  const Case cases[] = {
      {"a way to sign in",
       {"To sign in, open https://example.org and ", "enter ABC\n"},
       "To sign in, open "
       "https://example.org and enter ABC\n",
       ""},
      {"a prompt has no end", {"Password: "}, "Password: ", ""},
      {"a warning", {"Warning: resource is being deleted\n"}, "Warning: resource is being deleted\n", ""},
      {"an error", {"error: no\n"}, "", "error: no\n"},
      {"an error in pieces", {"er", "ror", ": no"}, "", "error: no"},
      {"its other lines too", {"error: no\nPlease review\n"}, "", "error: no\nPlease review\n"},
      {"the log", {"E1125 22:43:28.1 1 memcache.go:265] x\n"}, "", "E1125 22:43:28.1 1 memcache.go:265] x\n"},
      {"the log in pieces", {"E11", "25 22:43", ":28 x\n"}, "", "E1125 22:43:28 x\n"},
      {"no log", {"E1", "-mail me\n"}, "E1-mail me\n", ""},
      {"both", {"Warning: w\nerror: no\n"}, "Warning: w\n", "error: no\n"},
      {"an object that is refused",
       {"The XPromotionGate ", "\"a\" is invalid: spec\n"},
       "",
       "The XPromotionGate \"a\" is invalid: spec\n"},
      {"a line that only begins so", {"The code is ", "ABC\n"}, "The code is ABC\n", ""},
      {"an error within a line is text", {"Say: ", "error: x\n"}, "Say: error: x\n", ""},
  };
  for (const Case& c : cases) {
    INFO(c.reason);
    std::ostringstream err;
    cli::KubectlErrorOutput output(err);
    for (const std::string& chunk : c.chunks) output.Add(chunk);
    CHECK(err.str() == c.passed);
    CHECK(output.held() == c.held);
  }
}

TEST_CASE("the user's flags are handed on", "[kubectl]") {
  FakeKubectl fake;
  fake.Add({"^version", "{}"});
  cli::KubectlOptions options;
  options.namespace_name = "team";
  options.context = "prod";
  options.kubeconfig = "/k";
  options.cluster = "c";
  options.user = "u";
  options.as = "alice";
  options.as_groups = {"a", "b"};
  options.request_timeout = "3s";
  std::ostringstream err;
  CHECK(cli::Kubectl(fake.program(), options, err).Call({"version"}).ok());
  CHECK(cli::Kubectl(fake.program(), {}, err).Call({"version"}).ok());
  CHECK(fake.Calls() ==
        std::vector<std::string>{
            "version --namespace=team --context=prod --kubeconfig=/k --cluster=c --user=u --as=alice "
            "--request-timeout=3s --as-group=a --as-group=b",
            "version"});
}

TEST_CASE("kubectl that is missing, fails, or does not finish its answer", "[kubectl]") {
  struct Case {
    const char* reason;
    FakeKubectl::Answer answer;
    absl::StatusCode code;
    const char* wrong;
  };
  const Case cases[] = {
      {"it fails", {"get", "", 1, "error: no\n"}, absl::StatusCode::kUnknown, "no"},
      {"it fails after half an answer",
       {"get", "{\"items\": [", 1, "Unable to connect to the server: EOF\n"},
       absl::StatusCode::kUnavailable,
       "Unable to connect to the server: EOF"},
      {"half an answer",
       {"get", "{\"items\": ["},
       absl::StatusCode::kDataLoss,
       "kubectl get gates: its answer of 11 bytes is no whole JSON object"},
      {"no object",
       {"get", "[1]"},
       absl::StatusCode::kDataLoss,
       "kubectl get gates: its answer of 3 bytes is no whole JSON object"},
      {"nothing", {"get", "\n"}, absl::StatusCode::kOk, ""},
  };
  for (const Case& c : cases) {
    INFO(c.reason);
    FakeKubectl fake;
    fake.Add(c.answer);
    std::ostringstream err;
    const absl::StatusOr<Json> answer = cli::Kubectl(fake.program(), {}, err).CallForJson({"get", "gates"});
    CHECK(answer.status().code() == c.code);
    CHECK(cli::WrongOf(answer.status()) == c.wrong);
    CHECK(err.str().empty());
  }
  std::ostringstream err;
  const absl::Status missing = cli::Kubectl("/nowhere/kubectl", {}, err).Call({"get"}).status();
  CHECK(cli::WrongOf(missing) == "/nowhere/kubectl: is not there");
  CHECK_THAT(std::string(cli::NextOf(missing)), Catch::Contains("$KUBECTL"));
}

TEST_CASE("what is no error after all is shown", "[kubectl]") {
  FakeKubectl fake;
  fake.Add({"get", "{}", 0, "Warning: w\nerror: only said so\n"});
  std::ostringstream err;
  CHECK(cli::Kubectl(fake.program(), {}, err).CallForJson({"get"}).ok());
  CHECK(err.str() == "Warning: w\nerror: only said so\n");
}

TEST_CASE("the objects of an answer", "[kubectl]") {
  const Json object = {{"kind", "XPromotionGate"}};
  CHECK(cli::ItemsOf(Json()).empty());
  CHECK(cli::ItemsOf(object) == std::vector<Json>{object});
  CHECK(cli::ItemsOf({{"kind", "List"}, {"items", {object, object}}}).size() == 2);
  CHECK(cli::ItemsOf({{"kind", "XPromotionGateList"}, {"items", Json::array()}}).empty());
}

}  // namespace
