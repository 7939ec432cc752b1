// The cases that the XRDs are tested with, once more: what the API server accepts or refuses, so does the
// function.
#include <yaml-cpp/yaml.h>

#include <string>

#include "function/codec/gate_codec.h"
#include "function/codec/pipeline_codec.h"
#include "function/codec/settings_codec.h"
#include "function/codec/struct_json.h"
#include "test/catch.h"
#include "test/unit/codec/cases.h"

namespace codec {
namespace {

using base::Json;

Json FromYaml(const YAML::Node& node) {
  if (node.IsMap()) {
    Json object = Json::object();
    for (const auto& entry : node) object[entry.first.as<std::string>()] = FromYaml(entry.second);
    return object;
  }
  if (node.IsSequence()) {
    Json list = Json::array();
    for (const YAML::Node& element : node) list.push_back(FromYaml(element));
    return list;
  }
  if (!node.IsScalar()) return Json();
  if (node.Tag() == "!") return node.Scalar();  // quoted
  const Json parsed = Json::parse(node.Scalar(), nullptr, /*allow_exceptions=*/false);
  return parsed.is_number() || parsed.is_boolean() || parsed.is_null() ? parsed : Json(node.Scalar());
}

absl::Status Decode(const std::string& kind, const Json& fields) {
  if (kind == "input") return DecodeSettings(EncodeStruct(fields)).status();
  const std::string object = EncodeStruct({{"spec", fields}});
  if (kind == "gate") return DecodeGateSpec(StructView(object)).status();
  return DecodePipelineSpec(StructView(object)).status();
}

TEST_CASE("The function accepts and refuses what the XRDs do", "[codec]") {
  for (const std::string kind : {"gate", "pipeline", "input"}) {
    const YAML::Node file = YAML::Load(test_support::ReadSource("test/api/cases/" + kind + ".yaml"));
    const Json base = FromYaml(file["base"]);
    REQUIRE(file["valid"].size() > 0);
    REQUIRE(file["invalid"].size() > 5);
    for (const char* section : {"valid", "invalid"}) {
      for (const YAML::Node& c : file[section]) {
        Json fields = base;
        fields.merge_patch(Unfold(FromYaml(c["patch"])));
        const absl::Status status = Decode(kind, fields);
        INFO(kind << " " << c["name"].Scalar() << ": " << c["reason"].Scalar() << "\n" << status.message());
        CHECK(status.ok() == (std::string(section) == "valid"));
      }
    }
  }
}

}  // namespace
}  // namespace codec
