// Whole calls over bytes, as they come from the network.
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <numeric>
#include <string>

#include "absl/time/time.h"
#include "function/base/clock.h"
#include "function/runner/run_function.h"
#include "proto/run_function.pb.h"
#include "test/robustness/fuzz/crossplane.h"
#include "test/robustness/fuzz/fuzz.h"

// extra_resources is deprecated, and still what a Crossplane older than 2.2 uses.
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace {

namespace fnv1 = apiextensions::fn::proto::v1;

const absl::Time kNow = absl::FromUnixSeconds(1767355200);  // 2026-01-02T12:00:00Z

struct Call {
  absl::Status status;
  std::string response;
  runner::RunSummary summary;
};

// In pieces of `piece` bytes; -1: in one.
Call Run(absl::string_view request, int piece) {
  google::protobuf::io::ArrayInputStream bytes(request.data(), static_cast<int>(request.size()), piece);
  const base::FixedClock clock(kNow);
  Call call;
  call.status = runner::RunFunctionOnBytes(&bytes, request.size(), {clock, /*clock_from_context=*/false},
                                           &call.response, &call.summary);
  return call;
}

bool IsFatal(const fnv1::Result& result) { return result.severity() == fnv1::SEVERITY_FATAL; }

void CheckAnswer(const fnv1::RunFunctionRequest& request, const fnv1::RunFunctionResponse& response,
                 const runner::RunSummary& summary) {
  fuzz::Check(response.meta().tag() == request.meta().tag(), "the tag comes back");
  fuzz::Check(response.meta().ttl().seconds() >= 1, "there always is a ttl");
  for (const auto& [key, resource] : request.desired().resources()) {
    fuzz::Check(response.desired().resources().contains(key), "nothing that others desire gets lost");
  }
  int fatal = 0;
  for (const fnv1::Result& result : response.results()) fatal += IsFatal(result) ? 1 : 0;
  fuzz::Check(fatal == (summary.error.empty() ? 0 : 1), "one FATAL where the input is refused, else none");
  fuzz::Check(summary.error.find('\n') == std::string::npos, "an error is one line");
  if (summary.error.empty()) {
    fuzz::Check(response.desired().composite().resource().fields().contains("status"), "there is a status");
  }
  fuzz::Check(fuzz::VerdictOf(summary) != "approved" || request.required_resources_size() > 0 ||
                  request.extra_resources_size() > 0,
              "without a pipeline nothing is approved");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes = fuzz::View(data, size);
  const fuzz::MemoryMeter meter;
  const Call call = Run(bytes, -1);
  fuzz::CheckProportion(meter, size);
  const Call again = Run(bytes, 1 + std::accumulate(data, data + size, 0) % 61);
  fuzz::Check(again.response == call.response && again.status.code() == call.status.code(),
              "the same call has the same answer, whatever pieces it comes in");
  fnv1::RunFunctionRequest request;
  // What Crossplane sends is one in all its parts. (What is passed through is not looked into.)
  if (!request.ParseFromArray(data, static_cast<int>(size))) return 0;
  fuzz::Check(call.status.ok(), "every request is answered");
  fnv1::RunFunctionResponse response;
  fuzz::Check(response.ParseFromString(call.response), "every answer is a RunFunctionResponse");
  CheckAnswer(request, response, call.summary);
  return 0;
}
