#include "function/cli/gate_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "function/base/status_macros.h"
#include "function/cli/preview_files.h"
#include "function/cli/preview_object.h"
#include "function/codec/composite_codec.h"
#include "function/codec/gate_codec.h"
#include "function/codec/pipeline_codec.h"
#include "function/codec/settings_codec.h"
#include "function/codec/struct_json.h"
#include "function/release/pipeline.h"
#include "function/release/settings.h"
#include "function/release/signature.h"

namespace cli {
namespace {

using base::Json;

bool IsPipeline(const Json& object) {
  return ApiVersion(object) == release::kApiVersion &&
         (Kind(object) == release::kPipelineKind || Kind(object) == release::kPipelineClaimKind);
}

absl::Status Led(absl::string_view lead, const absl::Status& status) {
  return status.ok() ? status : absl::Status(status.code(), absl::StrCat(lead, ": ", status.message()));
}

bool IsDnsLabel(absl::string_view text) {
  return !text.empty() && text.size() <= 63 && absl::ascii_isalnum(text.front()) &&
         absl::ascii_isalnum(text.back()) && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-';
         });
}

// The only manifest of its kind, or none. Error: several.
absl::StatusOr<const Manifest*> OnlyOne(const std::vector<Manifest>& manifests, bool (*is_one)(const Json&),
                                        absl::string_view what) {
  const Manifest* found = nullptr;
  for (const Manifest& manifest : manifests) {
    if (!is_one(manifest.object)) continue;
    if (found != nullptr) {
      return absl::InvalidArgumentError(absl::StrCat(manifest.source, ": ", Describe(found->object), " and ",
                                                     Describe(manifest.object), ": give a file with one ",
                                                     what));
    }
    found = &manifest;
  }
  return found;
}

absl::StatusOr<release::PipelineSpec> DecodePipeline(const Json& object) {
  const std::string wire = codec::EncodeStruct(object);
  return codec::DecodePipelineSpec(codec::StructView(wire));
}

absl::StatusOr<release::Step> StepTo(const release::PipelineSpec& pipeline, const std::string& target) {
  std::vector<std::string> targets;
  for (const release::Step& step : release::StepsOf(pipeline.environments)) {
    if (Name(step.target) == target) return step;
    targets.emplace_back(Name(step.target));
  }
  return absl::InvalidArgumentError(
      targets.empty()
          ? "spec.environments: is just one, so that this pipeline has no gates"
          : absl::StrCat(
                "--target: ", target.empty() ? "is missing" : absl::StrCat("\"", target, "\" is wrong"),
                ": say to which environment the gate of this pipeline leads: ",
                absl::StrJoin(targets, " or ")));
}

// What the pipeline would compose (release/pipeline.cc), as a gate's input.
absl::Status FillFromPipeline(const release::PipelineSpec& pipeline, const std::string& target,
                              release::GateInput& gate) {
  if (pipeline.artifact_id.empty()) {
    return absl::InvalidArgumentError(
        "spec.artifact_id: is missing, so that this pipeline composes no gates: give the gate's own "
        "manifest");
  }
  ASSIGN_OR_RETURN(const release::Step step, StepTo(pipeline, target));
  gate.name = release::GateName(pipeline.tenant, step);
  gate.spec.tenant = pipeline.tenant;
  gate.spec.artifact_id = pipeline.artifact_id;
  gate.spec.step = step;
  gate.spec.attempt = pipeline.attempt;
  gate.spec.requested_by = pipeline.requested_by;
  gate.spec.approval_required = pipeline.rules.at(step.Key()) == release::PromotionRule::kManual;
  for (const release::PipelineApproval& entry : pipeline.approvals) {
    if (entry.target == step.target) gate.spec.approvals.push_back(entry.approval);
  }
  gate.policy = pipeline.policies.at(step.Key());
  gate.trust = pipeline.trust.at(step.Key());
  return absl::OkStatus();
}

absl::Status FillFromGate(const Json& object, const GateFileOptions& options, GateFile& file) {
  if (!options.target.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--target: is for pipelines; ", Describe(object), " says itself where it leads"));
  }
  const std::string wire = codec::EncodeStruct(object);
  ASSIGN_OR_RETURN(file.gate.spec, codec::DecodeGateSpec(codec::StructView(wire)));
  file.gate.name = file.composite.name;
  const std::string name = release::GateName(file.gate.spec.tenant, file.gate.spec.step);
  if (file.gate.name == name) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("metadata.name: is \"", file.gate.name,
                                                 "\" and has to be \"", name,
                                                 "\", the name of its step, or this gate cannot open"));
}

absl::Status Fill(const Json& object, const GateFileOptions& options, GateFile& file) {
  ASSIGN_OR_RETURN(file.composite, PlaceOf(object, options.namespace_name));
  file.gate.namespace_name = file.composite.namespace_name;
  if (!file.is_pipeline) return FillFromGate(object, options, file);
  ASSIGN_OR_RETURN(const release::PipelineSpec pipeline, DecodePipeline(object));
  file.gate.spec.pipeline = file.composite.name;
  return FillFromPipeline(pipeline, options.target, file.gate);
}

// The Input itself, or the first one in a Composition.
const Json* InputIn(const Json& object) {
  if (Kind(object) == release::kInputKind && ApiVersion(object) == release::kInputApiVersion) return &object;
  const Json& steps = At(object, {"spec", "pipeline"});
  if (Kind(object) != "Composition" || !steps.is_array()) return nullptr;
  for (const Json& step : steps) {
    const Json& input = At(step, {"input"});
    if (Kind(input) == release::kInputKind && ApiVersion(input) == release::kInputApiVersion) return &input;
  }
  return nullptr;
}

absl::StatusOr<release::Settings> ReadSettings(const std::string& path, std::istream& in) {
  if (path.empty()) return codec::DecodeSettings(std::nullopt);
  ASSIGN_OR_RETURN(const std::vector<Manifest> manifests, ReadManifests(path, in));
  for (const Manifest& manifest : manifests) {
    if (const Json* input = InputIn(manifest.object))
      return codec::DecodeSettings(codec::EncodeStruct(*input));
  }
  return absl::InvalidArgumentError(absl::StrCat(path, ": has no ", release::kInputKind, " of ",
                                                 release::kInputApiVersion,
                                                 ", nor a Composition that has one"));
}

absl::Status AddPipeline(const std::string& path, std::istream& in, GateFile& file) {
  ASSIGN_OR_RETURN(const std::vector<Manifest> manifests, ReadManifests(path, in));
  ASSIGN_OR_RETURN(const Manifest* manifest, OnlyOne(manifests, IsPipeline, "pipeline"));
  if (manifest == nullptr) return absl::InvalidArgumentError(absl::StrCat(path, ": has no pipeline in it"));
  const auto led = [&](const absl::Status& status) { return Led(path, status); };
  const absl::StatusOr<release::PipelineSpec> pipeline = DecodePipeline(manifest->object);
  if (!pipeline.ok()) return led(pipeline.status());
  const absl::StatusOr<release::Composite> place = PlaceOf(manifest->object, file.gate.namespace_name);
  if (!place.ok()) return led(place.status());
  if (place->name != file.gate.spec.pipeline) {
    return led(absl::InvalidArgumentError(absl::StrCat("metadata.name: is \"", place->name,
                                                       "\", but the gate's pipeline is \"",
                                                       file.gate.spec.pipeline, "\": give that one")));
  }
  if (pipeline->tenant != file.gate.spec.tenant) {
    return led(absl::InvalidArgumentError(absl::StrCat(
        "spec.tenant: is \"", pipeline->tenant, "\", but the gate's is \"", file.gate.spec.tenant, "\"")));
  }
  const std::string step = file.gate.spec.step.Key();
  file.gate.policy = pipeline->policies.at(step);
  file.gate.trust = pipeline->trust.at(step);
  return absl::OkStatus();
}

}  // namespace

bool IsGate(const Json& object) {
  return ApiVersion(object) == release::kApiVersion &&
         (Kind(object) == release::kGateKind || Kind(object) == release::kGateClaimKind);
}

absl::StatusOr<std::string> ReadTextFile(const std::string& path, absl::string_view flag) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  // A folder opens, too, and fails as it is read.
  if (!file.is_open() || file.bad() || errno == EISDIR) {
    return absl::NotFoundError(absl::StrCat(flag, ": ", path, ": cannot be read: ", std::strerror(errno)));
  }
  return text;
}

absl::StatusOr<std::string> ReadAllowedSigners(const std::string& path) {
  constexpr char kFlag[] = "--allowed-signers";
  ASSIGN_OR_RETURN(std::string text, ReadTextFile(path, kFlag));
  RETURN_IF_ERROR(Led(absl::StrCat(kFlag, ": ", path), release::ValidateAllowedSigners(text)));
  return text;
}

absl::StatusOr<release::Composite> PlaceOf(const Json& object, const std::string& namespace_name) {
  const std::string wire = codec::EncodeStruct(object);
  ASSIGN_OR_RETURN(release::Composite composite,
                   codec::DecodeComposite(codec::StructView(wire), namespace_name));
  const std::string& found = composite.namespace_name;
  if (found.empty()) {
    return absl::InvalidArgumentError(
        "metadata.namespace: is missing: set it, or give --namespace, because it is part of what is signed "
        "and decided");
  }
  if (!namespace_name.empty() && found != namespace_name) {
    return absl::InvalidArgumentError(absl::StrCat("--namespace: is \"", namespace_name, "\", but ",
                                                   Describe(object), " is in \"", found, "\""));
  }
  if (!IsDnsLabel(found)) {
    return absl::InvalidArgumentError(
        "metadata.namespace: must be a name of lower-case letters, digits and dashes, at most 63 characters");
  }
  return composite;
}

absl::StatusOr<GateFile> ReadGateFile(const GateFileOptions& options, std::istream& in) {
  ASSIGN_OR_RETURN(std::vector<Manifest> manifests, ReadManifests(options.file, in));
  GateFile file;
  ASSIGN_OR_RETURN(const Manifest* manifest, OnlyOne(manifests, IsGate, "gate"));
  if (manifest == nullptr) {
    file.is_pipeline = true;
    ASSIGN_OR_RETURN(manifest, OnlyOne(manifests, IsPipeline, "pipeline"));
  }
  if (manifest == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat(options.file, ": has no gate in it: give an ", release::kGateKind, " or its claim ",
                     release::kGateClaimKind, ", or the pipeline that drives it with --target (",
                     release::kApiVersion, ")"));
  }
  RETURN_IF_ERROR(Led(manifest->source, Fill(manifest->object, options, file)));
  file.object = manifest->object;
  return file;
}

absl::Status AddPolicies(const std::string& pipeline_file, const std::string& input_file, std::istream& in,
                         GateFile& file) {
  if (!pipeline_file.empty() && file.is_pipeline) {
    return absl::InvalidArgumentError("--pipeline: the file is a pipeline already, whose own policy counts");
  }
  if (!pipeline_file.empty()) RETURN_IF_ERROR(Led("--pipeline", AddPipeline(pipeline_file, in, file)));
  const absl::StatusOr<release::Settings> settings = ReadSettings(input_file, in);
  if (!settings.ok()) return Led("--input", settings.status());
  const std::string step = file.gate.spec.step.Key();
  file.gate.policy = Merge(settings->policy.at(step), file.gate.policy);
  file.gate.trust = Prefer(settings->trust.at(step), file.gate.trust);
  return absl::OkStatus();
}

}  // namespace cli
