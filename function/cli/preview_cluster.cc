#include "function/cli/preview_cluster.h"

#include <algorithm>
#include <deque>

#include "function/cli/preview_claim.h"
#include "function/cli/preview_object.h"
#include "function/release/composite.h"

namespace cli {
namespace {

using base::Json;

// `others`: what else is in the imagined cluster; what is required explicitly counts over it.
RenderInput ToRenderInput(const Preview& preview, const Json& xr, std::vector<Json> others) {
  RenderInput input;
  input.xr = xr;
  if (const auto step = preview.files.steps.find(Kind(xr)); step != preview.files.steps.end()) {
    input.composition = step->second.composition;
    input.step = step->second.step;
    input.input = step->second.input;
  }
  if (preview.input) input.input = preview.input;
  if (const auto found = preview.credentials.find(Kind(xr)); found != preview.credentials.end()) {
    input.credentials = found->second;
  }
  input.observed = preview.observed;
  input.required = std::move(others);
  input.required.insert(input.required.end(), preview.required.begin(), preview.required.end());
  input.now = preview.now;
  return input;
}

bool IsGateOrClaim(const Json& object) {
  return ApiVersion(object) == release::kApiVersion &&
         (Kind(object) == release::kGateKind || Kind(object) == release::kGateClaimKind);
}

// A pipeline or a gate of the imagined cluster.
struct Member {
  Previewed previewed;  // given and xr with the status that they got
  std::string source;
  std::string error;  // why the last reconcile failed; empty: it did not
  std::vector<Json> results;
};

// Reconciles in rounds. A deque: members stay where they are when another one joins.
class Cluster {
 public:
  Cluster(const Preview& preview, const FunctionCaller& call) : preview_(preview), call_(call) {
    // Pipelines first: a gate looks for the one in charge.
    for (const bool pipelines : {true, false}) {
      for (const PreviewComposite& composite : preview.files.composites) {
        if ((Kind(composite.xr) == release::kPipelineKind) != pipelines) continue;
        members_.push_back({{InCluster(composite.given, composite.xr), composite.xr}, composite.source});
      }
    }
  }

  PreviewOutcome Settle() {
    // A pipeline takes three for each of its gates.
    constexpr int kMaxRounds = 12;
    for (int round = 0; round < kMaxRounds; ++round) {
      changed_ = false;
      for (size_t i = 0; i < members_.size(); ++i) Reconcile(members_[i]);
      if (!changed_) break;
    }
    return ToOutcome();
  }

 private:
  std::vector<Json> OthersOf(const Member& member) const {
    std::vector<Json> others;
    for (const Member& other : members_) {
      if (&other == &member) continue;
      others.push_back(other.previewed.given);
      if (other.previewed.xr != other.previewed.given) others.push_back(other.previewed.xr);
    }
    others.insert(others.end(), config_maps_.begin(), config_maps_.end());
    return others;
  }

  void Reconcile(Member& member) {
    Previewed& previewed = member.previewed;
    RenderInput input = ToRenderInput(preview_, previewed.xr, OthersOf(member));
    // What is observed is the pipeline's, not that of the gates that it composes.
    if (previewed.is_composed) input.observed.clear();
    absl::StatusOr<Rendered> rendered = RenderComposite(input, call_);
    member.error = rendered.ok() ? "" : std::string(rendered.status().message());
    if (!rendered.ok()) return;
    previewed.rendered = *std::move(rendered);
    AddResults(member);
    SetStatus(previewed, At(previewed.rendered.xr, {"status"}));
    for (const RenderedResource& resource : previewed.rendered.resources) {
      if (Kind(resource.object) == "ConfigMap") Apply(resource.object);
      if (IsGateOrClaim(resource.object)) Compose(resource.object);
    }
  }

  // Events come with a transition, which a later round does not repeat.
  static void AddResults(Member& member) {
    std::vector<Json>& results = member.previewed.rendered.results;
    for (const Json& result : results) {
      const bool is_known =
          std::find(member.results.begin(), member.results.end(), result) != member.results.end();
      if (!is_known) member.results.push_back(result);
    }
    results = member.results;
  }

  void SetStatus(Previewed& previewed, const Json& status) {
    for (Json* object : {&previewed.given, &previewed.xr}) {
      if (At(*object, {"status"}) == status) continue;
      (*object)["status"] = status;
      changed_ = true;
    }
  }

  // The first one to compose a ConfigMap is the one that controls it.
  void Apply(const Json& config_map) {
    for (Json& there : config_maps_) {
      if (!IsSameObject(there, config_map)) continue;
      if (ControllerOf(there) != ControllerOf(config_map) || there == config_map) return;
      there = config_map;
      changed_ = true;
      return;
    }
    config_maps_.push_back(config_map);
    changed_ = true;
  }

  // A gate that a pipeline composes joins, on top of what it is in the cluster already.
  void Compose(const Json& desired) {
    for (Member& member : members_) {
      if (!IsSameObject(member.previewed.given, desired)) continue;
      if (member.previewed.is_composed) SetSpec(member.previewed, desired);
      return;
    }
    Json gate = desired;
    for (const Json& observed : preview_.observed) {
      if (!IsSameObject(observed, desired)) continue;
      gate = observed;
      MergeObject(gate, desired);
    }
    const absl::StatusOr<Json> xr = ToXr(gate);
    if (!xr.ok()) return;
    members_.push_back({{InCluster(gate, *xr), *xr, {}, /*is_composed=*/true}, ""});
    changed_ = true;
  }

  static Json InCluster(const Json& given, const Json& xr) {
    return XrKindOfClaim(Kind(given)).empty() ? given : BoundClaim(given, xr);
  }

  static absl::StatusOr<Json> ToXr(const Json& gate) {
    return XrKindOfClaim(Kind(gate)).empty() ? gate : XrOfClaim(gate);
  }

  void SetSpec(Previewed& previewed, const Json& desired) {
    Json gate = previewed.given;
    MergeObject(gate, desired);
    if (gate == previewed.given) return;
    const absl::StatusOr<Json> xr = ToXr(gate);
    if (!xr.ok()) return;
    previewed.given = gate;
    previewed.xr = *xr;
    previewed.xr["status"] = previewed.given["status"];
    changed_ = true;
  }

  // In the order of the files, and then what is composed.
  PreviewOutcome ToOutcome() const {
    PreviewOutcome outcome;
    const auto add = [&](const Member& member) {
      if (member.error.empty()) {
        outcome.previewed.push_back(member.previewed);
      } else {
        outcome.refused.push_back({member.previewed.given, member.source, member.error});
      }
    };
    for (const PreviewComposite& composite : preview_.files.composites) {
      for (const Member& member : members_) {
        if (!member.previewed.is_composed && IsSameObject(member.previewed.given, composite.given))
          add(member);
      }
    }
    for (const Member& member : members_) {
      if (member.previewed.is_composed) add(member);
    }
    return outcome;
  }

  const Preview& preview_;
  const FunctionCaller& call_;
  std::deque<Member> members_;
  std::vector<Json> config_maps_;
  bool changed_ = false;
};

}  // namespace

PreviewOutcome RenderEach(const Preview& preview, const FunctionCaller& call) {
  PreviewOutcome outcome;
  for (const PreviewComposite& composite : preview.files.composites) {
    std::vector<Json> others;
    for (const PreviewComposite& other : preview.files.composites) {
      if (&other == &composite) continue;
      others.push_back(other.given);
      if (other.xr != other.given) others.push_back(other.xr);
    }
    absl::StatusOr<Rendered> rendered =
        RenderComposite(ToRenderInput(preview, composite.xr, std::move(others)), call);
    if (rendered.ok()) {
      outcome.previewed.push_back({composite.given, composite.xr, *std::move(rendered)});
    } else {
      outcome.refused.push_back(
          {composite.given, composite.source, std::string(rendered.status().message())});
    }
  }
  return outcome;
}

PreviewOutcome RenderSettled(const Preview& preview, const FunctionCaller& call) {
  return Cluster(preview, call).Settle();
}

}  // namespace cli
