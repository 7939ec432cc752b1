#include "function/cli/preview_fetch.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/map.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "function/base/status_macros.h"
#include "function/cli/preview_object.h"
#include "function/codec/struct_json.h"

namespace cli {
namespace {

using base::Json;

// Crossplane's limit (internal/xfn, MaxRequirementsIterations).
constexpr int kMaxRounds = 5;

using Selectors = google::protobuf::Map<std::string, fn::lazy::ResourceSelector>;
using Answers = google::protobuf::Map<std::string, fn::lazy::Resources>;

// Equal messages, equal bytes: maps are sorted.
std::string Fingerprint(const fn::lazy::Requirements& requirements) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    requirements.SerializeToCodedStream(&coded);
  }
  return bytes;
}

bool HasLabels(const Json& object, const fn::lazy::MatchLabels& wanted) {
  return std::all_of(wanted.labels().begin(), wanted.labels().end(), [&](const auto& label) {
    return At(object, {"metadata", "labels", label.first}) == label.second;
  });
}

bool Matches(const Json& object, const fn::lazy::ResourceSelector& selector) {
  if (ApiVersion(object) != selector.api_version() || Kind(object) != selector.kind()) return false;
  if (selector.match_case() == fn::lazy::ResourceSelector::kMatchName) {
    return Name(object) == selector.match_name() && Namespace(object) == selector.namespace_();
  }
  if (!selector.namespace_().empty() && Namespace(object) != selector.namespace_()) return false;
  return HasLabels(object, selector.match_labels());
}

fn::lazy::Resources Fetch(const std::vector<Json>& cluster, const fn::lazy::ResourceSelector& selector) {
  std::vector<const Json*> found;
  for (const Json& object : cluster) {
    if (!Matches(object, selector)) continue;
    const auto older = std::find_if(found.begin(), found.end(),
                                    [&](const Json* other) { return IsSameObject(*other, object); });
    if (older == found.end()) {
      found.push_back(&object);
    } else {
      *older = &object;
    }
  }
  std::sort(found.begin(), found.end(), [](const Json* a, const Json* b) {
    return Namespace(*a) + "/" + Name(*a) < Namespace(*b) + "/" + Name(*b);
  });
  fn::lazy::Resources resources;
  for (const Json* object : found) resources.add_items()->set_resource(codec::EncodeStruct(*object));
  return resources;
}

void Answer(const Selectors& selectors, const std::vector<Json>& cluster, Answers& answers) {
  answers.clear();
  for (const auto& [key, selector] : selectors) answers[key] = Fetch(cluster, selector);
}

bool IsFatal(const fn::lazy::RunFunctionResponse& response) {
  return std::any_of(
      response.results().begin(), response.results().end(),
      [](const fn::lazy::Result& result) { return result.severity() == fn::lazy::SEVERITY_FATAL; });
}

}  // namespace

absl::StatusOr<fn::lazy::RunFunctionResponse> CallUntilSettled(fn::lazy::RunFunctionRequest request,
                                                               const std::vector<Json>& cluster,
                                                               const FunctionCaller& call) {
  std::string previous;
  for (int round = 0; round <= kMaxRounds; ++round) {
    ASSIGN_OR_RETURN(const std::string bytes, call(request.SerializeAsString()));
    fn::lazy::RunFunctionResponse response;
    if (!response.ParseFromString(bytes)) {
      return absl::InternalError(
          "the function's answer is not an apiextensions.fn.proto.v1.RunFunctionResponse");
    }
    // Requiring nothing at first is settled at once; the fingerprint of nothing is empty.
    const std::string requirements = Fingerprint(response.requirements());
    if (IsFatal(response) || requirements == previous) return response;
    previous = requirements;
    Answer(response.requirements().resources(), cluster, *request.mutable_required_resources());
    Answer(response.requirements().extra_resources(), cluster, *request.mutable_extra_resources());
    if (response.has_context()) request.set_context(response.context());
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "requirements didn't stabilize after the maximum number of iterations (", kMaxRounds, ")"));
}

}  // namespace cli
