#include "function/cli/report/build.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "function/cli/gate_file.h"
#include "function/cli/preview_object.h"
#include "function/cli/report/attention.h"
#include "function/cli/report/build_gate.h"
#include "function/cli/report/build_pipeline.h"
#include "function/cli/report/newest.h"
#include "function/cli/report/place.h"
#include "function/release/composite.h"

namespace cli::report {
namespace {

using base::Json;

bool IsPipeline(const Json& object) {
  return ApiVersion(object) == release::kApiVersion &&
         (Kind(object) == release::kPipelineKind || Kind(object) == release::kPipelineClaimKind);
}

bool IsClaim(const Json& object) {
  return Kind(object) == release::kPipelineClaimKind || Kind(object) == release::kGateClaimKind;
}

std::string CountedKinds(const std::map<std::string, int>& kinds) {
  return absl::StrJoin(kinds, ", ", [](std::string* out, const auto& kind) {
    absl::StrAppend(out, kind.second, " ", kind.first);
  });
}

class Building {
 public:
  Building(const std::vector<Manifest>& manifests, const BuildOptions& options)
      : manifests_(manifests), options_(options) {}

  absl::StatusOr<Built> Run() {
    Sort();
    ReadGates();
    MakePipelines();
    MakeGates();
    if (page().pipelines.empty()) return NothingFound();
    Number();
    page().as_of_is_given = options_.now.has_value();
    if (options_.now) page().as_of = options_.now;
    AddAttention(page());
    return std::move(built_);
  }

 private:
  // A gate, and where it was read from.
  struct Read {
    const Manifest* manifest;
    ExportedGate exported;
  };

  PageView& page() { return built_.page; }

  void Sort() {
    std::map<std::string, int> skipped;
    for (const Manifest& manifest : manifests_) {
      const Json& object = manifest.object;
      if (IsPipeline(object)) {
        Take(manifest, pipelines_);
      } else if (IsGate(object)) {
        Take(manifest, gates_);
      } else if (Kind(object) == "ConfigMap" && ApiVersion(object) == "v1") {
        config_maps_.push_back(manifest);
        continue;
      } else {
        ++skipped[Kind(object)];
        continue;
      }
      SeeTimeOf(object);
    }
    skipped_ = std::move(skipped);
    if (claims_ > 0) {
      page().not_shown.push_back(
          absl::StrCat(claims_, claims_ == 1 ? " claim, whose composite is" : " claims, whose composites are",
                       " in the export too"));
    }
  }

  void SeeTimeOf(const Json& object) {
    const Moment newest = NewestTimeIn(object);
    if (newest && (!page().as_of || *newest > *page().as_of)) page().as_of = newest;
  }

  struct Taken {
    std::vector<const Manifest*> manifests;
    std::map<std::pair<std::string, std::string>, size_t> index;  // by namespace and name
  };

  // Of a claim and its composite the composite: the claim has copies of what it says.
  void Take(const Manifest& manifest, Taken& taken) {
    const Place place = PlaceIn(manifest.object, options_.namespace_name);
    const auto [entry, is_new] =
        taken.index.emplace(std::pair{place.namespace_name, place.name}, taken.manifests.size());
    if (is_new) {
      taken.manifests.push_back(&manifest);
      return;
    }
    const Manifest*& other = taken.manifests[entry->second];
    if (IsClaim(manifest.object) == IsClaim(other->object)) {
      AddProblem(manifest,
                 absl::StrCat(Describe(manifest.object), ": is there twice: the first one is shown"));
      return;
    }
    ++claims_;
    if (IsClaim(other->object)) other = &manifest;
  }

  void AddProblem(const Manifest& manifest, const std::string& problem) {
    built_.problems.push_back(absl::StrCat(manifest.source, ": ", problem));
    page().not_shown.push_back(problem);
  }

  // Gates, and the ConfigMaps beside them.
  void ReadGates() {
    std::vector<ExportedGate> exported;
    for (const Manifest* manifest : gates_.manifests) {
      absl::StatusOr<ExportedGate> gate = ReadExportedGate(manifest->object, PlaceHint(manifest->object));
      if (gate.ok()) {
        exported.push_back(*std::move(gate));
        sources_.push_back(manifest);
      } else {
        unreadable_.push_back(BuildUnreadableGate(manifest->object, std::string(gate.status().message())));
        built_.problems.push_back(
            absl::StrCat(manifest->source, ": ", Describe(manifest->object), ": ", gate.status().message()));
      }
    }
    for (const Manifest& manifest : config_maps_) ReadConfigMap(manifest, exported);
    for (size_t i = 0; i < exported.size(); ++i) {
      exported[i].audit.keys = options_.secrets.keys;
      exported[i].audit.allowed_signers = options_.secrets.allowed_signers;
      read_.push_back({sources_[i], std::move(exported[i])});
    }
    for (const auto& [kind, count] : skipped_) built_.skipped.push_back(absl::StrCat(count, " ", kind));
    if (!skipped_.empty()) {
      page().not_shown.push_back(
          absl::StrCat("objects that are no pipelines and no gates: ", CountedKinds(skipped_)));
    }
  }

  void ReadConfigMap(const Manifest& manifest, std::vector<ExportedGate>& exported) {
    const Json& object = manifest.object;
    if (!IsGateConfigMap(object, exported)) {
      if (!IsPipelineConfigMap(object)) ++skipped_[Kind(object)];
      return;
    }
    const size_t before = exported.size();
    const absl::Status status = AddConfigMap(object, exported);
    if (!status.ok()) {
      AddProblem(manifest, std::string(status.message()));
      return;
    }
    SeeTimeOf(object);
    if (exported.size() > before) sources_.push_back(&manifest);
  }

  // --namespace is for those that need it, and wrong for others.
  std::string PlaceHint(const Json& object) const {
    return PlaceIn(object, "").problem.empty() ? "" : options_.namespace_name;
  }

  void MakePipelines() {
    for (const Manifest* manifest : pipelines_.manifests) {
      PipelineView view = BuildPipeline(manifest->object, options_.namespace_name, config_maps_);
      if (!view.problem.empty()) {
        built_.problems.push_back(
            absl::StrCat(manifest->source, ": ", Describe(manifest->object), ": ", view.problem));
      }
      page().pipelines.push_back(std::move(view));
    }
  }

  void MakeGates() {
    std::map<std::pair<std::string, std::string>, std::vector<GateView>> strays;
    const auto place = [&](GateView gate) {
      for (PipelineView& pipeline : page().pipelines) {
        if (pipeline.namespace_name == gate.namespace_name && pipeline.name == gate.pipeline) {
          pipeline.gates.push_back(std::move(gate));
          return;
        }
      }
      strays[{gate.namespace_name, gate.pipeline}].push_back(std::move(gate));
    };
    for (const Read& read : read_) place(BuildGate(read.manifest->object, read.exported));
    for (GateView& gate : unreadable_) place(std::move(gate));
    for (auto& [key, gates] : strays) page().pipelines.push_back(BuildMissingPipeline(std::move(gates)));
    for (PipelineView& pipeline : page().pipelines) SortGates(pipeline);
    std::stable_sort(page().pipelines.begin(), page().pipelines.end(),
                     [](const PipelineView& a, const PipelineView& b) {
                       return std::tie(a.namespace_name, a.name) < std::tie(b.namespace_name, b.name);
                     });
  }

  void Number() {
    int pipelines = 0;
    int gates = 0;
    for (PipelineView& pipeline : page().pipelines) {
      pipeline.id = absl::StrCat("pipeline-", ++pipelines);
      for (GateView& gate : pipeline.gates) gate.id = absl::StrCat("gate-", ++gates);
    }
  }

  absl::Status NothingFound() const {
    return absl::NotFoundError(skipped_.empty() ? "it is empty: there is no pipeline and no gate in it"
                                                : absl::StrCat("there is no pipeline and no gate in it, but ",
                                                               CountedKinds(skipped_)));
  }

  const std::vector<Manifest>& manifests_;
  const BuildOptions& options_;
  Built built_;
  Taken pipelines_;
  Taken gates_;
  std::vector<Manifest> config_maps_;
  std::vector<const Manifest*> sources_;  // of what is exported, in its order
  std::vector<Read> read_;
  std::vector<GateView> unreadable_;
  std::map<std::string, int> skipped_;
  int claims_ = 0;
};

}  // namespace

absl::StatusOr<Built> BuildPage(const std::vector<Manifest>& manifests, const BuildOptions& options) {
  return Building(manifests, options).Run();
}

}  // namespace cli::report
