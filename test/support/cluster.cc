#include "test/support/cluster.h"

#include <algorithm>
#include <stdexcept>

#include "absl/strings/str_cat.h"
#include "function/base/status_macros.h"
#include "function/base/time.h"
#include "function/codec/struct_json.h"
#include "function/runner/run_function.h"

namespace test {
namespace {

using base::Json;
using release::Flavour;

constexpr char kClaimManager[] = "apiextensions.crossplane.io/claim";

std::set<std::string> ClusterScopedKinds(Flavour flavour) {
  std::set<std::string> kinds = {"ClusterRole", "ClusterRoleBinding"};
  if (flavour == Flavour::kClaims) kinds.insert({release::kPipelineKind, release::kGateKind});
  return kinds;
}

absl::Time Start() { return absl::FromCivil(absl::CivilSecond(2026, 3, 2, 9, 0, 0), absl::UTCTimeZone()); }

}  // namespace

Cluster::Cluster(ClusterOptions options)
    : options_(std::move(options)),
      clock_(Start()),
      api_(clock_, ClusterScopedKinds(options_.flavour),
           [this](const Ref& ref, const Json& object) { OnChange(ref, object); }) {}

std::string Cluster::PipelineKind() const {
  return options_.flavour == Flavour::kClaims ? release::kPipelineClaimKind : release::kPipelineKind;
}

std::string Cluster::GateKind() const {
  return options_.flavour == Flavour::kClaims ? release::kGateClaimKind : release::kGateKind;
}

bool Cluster::IsXr(const Ref& ref) const {
  return ref.kind == release::kPipelineKind || ref.kind == release::kGateKind;
}

bool Cluster::IsClaim(const Ref& ref) const {
  return ref.kind == release::kPipelineClaimKind || ref.kind == release::kGateClaimKind;
}

std::string Cluster::ErrorOf(const Ref& xr) const {
  const auto found = errors_.find(xr);
  return found == errors_.end() ? "" : found->second;
}

Ref Cluster::XrOf(const Ref& ref) const {
  if (!IsClaim(ref)) return ref;
  const ObjectPtr claim = api_.Get(ref);
  const std::string name =
      claim ? (*claim)["spec"].value("resourceRef", Json::object()).value("name", "") : "";
  return {ref.api_version, "X" + ref.kind, "", name};
}

void Cluster::EnqueueChanged(const Ref& ref) {
  if (!drop_watch_events_ || !IsXr(ref)) Enqueue(ref);
}

void Cluster::Enqueue(const Ref& ref) {
  if (std::count(queue_.begin(), queue_.end(), ref) == 0) queue_.push_back(ref);
}

// An XR is reconciled after a change of itself, of what it composed, and of what it required.
void Cluster::OnChange(const Ref& ref, const Json& object) {
  // A claim's finalizer holds it until its XR is gone: here both go at once.
  if (IsClaim(ref) && !api_.Get(ref)) DeleteXrsOf(ref);
  if (IsXr(ref) || IsClaim(ref)) EnqueueChanged(ref);
  if (const std::string uid = ControllerOf(object); !uid.empty()) {
    if (const std::optional<Ref> owner = api_.FindByUid(uid); owner && IsXr(*owner)) EnqueueChanged(*owner);
  }
  const Json claim = IsXr(ref) ? object["spec"].value("claimRef", Json()) : Json();
  if (claim.is_object()) Enqueue({claim["apiVersion"], claim["kind"], claim["namespace"], claim["name"]});
  if (!options_.watches_required) return;
  for (const auto& [xr, requirements] : requirements_) {
    for (const auto& [key, selector] : requirements.resources()) {
      if (ref == Ref{selector.api_version(), selector.kind(), selector.namespace_(), selector.match_name()})
        EnqueueChanged(xr);
    }
  }
}

void Cluster::Settle() {
  std::map<Ref, int> reconciles;
  while (!queue_.empty()) {
    const Ref next = options_.newest_first ? queue_.back() : queue_.front();
    options_.newest_first ? queue_.pop_back() : queue_.pop_front();
    if (++reconciles[next] > kMaxReconciles) {
      throw std::runtime_error(absl::StrCat(ToString(next), " does not settle"));
    }
    IsClaim(next) ? ReconcileClaim(next) : ReconcileXr(next);
  }
}

void Cluster::Resync() {
  for (const Ref& ref : api_.List()) {
    if (IsXr(ref) || IsClaim(ref)) Enqueue(ref);
  }
  Settle();
}

void Cluster::Advance(absl::Duration duration) {
  const absl::Time end = clock_.Now() + duration;
  while (!due_.empty()) {
    const auto next = std::min_element(due_.begin(), due_.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
    if (next->second > end) break;
    clock_.Set(std::max(clock_.Now(), next->second));
    const Ref ref = next->first;
    due_.erase(next);
    Enqueue(ref);
    Settle();
  }
  clock_.Set(end);
}

void Cluster::DeleteXrsOf(const Ref& claim) {
  const Json claim_ref = {{"apiVersion", claim.api_version},
                          {"kind", claim.kind},
                          {"namespace", claim.namespace_name},
                          {"name", claim.name}};
  for (const Ref& ref : api_.List()) {
    const ObjectPtr object = api_.Get(ref);
    if (object && IsXr(ref) && (*object)["spec"].value("claimRef", Json()) == claim_ref) api_.Delete(ref);
  }
}

Json Cluster::XrFor(const Json& claim, const std::string& xr_name) const {
  const Ref ref = RefOf(claim);
  Json labels = claim["metadata"].value("labels", Json::object());
  labels["crossplane.io/claim-name"] = ref.name;
  labels["crossplane.io/claim-namespace"] = ref.namespace_name;
  Json spec = claim["spec"];
  spec.erase("resourceRef");
  spec["claimRef"] = {{"apiVersion", ref.api_version},
                      {"kind", ref.kind},
                      {"namespace", ref.namespace_name},
                      {"name", ref.name}};
  return {{"apiVersion", ref.api_version},
          {"kind", "X" + ref.kind},
          {"metadata", {{"name", xr_name}, {"labels", std::move(labels)}}},
          {"spec", std::move(spec)}};
}

// spec goes from the claim to the XR, status from the XR to the claim.
void Cluster::ReconcileClaim(const Ref& ref) {
  ObjectPtr claim = api_.Get(ref);
  if (!claim) return;
  std::string xr_name = XrOf(ref).name;
  if (xr_name.empty()) {
    xr_name = absl::StrCat(ref.name, "-x", ++last_suffix_);
    const Json patch = {
        {"apiVersion", ref.api_version},
        {"kind", ref.kind},
        {"metadata", {{"name", ref.name}, {"namespace", ref.namespace_name}}},
        {"spec",
         {{"resourceRef", {{"apiVersion", ref.api_version}, {"kind", "X" + ref.kind}, {"name", xr_name}}}}}};
    errors_[ref] = std::string(api_.Apply(patch, kClaimManager, /*force=*/true).message());
    claim = api_.Get(ref);
  }
  errors_[ref] = std::string(api_.Apply(XrFor(*claim, xr_name), kClaimManager, /*force=*/true).message());
  if (const ObjectPtr xr = api_.Get(XrOf(ref))) CopyStatusToClaim(*claim, *xr);
}

void Cluster::PassOn(const Ref& ref) {
  if (IsClaim(ref)) ReconcileClaim(ref);
}

void Cluster::CopyStatusToClaim(const Json& claim, const Json& xr) {
  Json status = xr.value("status", Json::object());
  Json conditions = Json::array();
  const Json targeted = status.value("claimConditionTypes", Json::array());
  for (const Json& condition : status.value("conditions", Json::array())) {
    if (std::count(targeted.begin(), targeted.end(), condition["type"]) > 0) conditions.push_back(condition);
  }
  status.erase("claimConditionTypes");
  status["conditions"] = std::move(conditions);
  const absl::Status written =
      api_.Edit(RefOf(claim), "crossplane#status", [&](Json& object) { object["status"] = status; });
  if (!written.ok()) errors_[RefOf(claim)] = std::string(written.message());
}

}  // namespace test
