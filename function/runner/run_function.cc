#include "function/runner/run_function.h"

#include <google/protobuf/arena.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "function/base/status_macros.h"
#include "function/base/time.h"
#include "function/codec/checked_stream.h"
#include "function/codec/composite_codec.h"
#include "function/codec/settings_codec.h"
#include "function/runner/call.h"

namespace runner {
namespace {

using release::Condition;

// Until the settings are known; a ttl is always returned.
constexpr absl::Duration kFailureTtl = absl::Minutes(1);

absl::StatusOr<absl::Time> TimeOfCall(const fn::lazy::RunFunctionRequest& request,
                                      const RunOptions& options) {
  if (!options.clock_from_context) return options.clock.Now();
  const std::optional<codec::ValueView> now = codec::StructView(request.context()).Find(kNowContextKey);
  if (!now) return options.clock.Now();
  absl::StatusOr<absl::Time> time = base::ParseTime(now->AsString());
  if (!time.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("context[", kNowContextKey, "]: ", time.status().message()));
  }
  return time;
}

absl::StatusOr<release::Settings> Settings(const fn::lazy::RunFunctionRequest& request) {
  if (!request.has_input()) return codec::DecodeSettings(std::nullopt);
  return codec::DecodeSettings(request.input());
}

absl::Status CheckComposite(const codec::StructView& xr) {
  if (xr.wire().empty()) {
    return absl::InvalidArgumentError(
        "observed.composite.resource: is missing: call this function from a Composition");
  }
  const absl::string_view kind = xr.String({"kind"});
  const absl::string_view api_version = xr.String({"apiVersion"});
  if (api_version == release::kApiVersion && (kind == release::kPipelineKind || kind == release::kGateKind)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("observed.composite.resource.kind: is ", kind, " of ", api_version,
                   ", but this function composes ", release::kPipelineKind, " and ", release::kGateKind,
                   " of ", release::kApiVersion, ": use it in a Composition with that compositeTypeRef"));
}

// The condition that shows a failure on the kind that failed. It says nothing about a verdict there may be.
Condition FailureCondition(absl::string_view kind, absl::string_view message) {
  return {kind == release::kGateKind ? "Approved" : "Promoting", Condition::Status::kUnknown, "InvalidInput",
          std::string(message)};
}

absl::Status Run(const fn::lazy::RunFunctionRequest& request, const absl::StatusOr<absl::Time>& time,
                 Response& response, RunSummary& summary) {
  const codec::StructView xr(request.observed().composite().resource());
  RETURN_IF_ERROR(CheckComposite(xr));
  summary.kind = std::string(xr.String({"kind"}));
  ASSIGN_OR_RETURN(const absl::Time now, time);
  ASSIGN_OR_RETURN(release::Settings settings, Settings(request));
  ASSIGN_OR_RETURN(release::Composite composite, codec::DecodeComposite(xr, settings.namespace_name));
  summary.namespace_name = composite.namespace_name;
  summary.name = composite.name;
  summary.uid = composite.uid;
  const Call call{request, response, xr, std::move(composite), std::move(settings), now};
  if (summary.kind == release::kGateKind) {
    ASSIGN_OR_RETURN(summary.gate, RunGate(call));
  } else {
    ASSIGN_OR_RETURN(summary.pipeline, RunPipeline(call));
  }
  return absl::OkStatus();
}

// Whether Crossplane will call again in this very reconcile, with what is asked for now.
bool AsksForMore(const fn::lazy::RunFunctionRequest& request, const fn::lazy::RunFunctionResponse& response) {
  const auto& asked = response.requirements().resources();
  return std::any_of(asked.begin(), asked.end(), [&](const auto& entry) {
    return !request.required_resources().contains(entry.first) &&
           !request.extra_resources().contains(entry.first);
  });
}

absl::Status Parse(google::protobuf::io::ZeroCopyInputStream& bytes, std::size_t size,
                   fn::lazy::RunFunctionRequest& request) {
  // Without the size Protobuf would make room for whatever a string of the request itself claims to have.
  codec::CheckedStream checked(bytes, size);
  if (request.ParseFromBoundedZeroCopyStream(&checked, static_cast<int>(size))) return absl::OkStatus();
  const absl::string_view why = checked.status().message();
  return absl::InvalidArgumentError(absl::StrCat(
      "the request is not an apiextensions.fn.proto.v1.RunFunctionRequest", why.empty() ? "" : ": ", why));
}

// With the entries of maps in order, so that the same answer always is the same bytes.
void Serialize(const fn::lazy::RunFunctionResponse& response, std::string* bytes) {
  bytes->clear();
  bytes->reserve(response.ByteSizeLong());
  google::protobuf::io::StringOutputStream output(bytes);
  google::protobuf::io::CodedOutputStream coded(&output);
  coded.SetSerializationDeterministic(true);
  response.SerializeToCodedStream(&coded);
}

}  // namespace

RunSummary RunFunction(fn::lazy::RunFunctionRequest& request, const RunOptions& options,
                       fn::lazy::RunFunctionResponse& response) {
  RunSummary summary;
  const absl::StatusOr<absl::Time> now = TimeOfCall(request, options);  // before the context is moved
  Response builder(request, response);
  builder.SetTtl(kFailureTtl);
  const absl::Status status = Run(request, now, builder, summary);
  if (status.ok()) {
    summary.asked = AsksForMore(request, response);
  } else {
    summary.error = std::string(status.message());
    builder.Fail("InvalidInput", summary.error, FailureCondition(summary.kind, summary.error));
  }
  return summary;
}

absl::Status RunFunctionOnBytes(google::protobuf::io::ZeroCopyInputStream* request_bytes, std::size_t size,
                                const RunOptions& options, std::string* response_bytes, RunSummary* summary) {
  google::protobuf::Arena arena;
  auto* request = google::protobuf::Arena::CreateMessage<fn::lazy::RunFunctionRequest>(&arena);
  auto* response = google::protobuf::Arena::CreateMessage<fn::lazy::RunFunctionResponse>(&arena);
  RETURN_IF_ERROR(Parse(*request_bytes, size, *request));
  *summary = RunFunction(*request, options, *response);
  Serialize(*response, response_bytes);
  return absl::OkStatus();
}

absl::Status RunFunctionOnBytes(absl::string_view request, const RunOptions& options, std::string* response,
                                RunSummary* summary) {
  google::protobuf::io::ArrayInputStream bytes(request.data(), static_cast<int>(request.size()));
  return RunFunctionOnBytes(&bytes, request.size(), options, response, summary);
}

}  // namespace runner
