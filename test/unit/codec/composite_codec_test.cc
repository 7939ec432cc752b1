#include "function/codec/composite_codec.h"

#include <string>
#include <vector>

#include "function/codec/struct_json.h"
#include "test/catch.h"

namespace codec {
namespace {

using base::Json;
using release::Flavour;

Json Xr(const Json& patch) {
  Json xr = {{"kind", "XPromotionGate"},
             {"metadata", {{"name", "xr"}, {"uid", "uid-1"}, {"creationTimestamp", "2026-01-02T12:00:00Z"}}}};
  xr.merge_patch(patch);
  return xr;
}

struct PlaceCase {
  std::string reason;
  Json patch;
  Flavour flavour;
  std::string name;
  std::string namespace_name;
  bool has_claim;
};

TEST_CASE("Where an XR lives, and by which name people know it", "[codec]") {
  const Json claim = {{"claimRef", {{"name", "claim"}, {"namespace", "team"}}}};
  const Json labels = {
      {"labels", {{"crossplane.io/claim-namespace", "labelled"}, {"crossplane.io/claim-name", "l"}}}};
  const std::vector<PlaceCase> cases = {
      {"a namespaced XR", {{"metadata", {{"namespace", "own"}}}}, Flavour::kNamespaced, "xr", "own", false},
      {"an XR with a claim", {{"spec", claim}}, Flavour::kClaims, "claim", "team", true},
      {"a composed XR: the label tells the namespace, but not the name",
       {{"metadata", labels}},
       Flavour::kClaims,
       "xr",
       "labelled",
       false},
      {"the claim goes before the label",
       {{"spec", claim}, {"metadata", labels}},
       Flavour::kClaims,
       "claim",
       "team",
       true},
      {"nothing says: the Input's namespace", Json::object(), Flavour::kClaims, "xr", "default-ns", false},
      {"a claimRef in a namespaced XR is somebody's forgery",
       {{"metadata", {{"namespace", "own"}}},
        {"spec", {{"claimRef", {{"name", "evil"}, {"namespace", "evil"}}}}}},
       Flavour::kNamespaced,
       "xr",
       "own",
       false},
  };
  for (const PlaceCase& c : cases) {
    INFO(c.reason);
    const std::string bytes = EncodeStruct(Xr(c.patch));
    const absl::StatusOr<release::Composite> composite = DecodeComposite(StructView(bytes), "default-ns");
    REQUIRE(composite.ok());
    CHECK(composite->flavour == c.flavour);
    CHECK(composite->name == c.name);
    CHECK(composite->xr_name == "xr");
    CHECK(composite->namespace_name == c.namespace_name);
    CHECK(composite->has_claim == c.has_claim);
    CHECK(composite->uid == "uid-1");
    CHECK(composite->creation_timestamp == absl::FromUnixSeconds(1767355200));
  }
}

TEST_CASE("An XR without a creation time or with one that is none has none", "[codec]") {
  for (const Json& time : {Json(), Json("soon"), Json(5)}) {
    const std::string bytes = EncodeStruct(Xr({{"metadata", {{"creationTimestamp", time}}}}));
    CHECK_FALSE(DecodeComposite(StructView(bytes), "ns")->creation_timestamp.has_value());
  }
}

TEST_CASE("An XR that is none is refused", "[codec]") {
  const std::string no_name = EncodeStruct({{"kind", "X"}});
  CHECK(DecodeComposite(StructView(no_name), "ns").status().message() ==
        "observed.composite.resource: has no metadata.name: call this function from a Composition");
  CHECK(DecodeComposite(StructView("\x0a\x7f"), "ns").status().message() ==
        "observed.composite.resource: is not a google.protobuf.Struct");
}

TEST_CASE("What an observed resource says of itself", "[codec]") {
  release::Composite composite;
  composite.uid = "uid-1";
  const std::string bytes = EncodeStruct(Json::parse(R"({
      "metadata": {"name": "n", "ownerReferences": [{"uid": "other"}, {"uid": "uid-1", "controller": true}]},
      "status": {"conditions": [{"type": "Synced", "status": "False"}, {"type": "Ready", "status": "True"}]},
      "spec": {"template": {"spec": {"containers": [{"image": "first"}, {"image": "second"}]}}}})"));
  const manifest::ObservedResource resource = DecodeObserved(StructView(bytes), composite);
  CHECK(resource.name == "n");
  CHECK(resource.controlled);
  CHECK(resource.ready_condition == "True");
  CHECK(resource.job_image == "first");
  const manifest::ObservedResource nothing = DecodeObserved(StructView(), composite);
  CHECK(nothing.name.empty());
  CHECK_FALSE(nothing.controlled);
  CHECK(nothing.ready_condition.empty());
  CHECK(nothing.job_image.empty());
}

struct ControllerCase {
  std::string reason;
  std::string owners;
  bool controlled;
  std::string foreign;
};

TEST_CASE("Who controls an object", "[codec]") {
  const std::vector<ControllerCase> cases = {
      {"nobody", "[]", false, ""},
      {"this XR", R"([{"kind": "X", "name": "xr", "uid": "uid-1", "controller": true}])", true, ""},
      {"another one", R"([{"kind": "X", "name": "other", "uid": "uid-2", "controller": true}])", false,
       "X other"},
      {"an owner that does not control it", R"([{"kind": "X", "name": "xr", "uid": "uid-1"}])", false, ""},
      {"a controller that is text", R"([{"uid": "uid-1", "controller": "true"}])", false, ""},
      {"no list", R"({"uid": "uid-1", "controller": true})", false, ""},
  };
  release::Composite composite;
  composite.uid = "uid-1";
  for (const ControllerCase& c : cases) {
    INFO(c.reason);
    const std::string bytes =
        EncodeStruct({{"metadata", {{"name", "n"}, {"ownerReferences", Json::parse(c.owners)}}}});
    CHECK(DecodeObserved(StructView(bytes), composite).controlled == c.controlled);
    CHECK(ForeignController(StructView(bytes), composite) == c.foreign);
  }
}

}  // namespace
}  // namespace codec
