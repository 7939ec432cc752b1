#include "function/cli/preview_object.h"

#include <openssl/evp.h>

#include <array>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace cli {
namespace {

using base::Json;

// The time of all conditions in a rendering, the one that `crossplane render` prints.
constexpr char kConditionTime[] = "2024-01-01T00:00:00Z";

const Json& Null() {
  static const Json& null = *new Json();
  return null;
}

// Conditions of one generation are told apart by it, others are not.
bool SaysTheSame(const Json& a, const Json& b) {
  constexpr char kGeneration[] = "observedGeneration";
  if (a.contains(kGeneration) && b.contains(kGeneration) && a[kGeneration] != b[kGeneration]) return false;
  return Text(a, {"status"}) == Text(b, {"status"}) && Text(a, {"reason"}) == Text(b, {"reason"}) &&
         Text(a, {"message"}) == Text(b, {"message"});
}

// A name-based UUID (RFC 9562, version 5) in the namespace of all zeros.
std::string NameBasedUuid(absl::string_view name) {
  const std::string text = std::string(16, '\0') + std::string(name);
  std::array<uint8_t, EVP_MAX_MD_SIZE> hash{};
  EVP_Digest(text.data(), text.size(), hash.data(), nullptr, EVP_sha1(), nullptr);
  hash[6] = (hash[6] & 0x0f) | 0x50;
  hash[8] = (hash[8] & 0x3f) | 0x80;
  const std::string hex =
      absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(hash.data()), 16));
  return absl::StrJoin(
      {hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4), hex.substr(16, 4), hex.substr(20)}, "-");
}

}  // namespace

const Json& At(const Json& object, std::initializer_list<absl::string_view> path) {
  const Json* value = &object;
  for (absl::string_view key : path) {
    if (!value->is_object()) return Null();
    const auto found = value->find(std::string(key));
    if (found == value->end()) return Null();
    value = &*found;
  }
  return *value;
}

std::string Text(const Json& object, std::initializer_list<absl::string_view> path) {
  const Json& value = At(object, path);
  return value.is_string() ? value.get<std::string>() : "";
}

std::string ApiVersion(const Json& object) { return Text(object, {"apiVersion"}); }
std::string Kind(const Json& object) { return Text(object, {"kind"}); }
std::string Name(const Json& object) { return Text(object, {"metadata", "name"}); }
std::string Namespace(const Json& object) { return Text(object, {"metadata", "namespace"}); }

std::string Describe(const Json& object) {
  const std::string space = Namespace(object);
  return absl::StrCat(Kind(object), " ", space, space.empty() ? "" : "/", Name(object));
}

bool IsSameObject(const Json& a, const Json& b) {
  return ApiVersion(a) == ApiVersion(b) && Kind(a) == Kind(b) && Namespace(a) == Namespace(b) &&
         Name(a) == Name(b);
}

const Json& ControllerOf(const Json& object) {
  const Json& owners = At(object, {"metadata", "ownerReferences"});
  if (!owners.is_array()) return Null();
  for (const Json& owner : owners) {
    if (At(owner, {"controller"}) == true) return owner;
  }
  return Null();
}

std::string RenderUid(const Json& xr) {
  // "group/version, Kind=Kind", as Go prints a GroupVersionKind.
  const std::string api_version = ApiVersion(xr);
  const std::string gvk =
      absl::StrCat(absl::StrContains(api_version, "/") ? "" : "/", api_version, ", Kind=", Kind(xr));
  return NameBasedUuid(absl::StrJoin({gvk, Namespace(xr), Name(xr)}, std::string(1, '\0')));
}

Json Condition(absl::string_view type, absl::string_view status, absl::string_view reason,
               absl::string_view message) {
  Json condition = {{"type", std::string(type)},
                    {"status", std::string(status)},
                    {"reason", std::string(reason)},
                    {"lastTransitionTime", kConditionTime}};
  if (!message.empty()) condition["message"] = std::string(message);
  return condition;
}

void SetCondition(Json& conditions, const Json& condition) {
  if (!conditions.is_array()) conditions = Json::array();
  for (Json& existing : conditions) {
    if (Text(existing, {"type"}) != Text(condition, {"type"})) continue;
    if (!SaysTheSame(existing, condition)) existing = condition;
    return;
  }
  conditions.push_back(condition);
}

void MergeObject(Json& object, const Json& changes) {
  for (const auto& [key, value] : changes.items()) {
    Json& field = object[key];
    if (field.is_object() && value.is_object()) {
      MergeObject(field, value);
    } else {
      field = value;
    }
  }
}

}  // namespace cli
