#include "function/cli/preview_files.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/match.h"
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

// The objects of a file, of a List its items.
absl::StatusOr<std::vector<Json>> ParseObjects(const std::string& text, const std::string& source) {
  ASSIGN_OR_RETURN(std::vector<Json> documents, ParseYaml(text, source));
  std::vector<Json> objects;
  for (Json& document : documents) {
    const bool is_list =
        Kind(document) == "List" && ApiVersion(document) == "v1" && At(document, {"items"}).is_array();
    if (is_list) {
      for (Json& item : document["items"]) objects.push_back(std::move(item));
    } else {
      objects.push_back(std::move(document));
    }
  }
  return objects;
}

absl::Status AddManifests(const std::string& text, const std::string& source,
                          std::vector<Manifest>& manifests) {
  ASSIGN_OR_RETURN(std::vector<Json> objects, ParseObjects(text, source));
  for (Json& object : objects) {
    RETURN_IF_ERROR(CheckManifest(object, source));
    manifests.push_back({std::move(object), source});
  }
  return absl::OkStatus();
}

bool IsManifestFile(const fs::path& path) {
  const fs::path extension = path.extension();
  return extension == ".yaml" || extension == ".yml" || extension == ".json";
}

// The manifests of a folder, sorted by name. Folders in it are none of it, as for Crossplane.
absl::StatusOr<std::vector<std::string>> FilesOf(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    if (IsManifestFile(entry.path()) && !entry.is_directory()) files.push_back(entry.path().string());
  }
  if (error) return absl::NotFoundError(absl::StrCat(folder, ": cannot be read: ", error.message()));
  if (files.empty()) {
    return absl::NotFoundError(absl::StrCat(folder, ": there is no *.yaml, *.yml or *.json in this folder"));
  }
  std::sort(files.begin(), files.end());
  return files;
}

absl::StatusOr<std::vector<std::string>> FilesBelow(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  fs::recursive_directory_iterator entry(folder, error);
  while (!error && entry != fs::recursive_directory_iterator()) {
    std::error_code vanished;
    const bool is_file = entry->symlink_status(vanished).type() == fs::file_type::regular;
    if (is_file && IsManifestFile(entry->path())) files.push_back(entry->path().string());
    entry.increment(error);
  }
  if (error) return absl::NotFoundError(absl::StrCat(folder, ": cannot be read: ", error.message()));
  if (files.empty()) {
    return absl::NotFoundError(
        absl::StrCat(folder, ": there is no *.yaml, *.yml or *.json below this folder"));
  }
  std::sort(files.begin(), files.end());
  return files;
}

bool IsOurKind(const std::string& kind) {
  return kind == release::kPipelineKind || kind == release::kGateKind || !XrKindOfClaim(kind).empty();
}

absl::string_view GroupOf(absl::string_view api_version) {
  return api_version.substr(0, api_version.find('/'));
}

// Whether an object of a folder is about pipelines and gates. Ours in a version that there is not counts, so
// that it is told and not lost.
bool IsAboutUs(const Json& object) {
  const std::string kind = Kind(object);
  const std::string api_version = ApiVersion(object);
  if (kind == "Composition" && api_version == kCompositionApiVersion) {
    return IsOurKind(Text(object, {"spec", "compositeTypeRef", "kind"})) &&
           Text(object, {"spec", "compositeTypeRef", "apiVersion"}) == release::kApiVersion;
  }
  if (kind == release::kInputKind) return GroupOf(api_version) == GroupOf(release::kInputApiVersion);
  return IsOurKind(kind) && GroupOf(api_version) == release::kApiGroup;
}

// Whether a text that is no YAML (a template, say) may be about pipelines and gates.
bool NamesUs(const std::string& text) {
  return absl::StrContains(text, release::kApiGroup) ||
         absl::StrContains(text, GroupOf(release::kInputApiVersion));
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
  CompositionStep step{Name(composition), Text(*found, {"step"}), std::nullopt, "",
                       CredentialSourcesOf(*found)};
  if (const Json& input = At(*found, {"input"}); !input.is_null()) step.input = input;
  return step;
}

absl::Status AddComposition(const Manifest& manifest, PreviewFiles& files) {
  const std::string kind = Text(manifest.object, {"spec", "compositeTypeRef", "kind"});
  ASSIGN_OR_RETURN(CompositionStep step, StepOf(manifest.object));
  step.source = manifest.source;
  const auto [entry, is_new] = files.steps.emplace(kind, std::move(step));
  if (is_new) return absl::OkStatus();
  const CompositionStep& other = entry->second;
  return absl::InvalidArgumentError(absl::StrCat(Describe(manifest.object), ": ", other.composition, " in ",
                                                 other.source, " is for ", kind, " too: give one of them"));
}

absl::Status AddComposite(const Manifest& manifest, PreviewFiles& files) {
  const Json& object = manifest.object;
  for (const PreviewComposite& other : files.composites) {
    if (IsSameObject(other.given, object)) {
      return absl::InvalidArgumentError(
          absl::StrCat(Describe(object), ": is in ", other.source, " already: give one of them"));
    }
  }
  PreviewComposite composite{object, object, manifest.source};
  if (!XrKindOfClaim(Kind(object)).empty()) {
    ASSIGN_OR_RETURN(composite.xr, XrOfClaim(object));
  }
  files.composites.push_back(std::move(composite));
  return absl::OkStatus();
}

absl::Status AddInput(const Manifest& manifest, PreviewFiles& files) {
  if (files.input) {
    return absl::InvalidArgumentError(
        absl::StrCat("there is an Input in ", files.input_source, " already: give one of them"));
  }
  files.input = manifest.object;
  files.input_source = manifest.source;
  return absl::OkStatus();
}

absl::Status Sort(const Manifest& manifest, PreviewFiles& files) {
  const Json& object = manifest.object;
  const std::string kind = Kind(object);
  if (kind == "Composition" && ApiVersion(object) == kCompositionApiVersion)
    return AddComposition(manifest, files);
  if (IsInput(object)) return AddInput(manifest, files);
  if (IsOurKind(kind) && ApiVersion(object) == release::kApiVersion) return AddComposite(manifest, files);
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

absl::StatusOr<std::vector<Manifest>> ReadManifestsBelow(const std::string& folder) {
  std::vector<Manifest> manifests;
  ASSIGN_OR_RETURN(const std::vector<std::string> files, FilesBelow(folder));
  for (const std::string& file : files) {
    ASSIGN_OR_RETURN(const std::string text, ReadFile(file));
    absl::StatusOr<std::vector<Json>> objects = ParseObjects(text, file);
    if (!objects.ok() && NamesUs(text)) return objects.status();
    if (!objects.ok()) continue;
    for (Json& object : *objects) {
      if (!IsAboutUs(object)) continue;
      RETURN_IF_ERROR(CheckManifest(object, file));
      manifests.push_back({std::move(object), file});
    }
  }
  return manifests;
}

absl::StatusOr<PreviewFiles> SortManifests(const std::vector<Manifest>& manifests) {
  PreviewFiles files;
  for (const Manifest& manifest : manifests) {
    if (absl::Status status = Sort(manifest, files); !status.ok()) {
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
