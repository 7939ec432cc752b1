#include "test/support/schema.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "function/base/status_macros.h"
#include "test/support/source_dir.h"

namespace test {
namespace {

using base::Json;

Json ScalarToJson(const YAML::Node& node) {
  const std::string text = node.Scalar();
  int64_t number = 0;
  const bool quoted = node.Tag() == "!";
  if (!quoted && (text == "true" || text == "false")) return text == "true";
  if (!quoted && absl::SimpleAtoi(text, &number)) return number;
  return text;
}

Json YamlToJson(const YAML::Node& node) {
  Json json;
  switch (node.Type()) {
    case YAML::NodeType::Map:
      json = Json::object();
      for (const auto& entry : node) json[entry.first.Scalar()] = YamlToJson(entry.second);
      return json;
    case YAML::NodeType::Sequence:
      json = Json::array();
      for (const YAML::Node& element : node) json.push_back(YamlToJson(element));
      return json;
    case YAML::NodeType::Scalar:
      return ScalarToJson(node);
    default:
      return json;
  }
}

const Json& Part(const Json& schema, const char* name) {
  static const Json& none = *new Json(Json::object());
  const auto found = schema.find(name);
  return found == schema.end() ? none : *found;
}

bool Fill(const Json& schema, Json& value) {
  bool filled = false;
  if (value.is_object()) {
    for (const auto& [name, property] : Part(schema, "properties").items()) {
      if (!value.contains(name) && property.contains("default")) {
        value[name] = property["default"];
        filled = true;
      }
      if (value.contains(name)) filled = Fill(property, value[name]) || filled;
    }
  } else if (value.is_array()) {
    for (Json& element : value) filled = Fill(Part(schema, "items"), element) || filled;
  }
  return filled;
}

// What Crossplane adds to the schema of an XR and of a claim.
bool IsCrossplanes(const std::string& path, const std::string& name) {
  if (path == "status") return name == "conditions" || name == "claimConditionTypes";
  if (path != "spec") return false;
  return name == "crossplane" || name == "claimRef" || name == "resourceRef" || name == "resourceRefs" ||
         absl::StartsWith(name, "composition");
}

absl::Status Refusal(absl::string_view why, const Json& value) {
  return absl::InvalidArgumentError(absl::StrCat(": ", why, ": ", value.dump()));
}

// Errors lead with the field's path below this value: ".name", "[]", or nothing for the value itself.
absl::Status Walk(const Json& schema, const Json& value, const std::string& top);

absl::Status WalkIn(absl::string_view part, const Json& schema, const Json& value) {
  const absl::Status status = Walk(schema, value, "");
  if (status.ok()) return status;
  return absl::InvalidArgumentError(absl::StrCat(part, status.message()));
}

absl::Status WalkObject(const Json& schema, const Json& value, const std::string& top) {
  for (const Json& name : Part(schema, "required")) {
    if (!value.contains(name.get_ref<const std::string&>()))
      return Refusal(absl::StrCat(name.get_ref<const std::string&>(), " is required"), value);
  }
  const Json& properties = schema["properties"];
  for (const auto& [name, child] : value.items()) {
    if (IsCrossplanes(top, name)) continue;
    const auto property = properties.find(name);
    if (property == properties.end())
      return Refusal(absl::StrCat("field not declared in schema: ", name), value);
    RETURN_IF_ERROR(WalkIn("." + name, *property, child));
  }
  return absl::OkStatus();
}

absl::Status Walk(const Json& schema, const Json& value, const std::string& top) {
  if (const Json& allowed = Part(schema, "enum");
      !allowed.empty() && std::count(allowed.begin(), allowed.end(), value) == 0) {
    return Refusal("is not one of the enum's", value);
  }
  if (value.is_string() &&
      value.get_ref<const std::string&>().size() < schema.value("minLength", size_t{0})) {
    return Refusal("is too short", value);
  }
  if (value.is_array()) {
    if (value.size() > schema.value("maxItems", SIZE_MAX)) return Refusal("has too many items", value);
    for (const Json& element : value) RETURN_IF_ERROR(WalkIn("[]", Part(schema, "items"), element));
  }
  if (!value.is_object() || !schema.contains("properties")) return absl::OkStatus();
  return WalkObject(schema, value, top);
}

Json LoadXrd(const std::string& file) {
  const YAML::Node xrd = YAML::LoadFile(test_support::SourcePath("xrds/namespaced/" + file));
  return YamlToJson(xrd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]);
}

}  // namespace

Schema Schema::Load(const std::string& file) {
  static auto& loaded = *new std::map<std::string, std::shared_ptr<const Json>>();
  std::shared_ptr<const Json>& schema = loaded[file];
  if (!schema) schema = std::make_shared<const Json>(LoadXrd(file));
  Schema result;
  result.schema_ = schema;
  return result;
}

bool Schema::AddDefaults(Json& object) const {
  return object.contains("spec") && Fill((*schema_)["properties"]["spec"], object["spec"]);
}

absl::Status Schema::Check(const Json& object) const {
  for (const char* part : {"spec", "status"}) {
    if (!object.contains(part)) continue;
    const absl::Status status = Walk((*schema_)["properties"][part], object[part], part);
    if (!status.ok()) return absl::InvalidArgumentError(absl::StrCat(part, status.message()));
  }
  return absl::OkStatus();
}

}  // namespace test
