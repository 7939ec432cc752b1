// The manifests that a preview is about: read from files, and sorted by what they are for it.
#ifndef FUNCTION_CLI_PREVIEW_FILES_H_
#define FUNCTION_CLI_PREVIEW_FILES_H_

#include <istream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "function/base/json.h"
#include "function/cli/preview_credentials.h"

namespace cli {

struct Manifest {
  base::Json object;
  std::string source;  // the file that it is in, for errors
};

// The manifests of a file of YAML or JSON, of a folder's *.yaml, *.yml and *.json, or of `in` for "-". Each
// is an object with apiVersion, kind and metadata.name; of a List its items. Errors lead with the file.
absl::StatusOr<std::vector<Manifest>> ReadManifests(const std::string& path, std::istream& in);

// Those of all files named *.yaml, *.yml and *.json below the folder, sorted by path, that are about
// pipelines and gates: XRs, claims, Compositions for them, Inputs. Whatever else lies there is passed over: a
// folder of GitOps has other things too. Symbolic links in it are not followed: they may lead out of it, and
// what they point to inside of it is read in its own place. Errors lead with the file.
absl::StatusOr<std::vector<Manifest>> ReadManifestsBelow(const std::string& folder);

// What a Composition says about the call of the function.
struct CompositionStep {
  std::string composition;
  std::string step;
  std::optional<base::Json> input;
  std::string source;
  std::vector<CredentialSource> credentials;
};

struct PreviewComposite {
  base::Json xr;     // as given, or the one that Crossplane makes of the claim
  base::Json given;  // as given
  std::string source;
};

struct PreviewFiles {
  std::vector<PreviewComposite> composites;
  std::map<std::string, CompositionStep> steps;  // by the XR's kind
  std::optional<base::Json> input;               // an Input document of its own
  std::string input_source;
};

// Error: a manifest that is none of XR, claim, Composition and Input, two of the same object or for the same
// purpose (naming the files of both), or no XR at all.
absl::StatusOr<PreviewFiles> SortManifests(const std::vector<Manifest>& manifests);

}  // namespace cli

#endif  // FUNCTION_CLI_PREVIEW_FILES_H_
