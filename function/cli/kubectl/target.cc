#include "function/cli/kubectl/target.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "function/base/status_macros.h"
#include "function/cli/gate_file.h"
#include "function/cli/preview_object.h"
#include "function/cli/problem.h"
#include "function/cli/suggestion.h"
#include "function/release/composite.h"
#include "function/release/environment.h"
#include "function/release/gate.h"

namespace cli {
namespace {

using base::Json;

// What people call a kind. An empty resource: whichever of the two flavours the cluster has.
struct KindName {
  absl::string_view name;
  absl::string_view resource;
  TargetKind kind;
};

constexpr KindName kKindNames[] = {
    {"xpromotiongate", "xpromotiongates", TargetKind::kGate},
    {"xpromotiongates", "xpromotiongates", TargetKind::kGate},
    {"xpg", "xpromotiongates", TargetKind::kGate},
    {"promotiongate", "promotiongates", TargetKind::kGate},
    {"promotiongates", "promotiongates", TargetKind::kGate},
    {"pg", "promotiongates", TargetKind::kGate},
    {"gate", "", TargetKind::kGate},
    {"gates", "", TargetKind::kGate},
    {"xreleasepipeline", "xreleasepipelines", TargetKind::kPipeline},
    {"xreleasepipelines", "xreleasepipelines", TargetKind::kPipeline},
    {"xrp", "xreleasepipelines", TargetKind::kPipeline},
    {"releasepipeline", "releasepipelines", TargetKind::kPipeline},
    {"releasepipelines", "releasepipelines", TargetKind::kPipeline},
    {"rp", "releasepipelines", TargetKind::kPipeline},
    {"pipeline", "", TargetKind::kPipeline},
    {"pipelines", "", TargetKind::kPipeline},
};

std::string Qualified(absl::string_view resource) {
  return resource.empty() ? "" : absl::StrCat(resource, ".", release::kApiGroup);
}

// "XPromotionGate.v1alpha1.platform.zerotouch.dev" too, as kubectl takes it.
const KindName* FindKind(absl::string_view text) {
  std::string name = absl::AsciiStrToLower(text);
  const size_t dot = name.find('.');
  if (dot != std::string::npos) {
    if (!absl::EndsWith(name, absl::StrCat(".", release::kApiGroup))) return nullptr;
    name.resize(dot);
  }
  const auto found = std::find_if(std::begin(kKindNames), std::end(kKindNames),
                                  [&](const KindName& kind) { return kind.name == name; });
  return found == std::end(kKindNames) ? nullptr : found;
}

bool IsObjectName(absl::string_view text) {
  return !text.empty() && text.size() <= 253 && absl::ascii_isalnum(text.front()) &&
         absl::ascii_isalnum(text.back()) && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-' || c == '.';
         });
}

// The gates that a tenant's step can have: by its target, or by both ends.
std::vector<std::string> GatesOfStep(absl::string_view tenant, absl::string_view step) {
  const std::string slug = absl::StrReplaceAll(step, {{"_", "-"}});
  std::vector<std::string> names;
  for (const release::Step& one : release::AllSteps()) {
    if (one.Slug() == slug || Name(one.target) == slug) names.push_back(release::GateName(tenant, one));
  }
  return names;
}

absl::string_view NameOf(TargetKind kind) {
  return kind == TargetKind::kGate ? "gate" : kind == TargetKind::kPipeline ? "pipeline" : "gate or pipeline";
}

absl::Status NoTarget(const std::string& argument, TargetKind wanted, absl::string_view lead) {
  std::vector<std::string> kinds;
  for (const KindName& kind : kKindNames) {
    if (wanted == TargetKind::kEither || kind.kind == wanted) kinds.emplace_back(kind.name);
  }
  const std::vector<std::string> parts = absl::StrSplit(argument, absl::MaxSplits('/', 1));
  const std::string nearest =
      parts.size() > 1 ? Suggest(absl::AsciiStrToLower(parts[0]), kinds) : std::string();
  return Problem(absl::StatusCode::kInvalidArgument,
                 absl::StrCat(lead, ": \"", argument, "\" is not the name of a ", NameOf(wanted)),
                 nearest.empty() ? absl::StrCat("give NAME, KIND/NAME",
                                                wanted == TargetKind::kPipeline ? "" : " or TENANT/STEP",
                                                "; kubectl release status shows what there is")
                                 : absl::StrCat("did you mean ", nearest, "/", parts[1], "?"));
}

// "promotiongates" where the cluster has claims of this kind, else "xpromotiongates".
std::string Choose(const std::vector<std::string>& names, absl::string_view claims) {
  for (const std::string& name : {std::string(claims), absl::StrCat("x", claims)}) {
    if (std::find(names.begin(), names.end(), name) != names.end()) return Qualified(name);
  }
  return "";
}

absl::Status NoApi() {
  return Problem(
      absl::StatusCode::kNotFound,
      absl::StrCat("this cluster does not have ", release::kApiVersion, ", the API of gates and pipelines"),
      "install the configuration in it (README.md), or choose another cluster with --context");
}

absl::StatusOr<std::string> ResourcesOf(const Kubectl& kubectl, const Target& target) {
  if (!target.resource.empty()) return target.resource;
  ASSIGN_OR_RETURN(const ApiResources api, FindApiResources(kubectl));
  switch (target.kind) {
    case TargetKind::kGate:
      return api.gates;
    case TargetKind::kPipeline:
      return api.pipelines;
    case TargetKind::kEither:
      break;
  }
  return absl::StrCat(api.gates, ",", api.pipelines);
}

// In lines of "xpromotiongate.platform.zerotouch.dev/NAME".
std::vector<std::string> NamesIn(absl::string_view lines) {
  std::vector<std::string> names;
  for (const absl::string_view line : absl::StrSplit(lines, '\n', absl::SkipWhitespace())) {
    names.emplace_back(line.substr(line.rfind('/') + 1));
  }
  return names;
}

std::string Place(const Kubectl& kubectl) {
  const std::string& name = kubectl.options().namespace_name;
  return name.empty() ? "the current namespace" : absl::StrCat("namespace ", name);
}

absl::Status NotFound(const Kubectl& kubectl, const std::string& resources, const Target& target) {
  const absl::StatusOr<std::string> lines = kubectl.Call({"get", resources, "--output=name"});
  const std::vector<std::string> there = lines.ok() ? NamesIn(*lines) : std::vector<std::string>();
  const std::string nearest = Suggest(target.names[0], there);
  const std::string shown = absl::StrCat("kubectl release status", NamespaceFlag(kubectl));
  return Problem(absl::StatusCode::kNotFound,
                 absl::StrCat("there is no ", NameOf(target.kind), " ", absl::StrJoin(target.names, " or "),
                              " in ", Place(kubectl)),
                 !nearest.empty()
                     ? absl::StrCat("did you mean ", nearest, "? ", shown, " shows what there is")
                 : there.empty() ? "choose the namespace with -n; kubectl release status -A shows all of them"
                                 : absl::StrCat(shown, " shows what there is"));
}

bool IsWanted(const Json& object, TargetKind kind) {
  return (kind != TargetKind::kPipeline && IsGate(object)) ||
         (kind != TargetKind::kGate && IsPipeline(object));
}

absl::Status CheckAnswer(const std::vector<Json>& items, const Target& target, const std::string& resources) {
  for (const Json& item : items) {
    if (IsWanted(item, target.kind) && !Name(item).empty()) continue;
    return Problem(
        absl::StatusCode::kDataLoss,
        absl::StrCat("kubectl answered with ", Kind(item).empty() ? "something" : Describe(item), " of \"",
                     ApiVersion(item), "\" where a ", NameOf(target.kind), " was asked for"),
        absl::StrCat("see what it prints for: kubectl get ", resources, " ", absl::StrJoin(target.names, " "),
                     " -o json"));
  }
  return absl::OkStatus();
}

}  // namespace

bool IsPipeline(const Json& object) {
  return ApiVersion(object) == release::kApiVersion &&
         (Kind(object) == release::kPipelineKind || Kind(object) == release::kPipelineClaimKind);
}

std::string ResourceOf(const Json& object) {
  return Qualified(absl::StrCat(absl::AsciiStrToLower(Kind(object)), "s"));
}

std::string NamespaceFlag(const Kubectl& kubectl) {
  const std::string& name = kubectl.options().namespace_name;
  return name.empty() ? "" : absl::StrCat(" -n ", name);
}

absl::StatusOr<Target> ParseTarget(const std::string& argument, TargetKind wanted, absl::string_view lead) {
  const std::vector<std::string> parts = absl::StrSplit(argument, absl::MaxSplits('/', 1));
  if (parts.size() == 1) {
    if (!IsObjectName(argument)) return NoTarget(argument, wanted, lead);
    return Target{wanted, "", {argument}};
  }
  const KindName* kind = FindKind(parts[0]);
  if (kind != nullptr && (wanted == TargetKind::kEither || kind->kind == wanted) && IsObjectName(parts[1])) {
    return Target{kind->kind, Qualified(kind->resource), {parts[1]}};
  }
  const std::vector<std::string> names = GatesOfStep(parts[0], parts[1]);
  const bool is_step = kind == nullptr && wanted != TargetKind::kPipeline && IsObjectName(parts[0]);
  if (is_step && !names.empty()) return Target{TargetKind::kGate, "", names};
  return NoTarget(argument, wanted, lead);
}

absl::StatusOr<ApiResources> FindApiResources(const Kubectl& kubectl) {
  const absl::StatusOr<Json> answer =
      kubectl.CallForJson({"get", "--raw", absl::StrCat("/apis/", release::kApiVersion)});
  if (absl::IsNotFound(answer.status())) return NoApi();
  RETURN_IF_ERROR(answer.status());
  std::vector<std::string> names;
  if (const Json& resources = At(*answer, {"resources"}); resources.is_array()) {
    for (const Json& resource : resources) names.push_back(Text(resource, {"name"}));
  }
  ApiResources api{Choose(names, "promotiongates"), Choose(names, "releasepipelines")};
  if (api.gates.empty() || api.pipelines.empty()) return NoApi();
  return api;
}

absl::StatusOr<Json> GetTarget(const Kubectl& kubectl, const Target& target,
                               const std::vector<std::string>& flags) {
  ASSIGN_OR_RETURN(const std::string resources, ResourcesOf(kubectl, target));
  std::vector<std::string> call = {"get", resources};
  call.insert(call.end(), target.names.begin(), target.names.end());
  call.insert(call.end(), {"--ignore-not-found", "--output=json"});
  call.insert(call.end(), flags.begin(), flags.end());
  ASSIGN_OR_RETURN(const Json answer, kubectl.CallForJson(call));
  const std::vector<Json> items = ItemsOf(answer);
  RETURN_IF_ERROR(CheckAnswer(items, target, resources));
  if (items.empty()) return NotFound(kubectl, resources, target);
  if (items.size() == 1) return items[0];
  return Problem(
      absl::StatusCode::kInvalidArgument,
      absl::StrCat("both ", Describe(items[0]), " and ", Describe(items[1]), " can be meant"),
      absl::StrCat("say which one, as in ", absl::AsciiStrToLower(Kind(items[0])), "/", Name(items[0])));
}

absl::StatusOr<Json> FindGate(const Kubectl& kubectl, const std::string& argument,
                              const std::vector<std::string>& flags) {
  ASSIGN_OR_RETURN(const Target target, ParseTarget(argument, TargetKind::kGate, "GATE"));
  return GetTarget(kubectl, target, flags);
}

}  // namespace cli
