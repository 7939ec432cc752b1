#include "test/support/schema.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>

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

void Fill(const Json& schema, Json& value) {
  if (value.is_object()) {
    for (const auto& [name, property] : Part(schema, "properties").items()) {
      if (!value.contains(name) && property.contains("default")) value[name] = property["default"];
      if (value.contains(name)) Fill(property, value[name]);
    }
  } else if (value.is_array()) {
    for (Json& element : value) Fill(Part(schema, "items"), element);
  }
}

// What Crossplane adds to the schema of an XR and of a claim.
bool IsCrossplanes(const std::string& path, const std::string& name) {
  if (path == "status") return name == "conditions" || name == "claimConditionTypes";
  if (path != "spec") return false;
  return name == "crossplane" || name == "claimRef" || name == "resourceRef" || name == "resourceRefs" ||
         absl::StartsWith(name, "composition");
}

absl::Status Walk(const Json& schema, const Json& value, const std::string& path) {
  const auto refuse = [&](absl::string_view why) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", why, ": ", value.dump()));
  };
  if (schema.contains("enum") && std::count(schema["enum"].begin(), schema["enum"].end(), value) == 0) {
    return refuse("is not one of the enum's");
  }
  if (value.is_string() && value.get<std::string>().size() < schema.value("minLength", size_t{0})) {
    return refuse("is too short");
  }
  if (value.is_array()) {
    if (value.size() > schema.value("maxItems", SIZE_MAX)) return refuse("has too many items");
    for (const Json& element : value) RETURN_IF_ERROR(Walk(Part(schema, "items"), element, path + "[]"));
  }
  if (!value.is_object() || !schema.contains("properties")) return absl::OkStatus();
  for (const Json& name : Part(schema, "required")) {
    if (!value.contains(name.get<std::string>()))
      return refuse(absl::StrCat(name.get<std::string>(), " is required"));
  }
  for (const auto& [name, child] : value.items()) {
    if (IsCrossplanes(path, name)) continue;
    if (!schema["properties"].contains(name))
      return refuse(absl::StrCat("field not declared in schema: ", name));
    RETURN_IF_ERROR(
        Walk(schema["properties"][name], child, absl::StrCat(path, path.empty() ? "" : ".", name)));
  }
  return absl::OkStatus();
}

}  // namespace

Schema Schema::Load(const std::string& file) {
  const YAML::Node xrd = YAML::LoadFile(test_support::SourcePath("xrds/namespaced/" + file));
  Schema schema;
  schema.schema_ = YamlToJson(xrd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]);
  return schema;
}

void Schema::AddDefaults(Json& object) const {
  if (object.contains("spec")) Fill(schema_["properties"]["spec"], object["spec"]);
}

absl::Status Schema::Check(const Json& object) const {
  for (const char* part : {"spec", "status"}) {
    if (object.contains(part)) RETURN_IF_ERROR(Walk(schema_["properties"][part], object[part], part));
  }
  return absl::OkStatus();
}

}  // namespace test
