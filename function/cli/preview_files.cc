#include "function/cli/preview_files.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "function/base/status_macros.h"
#include "function/cli/preview_claim.h"
#include "function/cli/preview_object.h"
#include "function/cli/yaml.h"
#include "function/release/composite.h"
#include "function/release/settings.h"

namespace cli {
namespace {

using base::Json;

namespace fs = std::filesystem;

constexpr char kCompositionApiVersion[] = "apiextensions.crossplane.io/v1";

std::string ReadAll(std::istream& in) {
  return std::string(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat(path, ": cannot be read: ", std::strerror(errno)));
  return ReadAll(file);
}

bool IsInput(const Json& object) {
  return ApiVersion(object) == release::kInputApiVersion && Kind(object) == release::kInputKind;
}

absl::Status CheckManifest(const Json& object, const std::string& source) {
  const auto error = [&](absl::string_view message) {
    return absl::InvalidArgumentError(absl::StrCat(source, ": ", message));
  };
  if (!object.is_object()) return error("is no Kubernetes manifest: it must be an object");
  for (const char* key : {"apiVersion", "kind"}) {
    if (Text(object, {key}).empty()) return error(absl::StrCat(key, ": is missing"));
  }
  // The Input is part of a Composition, where it has no name.
  if (!IsInput(object) && Name(object).empty())
    return error(absl::StrCat(Kind(object), ": metadata.name: is missing"));
  return absl::OkStatus();
}

absl::Status AddManifests(const std::string& text, const std::string& source,
                          std::vector<Manifest>& manifests) {
  ASSIGN_OR_RETURN(std::vector<Json> documents, ParseYaml(text, source));
  for (Json& document : documents) {
    const bool is_list =
        Kind(document) == "List" && ApiVersion(document) == "v1" && At(document, {"items"}).is_array();
    std::vector<Json> objects;
    if (is_list) {
      objects = document["items"].get<std::vector<Json>>();
    } else {
      objects.push_back(std::move(document));
    }
    for (Json& object : objects) {
      RETURN_IF_ERROR(CheckManifest(object, source));
      manifests.push_back({std::move(object), source});
    }
  }
  return absl::OkStatus();
}

// The manifests of a folder, sorted by name. Folders in it are none of it, as for Crossplane.
absl::StatusOr<std::vector<std::string>> FilesOf(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    const fs::path extension = entry.path().extension();
    const bool is_manifest = extension == ".yaml" || extension == ".yml" || extension == ".json";
    if (is_manifest && !entry.is_directory()) files.push_back(entry.path().string());
  }
  if (error) return absl::NotFoundError(absl::StrCat(folder, ": cannot be read: ", error.message()));
  if (files.empty()) {
    return absl::NotFoundError(absl::StrCat(folder, ": there is no *.yaml, *.yml or *.json in this folder"));
  }
  std::sort(files.begin(), files.end());
  return files;
}

// The step that calls this function: the one with its Input, or the only one there is.
absl::StatusOr<CompositionStep> StepOf(const Json& composition) {
  const Json& steps = At(composition, {"spec", "pipeline"});
  const Json* found = nullptr;
  if (steps.is_array()) {
    for (const Json& step : steps) {
      if (IsInput(At(step, {"input"}))) found = &step;
    }
    if (found == nullptr && steps.size() == 1) found = &steps[0];
  }
  if (found == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat(Describe(composition), ": spec.pipeline: no step has an input of kind ",
                     release::kInputKind, " of ", release::kInputApiVersion,
                     ", and there is not just one step, so it does not say where it calls this function"));
  }
  CompositionStep step{Name(composition), Text(*found, {"step"}), std::nullopt};
  if (const Json& input = At(*found, {"input"}); !input.is_null()) step.input = input;
  return step;
}

absl::Status AddComposition(const Json& composition, PreviewFiles& files) {
  const std::string kind = Text(composition, {"spec", "compositeTypeRef", "kind"});
  ASSIGN_OR_RETURN(CompositionStep step, StepOf(composition));
  const auto [entry, is_new] = files.steps.emplace(kind, std::move(step));
  if (is_new) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(Describe(composition), ": ", entry->second.composition,
                                                 " is for ", kind, " too: give one of them"));
}

absl::Status AddComposite(const Json& object, PreviewFiles& files) {
  for (const PreviewComposite& other : files.composites) {
    if (IsSameObject(other.given, object)) {
      return absl::InvalidArgumentError(absl::StrCat(Describe(object), ": is there twice"));
    }
  }
  PreviewComposite composite{object, object};
  if (!XrKindOfClaim(Kind(object)).empty()) {
    ASSIGN_OR_RETURN(composite.xr, XrOfClaim(object));
  }
  files.composites.push_back(std::move(composite));
  return absl::OkStatus();
}

absl::Status Sort(const Json& object, PreviewFiles& files) {
  const std::string kind = Kind(object);
  if (kind == "Composition" && ApiVersion(object) == kCompositionApiVersion)
    return AddComposition(object, files);
  if (IsInput(object)) {
    if (files.input) return absl::InvalidArgumentError("there is another Input: give one of them");
    files.input = object;
    return absl::OkStatus();
  }
  const bool is_ours =
      kind == release::kPipelineKind || kind == release::kGateKind || !XrKindOfClaim(kind).empty();
  if (is_ours && ApiVersion(object) == release::kApiVersion) return AddComposite(object, files);
  return absl::InvalidArgumentError(absl::StrCat(
      kind, " of ", ApiVersion(object), " is nothing to preview: give pipelines and gates or their claims (",
      release::kApiVersion, "), Compositions and Inputs, and other things with --required-resources or ",
      "--observed-resources"));
}

}  // namespace

absl::StatusOr<std::vector<Manifest>> ReadManifests(const std::string& path, std::istream& in) {
  std::vector<Manifest> manifests;
  if (path == "-") {
    RETURN_IF_ERROR(AddManifests(ReadAll(in), "standard input", manifests));
    return manifests;
  }
  std::vector<std::string> files = {path};
  if (fs::is_directory(path)) {
    ASSIGN_OR_RETURN(files, FilesOf(path));
  }
  for (const std::string& file : files) {
    ASSIGN_OR_RETURN(const std::string text, ReadFile(file));
    RETURN_IF_ERROR(AddManifests(text, file, manifests));
  }
  return manifests;
}

absl::StatusOr<PreviewFiles> SortManifests(const std::vector<Manifest>& manifests) {
  PreviewFiles files;
  for (const Manifest& manifest : manifests) {
    if (absl::Status status = Sort(manifest.object, files); !status.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(manifest.source, ": ", status.message()));
    }
  }
  if (files.composites.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "there is nothing to preview: give a ", release::kPipelineKind, ", an ", release::kGateKind,
        ", or the claim ", release::kPipelineClaimKind, " or ", release::kGateClaimKind));
  }
  return files;
}

}  // namespace cli
