#include "function/runner/response.h"

#include <algorithm>

#include "function/base/utf8.h"
#include "function/codec/struct_json.h"
#include "function/codec/struct_view.h"
#include "function/codec/wire.h"

namespace runner {
namespace {

namespace wire = codec::wire;

void AppendRawEntry(std::string& out, absl::string_view key, absl::string_view value) {
  std::string entry;
  wire::AppendBytes(entry, wire::kEntryKey, key);
  wire::AppendBytes(entry, wire::kEntryValue, value);
  wire::AppendBytes(out, wire::kStructFields, entry);
}

// The status that other functions wanted, but for the fields that are ours, and ours.
std::string MergeStatus(const codec::StructView& theirs, const base::Json& ours) {
  std::string fields;
  for (const codec::StructView::RawEntry& entry : theirs.RawEntries()) {
    if (!ours.contains(std::string(entry.key))) AppendRawEntry(fields, entry.key, entry.value);
  }
  codec::AppendStruct(fields, ours);
  std::string status;
  wire::AppendBytes(status, wire::kStructValue, fields);
  return status;
}

// A Crossplane that lists no capabilities is older than 2.2 and knows only extra_resources.
bool KnowsRequiredResources(const fn::lazy::RequestMeta& meta) {
  const auto& capabilities = meta.capabilities();
  return std::find(capabilities.begin(), capabilities.end(), fn::lazy::CAPABILITY_REQUIRED_RESOURCES) !=
         capabilities.end();
}

fn::lazy::Status ToStatus(release::Condition::Status status) {
  switch (status) {
    case release::Condition::Status::kTrue:
      return fn::lazy::STATUS_CONDITION_TRUE;
    case release::Condition::Status::kFalse:
      return fn::lazy::STATUS_CONDITION_FALSE;
    case release::Condition::Status::kUnknown:
      return fn::lazy::STATUS_CONDITION_UNKNOWN;
  }
  return fn::lazy::STATUS_CONDITION_UNKNOWN;
}

// A proto3 string has to be UTF-8, or nobody can read the answer.
std::string ToUtf8(const std::string& text) {
  if (base::IsUtf8(text)) return text;
  const base::Json quoted = base::Json::parse(base::CanonicalJson(text));
  return quoted.get<std::string>();
}

}  // namespace

Response::Response(fn::lazy::RunFunctionRequest& request, fn::lazy::RunFunctionResponse& response)
    : response_(response), asks_the_old_way_(!KnowsRequiredResources(request.meta())) {
  response_.mutable_meta()->set_tag(request.meta().tag());
  response_.mutable_desired()->Swap(request.mutable_desired());
  if (request.has_context()) response_.mutable_context()->swap(*request.mutable_context());
}

void Response::SetTtl(absl::Duration ttl) {
  google::protobuf::Duration* duration = response_.mutable_meta()->mutable_ttl();
  duration->set_seconds(absl::ToInt64Seconds(ttl));
  duration->set_nanos(static_cast<int>(absl::ToInt64Nanoseconds(ttl - absl::Seconds(duration->seconds()))));
}

void Response::SetStatus(const base::Json& status) {
  std::string* composite = response_.mutable_desired()->mutable_composite()->mutable_resource();
  std::string merged;
  codec::StructView theirs;
  for (const codec::StructView::RawEntry& entry : codec::StructView(*composite).RawEntries()) {
    if (entry.key == "status") {
      theirs = codec::ValueView(entry.value).AsStruct();
    } else {
      AppendRawEntry(merged, entry.key, entry.value);
    }
  }
  AppendRawEntry(merged, "status", MergeStatus(theirs, status));
  composite->swap(merged);
}

void Response::SetResources(const std::vector<manifest::Composed>& resources) {
  fn::lazy::State& desired = *response_.mutable_desired();
  for (const manifest::Composed& composed : resources) {
    if (!composed.ready) desired.mutable_composite()->set_ready(fn::lazy::READY_FALSE);
    if (composed.displaced) continue;
    fn::lazy::Resource& resource = (*desired.mutable_resources())[composed.key];
    resource.set_resource(codec::EncodeStruct(composed.manifest));
    resource.set_ready(composed.ready ? fn::lazy::READY_TRUE : fn::lazy::READY_FALSE);
  }
}

void Response::Require(const RequiredResource& required) {
  fn::lazy::ResourceSelector selector;
  selector.set_api_version(required.api_version);
  selector.set_kind(required.kind);
  selector.set_match_name(required.name);
  if (!required.namespace_name.empty()) selector.set_namespace_(required.namespace_name);
  fn::lazy::Requirements& requirements = *response_.mutable_requirements();
  if (asks_the_old_way_) (*requirements.mutable_extra_resources())[required.key] = selector;
  (*requirements.mutable_resources())[required.key] = std::move(selector);
}

void Response::AddEvent(const release::Event& event) {
  fn::lazy::Result& result = *response_.add_results();
  result.set_severity(event.severity == release::Event::Severity::kWarning ? fn::lazy::SEVERITY_WARNING
                                                                           : fn::lazy::SEVERITY_NORMAL);
  result.set_message(ToUtf8(event.message));
  result.set_reason(event.reason);
  result.set_target(fn::lazy::TARGET_COMPOSITE_AND_CLAIM);
}

void Response::AddCondition(const release::Condition& condition) {
  fn::lazy::Condition& added = *response_.add_conditions();
  added.set_type(condition.type);
  added.set_status(ToStatus(condition.status));
  added.set_reason(condition.reason);
  if (!condition.message.empty()) added.set_message(ToUtf8(condition.message));
  added.set_target(fn::lazy::TARGET_COMPOSITE_AND_CLAIM);
}

void Response::Fail(absl::string_view reason, absl::string_view message,
                    const release::Condition& condition) {
  AddEvent({release::Event::Severity::kWarning, std::string(reason), std::string(message)});
  AddCondition(condition);
  fn::lazy::Result& fatal = *response_.add_results();
  fatal.set_severity(fn::lazy::SEVERITY_FATAL);
  fatal.set_reason(std::string(reason));
  fatal.set_message(ToUtf8(std::string(message)));
}

}  // namespace runner
