#include "test/support/request.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "function/runner/run_function.h"
#include "test/catch.h"
#include "test/support/proto_struct.h"

// extra_resources is deprecated, and still what a Crossplane older than 2.2 uses.
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace test_support {

using base::Json;

Request::Request(const Json& xr) {
  request_.mutable_meta()->set_tag("tag");
  request_.mutable_meta()->add_capabilities(fnv1::CAPABILITY_CAPABILITIES);
  request_.mutable_meta()->add_capabilities(fnv1::CAPABILITY_REQUIRED_RESOURCES);
  Xr(xr);
}

Request& Request::Xr(const Json& xr) {
  *request_.mutable_observed()->mutable_composite()->mutable_resource() = ToStruct(xr);
  return *this;
}

Request& Request::Input(const Json& input) {
  *request_.mutable_input() = ToStruct(input);
  return *this;
}

Request& Request::Context(const Json& context) {
  *request_.mutable_context() = ToStruct(context);
  return *this;
}

Request& Request::Observed(const std::string& key, const Json& resource) {
  *(*request_.mutable_observed()->mutable_resources())[key].mutable_resource() = ToStruct(resource);
  return *this;
}

Request& Request::Desired(const std::string& key, const Json& resource) {
  *(*request_.mutable_desired()->mutable_resources())[key].mutable_resource() = ToStruct(resource);
  return *this;
}

Request& Request::Required(const std::string& key, const Json& resource) {
  *(*request_.mutable_required_resources())[key].add_items()->mutable_resource() = ToStruct(resource);
  return *this;
}

Request& Request::RequiredNothing(const std::string& key) {
  (*request_.mutable_required_resources())[key];
  return *this;
}

Request& Request::Extra(const std::string& key, const Json& resource) {
  *(*request_.mutable_extra_resources())[key].add_items()->mutable_resource() = ToStruct(resource);
  return *this;
}

Request& Request::AuditKey(const std::string& key, const std::string& previous) {
  auto& data = *(*request_.mutable_credentials())["audit"].mutable_credential_data()->mutable_data();
  data["key"] = key;
  if (!previous.empty()) data["previous-key"] = previous;
  return *this;
}

std::string Request::Bytes() const { return SerializeInOrder(request_); }

Json Answer::Status() const {
  const Json composite = FromStruct(proto.desired().composite().resource());
  return composite.contains("status") ? composite["status"] : Json();
}

Json Answer::Resource(const std::string& key) const {
  const auto found = proto.desired().resources().find(key);
  return found == proto.desired().resources().end() ? Json() : FromStruct(found->second.resource());
}

std::vector<std::string> Answer::ResourceKeys() const {
  std::vector<std::string> keys;
  for (const auto& entry : proto.desired().resources()) keys.push_back(entry.first);
  std::sort(keys.begin(), keys.end());
  return keys;
}

std::vector<std::string> Answer::Results() const {
  std::vector<std::string> results;
  for (const fnv1::Result& result : proto.results()) {
    absl::string_view severity = fnv1::Severity_Name(result.severity());
    absl::ConsumePrefix(&severity, "SEVERITY_");
    results.push_back(absl::StrCat(severity, " ", result.reason(), ": ", result.message()));
  }
  return results;
}

std::vector<std::string> Answer::Conditions() const {
  std::vector<std::string> conditions;
  for (const fnv1::Condition& condition : proto.conditions()) {
    conditions.push_back(
        absl::StrCat(condition.type(), "=", Condition(condition.type()), ": ", condition.message()));
  }
  return conditions;
}

std::string Answer::Condition(const std::string& type) const {
  for (const fnv1::Condition& condition : proto.conditions()) {
    if (condition.type() != type) continue;
    switch (condition.status()) {
      case fnv1::STATUS_CONDITION_TRUE:
        return absl::StrCat("True ", condition.reason());
      case fnv1::STATUS_CONDITION_FALSE:
        return absl::StrCat("False ", condition.reason());
      default:
        return absl::StrCat("Unknown ", condition.reason());
    }
  }
  return "";
}

bool Answer::AsksTheOldWay(const std::string& key) const {
  return proto.requirements().extra_resources().contains(key);
}

absl::Duration Answer::Ttl() const {
  return absl::Seconds(proto.meta().ttl().seconds()) + absl::Nanoseconds(proto.meta().ttl().nanos());
}

Answer Call(const Request& request, absl::Time now, bool clock_from_context) {
  const base::FixedClock clock(now);
  Answer answer;
  runner::RunSummary summary;
  const absl::Status status = runner::RunFunctionOnBytes(
      request.Bytes(), runner::RunOptions{clock, clock_from_context}, &answer.bytes, &summary);
  INFO(status.ToString());
  REQUIRE(status.ok());
  REQUIRE(answer.proto.ParseFromString(answer.bytes));
  return answer;
}

Json Patched(Json object, const Json& patch) {
  object.merge_patch(patch);
  return object;
}

}  // namespace test_support
