// Pipelines with the gates of their steps: what the tree and the flowchart show.
#ifndef FUNCTION_CLI_PREVIEW_OVERVIEW_H_
#define FUNCTION_CLI_PREVIEW_OVERVIEW_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "function/base/json.h"
#include "function/cli/preview_render.h"

namespace cli {

// A pipeline or a gate, previewed.
struct Previewed {
  base::Json given;  // the XR or the claim
  base::Json xr;     // the XR, with its spec
  Rendered rendered;
  bool is_composed = false;  // in none of the files: the pipeline that drives composes it
};

// One that could not be previewed.
struct RefusedPreview {
  base::Json given;
  std::string source;  // the file; empty for a composed one
  std::string message;
};

struct PreviewedStep {
  std::string source;  // an environment
  std::string target;
  bool is_of_pipeline = true;    // false: only its gates say that there is such a step
  std::vector<Previewed> gates;  // as a rule one
};

struct PreviewedPipeline {
  Previewed pipeline;
  std::vector<std::string> environments;  // in the pipeline's order
  std::vector<PreviewedStep> steps;       // in the pipeline's order, those that it does not have last
};

// A gate whose pipeline is not previewed.
struct StrayGate {
  Previewed gate;
  base::Json pipeline;      // what it looks for: apiVersion, kind, metadata's name and namespace
  bool is_refused = false;  // the pipeline is among the files, but the function refuses it
};

struct Overview {
  std::vector<PreviewedPipeline> pipelines;
  std::vector<StrayGate> strays;
  std::vector<RefusedPreview> refused;
};

// Puts each gate under the pipeline that it asked for. All keep their order.
Overview BuildOverview(const std::vector<Previewed>& previewed, const std::vector<RefusedPreview>& refused);

// Why there is nothing about the pipeline: "is not among the files".
std::string WhyStray(const StrayGate& stray);

// "pending", "approved", "rejected" or "timeout".
std::string VerdictOf(const Previewed& gate);

// The artifact that an environment has by the pipeline's status, or "".
std::string ArtifactIn(const PreviewedPipeline& pipeline, absl::string_view environment);

// Whether it composes gates by itself.
bool Drives(const PreviewedPipeline& pipeline);

}  // namespace cli

#endif  // FUNCTION_CLI_PREVIEW_OVERVIEW_H_
