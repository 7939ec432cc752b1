// What a call must leave as it is: everything that other functions, or Crossplane, put into it.
#include <string>

#include "proto/run_function_lazy.pb.h"
#include "test/catch.h"
#include "test/support/proto_struct.h"
#include "test/unit/runner/objects.h"

namespace runner {
namespace {

using test_support::fnv1::READY_FALSE;
using test_support::fnv1::READY_TRUE;

Request GateRequest() { return Request(GateXr()).Required("pipeline", PipelineXr()); }

TEST_CASE("The tag, the context and other functions' desired resources come back as they were", "[runner]") {
  Request request = GateRequest();
  const Json bucket = {
      {"apiVersion", "s3/v1"}, {"kind", "Bucket"}, {"spec", {{"size", 1.5}, {"none", nullptr}}}};
  request.Desired("bucket", bucket).Context({{"theirs", {{"deep", Json::array({1, "two"})}}}});
  auto& desired = *request.proto().mutable_desired();
  (*desired.mutable_resources())["bucket"].set_ready(READY_TRUE);
  (*(*desired.mutable_resources())["bucket"].mutable_connection_details())["url"] = std::string("\0\xff", 2);
  (*desired.mutable_composite()->mutable_connection_details())["user"] = "root";
  const Answer answer = Call(request, kNow);

  CHECK(answer.proto.meta().tag() == "tag");
  // Byte for byte: the messages in which a Struct is bytes.
  fn::lazy::RunFunctionRequest sent;
  fn::lazy::RunFunctionResponse got;
  REQUIRE(sent.ParseFromString(request.Bytes()));
  REQUIRE(got.ParseFromString(answer.bytes));
  CHECK((got.context() == sent.context()));
  const fn::lazy::Resource& before = sent.desired().resources().at("bucket");
  const fn::lazy::Resource& after = got.desired().resources().at("bucket");
  CHECK((after.resource() == before.resource()));
  CHECK(after.connection_details().at("url") == std::string("\0\xff", 2));
  CHECK(after.ready() == fn::lazy::READY_TRUE);
  CHECK(answer.proto.desired().composite().connection_details().at("user") == "root");
}

TEST_CASE("A context that is not there does not come into being", "[runner]") {
  CHECK_FALSE(Call(GateRequest(), kNow).proto.has_context());
}

TEST_CASE("Status fields of other functions stay, ours replace what they wanted there", "[runner]") {
  Request request = GateRequest();
  const Json wanted = {{"apiVersion", "a/v1"},
                       {"kind", "Theirs"},
                       {"metadata", {{"annotations", {{"a", "b"}}}}},
                       {"status", {{"theirs", {{"x", 1}}}, {"gate_status", "approved"}}}};
  *request.proto().mutable_desired()->mutable_composite()->mutable_resource() =
      test_support::ToStruct(wanted);
  const Answer answer = Call(request, kNow);
  const Json composite = test_support::FromStruct(answer.proto.desired().composite().resource());
  CHECK(composite["metadata"] == wanted["metadata"]);
  CHECK(composite["kind"] == "Theirs");
  CHECK(composite["status"]["theirs"] == wanted["status"]["theirs"]);
  CHECK(composite["status"]["gate_status"] == "pending");
}

TEST_CASE("Nothing of the composite but its status is ever desired", "[runner]") {
  const Answer answer = Call(GateRequest(), kNow);
  const Json composite = test_support::FromStruct(answer.proto.desired().composite().resource());
  CHECK(composite.size() == 1);
  CHECK(composite.contains("status"));
  for (const std::string& key : answer.ResourceKeys()) {
    INFO(key);
    CHECK_FALSE(answer.Resource(key).contains("status"));
  }
}

TEST_CASE("The composite is not ready while one of our resources is not, whatever others said", "[runner]") {
  Request request = GateRequest();
  request.proto().mutable_desired()->mutable_composite()->set_ready(READY_TRUE);
  const Answer first = Call(request, kNow);
  CHECK(first.proto.desired().composite().ready() == READY_FALSE);
  for (const std::string& key : first.ResourceKeys()) {
    INFO(key);
    CHECK(first.proto.desired().resources().at(key).ready() == READY_FALSE);
    request.Observed(key, AsObserved(first.Resource(key)));
  }
  request.Xr(WithStatus(GateXr(), first));
  const Answer second = Call(request, kNow);
  CHECK(second.proto.desired().composite().ready() == READY_TRUE);
  for (const std::string& key : second.ResourceKeys()) {
    INFO(key);
    CHECK(second.proto.desired().resources().at(key).ready() == READY_TRUE);
  }
}

TEST_CASE("Our own keys replace what a function before this one wanted under them", "[runner]") {
  Request request = GateRequest();
  request.Desired("gate-config", {{"kind", "Forged"}});
  CHECK(Call(request, kNow).Resource("gate-config")["kind"] == "ConfigMap");
}

TEST_CASE("200 observed resources that are not ours change nothing in the answer", "[runner]") {
  Request request = GateRequest();
  const Answer alone = Call(request, kNow);
  for (int i = 0; i < 200; ++i) {
    const std::string name = "theirs-" + std::to_string(i);
    request.Observed(name, {{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", {{"name", name}}}});
  }
  CHECK((Call(request, kNow).bytes == alone.bytes));
}

TEST_CASE("The same request gives the same bytes", "[runner]") {
  Request request = GateRequest();
  for (int i = 0; i < 20; ++i) request.Desired("r" + std::to_string(i), {{"kind", "K"}});
  const std::string first = Call(request, kNow).bytes;
  for (int i = 0; i < 10; ++i) CHECK((Call(request, kNow).bytes == first));
}

}  // namespace
}  // namespace runner
